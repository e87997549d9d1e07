/* bench/call.c - one operation with the caller's inputs, on a fresh device, never from the cache */
#include <stdio.h>
#include <string.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "bench/lengths.h"

static const char *describe(const struct rki_bench *bench, int8_t result)
{
    switch (result) {
    case RK_CRYPTO_OK:
        return bench->firmware.upstream_unsupported ? "unsupported upstream" : "ok";
    case RK_CRYPTO_REJECTED:
        return "rejected";
    case RK_CRYPTO_UNSUPPORTED:
        return "not provided by the library";
    default:
        return "crashed: the library reported a failure";
    }
}

static enum rk_err check_length(const struct rk_operation_info *info, const char *input, uint16_t bytes,
                                struct rk_diag *diag)
{
    struct rk_input_length length = rk_input_length(info, input);
    if (bytes >= length.least && bytes <= length.most && (bytes - length.least) % length.step == 0) {
        return RK_OK;
    }
    char expected[RK_INPUT_LENGTH_TEXT_bytes];
    rk_input_length_text(length, expected);
    return rk_fail(diag, RK_ERR_INPUT, "input `%s` of %s has %u bytes, expected %s", input, info->name, bytes,
                   expected);
}

static enum rk_err check_inputs(const struct rk_operation_info *info, const struct rk_bytes *values, unsigned count,
                                struct rk_diag *diag)
{
    unsigned index = 0;
    for (const char *at = rk_operation_inputs(info); *at; at += strcspn(at, ","), at += *at == ',', index++) {
        if (index >= count) {
            return rk_fail(diag, RK_ERR_INPUT, "%s got %u inputs, expected %s", info->name, count,
                           rk_operation_inputs(info));
        }
        char input[24];
        snprintf(input, sizeof input, "%.*s", (int)strcspn(at, ","), at);
        enum rk_err err = check_length(info, input, values[index].bytes, diag);
        if (err) {
            return err;
        }
    }
    return RK_OK;
}

static uint32_t little_endian(const struct rk_bytes *value)
{
    return value->data[0] | (uint32_t)value->data[1] << 8;
}

/* The row's size, as bench counts it. What a device finds out is 0 here: variable_output_bytes(). */
static uint32_t variable_bytes(const struct rk_operation_info *info, const struct rk_bytes *values)
{
    switch (info->shape) {
    case RK_SHAPE_SEAL:
    case RK_SHAPE_OPEN:
        return values[3].bytes;
    case RK_SHAPE_HASH:
        return values[0].bytes;
    case RK_SHAPE_MAC:
    case RK_SHAPE_WRAP:
        return values[1].bytes;
    case RK_SHAPE_HKDF:
    case RK_SHAPE_KBKDF:
    case RK_SHAPE_PBKDF2:
    case RK_SHAPE_PRF:
        return little_endian(&values[3]);
    case RK_SHAPE_GENERATE:
        return little_endian(&values[1]);
    case RK_SHAPE_SIGN:
        return info->alg == RK_ALG_ED25519 ? values[3].bytes : 0;
    case RK_SHAPE_VERIFY:
        return info->alg == RK_ALG_ED25519 ? values[1].bytes : 0;
    case RK_SHAPE_ENCRYPT:
        return values[2].bytes;
    case RK_SHAPE_GROUP:
        return values[0].data[12]; /* the tree's height */
    default:
        return 0;
    }
}

/* The same where only the reply tells. */
static uint32_t variable_output_bytes(const struct rk_operation_info *info, const struct rk_call *call)
{
    const uint8_t *value = NULL;
    uint16_t bytes = 0;
    bool tells = info->shape == RK_SHAPE_DECRYPT || info->shape == RK_SHAPE_UNWRAP;
    return tells && rk_call_field(call, 0, &value, &bytes) ? bytes : 0;
}

/* Runs the call and fills the row's figures and status. */
static enum rk_err run(const struct rki_bench *bench, struct rk_emulator *device, struct rk_call *call,
                       struct rk_cost_row *row, struct rk_diag *diag)
{
    const char *status;
    enum rk_call_status came = bench->driver->call(device, call);
    enum rk_err err = rki_bench_call_status(bench, device, came, row->status, &status, diag);
    if (err) {
        return err;
    }
    if (!status) {
        status = describe(bench, call->result);
        rki_bench_row_measure(bench, &call->cost, row);
        rki_bench_row_energy(bench, row);
    }
    if (status != row->status) {
        snprintf(row->status, sizeof row->status, "%s", status);
    }
    return RK_OK;
}

enum rk_err rk_bench_call(const char *device, const char *backend, const char *op, const struct rk_bytes *values,
                          unsigned value_count, struct rk_call *call, struct rk_cost_row *row, struct rk_diag *diag)
{
    int operation;
    struct rki_bench bench;
    enum rk_err err = rk_bench_find_operation(op, &operation, diag);
    if (err) {
        return err;
    }
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    err = check_inputs(info, values, value_count, diag);
    if (!err) {
        err = rki_bench_open(device, backend, &bench, diag);
    }
    if (err) {
        return err;
    }
    rki_bench_row_init(&bench, op, variable_bytes(info, values), row);
    memset(call, 0, sizeof *call);
    call->operation = (uint8_t)operation;
    for (unsigned i = 0; i < value_count; i++) {
        if (!rk_call_append(call, values[i].data, values[i].bytes)) {
            return rk_fail(diag, RK_ERR_INPUT, "inputs of %s are longer than %d bytes together", op,
                           RK_CALL_DATA_bytes);
        }
    }
    const char *image = rk_firmware_image(&bench.firmware, (unsigned)operation);
    if (!image) {
        snprintf(row->status, sizeof row->status, "%s", rk_firmware_reason(&bench.firmware, (unsigned)operation));
        call->result = RK_CRYPTO_FAILED;
        return RK_OK;
    }
    struct rk_firmware_sizes sizes;
    struct rk_emulator *emulator;
    err = rk_firmware_measure(image, &sizes, diag);
    if (!err) {
        err = bench.driver->open(&emulator, &bench.device, image, diag);
    }
    if (err) {
        return err;
    }
    rki_bench_row_image(&bench, &sizes, row);
    err = run(&bench, emulator, call, row, diag);
    row->size_bytes += err ? 0 : variable_output_bytes(info, call);
    bench.driver->close(emulator);
    return err;
}
