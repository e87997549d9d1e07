/* bench/measure.c - plans the tasks of a request and runs them on threads */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "engine/core/fields.h"
#include "engine/core/sha256.h"
#include "engine/lifecycle/policy.h"
#include "engine/study/device_file.h"

enum { SIZES_MAX = 16, SIZE_MAX_bytes = 256, TASKS_MAX = 64 };

struct plan {
    struct rki_bench bench;
    struct rki_bench_task task[TASKS_MAX];
    unsigned tasks;
    struct rk_cost_row *row;
    size_t rows;
};

struct pool {
    const struct plan *plan;
    const struct rk_bench_request *request;
    atomic_uint next;
    pthread_mutex_t lock; /* over done, err and diag */
    unsigned done;
    enum rk_err err;
    struct rk_diag *diag;
};

static enum rk_err file_sha256(const char *path, char hex[65], struct rk_diag *diag)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: cannot be read, expected a device file", path);
    }
    struct rk_sha256 hash;
    uint8_t block[4096], digest[32];
    rk_sha256_init(&hash);
    for (size_t n = fread(block, 1, sizeof block, file); n > 0; n = fread(block, 1, sizeof block, file)) {
        rk_sha256_add(&hash, block, n);
    }
    fclose(file);
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
    return RK_OK;
}

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

enum rk_err rki_bench_open(const char *device, const char *backend, struct rki_bench *bench, struct rk_diag *diag)
{
    memset(bench, 0, sizeof *bench);
    char name[32];
    const char *at = strchr(backend, '@');
    snprintf(name, sizeof name, "%.*s", at ? (int)(at - backend) : (int)strlen(backend), backend);
    enum rk_err err = rk_device_load(rk_firmware_root(), device, &bench->device, diag);
    if (!err) {
        err = file_sha256(bench->device.path, bench->device_sha256, diag);
    }
    if (err) {
        return err;
    }
    bench->driver = rk_emulator_driver_find(bench->device.emulator);
    if (!bench->driver) {
        return rk_fail(diag, RK_ERR_MISSING, "%s: emulator `%s` is not in this build, expected simavr, qemu or host",
                       bench->device.path, bench->device.emulator);
    }
    err = rk_firmware_get(device, name, at ? at + 1 : NULL, &bench->firmware, diag);
    if (!err) {
        err = rk_firmware_get("host", name, at ? at + 1 : NULL, &bench->host, diag);
    }
    return err ? err : measure_images(bench, diag);
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

/* Key wrap takes what RFC 3394 is used for here; the rest takes any size. */
static enum rk_err check_sizes(int operation, const uint32_t *size, size_t count, struct rk_diag *diag)
{
    bool wrap = operation == RK_OP_aes_key_wrap || operation == RK_OP_aes_key_unwrap;
    for (size_t i = 0; i < count && wrap; i++) {
        if (size[i] != 16 && size[i] != 32) {
            return rk_fail(
                diag, RK_ERR_INPUT,
                "--size %u: %s takes keys of 16 or 32 bytes, expected one of these or other operations (--op)", size[i],
                rk_operation_name((enum rk_operation)operation));
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

static void plan_task(struct plan *plan, int operation, uint8_t mechanism, const uint32_t *size, size_t sizes)
{
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    RK_REQUIRE(plan->tasks < TASKS_MAX);
    struct rki_bench_task *task = &plan->task[plan->tasks++];
    *task = (struct rki_bench_task){.operation = operation, .mechanism = mechanism, .sizes = sizes};
    if (mechanism == RK_MECHANISM_ECDH) { /* the plain name */
        snprintf(task->op, sizeof task->op, "%s", info->name);
    } else {
        snprintf(task->op, sizeof task->op, "%s_%s", info->name, rk_mechanism_name(mechanism));
    }
    task->row = plan->row + plan->rows;
    for (size_t i = 0; i < sizes; i++) {
        rki_bench_row_init(&plan->bench, task->op, size[i], &plan->row[plan->rows++]);
    }
}

/* key_establish and key_renew have a row for each mechanism: the plain name is ECDH. */
static unsigned mechanisms_of(int operation)
{
    return operation == RK_OP_key_establish || operation == RK_OP_key_renew ? RK_MECHANISM_COUNT : 1;
}

static enum rk_err make_plan(const struct rk_bench_request *request, struct plan *plan, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    plan->row = calloc(TASKS_MAX * SIZES_MAX, sizeof *plan->row);
    RK_REQUIRE(plan->row != NULL);
    for (int op = 0; rk_operation_info((unsigned)op) && !err; op++) {
        const struct rk_operation_info *info = rk_operation_info((unsigned)op);
        if (request->ops && strcmp(request->ops, "all") != 0 && !in_list(request->ops, info->name)) {
            continue;
        }
        uint32_t size[SIZES_MAX];
        size_t sizes;
        bool variable = strcmp(info->sizes, "0") != 0;
        err = parse_sizes(variable && request->sizes ? request->sizes : info->sizes, size, &sizes, diag);
        if (!err) {
            err = check_sizes(op, size, sizes, diag);
        }
        for (unsigned m = 0; m < mechanisms_of(op) && !err; m++) {
            plan_task(plan, op, (uint8_t)m, size, sizes);
        }
    }
    return err;
}

static void *work(void *context)
{
    struct pool *pool = context;
    for (;;) {
        unsigned taken = atomic_fetch_add(&pool->next, 1);
        if (taken >= pool->plan->tasks) {
            return NULL;
        }
        /* From the end: renewals and agreements take longest, and what starts last should be short. */
        unsigned i = pool->plan->tasks - 1 - taken;
        struct rk_diag diag;
        enum rk_err err = rki_bench_task_run(&pool->plan->bench, &pool->plan->task[i], &diag);
        pthread_mutex_lock(&pool->lock);
        if (err && !pool->err) {
            pool->err = err;
            *pool->diag = diag;
            atomic_store(&pool->next, pool->plan->tasks);
        }
        pool->done++;
        if (pool->request->progress) {
            pool->request->progress(pool->request->progress_context, pool->done, pool->plan->tasks);
        }
        pthread_mutex_unlock(&pool->lock);
    }
}

static enum rk_err run_plan(const struct plan *plan, const struct rk_bench_request *request, struct rk_diag *diag)
{
    enum { THREADS_MAX = 64 };
    struct pool pool = {.plan = plan, .request = request, .lock = PTHREAD_MUTEX_INITIALIZER, .diag = diag};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = request->jobs ? request->jobs : (unsigned)(cores > 0 ? cores : 1);
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    pthread_t thread[THREADS_MAX];
    unsigned started = 0;
    while (started + 1 < threads && pthread_create(&thread[started], NULL, work, &pool) == 0) {
        started++;
    }
    work(&pool);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    return pool.err;
}

enum rk_err rk_bench_measure(const struct rk_bench_request *request, struct rk_cost_row **rows, size_t *count,
                             struct rk_diag *diag)
{
    struct plan plan = {0};
    *rows = NULL;
    *count = 0;
    enum rk_err err = check_ops(request->ops, diag);
    uint32_t size[SIZES_MAX];
    size_t sizes;
    if (!err && request->sizes) {
        err = parse_sizes(request->sizes, size, &sizes, diag);
    }
    if (!err) {
        err = rki_bench_open(request->device, request->backend, &plan.bench, diag);
    }
    plan.bench.inputs = request->inputs ? request->inputs : RK_BENCH_INPUTS_DEFAULT;
    plan.bench.fresh = request->fresh;
    if (!err) {
        err = make_plan(request, &plan, diag);
    }
    if (!err) {
        err = run_plan(&plan, request, diag);
    }
    if (err) {
        free(plan.row);
        return err;
    }
    *rows = plan.row;
    *count = plan.rows;
    return RK_OK;
}
