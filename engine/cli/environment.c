#include "engine/cli/environment.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/record.h"
#include "devices/firmware/build.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/cli/recorded_library.h"
#include "engine/core/object.h"
#include "engine/core/progress.h"
#include "engine/model/meter.h"

struct rk_library {
    struct rk_library *next;
    char name[64]; /* as asked for: "mbedtls@2.28.3" */
    unsigned copy;
    struct rk_object object;
    struct rk_backend *recorded; /* what its rows say of it, of RK_LIBRARY_FACTS; owned */
    const struct rk_backend *backend;
    char identity[96];
};

/* "mbedtls@2.28.3" into its two parts; version is NULL without one. */
static enum rk_err get_firmware(const char *device, const char *backend, const struct rk_firmware_options *options,
                                struct rk_firmware *firmware, struct rk_diag *diag)
{
    char name[64];
    size_t length = strcspn(backend, "@");
    snprintf(name, sizeof name, "%.*s", (int)length, backend);
    const char *version = backend[length] == '@' ? backend + length + 1 : NULL;
    return rk_firmware_get_as(device, name, version, options, firmware, diag);
}

/* Cost rows */

/* Measured rows come from bench's cache in no time: only work that takes a while is worth a line. */
struct patience {
    struct rk_progress progress;
    struct timespec begin;
};

enum { PATIENCE_s = 2 };

static void show_long_work(void *context, unsigned done, unsigned total)
{
    struct patience *patience = context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - patience->begin.tv_sec >= PATIENCE_s) {
        rk_progress_update(&patience->progress, done, total);
    }
}

/* Without the compiler or the library's source there are the rows that the tree carries. */
static enum rk_err take_recorded(const struct rk_cli_environment *environment, const char *device, const char *backend,
                                 struct rk_cost_row **rows, size_t *count, struct rk_diag *diag)
{
    struct rk_diag why = *diag;
    enum rk_err err = rk_bench_recorded(rk_cli_root(), device, backend, rows, count, diag);
    if (err == RK_OK && *count == 0) {
        free(*rows);
        *diag = why;
        return RK_ERR_MISSING;
    }
    if (err == RK_OK && !environment->quiet) {
        fprintf(stderr, "rekeylab: %s: taking the rows recorded for %s@%s on %s\n", why.text, (*rows)->backend,
                (*rows)->version, device);
    }
    return err;
}

static enum rk_err measure(void *context, const char *device, const char *backend, const char *operations,
                           struct rk_cost_row **rows, size_t *count, struct rk_diag *diag)
{
    struct rk_cli_environment *environment = context;
    if (environment->recorded_first) {
        enum rk_err err = rk_bench_recorded(rk_cli_root(), device, backend, rows, count, diag);
        if (err != RK_OK || *count > 0) {
            return err;
        }
        free(*rows);
    }
    char label[48];
    struct patience patience;
    snprintf(label, sizeof label, "%.24s on %.16s", backend, device);
    rk_progress_init(&patience.progress, label, environment->quiet);
    clock_gettime(CLOCK_MONOTONIC, &patience.begin);
    const struct rk_bench_pair pair = {.device = device, .backend = backend};
    const struct rk_bench_request request = {.pair = &pair,
                                             .pairs = 1,
                                             .ops = operations,
                                             .jobs = environment->jobs,
                                             .progress = show_long_work,
                                             .progress_context = &patience};
    enum rk_err err = rk_bench_measure(&request, rows, count, diag);
    rk_progress_fini(&patience.progress);
    return err == RK_ERR_MISSING ? take_recorded(environment, device, backend, rows, count, diag) : err;
}

/* Libraries */

static enum rk_err load(struct rk_library *library, const char *path, struct rk_diag *diag)
{
    enum rk_err err = rk_object_load(&library->object, path, diag);
    if (err != RK_OK) {
        return err;
    }
    const struct rk_backend *(*get)(void) =
        (const struct rk_backend *(*)(void))dlsym(library->object.handle, "rk_backend_get");
    if (get == NULL) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: no rk_backend_get in it, expected a backend built for the host",
                       path);
    }
    library->backend = get();
    return RK_OK;
}

static void unload(struct rk_library *library)
{
    rk_object_unload(&library->object);
    free(library->recorded);
    free(library);
}

static enum rk_err open_library(struct rk_library *library, struct rk_diag *diag)
{
    struct rk_firmware firmware;
    struct rk_firmware_sizes sizes;
    enum rk_err err = get_firmware("host", library->name, NULL, &firmware, diag);
    if (err != RK_OK) {
        return err;
    }
    const char *path = rk_firmware_image(&firmware, RK_OP_empty);
    if (path == NULL) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: cannot be built for the host: %s", library->name,
                       rk_firmware_reason(&firmware, RK_OP_empty));
    }
    err = rk_firmware_measure(path, &sizes, diag);
    if (err != RK_OK) {
        return err;
    }
    snprintf(library->identity, sizeof library->identity, "%s", sizes.sha256);
    return load(library, path, diag);
}

/* Takes what recorded rows say of the library. out: RK_ERR_MISSING, and nothing in diag, where there are none. */
static enum rk_err open_recorded(struct rk_library *library, struct rk_diag *diag)
{
    enum rk_err err = rk_recorded_library(rk_cli_root(), library->name, &library->recorded, diag);
    library->backend = library->recorded;
    snprintf(library->identity, sizeof library->identity, "none, as recorded");
    return err == RK_OK && library->recorded == NULL ? RK_ERR_MISSING : err;
}

/* Where its facts are enough, those of the recorded rows are taken with the rows, and where it cannot be had. */
static enum rk_err open_any(const struct rk_cli_environment *environment, struct rk_library *library,
                            struct rk_diag *diag)
{
    bool facts = library->copy == RK_LIBRARY_FACTS;
    enum rk_err err = facts && environment->recorded_first ? open_recorded(library, diag) : RK_ERR_MISSING;
    if (err == RK_ERR_MISSING) {
        err = open_library(library, diag);
    }
    if (err == RK_ERR_MISSING && facts && !environment->recorded_first) {
        struct rk_diag why = *diag;
        err = open_recorded(library, diag);
        *diag = err == RK_ERR_MISSING ? why : *diag;
    }
    return err;
}

static enum rk_err find_library(void *context, const char *backend, unsigned copy, const struct rk_backend **out,
                                char identity[96], struct rk_diag *diag)
{
    struct rk_cli_environment *environment = context;
    struct rk_library *library = environment->libraries;
    while (library != NULL && (library->copy != copy || strcmp(library->name, backend) != 0)) {
        library = library->next;
    }
    if (library == NULL) {
        library = calloc(1, sizeof *library);
        RK_REQUIRE(library != NULL);
        library->object = (struct rk_object)RK_OBJECT_NONE;
        library->copy = copy;
        snprintf(library->name, sizeof library->name, "%s", backend);
        enum rk_err err = open_any(environment, library, diag);
        if (err != RK_OK) {
            unload(library);
            return err;
        }
        library->next = environment->libraries;
        environment->libraries = library;
    }
    *out = library->backend;
    memcpy(identity, library->identity, sizeof library->identity);
    return RK_OK;
}

/* Images */

static enum rk_err find_image(void *context, const char *device, const char *backend, const struct rk_policy_own *own,
                              char path[1024], char sha256[65], struct rk_diag *diag)
{
    (void)context;
    struct rk_firmware firmware;
    struct rk_firmware_sizes sizes;
    struct rk_firmware_options options = {.optimise = NULL};
    if (own != NULL) {
        options.policy = own->path;
        options.policy_parameters = own->parameters;
        options.policy_sha256 = own->sha256;
    }
    enum rk_err err = get_firmware(device, backend, &options, &firmware, diag);
    if (err != RK_OK) {
        return err;
    }
    const char *image = rk_firmware_image(&firmware, RK_OP_lifecycle_step);
    if (image == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "no lifecycle image of %s on %s: %s", backend, device,
                       rk_firmware_reason(&firmware, RK_OP_lifecycle_step));
    }
    err = rk_firmware_measure(image, &sizes, diag);
    snprintf(path, 1024, "%s", image);
    memcpy(sha256, sizes.sha256, sizeof sizes.sha256);
    return err;
}

void rk_cli_environment_init(struct rk_cli_environment *environment, unsigned jobs, bool quiet)
{
    *environment = (struct rk_cli_environment){.jobs = jobs, .quiet = quiet};
    environment->study = (struct rk_study_environment){.root = rk_cli_root(),
                                                       .backends = rk_libraries,
                                                       .context = environment,
                                                       .costs = measure,
                                                       .library = find_library,
                                                       .image = find_image};
}

void rk_cli_environment_fini(struct rk_cli_environment *environment)
{
    while (environment->libraries != NULL) {
        struct rk_library *library = environment->libraries;
        environment->libraries = library->next;
        unload(library);
    }
}

enum rk_err rk_cli_sweep(const struct rk_cli_environment *like, const struct rk_study *study, rk_sweep_fn *body,
                         void *context, struct rk_diag *diag)
{
    struct rk_cli_environment environment;
    struct rk_sweep sweep;
    rk_cli_environment_init(&environment, like->jobs, like->quiet);
    environment.recorded_first = like->recorded_first;
    enum rk_err err = rk_sweep_make(&sweep, study, &environment.study, diag);
    if (err == RK_OK) {
        err = body(context, &sweep, &environment, diag);
    }
    rk_sweep_fini(&sweep);
    rk_cli_environment_fini(&environment);
    return err;
}
