/* bench/leak.c - see leak.h */
#include "bench/leak.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "bench/leak_inputs.h"

enum { THREADS_MAX = 64, STATUS_bytes = 96 };

/* One operation: a row in the making. */
struct cell {
    struct rk_leak_row *row;
    int operation;
    struct rk_measure *measure;        /* of each key */
    char follows[RKI_LEAK_NAME_bytes]; /* a public input that changes with the secret; "" for none */
    unsigned failed_key;               /* the first that gave no figures, UINT_MAX for none */
    char status[STATUS_bytes];         /* why */
};

struct plan {
    struct rki_bench bench;
    struct cell *cell;
    unsigned cells;
    unsigned keys;
    unsigned stripes; /* each cell's keys are dealt out to so many jobs */
};

struct pool {
    struct plan *plan;
    const struct rk_leak_request *request;
    atomic_uint next;
    pthread_mutex_t lock; /* over done, err, diag, and each cell's failure */
    unsigned done;
    enum rk_err err;
    struct rk_diag *diag;
};

/* --- a job: some keys of a cell on a device of its own --- */

struct session {
    struct rk_emulator *device;
    struct rk_bench_peer peer;
};

static enum rk_err open_peer(const struct rki_bench *bench, struct rk_bench_peer *peer, struct rk_diag *diag)
{
    const struct rk_device_profile host = {.name = "host", .emulator = "host", .nvm_bytes = bench->device.nvm_bytes};
    peer->driver = rk_emulator_driver_find("host");
    RK_REQUIRE(peer->driver != NULL);
    return peer->driver->open(&peer->emulator, &host, rk_firmware_image(&bench->host, RK_OP_empty), diag);
}

static void close_session(const struct rki_bench *bench, struct session *session)
{
    if (session->device) {
        bench->driver->close(session->device);
    }
    if (session->peer.emulator) {
        session->peer.driver->close(session->peer.emulator);
    }
}

static bool same_reply(const struct rk_call *a, const struct rk_call *b)
{
    return a->result == b->result && a->fields == b->fields && a->data_bytes == b->data_bytes &&
           memcmp(a->data, b->data, a->data_bytes) == 0;
}

/* out: *status NULL when *measure is there. */
static enum rk_err measure_key(const struct rki_bench *bench, const struct cell *cell, unsigned key,
                               struct session *session, char buffer[STATUS_bytes], const char **status,
                               struct rk_diag *diag)
{
    static _Thread_local struct rk_call on_device, on_host;
    const struct rk_operation_info *info = rk_operation_info((unsigned)cell->operation);
    enum rk_err err = rki_leak_request(cell->operation, cell->row->size_bytes, key, &session->peer, &on_device, diag);
    if (err) {
        return err;
    }
    on_host = on_device;
    if (bench->driver->rewind(session->device) != RK_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s does not start again: %s", bench->device.name,
                       bench->driver->reason(session->device));
    }
    enum rk_call_status came = bench->driver->call(session->device, &on_device);
    err = rki_bench_call_status(bench, session->device, came, buffer, status, diag);
    if (err || *status) {
        return err;
    }
    bool lifecycle = info->shape == RK_SHAPE_LIFECYCLE || info->shape == RK_SHAPE_LIFECYCLE_BY;
    if (on_device.result == RK_CRYPTO_UNSUPPORTED) {
        *status = "not provided by the library";
    } else if (on_device.result != RK_CRYPTO_OK) {
        *status = "the library reported a failure";
    } else if (!lifecycle) {
        session->peer.driver->call(session->peer.emulator, &on_host);
        *status = same_reply(&on_device, &on_host) ? NULL : "another output than on the host";
    }
    cell->measure[key] = on_device.cost;
    return RK_OK;
}

static void fail_key(struct pool *pool, struct cell *cell, unsigned key, const char *status)
{
    pthread_mutex_lock(&pool->lock);
    if (key < cell->failed_key) {
        cell->failed_key = key;
        snprintf(cell->status, sizeof cell->status, "%s", status);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void count_done(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->done++;
    if (pool->request->progress) {
        pool->request->progress(pool->request->progress_context, pool->done, pool->plan->cells * pool->plan->keys);
    }
    pthread_mutex_unlock(&pool->lock);
}

static enum rk_err run_job(struct pool *pool, struct cell *cell, unsigned stripe, struct rk_diag *diag)
{
    const struct rki_bench *bench = &pool->plan->bench;
    struct session session = {NULL, {NULL, NULL}};
    enum rk_err err = open_peer(bench, &session.peer, diag);
    if (!err) {
        err = bench->driver->open(&session.device, &bench->device,
                                  rk_firmware_image(&bench->firmware, (unsigned)cell->operation), diag);
    }
    bool failed = false;
    for (unsigned key = stripe; key < pool->plan->keys && !err; key += pool->plan->stripes) {
        char buffer[STATUS_bytes];
        const char *status = NULL;
        if (!failed) {
            err = measure_key(bench, cell, key, &session, buffer, &status, diag);
        }
        if (status) {
            fail_key(pool, cell, key, status);
            failed = true;
        }
        count_done(pool);
    }
    close_session(bench, &session);
    return err;
}

static void *work(void *context)
{
    struct pool *pool = context;
    unsigned jobs = pool->plan->cells * pool->plan->stripes;
    for (unsigned i; (i = atomic_fetch_add(&pool->next, 1)) < jobs;) {
        struct cell *cell = &pool->plan->cell[i / pool->plan->stripes];
        struct rk_diag diag;
        enum rk_err err = run_job(pool, cell, i % pool->plan->stripes, &diag);
        if (err) {
            pthread_mutex_lock(&pool->lock);
            if (!pool->err) {
                pool->err = err;
                *pool->diag = diag;
            }
            pthread_mutex_unlock(&pool->lock);
            atomic_store(&pool->next, jobs);
        }
    }
    return NULL;
}

static enum rk_err run_plan(struct plan *plan, const struct rk_leak_request *request, struct rk_diag *diag)
{
    struct pool pool = {.plan = plan, .request = request, .lock = PTHREAD_MUTEX_INITIALIZER, .diag = diag};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = request->jobs ? request->jobs : (unsigned)(cores > 0 ? cores : 1);
    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    plan->stripes = threads < plan->keys ? threads : plan->keys;
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

/* --- the verdict --- */

static bool same_tuple(const struct rk_measure *a, const struct rk_measure *b)
{
    return a->cycles == b->cycles && a->cycles_low == b->cycles_low && a->cycles_high == b->cycles_high &&
           a->instructions == b->instructions && memcmp(a->class_count, b->class_count, sizeof a->class_count) == 0;
}

static unsigned count_distinct(const struct rk_measure *measure, unsigned count)
{
    unsigned distinct = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned k = 0;
        while (k < i && !same_tuple(&measure[k], &measure[i])) {
            k++;
        }
        distinct += k == i;
    }
    return distinct;
}

/* Classes whose instructions take cycles by their operands, which the emulator does not see (ARM DDI 0337I and 100166,
 * table 3-1: divisions everywhere, long products of the Cortex-M3; `slow_in_it` is run or skipped, unseen).
 * out: name of one that was executed, or NULL. */
static const char *unseen_class(const struct rki_bench *bench, const struct rk_measure *measure)
{
    static const char everywhere[] = "div fp_div slow_in_it", m3[] = "mull mlal";
    for (unsigned i = 0; bench->driver->class_name && i < RK_CLASSES_MAX; i++) {
        const char *name = bench->driver->class_name(i);
        if (!name) {
            break;
        }
        bool unseen = rki_leak_has_name(everywhere, name, strlen(name)) ||
                      (strcmp(bench->device.core, "cortex-m3") == 0 && rki_leak_has_name(m3, name, strlen(name)));
        if (unseen && measure->class_count[i] > 0) {
            return name;
        }
    }
    return NULL;
}

/* Key pairs, EC-JPAKE and the lifecycle draw secrets and what blinds them from one seed. */
static bool seed_also_blinds(const struct rk_operation_info *info)
{
    switch (info->shape) {
    case RK_SHAPE_KEY_PAIR:
    case RK_SHAPE_PAKE_ONE:
    case RK_SHAPE_PAKE_TWO:
    case RK_SHAPE_PAKE_SECRET:
    case RK_SHAPE_LIFECYCLE:
    case RK_SHAPE_LIFECYCLE_BY:
        return true;
    default:
        return false;
    }
}

static void judge(const struct plan *plan, const struct cell *cell)
{
    struct rk_leak_row *row = cell->row;
    const struct rk_measure *measure = cell->measure;
    const struct rk_operation_info *info = rk_operation_info((unsigned)cell->operation);
    if (cell->failed_key != UINT32_MAX) {
        snprintf(row->verdict, sizeof row->verdict, "cannot tell: %s", cell->status);
        return;
    }
    row->keys = plan->keys;
    row->distinct = count_distinct(measure, plan->keys);
    row->cycles_min = row->cycles_max = measure[0].cycles;
    for (unsigned i = 1; i < plan->keys; i++) {
        row->cycles_min = measure[i].cycles < row->cycles_min ? measure[i].cycles : row->cycles_min;
        row->cycles_max = measure[i].cycles > row->cycles_max ? measure[i].cycles : row->cycles_max;
    }
    snprintf(row->note, sizeof row->note, "%s", rki_leak_note(info));
    const char *unseen = unseen_class(&plan->bench, &measure[0]);
    if (row->distinct == 1 && unseen) {
        snprintf(row->verdict, sizeof row->verdict,
                 "cannot tell: all alike, but `%s` instructions take cycles by operands that are not seen", unseen);
    } else if (row->distinct == 1) {
        snprintf(row->verdict, sizeof row->verdict, "constant");
    } else if (seed_also_blinds(info)) {
        snprintf(row->verdict, sizeof row->verdict, "cannot tell: the seed makes the secret and what blinds it");
    } else if (cell->follows[0]) {
        snprintf(row->verdict, sizeof row->verdict, "cannot tell: `%s` is public and changes with the secret",
                 cell->follows);
    } else {
        snprintf(row->verdict, sizeof row->verdict, "depends on secrets");
    }
}

/* --- the plan --- */

static void init_row(const struct rki_bench *bench, const struct rk_operation_info *info, struct rk_leak_row *row)
{
    *row = (struct rk_leak_row){.cycles_min = RK_NONE, .cycles_max = RK_NONE};
    snprintf(row->device, sizeof row->device, "%s", bench->device.name);
    snprintf(row->backend, sizeof row->backend, "%s", bench->firmware.backend);
    snprintf(row->version, sizeof row->version, "%s", bench->firmware.version);
    snprintf(row->op, sizeof row->op, "%s", info->name);
    row->size_bytes = (uint32_t)strtoul(info->sizes, NULL, 10);
}

/* What can be said without a device. out: *settled true when the row has its verdict. */
static enum rk_err settle(struct plan *plan, struct cell *cell, const struct rk_bench_peer *peer, bool *settled,
                          struct rk_diag *diag)
{
    static _Thread_local struct rk_call zero, one;
    char buffer[STATUS_bytes];
    struct rk_leak_row *row = cell->row;
    const char *reason = rki_bench_not_here(&plan->bench, cell->operation, buffer);
    *settled = true;
    if (!reason && strcmp(plan->bench.driver->name, "host") == 0) {
        reason = "the host has no cycle figures";
    }
    if (reason) {
        snprintf(row->verdict, sizeof row->verdict, "cannot tell: %s", reason);
        return RK_OK;
    }
    enum rk_err err = rki_leak_request(cell->operation, row->size_bytes, 0, peer, &zero, diag);
    if (!err) {
        err = rki_leak_request(cell->operation, row->size_bytes, 1, peer, &one, diag);
    }
    if (err) {
        return err;
    }
    *settled = !rki_leak_secrets_differ(&zero, &one, cell->follows);
    if (*settled) {
        snprintf(row->verdict, sizeof row->verdict, "cannot tell: the inputs do not differ in a secret");
    }
    return RK_OK;
}

static bool is_asked(const struct rk_leak_request *request, const struct rk_operation_info *info)
{
    if (!request->ops) {
        return rki_leak_is_default(info);
    }
    bool asked = strcmp(request->ops, "all") == 0;
    for (const char *at = request->ops; *at && !asked; at += strcspn(at, ","), at += *at == ',') {
        size_t length = strcspn(at, ",");
        asked = strlen(info->name) == length && strncmp(at, info->name, length) == 0;
    }
    return asked;
}

static enum rk_err check_ops(const char *ops, struct rk_diag *diag)
{
    for (const char *at = ops; at && strcmp(ops, "all") != 0; at = *at == ',' ? at + 1 : NULL) {
        char name[48];
        int operation;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        enum rk_err err = rk_bench_find_operation(name, &operation, diag);
        if (err) {
            return err;
        }
        at += strcspn(at, ",");
    }
    return RK_OK;
}

static enum rk_err make_plan(struct plan *plan, const struct rk_leak_request *request, struct rk_leak_row *rows,
                             size_t *count, struct rk_diag *diag)
{
    struct rk_bench_peer peer = {NULL, NULL};
    enum rk_err err = open_peer(&plan->bench, &peer, diag);
    for (int op = 0; rk_operation_info((unsigned)op) && !err; op++) {
        bool settled = true;
        if (!is_asked(request, rk_operation_info((unsigned)op))) {
            continue;
        }
        struct cell *cell = &plan->cell[plan->cells];
        *cell = (struct cell){.row = &rows[(*count)++], .operation = op, .failed_key = UINT32_MAX};
        init_row(&plan->bench, rk_operation_info((unsigned)op), cell->row);
        err = settle(plan, cell, &peer, &settled, diag);
        if (!err && !settled) {
            cell->measure = calloc(plan->keys, sizeof *cell->measure);
            RK_REQUIRE(cell->measure != NULL);
            plan->cells++;
        }
    }
    if (peer.emulator) {
        peer.driver->close(peer.emulator);
    }
    return err;
}

enum rk_err rk_leak_measure(const struct rk_leak_request *request, struct rk_leak_row **rows, size_t *count,
                            struct rk_diag *diag)
{
    struct plan plan = {.keys = request->keys ? request->keys : RK_LEAK_KEYS_DEFAULT};
    struct rk_leak_row *row = calloc(RK_OP_COUNT, sizeof *row);
    plan.cell = calloc(RK_OP_COUNT, sizeof *plan.cell);
    RK_REQUIRE(row != NULL && plan.cell != NULL);
    *rows = NULL;
    *count = 0;
    enum rk_err err = check_ops(request->ops, diag);
    if (!err) {
        err = rki_bench_open(request->device, request->backend, &plan.bench, diag);
    }
    if (!err) {
        err = make_plan(&plan, request, row, count, diag);
    }
    if (!err && plan.cells > 0) {
        err = run_plan(&plan, request, diag);
    }
    for (unsigned i = 0; i < plan.cells; i++) {
        if (!err) {
            judge(&plan, &plan.cell[i]);
        }
        free(plan.cell[i].measure);
    }
    free(plan.cell);
    if (err) {
        free(row);
        return err;
    }
    *rows = row;
    return RK_OK;
}
