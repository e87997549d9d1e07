/* bench/task.c - measures one operation: known answers on the device, then K inputs a size */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"
#include "bench/bench_internal.h"
#include "bench/known_answers.h"
#include "engine/core/sha256.h"

enum { MEASUREMENT_REVISION = 1 }; /* part of the cache key: counts up when what a measurement means changes */

struct session {
    const struct rki_bench *bench;
    const struct rki_bench_task *task;
    const char *image;
    struct rk_firmware_sizes sizes;
    struct rk_emulator *device;
    struct rk_bench_peer peer;
    bool known_answers_run;
    size_t known_answer_count;
    char known_answer_failure[96]; /* empty: all passed */
};

static bool is_lifecycle(int operation)
{
    return operation >= RK_OP_key_generate && operation <= RK_OP_key_destroy;
}

static void set_status(struct rk_cost_row *row, const char *text)
{
    snprintf(row->status, sizeof row->status, "%s", text);
}

/* The status of a call that did not come back, or NULL when it did. */
static const char *call_status(const struct session *session, enum rk_call_status status, char *buffer, size_t bytes)
{
    switch (status) {
    case RK_CALL_OK:
        return NULL;
    case RK_CALL_STACK_OVERFLOW:
        return "does not fit: ram";
    default:
        snprintf(buffer, bytes, "crashed: %s", session->bench->driver->reason(session->device));
        return buffer;
    }
}

/* The status of a result, or NULL when it is what was wanted. */
static const char *result_status(int8_t result)
{
    switch (result) {
    case RK_CRYPTO_OK:
        return NULL;
    case RK_CRYPTO_UNSUPPORTED:
        return "not provided by the library";
    case RK_CRYPTO_REJECTED:
        return "fails known-answer test";
    default:
        return "crashed: the library reported a failure";
    }
}

static enum rk_err open_session(struct session *session, struct rk_diag *diag)
{
    const struct rki_bench *bench = session->bench;
    if (session->device) {
        return RK_OK;
    }
    session->peer.driver = rk_emulator_driver_find("host");
    RK_REQUIRE(session->peer.driver != NULL);
    struct rk_device_profile host = {.name = "host", .emulator = "host", .nvm_bytes = bench->device.nvm_bytes};
    const char *host_image = rk_firmware_image(&bench->host, (unsigned)session->task->operation);
    enum rk_err err = session->peer.driver->open(&session->peer.emulator, &host, host_image, diag);
    if (!err) {
        err = bench->driver->open(&session->device, &bench->device, session->image, diag);
    }
    return err;
}

static void close_session(struct session *session)
{
    if (session->device) {
        session->bench->driver->close(session->device);
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

/* The call as the device must answer it. */
static void pack(const char *const *fields, size_t max, struct rk_call *call)
{
    call->data_bytes = (uint16_t)rk_known_answer_pack(fields, max, call->data, sizeof call->data, &call->fields);
}

/* out: NULL when the device gives this answer. */
static const char *known_answer(struct session *session, const struct rk_known_answer *answer, char *buffer,
                                size_t bytes)
{
    struct rk_call call = {.operation = (uint8_t)answer->op};
    struct rk_call expected = {.result = (int8_t)answer->result};
    pack(answer->inputs, RK_KNOWN_INPUTS_MAX, &call);
    pack(answer->outputs, RK_KNOWN_OUTPUTS_MAX, &expected);
    const char *status = call_status(session, session->bench->driver->call(session->device, &call), buffer, bytes);
    if (!status && call.result == RK_CRYPTO_UNSUPPORTED) {
        status = result_status(call.result);
    }
    return status || same_reply(&call, &expected) ? status : "fails known-answer test";
}

/* Runs all known answers of the operation on the device. out: NULL when all pass. */
static const char *known_answers(struct session *session, char *buffer, size_t bytes)
{
    size_t count;
    const struct rk_known_answer *answers = rk_known_answers((enum rk_operation)session->task->operation, &count);
    const char *status = NULL;
    for (size_t i = 0; i < count && !status; i++) {
        if (rk_known_answer_applies(&answers[i], session->bench->firmware.backend)) {
            status = known_answer(session, &answers[i], buffer, bytes);
            session->known_answer_count++;
        }
    }
    return status;
}

static int by_cycles(const void *a, const void *b)
{
    const struct rk_measure *x = a, *y = b;
    return (x->cycles > y->cycles) - (x->cycles < y->cycles);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Joins the measures of K inputs: cycles by order, memory by maximum. */
static void summarise(const struct rki_bench *bench, struct rk_measure *measure, unsigned count,
                      struct rk_cost_row *row)
{
    qsort(measure, count, sizeof *measure, by_cycles);
    struct rk_measure middle = measure[(count - 1) / 2];
    for (unsigned i = 0; i < count; i++) {
        middle.stack_bytes = larger(middle.stack_bytes, measure[i].stack_bytes);
        middle.heap_bytes = larger(middle.heap_bytes, measure[i].heap_bytes);
    }
    rki_bench_row_measure(bench, &middle, row);
    if (middle.has_cycles) {
        row->cycles_min = measure[0].cycles;
        row->cycles_max = measure[count - 1].cycles;
        row->secret_dependent = row->cycles_min != row->cycles_max ? 1 : -1; /* equal over K inputs proves nothing */
    }
}

/* out: NULL when all inputs were measured, else the row's status. */
static const char *measure_size(struct session *session, struct rk_cost_row *row, char *buffer, size_t bytes)
{
    const struct rki_bench *bench = session->bench;
    struct rk_measure *measure = calloc(bench->inputs, sizeof *measure);
    RK_REQUIRE(measure != NULL);
    const char *status = NULL;
    for (unsigned i = 0; i < bench->inputs && !status; i++) {
        struct rk_call request, on_device, on_host;
        struct rk_diag diag;
        if (rk_bench_inputs(session->task->operation, row->size_bytes, i, session->task->mechanism, &session->peer,
                            &request, &diag)) {
            snprintf(buffer, bytes, "crashed: %.80s", diag.text);
            status = buffer;
            break;
        }
        on_device = on_host = request;
        status = call_status(session, bench->driver->call(session->device, &on_device), buffer, bytes);
        if (!status) {
            status = result_status(on_device.result);
        }
        if (!status && !is_lifecycle(session->task->operation)) {
            session->peer.driver->call(session->peer.emulator, &on_host);
            status = same_reply(&on_device, &on_host) ? NULL : "fails known-answer test";
        }
        measure[i] = on_device.cost;
    }
    if (!status) {
        summarise(bench, measure, bench->inputs, row);
    }
    free(measure);
    return status;
}

static void cache_key(const struct session *session, const struct rk_cost_row *row, char key[65])
{
    char text[512];
    const struct rki_bench *bench = session->bench;
    snprintf(text, sizeof text, "%d %s %s %s %s %s %u %u %u", MEASUREMENT_REVISION, session->sizes.sha256,
             bench->device_sha256, bench->driver->name, bench->driver->version(), row->op, row->size_bytes,
             session->task->mechanism, bench->inputs);
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, strlen(text));
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, key);
}

static enum rk_err measure_row(struct session *session, struct rk_cost_row *row, struct rk_diag *diag)
{
    char key[65], buffer[96];
    cache_key(session, row, key);
    if (!session->bench->fresh && rki_bench_cache_load(key, row)) {
        return RK_OK;
    }
    enum rk_err err = open_session(session, diag);
    if (err) {
        return err;
    }
    if (!session->known_answers_run) {
        const char *failure = known_answers(session, buffer, sizeof buffer);
        snprintf(session->known_answer_failure, sizeof session->known_answer_failure, "%s", failure ? failure : "");
        session->known_answers_run = true;
    }
    const char *status = session->known_answer_failure[0] ? session->known_answer_failure : NULL;
    if (!status) {
        row->known_answer = session->known_answer_count > 0;
        status = measure_size(session, row, buffer, sizeof buffer);
    }
    if (!status) {
        status = session->bench->firmware.upstream_unsupported ? "unsupported upstream" : "ok";
        rki_bench_row_energy(session->bench, row);
    }
    set_status(row, status);
    rki_bench_cache_save(key, row);
    return RK_OK;
}

enum rk_err rki_bench_task_run(const struct rki_bench *bench, const struct rki_bench_task *task, struct rk_diag *diag)
{
    struct session session = {.bench = bench, .task = task};
    session.image = rk_firmware_image(&bench->firmware, (unsigned)task->operation);
    if (!session.image) {
        const char *reason = rk_firmware_reason(&bench->firmware, (unsigned)task->operation);
        for (size_t i = 0; i < task->sizes; i++) {
            set_status(&task->row[i], reason);
        }
        return RK_OK;
    }
    enum rk_err err = rk_firmware_measure(session.image, &session.sizes, diag);
    for (size_t i = 0; i < task->sizes && !err; i++) {
        struct rk_cost_row *row = &task->row[i];
        row->flash_bytes = session.sizes.flash_bytes - bench->empty.flash_bytes;
        row->ram_static_bytes = session.sizes.ram_static_bytes - bench->empty.ram_static_bytes;
        snprintf(row->firmware_sha256, sizeof row->firmware_sha256, "%s", session.sizes.sha256);
        err = measure_row(&session, row, diag);
    }
    close_session(&session);
    return err;
}
