/* bench/call.c - one operation with the caller's inputs, on a fresh device, never from the cache */
#include <stdio.h>
#include <string.h>

#include "backends/operation_info.h"
#include "bench/bench_internal.h"

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

/* Lengths that an input may have, by its name and the operation's algorithm: one, or one of two. */
static const struct length {
    const char *input;
    uint8_t alg; /* RK_ALG_COUNT: of any */
    uint16_t bytes, or_bytes;
} lengths[] = {
    {"key", RK_ALG_AES128_CCM, 16, 16},
    {"key", RK_ALG_CHACHA20_POLY1305, 32, 32},
    {"key", RK_ALG_AES_KEY_WRAP, 16, 32},
    {"kek", RK_ALG_COUNT, 16, 16},
    {"wrapped", RK_ALG_COUNT, 24, 40},
    {"nonce", RK_ALG_AES128_CCM, RK_CCM_NONCE_bytes, RK_CCM_NONCE_bytes},
    {"nonce", RK_ALG_CHACHA20_POLY1305, RK_CHACHA_NONCE_bytes, RK_CHACHA_NONCE_bytes},
    {"entropy", RK_ALG_COUNT, RK_ENTROPY_bytes, RK_ENTROPY_bytes},
    {"length", RK_ALG_COUNT, 2, 2},
    {"private", RK_ALG_COUNT, RK_PRIVATE_bytes, RK_PRIVATE_bytes},
    {"peer_public", RK_ALG_X25519, 32, 32},
    {"peer_public", RK_ALG_P256, 65, 65},
    {"mechanism", RK_ALG_COUNT, 1, 1},
};

static enum rk_err check_length(const struct rk_operation_info *info, const char *input, size_t input_bytes,
                                uint16_t bytes, struct rk_diag *diag)
{
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const struct length *length = &lengths[i];
        if (strlen(length->input) != input_bytes || strncmp(length->input, input, input_bytes) != 0 ||
            (length->alg != RK_ALG_COUNT && length->alg != info->alg) || bytes == length->bytes ||
            bytes == length->or_bytes) {
            continue;
        }
        if (length->bytes == length->or_bytes) {
            return rk_fail(diag, RK_ERR_INPUT, "input `%s` of %s has %u bytes, expected %u", length->input, info->name,
                           bytes, length->bytes);
        }
        return rk_fail(diag, RK_ERR_INPUT, "input `%s` of %s has %u bytes, expected %u or %u", length->input,
                       info->name, bytes, length->bytes, length->or_bytes);
    }
    return RK_OK;
}

/* The tag of CCM depends on the operation. */
static enum rk_err check_tag(int operation, const struct rk_bytes *values, struct rk_diag *diag)
{
    bool opens = operation == RK_OP_aes128_ccm_open || operation == RK_OP_aes128_ccm_8_open ||
                 operation == RK_OP_chacha20_poly1305_open;
    unsigned expected = operation == RK_OP_aes128_ccm_8_open ? 8 : 16;
    if (opens && values[4].bytes != expected) {
        return rk_fail(diag, RK_ERR_INPUT, "input `tag` of %s has %u bytes, expected %u",
                       rk_operation_name((enum rk_operation)operation), values[4].bytes, expected);
    }
    return RK_OK;
}

static enum rk_err check_inputs(int operation, const struct rk_bytes *values, unsigned count, struct rk_diag *diag)
{
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    unsigned index = 0;
    for (const char *at = info->inputs; *at; at += strcspn(at, ","), at += *at == ',', index++) {
        if (index >= count) {
            return rk_fail(diag, RK_ERR_INPUT, "%s got %u inputs, expected %s", info->name, count, info->inputs);
        }
        enum rk_err err = check_length(info, at, strcspn(at, ","), values[index].bytes, diag);
        if (err) {
            return err;
        }
    }
    return check_tag(operation, values, diag);
}

static uint32_t little_endian(const struct rk_bytes *value)
{
    return value->data[0] | (uint32_t)value->data[1] << 8;
}

/* The row's size, as bench counts it. */
static uint32_t variable_bytes(int operation, const struct rk_bytes *values)
{
    switch (operation) {
    case RK_OP_sha256:
        return values[0].bytes;
    case RK_OP_hmac_sha256:
    case RK_OP_aes_key_wrap:
        return values[1].bytes;
    case RK_OP_aes_key_unwrap:
        return values[1].bytes - 8u;
    case RK_OP_hkdf_sha256:
        return little_endian(&values[3]);
    case RK_OP_ctr_drbg_generate:
    case RK_OP_hmac_drbg_generate:
    case RK_OP_hash_drbg_generate:
    case RK_OP_chacha20_drbg_generate:
        return little_endian(&values[1]);
    default:
        return operation <= RK_OP_chacha20_poly1305_open ? values[3].bytes : 0;
    }
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
    if (!err) {
        err = check_inputs(operation, values, value_count, diag);
    }
    if (!err) {
        err = rki_bench_open(device, backend, &bench, diag);
    }
    if (err) {
        return err;
    }
    rki_bench_row_init(&bench, op, variable_bytes(operation, values), row);
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
    bench.driver->close(emulator);
    return err;
}
