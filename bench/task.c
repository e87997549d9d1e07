/* bench/task.c - measures one operation: known answers on the device, then K inputs a size */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "bench/known_answers.h"
#include "engine/core/sha256.h"

enum { STATUS_bytes = 96 };

/* A row whose first call takes more is that one call, unless the caller asked for a number of inputs. */
#define LONG_CALL_cycles 100000000u
/* ... and above which the first known answer is that input: seconds of the host a call. */
#define VERY_LONG_CALL_cycles 1000000000u

static const char not_provided[] = "not provided by the library";
static const char fits_no_ram[] = "does not fit: ram";
static const char fits_no_flash[] = "does not fit: flash";

struct session {
    const struct rki_bench *bench;
    const struct rki_bench_task *task;
    const char *image;
    struct rk_firmware_sizes sizes;
    struct rk_emulator *device;
    struct rk_bench_peer peer;
    bool known_answers_run;
    size_t known_answer_count;
    const char *known_answer_failure; /* NULL: all passed */
    struct rk_measure first_answer;   /* of the first, when it is no refusal */
    char failure_text[STATUS_bytes];
};

static bool is_lifecycle(int operation)
{
    return operation >= RK_OP_key_generate && operation <= RK_OP_key_destroy;
}

static void set_status(struct rk_cost_row *row, const char *text)
{
    snprintf(row->status, sizeof row->status, "%s", text);
}

enum rk_err rki_bench_call_status(const struct rki_bench *bench, const struct rk_emulator *device,
                                  enum rk_call_status call, char buffer[96], const char **status, struct rk_diag *diag)
{
    static const char emulator_error[] = "emulator error: ";
    *status = NULL;
    if (call == RK_CALL_OK) {
        return RK_OK;
    }
    if (call == RK_CALL_STACK_OVERFLOW) {
        *status = fits_no_ram;
        return RK_OK;
    }
    const char *reason = bench->driver->reason(device);
    if (strncmp(reason, emulator_error, sizeof emulator_error - 1) == 0) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s on %s: %s", bench->firmware.backend, bench->device.name,
                       reason + sizeof emulator_error - 1);
    }
    snprintf(buffer, STATUS_bytes, "crashed: %.80s", reason);
    *status = buffer;
    return RK_OK;
}

/* The status of a result, or NULL when it is what was wanted. */
static const char *result_status(int8_t result)
{
    switch (result) {
    case RK_CRYPTO_OK:
        return NULL;
    case RK_CRYPTO_UNSUPPORTED:
        return not_provided;
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
    const char *host_image = rk_firmware_image(&bench->host, RK_OP_empty); /* has all operations */
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

/* out: *status NULL when the device gives this answer. */
static enum rk_err known_answer(struct session *session, const struct rk_known_answer *answer,
                                char buffer[STATUS_bytes], const char **status, struct rk_diag *diag)
{
    const struct rki_bench *bench = session->bench;
    struct rk_call call = {.operation = (uint8_t)answer->op};
    struct rk_call expected = {.result = (int8_t)answer->result};
    pack(answer->inputs, RK_KNOWN_INPUTS_MAX, &call);
    pack(answer->outputs, RK_KNOWN_OUTPUTS_MAX, &expected);
    enum rk_call_status came = bench->driver->call(session->device, &call);
    enum rk_err err = rki_bench_call_status(bench, session->device, came, buffer, status, diag);
    if (err || *status) {
        return err;
    }
    if (call.result == RK_CRYPTO_UNSUPPORTED || call.result == RK_CRYPTO_FAILED) {
        *status = result_status(call.result);
    } else if (!same_reply(&call, &expected)) {
        *status = "fails known-answer test";
    } else if (session->known_answer_count == 0 && call.result == RK_CRYPTO_OK) {
        session->first_answer = call.cost;
    }
    return RK_OK;
}

/* A minute of the host for one call, to see it refused: that the same code refuses, faster devices have shown. */
static bool too_long_to_refuse(const struct session *session, const struct rk_known_answer *answer)
{
    return answer->result == RK_CRYPTO_REJECTED && session->first_answer.cycles > VERY_LONG_CALL_cycles;
}

/* Runs the known answers of the operation on the device. What stops one is the operation's failure. */
static enum rk_err known_answers(struct session *session, struct rk_diag *diag)
{
    size_t count;
    const struct rk_known_answer *answers = rk_known_answers((enum rk_operation)session->task->operation, &count);
    const struct rk_firmware *firmware = &session->bench->firmware;
    for (size_t i = 0; i < count; i++) {
        if (!rk_known_answer_applies(&answers[i], firmware->backend, firmware->version) ||
            too_long_to_refuse(session, &answers[i])) {
            continue;
        }
        enum rk_err err =
            known_answer(session, &answers[i], session->failure_text, &session->known_answer_failure, diag);
        if (err || session->known_answer_failure) {
            return err;
        }
        session->known_answer_count++;
    }
    return RK_OK;
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
static void summarise(const struct session *session, struct rk_measure *measure, unsigned count,
                      struct rk_cost_row *row)
{
    qsort(measure, count, sizeof *measure, by_cycles);
    struct rk_measure middle = measure[(count - 1) / 2];
    for (unsigned i = 0; i < count; i++) {
        middle.stack_bytes = larger(middle.stack_bytes, measure[i].stack_bytes);
        middle.heap_bytes = larger(middle.heap_bytes, measure[i].heap_bytes);
    }
    rki_bench_row_measure(session->bench, &middle, row);
    if (middle.has_cycles) {
        row->cycles_min = measure[0].cycles;
        row->cycles_max = measure[count - 1].cycles;
    }
    /* Equal over K inputs proves nothing. */
    if (row->cycles_min != row->cycles_max && rk_bench_inputs_isolate_secrets(session->task->operation)) {
        row->secret_dependent = 1;
    }
}

/* Each input meets a device that has just booted, with an empty heap and blank NVM: what it costs depends neither on the
 * inputs before it nor on how many there are, and a heap that grows once is not taken for a secret. */
static enum rk_err restart_device(struct session *session, struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = session->bench->driver;
    size_t nvm_bytes = session->bench->device.nvm_bytes;
    uint8_t *blank = malloc(nvm_bytes);
    RK_REQUIRE(blank != NULL);
    memset(blank, 0xff, nvm_bytes);
    bool ready = !driver->rewind(session->device) && !driver->nvm_write(session->device, 0, blank, nvm_bytes);
    free(blank);
    if (ready) {
        return RK_OK;
    }
    return rk_fail(diag, RK_ERR_EMULATOR, "%s on %s does not start again: %s", session->task->op,
                   session->bench->device.name, driver->reason(session->device));
}

/* Does the device give what the host's build of the library gives? */
static const char *compare_with_host(struct session *session, struct rk_call *on_host, const struct rk_call *on_device)
{
    const struct rk_bench_peer *peer = &session->peer;
    if (peer->driver->call(peer->emulator, on_host) != RK_CALL_OK) {
        return "crashed: the host's build of the library";
    }
    return same_reply(on_device, on_host) ? NULL : "fails known-answer test";
}

/* Measures the input set `index`. out: *status NULL when that gave *measure. */
static enum rk_err measure_input(struct session *session, uint32_t size_bytes, unsigned index,
                                 struct rk_measure *measure, char buffer[STATUS_bytes], const char **status,
                                 struct rk_diag *diag)
{
    const struct rki_bench *bench = session->bench;
    int operation = session->task->operation;
    struct rk_call on_device, on_host;
    struct rk_diag why;
    enum rk_err err =
        rk_bench_inputs(operation, size_bytes, index, session->task->mechanism, &session->peer, &on_device, &why);
    if (err) {
        snprintf(buffer, STATUS_bytes, "crashed: %.80s", why.text);
        *status = buffer;
        return RK_OK;
    }
    on_host = on_device;
    err = restart_device(session, diag);
    if (err) {
        return err;
    }
    enum rk_call_status came = bench->driver->call(session->device, &on_device);
    err = rki_bench_call_status(bench, session->device, came, buffer, status, diag);
    if (err || *status) {
        return err;
    }
    *status = result_status(on_device.result);
    if (!*status && !is_lifecycle(operation)) {
        *status = compare_with_host(session, &on_host, &on_device);
    }
    *measure = on_device.cost;
    return RK_OK;
}

/* out: *status NULL when all inputs were measured, else the row's status. */
static enum rk_err measure_size(struct session *session, struct rk_cost_row *row, char buffer[STATUS_bytes],
                                const char **status, struct rk_diag *diag)
{
    unsigned asked = session->bench->inputs;
    unsigned inputs = asked != 0 ? asked : RK_BENCH_INPUTS_DEFAULT;
    struct rk_measure *measure = calloc(inputs, sizeof *measure);
    RK_REQUIRE(measure != NULL);
    enum rk_err err = RK_OK;
    if (asked == 0 && session->first_answer.cycles > VERY_LONG_CALL_cycles) {
        measure[0] = session->first_answer; /* the first call after the boot, as an input's is */
        summarise(session, measure, 1, row);
        free(measure);
        return RK_OK;
    }
    for (unsigned i = 0; i < inputs && !err && !*status; i++) {
        err = measure_input(session, row->size_bytes, i, &measure[i], buffer, status, diag);
        if (asked == 0 && measure[i].cycles > LONG_CALL_cycles) {
            inputs = 1;
        }
    }
    if (!err && !*status) {
        summarise(session, measure, inputs, row);
    }
    free(measure);
    return err;
}

static void cache_key(const struct session *session, const struct rk_cost_row *row, char key[65])
{
    char text[768];
    const struct rki_bench *bench = session->bench;
    int length = snprintf(text, sizeof text, "%s %s %s %s %s %s %s %u %u", rki_measuring_code, session->sizes.sha256,
                          bench->host_sha256, bench->device_sha256, bench->driver->name, bench->driver->version(),
                          row->op, row->size_bytes, bench->inputs);
    RK_REQUIRE(length > 0 && (size_t)length < sizeof text);
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, strlen(text));
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, key);
}

/* What the operation needs against what the operating system leaves. out: NULL when it fits. */
static const char *misfit(const struct session *session, const struct rk_cost_row *row)
{
    const struct rk_device_profile *device = &session->bench->device;
    if (row->flash_bytes == RK_NONE) { /* the host */
        return NULL;
    }
    if (session->sizes.flash_bytes > device->flash_bytes ||
        row->flash_bytes + device->os_flash_bytes > device->flash_bytes) {
        return fits_no_flash;
    }
    uint64_t stack_bytes = row->stack_bytes == RK_NONE ? 0 : row->stack_bytes;
    uint64_t heap_bytes = row->heap_bytes == RK_NONE ? 0 : row->heap_bytes;
    if (session->sizes.ram_static_bytes > device->ram_bytes ||
        row->ram_static_bytes + stack_bytes + heap_bytes + device->os_ram_bytes > device->ram_bytes) {
        return fits_no_ram;
    }
    return NULL;
}

/* Before the first row: the known answers. */
static enum rk_err ready_device(struct session *session, struct rk_diag *diag)
{
    enum rk_err err = open_session(session, diag);
    if (!err && !session->known_answers_run) {
        err = known_answers(session, diag);
        session->known_answers_run = true;
    }
    return err;
}

/* out: *status NULL when the row has all its figures. */
static enum rk_err fill_row(struct session *session, struct rk_cost_row *row, char buffer[STATUS_bytes],
                            const char **status, struct rk_diag *diag)
{
    *status = misfit(session, row);
    if (*status) {
        return RK_OK;
    }
    enum rk_err err = ready_device(session, diag);
    if (err) {
        return err;
    }
    *status = session->known_answer_failure;
    if (!*status) {
        row->known_answer = session->known_answer_count > 0;
        err = measure_size(session, row, buffer, status, diag);
    }
    if (!err && !*status) {
        *status = misfit(session, row);
        if (*status) {
            rki_bench_row_clear_time(row);
        }
    }
    return err;
}

static enum rk_err measure_row(struct session *session, struct rk_cost_row *row, struct rk_diag *diag)
{
    char key[65], buffer[STATUS_bytes];
    const char *status;
    cache_key(session, row, key);
    if (!session->bench->fresh && rki_bench_cache_load(key, row)) {
        return RK_OK;
    }
    enum rk_err err = fill_row(session, row, buffer, &status, diag);
    if (err) {
        return err;
    }
    if (status == not_provided) {
        rki_bench_row_clear(row); /* what is in the image is not the operation */
    }
    if (!status) {
        status = session->bench->firmware.upstream_unsupported ? "unsupported upstream" : "ok";
        rki_bench_row_energy(session->bench, row);
    }
    set_status(row, status);
    rki_bench_cache_save(key, row);
    return RK_OK;
}

const char *rki_bench_not_here(const struct rki_bench *bench, int operation, char buffer[96])
{
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    const char *reason = rk_firmware_reason(&bench->firmware, (unsigned)operation);
    if (reason && strcmp(reason, not_provided) == 0) {
        return reason;
    }
    if (bench->device.class_seed[1] - '0' < info->least) {
        snprintf(buffer, STATUS_bytes, "not measured: for class %u and up", info->least);
        return buffer;
    }
    return reason;
}

enum rk_err rki_bench_task_run(const struct rki_bench *bench, const struct rki_bench_task *task, struct rk_diag *diag)
{
    struct session session = {.bench = bench, .task = task};
    char buffer[STATUS_bytes];
    const char *reason = rki_bench_not_here(bench, task->operation, buffer);
    if (reason) {
        for (size_t i = 0; i < task->sizes; i++) {
            set_status(&task->row[i], reason);
        }
        return RK_OK;
    }
    session.image = rk_firmware_image(&bench->firmware, (unsigned)task->operation);
    enum rk_err err = rk_firmware_measure(session.image, &session.sizes, diag);
    for (size_t i = 0; i < task->sizes && !err; i++) {
        struct rk_cost_row *row = &task->row[i];
        rki_bench_row_image(bench, &session.sizes, row);
        err = measure_row(&session, row, diag);
    }
    close_session(&session);
    return err;
}
