/* bench/measure.c - plans the tasks of a request and runs them on threads */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation.h"
#include "bench/bench_internal.h"
#include "engine/core/sha256.h"
#include "engine/lifecycle/policy.h"
#include "engine/study/device_file.h"

enum { SIZES_MAX = 16, TASKS_MAX = 64 };

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
    const char *empty = err ? NULL : rk_firmware_image(&bench->firmware, RK_OP_empty);
    if (empty) {
        err = rk_firmware_measure(empty, &bench->empty, diag);
    }
    return err;
}

/* Parses "16,32" into bytes; a count of 0 stands for "no variable input". */
static enum rk_err parse_sizes(const char *text, uint32_t *size, size_t *count, struct rk_diag *diag)
{
    *count = 0;
    for (const char *at = text;; at++) {
        char *end;
        unsigned long value = strtoul(at, &end, 10);
        if (end == at || (*end && *end != ',') || value > 256 || *count == SIZES_MAX || *at == '-' || *at == '+') {
            return rk_fail(diag, RK_ERR_INPUT, "size `%s`, expected up to %d sizes of 0..256 bytes, comma-separated",
                           text, SIZES_MAX);
        }
        size[(*count)++] = (uint32_t)value;
        at = end;
        if (!*at) {
            return RK_OK;
        }
    }
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

static enum rk_err check_ops(const char *ops, struct rk_diag *diag)
{
    for (const char *at = ops; at && *at; at += strcspn(at, ","), at += *at == ',') {
        char name[48];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        if (strcmp(name, "all") != 0 && rk_operation_find(name) < 0) {
            return rk_fail(diag, RK_ERR_INPUT, "unknown operation `%s`, expected one of `rekeylab describe operation`",
                           name);
        }
    }
    return RK_OK;
}

static void plan_task(struct plan *plan, int operation, uint8_t mechanism, const uint32_t *size, size_t sizes)
{
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    RK_REQUIRE(plan->tasks < TASKS_MAX);
    struct rki_bench_task *task = &plan->task[plan->tasks++];
    *task = (struct rki_bench_task){.operation = operation, .mechanism = mechanism, .sizes = sizes};
    if (mechanism == RK_MECHANISM_ECDH) {
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
    enum rk_err err = check_ops(request->ops, diag);
    plan->row = calloc(TASKS_MAX * SIZES_MAX, sizeof *plan->row);
    RK_REQUIRE(plan->row != NULL);
    for (int op = 0; rk_operation_info((unsigned)op) && !err; op++) {
        const struct rk_operation_info *info = rk_operation_info((unsigned)op);
        if (request->ops && !in_list(request->ops, "all") && !in_list(request->ops, info->name)) {
            continue;
        }
        uint32_t size[SIZES_MAX];
        size_t sizes;
        bool variable = strcmp(info->sizes, "0") != 0;
        err = parse_sizes(variable && request->sizes ? request->sizes : info->sizes, size, &sizes, diag);
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
        unsigned i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->plan->tasks) {
            return NULL;
        }
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
