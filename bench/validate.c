/* bench/validate.c - builds and runs the programs of validation/, and sums up: see validate.h */
#include "bench/validate.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/validate_internal.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"
#include "engine/core/folder.h"
#include "engine/core/program.h"
#include "engine/study/device_file.h"

enum { PATH_bytes = 512, MESSAGE_bytes = 4096 };

/* ---- one program ---- */

struct program {
    const struct rk_validation_case *first; /* of its cases: board, program, version, variant, our_flags */
    char work[PATH_bytes];
    char compiler[64];
    char failure[160];
    struct rk_region region[RK_REGIONS_MAX];
    unsigned regions;
    uint64_t object_bytes;
};

static bool same_program(const struct rk_validation_case *a, const struct rk_validation_case *b)
{
    return strcmp(a->board, b->board) == 0 && strcmp(a->program, b->program) == 0 &&
           strcmp(a->version, b->version) == 0 && strcmp(a->variant, b->variant) == 0 &&
           strcmp(a->our_flags, b->our_flags) == 0;
}

/* out: the folder of the library's sources. */
static enum rk_err library_source(const char *version, char *folder, size_t bytes, struct rk_diag *diag)
{
    char fetch[PATH_bytes], answer[PATH_bytes + 64], errors[MESSAGE_bytes];
    snprintf(fetch, sizeof fetch, "%s/backends/fetch", rk_firmware_root());
    const char *const argv[] = {fetch, "--with-version", version, NULL};
    int status = rk_program_run(argv, (struct rk_program_text){answer, sizeof answer},
                                (struct rk_program_text){errors, sizeof errors});
    const char *tab = strchr(answer, '\t');
    if (status != 0 || tab == NULL) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: its source cannot be had: %.200s", version, errors);
    }
    snprintf(folder, bytes, "%.*s", (int)strcspn(tab + 1, "\n"), tab + 1);
    return RK_OK;
}

/* The first line of a log that tells what is wrong. */
static void explain(const char *log, char *text, size_t bytes)
{
    char line[512];
    FILE *file = fopen(log, "r");
    snprintf(text, bytes, "does not build");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strstr(line, "error") != NULL || strstr(line, "undefined") != NULL || strstr(line, "overflowed") != NULL) {
            line[strcspn(line, "\n")] = '\0';
            const char *from = strstr(line, "error: ");
            snprintf(text, bytes, "does not build: %.120s", from != NULL ? from + 7 : line);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

static enum rk_err build(struct program *program, const struct rk_device_profile *profile, struct rk_diag *diag)
{
    const struct rk_validation_case *of = program->first;
    char source[PATH_bytes], log[PATH_bytes + 32], device[64], name[96], variant[64], flags[160], library[PATH_bytes];
    char folder[PATH_bytes - 32];
    enum rk_err err = library_source(of->version, folder, sizeof folder, diag);
    if (err) {
        return err;
    }
    snprintf(source, sizeof source, "%s/bench/validation", rk_firmware_root());
    snprintf(log, sizeof log, "%s/build.log", program->work);
    snprintf(device, sizeof device, "-DRK_DEVICE=%s", profile->device);
    snprintf(name, sizeof name, "-DRK_PROGRAM=%s", of->program);
    snprintf(variant, sizeof variant, "-DRK_VARIANT=%s", of->variant);
    snprintf(flags, sizeof flags, "-DRK_FLAGS=%s", of->our_flags);
    snprintf(library, sizeof library, "-DRK_LIBRARY_SOURCE=%s", folder);
    if (!rk_folder_make(program->work)) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be made", program->work);
    }
    const char *const configure[] = {"cmake", "-S", source,  "-B",  program->work, "-G", "Ninja",
                                     device,  name, variant, flags, library,       NULL};
    const char *const compile[] = {"ninja", "-C", program->work, "-j1", NULL};
    if (rk_program_run_logged(configure, log) != 0 || rk_program_run_logged(compile, log) != 0) {
        explain(log, program->failure, sizeof program->failure);
    }
    return RK_OK;
}

/* What the compiler calls itself, from what CMake found. */
static void read_compiler(struct program *program)
{
    char path[PATH_bytes + 32];
    snprintf(path, sizeof path, "%s/compiler.txt", program->work);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        if (fgets(program->compiler, sizeof program->compiler, file) == NULL) {
            program->compiler[0] = '\0';
        }
        program->compiler[strcspn(program->compiler, "\n")] = '\0';
        fclose(file);
    }
}

/* Code and constants of the library's objects. */
static enum rk_err read_objects(struct program *program, struct rk_diag *diag)
{
    char path[PATH_bytes + 32], object[PATH_bytes];
    snprintf(path, sizeof path, "%s/objects.txt", program->work);
    FILE *file = fopen(path, "r");
    enum rk_err err = file != NULL ? RK_OK : rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path);
    while (!err && fgets(object, sizeof object, file) != NULL) {
        struct rk_firmware_sizes sizes;
        object[strcspn(object, "\n")] = '\0';
        err = rk_firmware_measure(object, &sizes, diag);
        program->object_bytes += err ? 0 : sizes.flash_bytes;
    }
    if (file != NULL) {
        fclose(file);
    }
    return err;
}

static enum rk_err run_program(struct program *program, struct rk_diag *diag)
{
    struct rk_device_profile profile;
    struct rk_diag trouble = {""};
    char image[PATH_bytes + 32];
    enum rk_err err = rk_device_load(rk_firmware_root(), program->first->board, &profile, diag);
    if (!err) {
        err = build(program, &profile, diag);
    }
    if (err || program->failure[0] != '\0') {
        return err;
    }
    read_compiler(program);
    err = read_objects(program, diag);
    const struct rk_emulator_driver *driver = rk_emulator_driver_find(profile.emulator);
    if (err || driver == NULL || driver->measure == NULL) {
        return err ? err : rk_fail(diag, RK_ERR_MISSING, "no emulator `%s` in this build", profile.emulator);
    }
    snprintf(image, sizeof image, "%s/program.elf", program->work);
    err = driver->measure(&profile, image, program->region, &program->regions, &trouble);
    if (err == RK_ERR_INPUT) {
        snprintf(program->failure, sizeof program->failure, "does not run: %.140s", trouble.text);
        return RK_OK;
    }
    return err ? rk_fail(diag, err, "%s", trouble.text) : RK_OK;
}

/* ---- all of them ---- */

struct work {
    struct program *program;
    size_t count, next, done;
    const struct rk_validation_request *request;
    pthread_mutex_t lock;
    enum rk_err err;
    struct rk_diag diag;
};

static void *worker(void *context)
{
    struct work *work = context;
    pthread_mutex_lock(&work->lock);
    while (work->next < work->count && work->err == RK_OK) {
        struct program *program = &work->program[work->next++];
        struct rk_diag diag = {""};
        pthread_mutex_unlock(&work->lock);
        enum rk_err err = run_program(program, &diag);
        pthread_mutex_lock(&work->lock);
        work->done++;
        if (err && !work->err) {
            work->err = err;
            work->diag = diag;
        }
        if (work->request->progress != NULL) {
            work->request->progress(work->request->progress_context, (unsigned)work->done, (unsigned)work->count);
        }
    }
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

static enum rk_err run_all(struct work *work, struct rk_diag *diag)
{
    enum { THREADS_MAX = 64 };
    pthread_t thread[THREADS_MAX];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned jobs = work->request->jobs != 0 ? work->request->jobs : (unsigned)(cores > 0 ? cores : 1);
    unsigned threads = 0;
    jobs = jobs < THREADS_MAX ? jobs : THREADS_MAX;
    while (threads < jobs && threads < work->count && pthread_create(&thread[threads], NULL, worker, work) == 0) {
        threads++;
    }
    if (threads == 0 && work->count > 0) {
        worker(work);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
    }
    return work->err ? rk_fail(diag, work->err, "%s", work->diag.text) : RK_OK;
}

static size_t find_programs(struct rk_validation *validation, struct program *program, const char *folder)
{
    size_t count = 0;
    for (size_t i = 0; i < validation->count; i++) {
        const struct rk_validation_case *of = &validation->cases[i];
        size_t at = 0;
        while (at < count && !same_program(program[at].first, of)) {
            at++;
        }
        if (of->board[0] != '\0' && at == count) {
            program[count].first = of;
            snprintf(program[count].work, sizeof program[count].work, "%s/%zu", folder, count);
            count++;
        }
    }
    return count;
}

/* ---- figures ---- */

static void fill(struct rk_validation_case *of, const struct program *program)
{
    snprintf(of->status, sizeof of->status, "%s", program->failure);
    snprintf(of->compiler_used, sizeof of->compiler_used, "%s", program->compiler);
    if (of->status[0] != '\0') {
        return;
    }
    if (strcmp(of->metric, "flash") == 0) {
        of->ours = of->low = of->high = (double)program->object_bytes;
    } else {
        unsigned at = 0;
        while (at < program->regions && program->region[at].id != (unsigned)atoi(of->region)) {
            at++;
        }
        if (at == program->regions) {
            snprintf(of->status, sizeof of->status, "region %s is missing: the program's own check failed", of->region);
            return;
        }
        const struct rk_measure *cost = &program->region[at].cost;
        bool stack = strcmp(of->metric, "stack") == 0;
        of->ours = stack ? cost->stack_bytes : (double)cost->cycles;
        of->low = stack ? cost->stack_bytes : (double)cost->cycles_low;
        of->high = stack ? cost->stack_bytes : (double)cost->cycles_high;
    }
    of->measured = true;
    of->error = of->ours / of->published - 1;
    snprintf(of->status, sizeof of->status, "ok");
}

static void fill_all(struct rk_validation *validation, const struct program *program, size_t programs)
{
    for (size_t i = 0; i < validation->count; i++) {
        struct rk_validation_case *of = &validation->cases[i];
        snprintf(of->status, sizeof of->status, "not reproducible");
        for (size_t k = 0; k < programs; k++) {
            if (of->board[0] != '\0' && same_program(program[k].first, of)) {
                fill(of, &program[k]);
            }
        }
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *value, size_t count)
{
    qsort(value, count, sizeof *value, by_value);
    return count % 2 == 1 ? value[count / 2] : (value[count / 2 - 1] + value[count / 2]) / 2;
}

static bool is_memory(const struct rk_validation_case *of)
{
    return strcmp(of->metric, "stack") == 0 || strcmp(of->metric, "flash") == 0;
}

static void summarise(const struct rk_validation *validation, struct rk_validation_summary *summary, double *scratch)
{
    size_t errors = 0;
    for (size_t i = 0; i < validation->count; i++) {
        const struct rk_validation_case *of = &validation->cases[i];
        if (strcmp(of->core, summary->core) != 0 || strcmp(of->kind, summary->kind) != 0 || is_memory(of)) {
            continue;
        }
        summary->cases++;
        if (of->measured) {
            scratch[errors++] = of->error;
            summary->inside += of->published >= of->low && of->published <= of->high;
            summary->worst = fabs(of->error) > fabs(summary->worst) ? of->error : summary->worst;
        }
    }
    summary->measured = (unsigned)errors;
    if (errors > 0) {
        summary->median = median(scratch, errors);
        for (size_t i = 0; i < errors; i++) {
            scratch[i] = fabs(scratch[i]);
        }
        summary->median_absolute = median(scratch, errors);
    }
}

static void summarise_all(struct rk_validation *validation, double *scratch)
{
    for (size_t i = 0; i < validation->count; i++) {
        const struct rk_validation_case *of = &validation->cases[i];
        size_t at = 0;
        while (at < validation->summaries && (strcmp(validation->summary[at].core, of->core) != 0 ||
                                              strcmp(validation->summary[at].kind, of->kind) != 0)) {
            at++;
        }
        if (at == validation->summaries && at < sizeof validation->summary / sizeof validation->summary[0]) {
            validation->summary[validation->summaries++] =
                (struct rk_validation_summary){.core = of->core, .kind = of->kind};
        }
    }
    for (size_t i = 0; i < validation->summaries; i++) {
        summarise(validation, &validation->summary[i], scratch);
    }
}

/* ---- the whole ---- */

static void remove_folder(const char *folder)
{
    const char *const argv[] = {"rm", "-rf", "--", folder, NULL};
    rk_program_run(argv, (struct rk_program_text){NULL, 0}, (struct rk_program_text){NULL, 0});
}

enum rk_err rk_validation_run(const struct rk_validation_request *request, struct rk_validation *validation,
                              struct rk_diag *diag)
{
    char folder[PATH_bytes - 32];
    const char *temporary = getenv("TMPDIR");
    memset(validation, 0, sizeof *validation);
    enum rk_err err = rki_validation_load(rk_firmware_root(), validation, diag);
    if (err) {
        return err;
    }
    snprintf(folder, sizeof folder, "%.400s/rekeylab.XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be made", folder);
    }
    struct program *program = calloc(validation->count + 1, sizeof *program);
    double *scratch = calloc(validation->count + 1, sizeof *scratch);
    if (program == NULL || scratch == NULL) {
        err = rk_fail(diag, RK_ERR_MEMORY, "no memory for %zu cases", validation->count);
    } else {
        struct work work = {.program = program, .request = request, .lock = PTHREAD_MUTEX_INITIALIZER};
        work.count = find_programs(validation, program, folder);
        err = run_all(&work, diag);
        fill_all(validation, program, work.count);
        summarise_all(validation, scratch);
    }
    remove_folder(folder);
    free(program);
    free(scratch);
    return err;
}

void rk_validation_fini(struct rk_validation *validation)
{
    free(validation->cases);
    free(validation->text);
}
