/* tests/audit/probe.c - one requirement on one study, with the library or the lifecycle broken on purpose
 *
 * usage: probe ROOT STUDY.yaml REQUIREMENT VERDICT PATTERN [--fault NAME] [--set KEY=VALUE]... [--device]
 *              [--changed FILE ORIGINAL]
 *
 * Exit 0 when the requirement has the verdict and PATTERN (extended regular expression) is found in its evidence or
 * counter-example. --fault wraps the library (faulty.h). --changed: the lifecycle file that was compiled into this
 * program in place of the original; equal files mean that the change no longer applies. Cost rows are the recorded
 * ones; the library comes from the folder RK_BACKEND_IMAGES. --device looks into the emulated device, too.
 */
#include <dlfcn.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"
#include "bench/audit/audit.h"
#include "bench/record.h"
#include "devices/firmware/build.h"
#include "tests/audit/faulty.h"

struct probe {
    const char *root, *study, *requirement, *verdict, *pattern, *fault, *changed, *original;
    const char *set[RK_OVERRIDES_max];
    size_t sets;
    bool device;
};

static enum rk_err costs(void *context, const char *device, const char *backend, const char *operations,
                         struct rk_cost_row **rows, size_t *count, struct rk_diag *diag)
{
    (void)operations;
    const struct probe *probe = context;
    return rk_bench_recorded(probe->root, device, backend, rows, count, diag);
}

static enum rk_err library(void *context, const char *backend, unsigned copy, const struct rk_backend **out,
                           char identity[96], struct rk_diag *diag)
{
    (void)copy;
    const struct probe *probe = context;
    const char *folder = getenv("RK_BACKEND_IMAGES");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/images/backend.so", folder != NULL ? folder : "", backend);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        return rk_fail(diag, RK_ERR_MISSING, "%s", dlerror());
    }
    const struct rk_backend *(*get)(void);
    void *symbol = dlsym(object, "rk_backend_get");
    memcpy(&get, &symbol, sizeof get);
    *out = get();
    snprintf(identity, 96, "%s", backend);
    if (probe->fault != NULL && (*out = faulty_make(probe->fault, *out)) == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "--fault %s: no such fault", probe->fault);
    }
    return RK_OK;
}

static enum rk_err image(void *context, const char *device, const char *backend, const struct rk_policy_own *own,
                         char path[1024], char sha256[65], struct rk_diag *diag)
{
    struct rk_firmware firmware;
    char name[48];
    const char *at = strchr(backend, '@');
    (void)context, (void)own, (void)sha256;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(backend, "@"), backend);
    enum rk_err err = rk_firmware_get(device, name, at != NULL ? at + 1 : NULL, &firmware, diag);
    const char *image = err == RK_OK ? rk_firmware_image(&firmware, RK_OP_lifecycle_step) : NULL;
    if (err == RK_OK && image == NULL) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s", rk_firmware_reason(&firmware, RK_OP_lifecycle_step));
    }
    snprintf(path, 1024, "%s", image != NULL ? image : "");
    return err;
}

static bool same_files(const char *left, const char *right)
{
    FILE *a = fopen(left, "rb"), *b = fopen(right, "rb");
    bool same = a != NULL && b != NULL;
    for (int x = 0, y = 0; same && (x != EOF || y != EOF);) {
        x = fgetc(a);
        y = fgetc(b);
        same = x == y;
    }
    if (a != NULL) {
        fclose(a);
    }
    if (b != NULL) {
        fclose(b);
    }
    return same;
}

static bool found(const char *pattern, const struct rk_audit_row *row)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        fprintf(stderr, "'%s' is no regular expression\n", pattern);
        exit(2);
    }
    bool hit =
        regexec(&regex, row->evidence, 0, NULL, 0) == 0 || regexec(&regex, row->counter_example, 0, NULL, 0) == 0;
    regfree(&regex);
    return hit;
}

static int check(const struct probe *probe, const struct rk_audit *audit)
{
    for (unsigned i = 0; i < RK_REQUIREMENTS; i++) {
        const struct rk_audit_row *row = &audit->row[i];
        if (strcmp(rk_requirement[i].id, probe->requirement) != 0) {
            continue;
        }
        printf("%s %s: %s\n%s\n", probe->requirement, rk_verdict_name(row->verdict), row->evidence,
               row->counter_example);
        bool counted = row->verdict == RK_VERDICT_NOT_APPLICABLE || row->observations > 0;
        bool shown = row->verdict != RK_VERDICT_FAIL || row->counter_example[0] != '\0';
        if (strcmp(rk_verdict_name(row->verdict), probe->verdict) == 0 && counted && shown &&
            found(probe->pattern, row)) {
            return 0;
        }
        printf("expected %s with '%s', observations and, where it fails, a counter-example\n", probe->verdict,
               probe->pattern);
        return 1;
    }
    fprintf(stderr, "%s: no such requirement\n", probe->requirement);
    return 2;
}

static int run(struct probe *probe)
{
    static const char *const backends[] = {"mbedtls", "wolfssl", "libsodium", NULL};
    static struct rk_study study;
    static struct rk_audit audit;
    struct rk_sweep sweep;
    struct rk_diag diag = {""};
    const struct rk_study_environment environment = {.root = probe->root,
                                                     .backends = backends,
                                                     .context = probe,
                                                     .costs = costs,
                                                     .library = library,
                                                     .image = image};
    const struct rk_audit_options options = {.jobs = 1, .only = probe->requirement, .device = probe->device};
    enum rk_err err = rk_study_load(&study, probe->root, probe->study, probe->set, probe->sets, &diag);
    if (err == RK_OK) {
        err = rk_sweep_make(&sweep, &study, &environment, &diag);
        if (err == RK_OK) {
            err = rk_audit_sweep(&sweep, &environment, &options, &audit, &diag);
        }
        rk_sweep_fini(&sweep);
    }
    rk_study_fini(&study);
    if (err != RK_OK) {
        fprintf(stderr, "%s\n", diag.text);
        return 2;
    }
    return check(probe, &audit);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: probe ROOT STUDY REQUIREMENT VERDICT PATTERN [OPTIONS]\n");
        return 2;
    }
    struct probe probe = {
        .root = argv[1], .study = argv[2], .requirement = argv[3], .verdict = argv[4], .pattern = argv[5]};
    for (int i = 6; i < argc; i++) {
        bool more = i + 1 < argc;
        if (more && strcmp(argv[i], "--fault") == 0) {
            probe.fault = argv[++i];
        } else if (more && strcmp(argv[i], "--set") == 0 && probe.sets < RK_OVERRIDES_max) {
            probe.set[probe.sets++] = argv[++i];
        } else if (strcmp(argv[i], "--device") == 0) {
            probe.device = true;
        } else if (i + 2 < argc && strcmp(argv[i], "--changed") == 0) {
            probe.changed = argv[++i];
            probe.original = argv[++i];
        } else {
            fprintf(stderr, "%s: unexpected\n", argv[i]);
            return 2;
        }
    }
    if (probe.changed != NULL && same_files(probe.changed, probe.original)) {
        fprintf(stderr, "%s: the change no longer applies to %s\n", probe.changed, probe.original);
        return 1;
    }
    return run(&probe);
}
