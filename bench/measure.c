/* bench/measure.c - plans the tasks of a request, over all its pairs of device and backend, and runs them on threads
 *
 * First every pair is opened, which builds what is not in the cache, then the tasks of all pairs are done in one queue,
 * the longest first: no core waits for the end of a pair, and what starts last is short.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "engine/core/fields.h"
#include "engine/lifecycle/policy.h"
#include "engine/study/device_file.h"

enum { SIZES_MAX = 16, SIZE_MAX_bytes = 256, TASKS_MAX = 192, OPENING_units = 100 };

/* A task before it has a pair. */
struct outline {
    int operation;
    uint8_t mechanism;
    uint32_t size[SIZES_MAX];
    size_t sizes;
};

struct job {
    const struct rki_bench *bench;
    struct rki_bench_task task;
    unsigned units; /* how long it is expected to take: decides the order, and the share that progress shows */
};

struct plan {
    const struct rk_bench_request *request;
    struct outline outline[TASKS_MAX];
    unsigned outlines;
    size_t rows_a_pair;
    struct rki_bench *bench; /* one a pair */
    struct rk_cost_row *row;
    struct job *job;
    size_t jobs;
    unsigned done_units, all_units;
    pthread_mutex_t lock; /* over done_units, err and diag */
    enum rk_err err;
    struct rk_diag *diag;
};

/* The image that others are compared with, and the host's. */
static enum rk_err measure_images(struct rki_bench *bench, struct rk_diag *diag)
{
    struct rk_firmware_sizes host;
    const char *empty = rk_firmware_image(&bench->firmware, RK_OP_empty);
    const char *host_image = rk_firmware_image(&bench->host, RK_OP_empty);
    if (!empty || !host_image) {
        return rk_fail(diag, RK_ERR_INPUT, "%s on %s: the empty program has no image: %s", bench->firmware.backend,
                       bench->device.name, rk_firmware_reason(empty ? &bench->host : &bench->firmware, RK_OP_empty));
    }
    enum rk_err err = rk_firmware_measure(empty, &bench->empty, diag);
    if (!err) {
        err = rk_firmware_measure(host_image, &host, diag);
    }
    if (!err) {
        memcpy(bench->host_sha256, host.sha256, sizeof bench->host_sha256);
    }
    return err;
}

/* What needs no building: the device's facts, and who emulates it. */
static enum rk_err open_device(const char *device, struct rki_bench *bench, struct rk_diag *diag)
{
    memset(bench, 0, sizeof *bench);
    enum rk_err err = rk_device_load(rk_firmware_root(), device, &bench->device, diag);
    if (!err) {
        err = rk_device_sha256(rk_firmware_root(), &bench->device, bench->device_sha256, diag);
    }
    if (err) {
        return err;
    }
    bench->driver = rk_emulator_driver_find(bench->device.emulator);
    if (!bench->driver) {
        return rk_fail(diag, RK_ERR_MISSING,
                       "%s: emulator `%s` is not in this build, expected simavr, msp430, qemu or host",
                       bench->device.path, bench->device.emulator);
    }
    return RK_OK;
}

/* A board has its device's firmware. */
static enum rk_err open_firmware(const char *backend, struct rki_bench *bench, struct rk_diag *diag)
{
    char name[32];
    const char *at = strchr(backend, '@');
    snprintf(name, sizeof name, "%.*s", at ? (int)(at - backend) : (int)strlen(backend), backend);
    enum rk_err err = rk_firmware_get(bench->device.device, name, at ? at + 1 : NULL, &bench->firmware, diag);
    if (!err) {
        err = rk_firmware_get("host", name, at ? at + 1 : NULL, &bench->host, diag);
    }
    return err ? err : measure_images(bench, diag);
}

enum rk_err rki_bench_open(const char *device, const char *backend, struct rki_bench *bench, struct rk_diag *diag)
{
    enum rk_err err = open_device(device, bench, diag);
    return err ? err : open_firmware(backend, bench, diag);
}

static bool has_size(const uint32_t *size, size_t count, uint32_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (size[i] == value) {
            return true;
        }
    }
    return false;
}

/* Parses "16,32" into bytes. */
static enum rk_err parse_sizes(const char *text, uint32_t size[SIZES_MAX], size_t *count, struct rk_diag *diag)
{
    *count = 0;
    for (const char *at = text;; at++) {
        char *end;
        unsigned long value = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : SIZE_MAX_bytes + 1;
        if (value > SIZE_MAX_bytes || (*end && *end != ',') || *count == SIZES_MAX) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "--size `%.100s`, expected up to %d sizes of 0 to %d bytes between commas", text, SIZES_MAX,
                           SIZE_MAX_bytes);
        }
        if (has_size(size, *count, (uint32_t)value)) {
            return rk_fail(diag, RK_ERR_INPUT, "--size `%.100s`: %lu is there twice, expected each size once", text,
                           value);
        }
        size[(*count)++] = (uint32_t)value;
        at = end;
        if (!*at) {
            return RK_OK;
        }
    }
}

/* The most that an operation's variable input may have, and the least. */
static void size_limits(const struct rk_operation_info *info, uint32_t *least, uint32_t *most)
{
    *least = 0;
    *most = SIZE_MAX_bytes;
    if (info->alg == RK_ALG_AES_KEY_WRAP) {
        *least = 16;
        *most = 32;
    } else if (info->alg == RK_ALG_AES_KEY_WRAP_PAD) {
        *least = 1;
        *most = 64;
    } else if (info->shape == RK_SHAPE_GROUP) {
        *least = 1;
        *most = RK_GROUP_HEIGHT_MEASURED_MAX;
    } else if (info->shape == RK_SHAPE_ENCRYPT || info->shape == RK_SHAPE_DECRYPT) {
        *most = rk_alg_signature_bytes(info->alg) - (info->variant != 0 ? 66u : 11u); /* OAEP, PKCS#1 v1.5 */
    }
}

static enum rk_err check_sizes(const struct rk_operation_info *info, const uint32_t *size, size_t count,
                               struct rk_diag *diag)
{
    uint32_t least, most;
    size_limits(info, &least, &most);
    for (size_t i = 0; i < count; i++) {
        bool odd = info->alg == RK_ALG_AES_KEY_WRAP && size[i] % 8 != 0;
        if (odd || size[i] < least || size[i] > most) {
            return rk_fail(diag, RK_ERR_INPUT,
                           "--size %u: %s takes %s%u to %u bytes, expected that or other operations (--op)", size[i],
                           info->name, odd ? "multiples of 8 from " : "", least, most);
        }
    }
    return RK_OK;
}

static bool in_list(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',') {
        if (strcspn(at, ",") == length && strncmp(at, name, length) == 0) {
            return true;
        }
    }
    return false;
}

enum rk_err rk_bench_find_operation(const char *name, int *operation, struct rk_diag *diag)
{
    *operation = rk_operation_find(name);
    if (*operation >= 0) {
        return RK_OK;
    }
    const char *nearest = rk_nearest_name(name, rk_operation_names());
    return rk_fail(diag, RK_ERR_INPUT, "unknown operation '%.60s', expected %s%s%s", name, nearest ? "'" : "",
                   nearest ? nearest : "a name that `rekeylab describe operation` lists", nearest ? "'" : "");
}

static enum rk_err check_ops(const char *ops, struct rk_diag *diag)
{
    if (!ops || strcmp(ops, "all") == 0) {
        return RK_OK;
    }
    for (const char *at = ops;; at++) {
        char name[48];
        int operation;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        enum rk_err err = rk_bench_find_operation(name, &operation, diag);
        if (err) {
            return err;
        }
        at += strcspn(at, ",");
        if (!*at) {
            return RK_OK;
        }
    }
}

/* key_establish and key_renew have a row for each mechanism: the plain name is ECDH. */
static unsigned mechanisms_of(const struct rk_operation_info *info)
{
    return info->shape == RK_SHAPE_LIFECYCLE_BY ? RK_MECHANISM_COUNT : 1;
}

static enum rk_err make_outlines(struct plan *plan, struct rk_diag *diag)
{
    const struct rk_bench_request *request = plan->request;
    const struct rk_operation_info *info;
    enum rk_err err = RK_OK;
    for (int op = 0; (info = rk_operation_info((unsigned)op)) != NULL && !err; op++) {
        if (request->ops && strcmp(request->ops, "all") != 0 && !in_list(request->ops, info->name)) {
            continue;
        }
        struct outline outline = {.operation = op};
        bool variable = strcmp(info->sizes, "0") != 0;
        err =
            parse_sizes(variable && request->sizes ? request->sizes : info->sizes, outline.size, &outline.sizes, diag);
        if (!err && variable) {
            err = check_sizes(info, outline.size, outline.sizes, diag);
        }
        for (unsigned m = 0; m < mechanisms_of(info) && !err; m++) {
            RK_REQUIRE(plan->outlines < TASKS_MAX);
            outline.mechanism = (uint8_t)m;
            plan->outline[plan->outlines++] = outline;
            plan->rows_a_pair += outline.sizes;
        }
    }
    return err;
}

/* Millions of cycles, roughly, that an operation takes on a core of 8 or 16 bits. */
static unsigned expected_units(const struct rk_operation_info *info, const struct rk_device_profile *device)
{
    bool private_key = info->shape == RK_SHAPE_SIGN || info->shape == RK_SHAPE_DECRYPT;
    unsigned units = 5;
    switch (info->alg) {
    case RK_ALG_X25519:
    case RK_ALG_P256:
    case RK_ALG_ECDSA_P256:
    case RK_ALG_ED25519:
        units = 250;
        break;
    case RK_ALG_ECJPAKE:
        units = 2000;
        break;
    case RK_ALG_RSA1024:
        units = info->shape == RK_SHAPE_KEY_PAIR ? 5000 : private_key ? 900 : 30;
        break;
    case RK_ALG_RSA2048:
        units = info->shape == RK_SHAPE_KEY_PAIR ? 20000 : private_key ? 6000 : 100;
        break;
    case RK_ALG_COUNT:
        units = info->shape == RK_SHAPE_LIFECYCLE_BY ? 250 : 5;
        break;
    default:
        break;
    }
    bool small = strcmp(device->emulator, "simavr") == 0 || strcmp(device->emulator, "msp430") == 0;
    return 10 + (small ? units : units / 10);
}

static int longest_first(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    if (x->units != y->units) {
        return x->units < y->units ? 1 : -1;
    }
    return (x->task.row > y->task.row) - (x->task.row < y->task.row);
}

static struct job make_job(const struct plan *plan, const struct outline *outline, size_t pair, struct rk_cost_row *row)
{
    const struct rk_operation_info *info = rk_operation_info((unsigned)outline->operation);
    const struct rki_bench *bench = &plan->bench[pair];
    struct job job = {
        .bench = bench,
        .units = expected_units(info, &bench->device),
        .task = {
            .operation = outline->operation, .mechanism = outline->mechanism, .row = row, .sizes = outline->sizes}};
    if (outline->mechanism == RK_MECHANISM_ECDH) { /* the plain name */
        snprintf(job.task.op, sizeof job.task.op, "%s", info->name);
    } else {
        snprintf(job.task.op, sizeof job.task.op, "%s_%s", info->name, rk_mechanism_name(outline->mechanism));
    }
    return job;
}

/* Loads the devices and lists the jobs. The rows are those of the pairs, one pair after the other. */
static enum rk_err make_plan(struct plan *plan, struct rk_diag *diag)
{
    const struct rk_bench_request *request = plan->request;
    enum rk_err err = make_outlines(plan, diag);
    plan->bench = calloc(request->pairs, sizeof *plan->bench);
    plan->row = calloc(request->pairs * plan->rows_a_pair + 1, sizeof *plan->row);
    plan->job = calloc(request->pairs * plan->outlines + 1, sizeof *plan->job);
    RK_REQUIRE(plan->bench != NULL && plan->row != NULL && plan->job != NULL);
    struct rk_cost_row *row = plan->row;
    for (size_t pair = 0; pair < request->pairs && !err; pair++) {
        err = open_device(request->pair[pair].device, &plan->bench[pair], diag);
        plan->bench[pair].inputs = request->inputs;
        plan->bench[pair].fresh = request->fresh;
        plan->all_units += OPENING_units;
        for (unsigned i = 0; i < plan->outlines && !err; i++) {
            struct job *job = &plan->job[plan->jobs++];
            *job = make_job(plan, &plan->outline[i], pair, row);
            row += plan->outline[i].sizes;
            plan->all_units += job->units;
        }
    }
    return err;
}

/* The rows' names and versions: known when the pairs are open. */
static void init_rows(struct plan *plan)
{
    for (size_t i = 0; i < plan->jobs; i++) {
        const struct outline *outline = &plan->outline[i % plan->outlines];
        for (size_t k = 0; k < outline->sizes; k++) {
            rki_bench_row_init(plan->job[i].bench, plan->job[i].task.op, outline->size[k], &plan->job[i].task.row[k]);
        }
    }
}

/* --- threads --- */

/* Numbered pieces of work, taken in order. */
struct pool {
    struct plan *plan;
    enum rk_err (*work)(struct plan *plan, size_t index, unsigned *units, struct rk_diag *diag);
    size_t count;
    atomic_size_t next;
};

static enum rk_err open_pair(struct plan *plan, size_t index, unsigned *units, struct rk_diag *diag)
{
    *units = OPENING_units;
    return open_firmware(plan->request->pair[index].backend, &plan->bench[index], diag);
}

static enum rk_err run_job(struct plan *plan, size_t index, unsigned *units, struct rk_diag *diag)
{
    *units = plan->job[index].units;
    return rki_bench_task_run(plan->job[index].bench, &plan->job[index].task, diag);
}

static void *work(void *context)
{
    struct pool *pool = context;
    struct plan *plan = pool->plan;
    const struct rk_bench_request *request = plan->request;
    for (;;) {
        size_t index = atomic_fetch_add(&pool->next, 1);
        if (index >= pool->count) {
            return NULL;
        }
        struct rk_diag diag;
        unsigned units;
        enum rk_err err = pool->work(plan, index, &units, &diag);
        pthread_mutex_lock(&plan->lock);
        if (err && !plan->err) {
            plan->err = err;
            *plan->diag = diag;
            atomic_store(&pool->next, pool->count);
        }
        plan->done_units += units;
        if (request->progress) {
            request->progress(request->progress_context, plan->done_units, plan->all_units);
        }
        pthread_mutex_unlock(&plan->lock);
    }
}

static enum rk_err run_pool(struct plan *plan, size_t count,
                            enum rk_err (*piece)(struct plan *, size_t, unsigned *, struct rk_diag *))
{
    enum { THREADS_MAX = 64 };
    struct pool pool = {.plan = plan, .work = piece, .count = count};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = plan->request->jobs ? plan->request->jobs : (unsigned)(cores > 0 ? cores : 1);
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    pthread_t thread[THREADS_MAX];
    unsigned started = 0;
    while (started + 1 < threads && started + 1 < count && pthread_create(&thread[started], NULL, work, &pool) == 0) {
        started++;
    }
    work(&pool);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    return plan->err;
}

static enum rk_err check_request(const struct rk_bench_request *request, struct rk_diag *diag)
{
    uint32_t size[SIZES_MAX];
    size_t sizes;
    enum rk_err err = check_ops(request->ops, diag);
    if (!err && request->sizes) {
        err = parse_sizes(request->sizes, size, &sizes, diag);
    }
    return err;
}

enum rk_err rk_bench_measure(const struct rk_bench_request *request, struct rk_cost_row **rows, size_t *count,
                             struct rk_diag *diag)
{
    struct plan plan = {.request = request, .lock = PTHREAD_MUTEX_INITIALIZER, .diag = diag};
    *rows = NULL;
    *count = 0;
    enum rk_err err = check_request(request, diag);
    if (!err) {
        err = make_plan(&plan, diag);
    }
    if (!err) {
        err = run_pool(&plan, request->pairs, open_pair);
    }
    if (!err) {
        init_rows(&plan);
        qsort(plan.job, plan.jobs, sizeof *plan.job, longest_first);
        err = run_pool(&plan, plan.jobs, run_job);
    }
    free(plan.bench);
    free(plan.job);
    if (err) {
        free(plan.row);
        return err;
    }
    *rows = plan.row;
    *count = request->pairs * plan.rows_a_pair;
    return RK_OK;
}
