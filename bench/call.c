/* bench/call.c - one operation with the caller's inputs, on a fresh device, never from the cache */
#include <stdio.h>
#include <string.h>

#include "backends/operation.h"
#include "bench/bench_internal.h"

static const char *describe(const struct rki_bench *bench, struct rk_emulator *device, enum rk_call_status status,
                            int8_t result, char *buffer, size_t bytes)
{
    if (status == RK_CALL_STACK_OVERFLOW) {
        return "does not fit: ram";
    }
    if (status != RK_CALL_OK) {
        snprintf(buffer, bytes, "crashed: %s", bench->driver->reason(device));
        return buffer;
    }
    switch (result) {
    case RK_CRYPTO_OK:
        return bench->firmware.upstream_unsupported ? "unsupported upstream" : "ok";
    case RK_CRYPTO_REJECTED:
        return "rejected";
    case RK_CRYPTO_UNSUPPORTED:
        return "not provided by the library";
    default:
        return "crashed: the library reported a failure (length of an input, or memory)";
    }
}

static uint32_t variable_bytes(const struct rk_operation_info *info, const struct rk_bytes *values, unsigned count)
{
    static const char *const variable[] = {"plaintext", "ciphertext", "message", "key"};
    for (size_t v = 0; v < sizeof variable / sizeof variable[0]; v++) {
        unsigned index = 0;
        for (const char *at = info->inputs; *at && index < count; at += strcspn(at, ","), at += *at == ',', index++) {
            size_t length = strcspn(at, ",");
            bool last_key = v < 3 || strcmp(info->name, "aes_key_wrap") == 0;
            if (last_key && strlen(variable[v]) == length && strncmp(variable[v], at, length) == 0) {
                return values[index].bytes;
            }
        }
    }
    return 0;
}

enum rk_err rk_bench_call(const char *device, const char *backend, const char *op, const struct rk_bytes *values,
                          unsigned value_count, struct rk_call *call, struct rk_cost_row *row, struct rk_diag *diag)
{
    int operation = rk_operation_find(op);
    if (operation < 0) {
        return rk_fail(diag, RK_ERR_INPUT, "unknown operation `%s`", op);
    }
    struct rki_bench bench;
    enum rk_err err = rki_bench_open(device, backend, &bench, diag);
    if (err) {
        return err;
    }
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    rki_bench_row_init(&bench, op, variable_bytes(info, values, value_count), row);
    memset(call, 0, sizeof *call);
    const char *image = rk_firmware_image(&bench.firmware, (unsigned)operation);
    if (!image) {
        snprintf(row->status, sizeof row->status, "%s", rk_firmware_reason(&bench.firmware, (unsigned)operation));
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
    call->operation = (uint8_t)operation;
    for (unsigned i = 0; i < value_count && !err; i++) {
        if (!rk_call_append(call, values[i].data, values[i].bytes)) {
            err = rk_fail(diag, RK_ERR_INPUT, "inputs of %s are longer than %d bytes together", op, RK_CALL_DATA_bytes);
        }
    }
    if (!err) {
        char buffer[96];
        enum rk_call_status status = bench.driver->call(emulator, call);
        snprintf(row->status, sizeof row->status, "%s",
                 describe(&bench, emulator, status, call->result, buffer, sizeof buffer));
        if (status == RK_CALL_OK) {
            rki_bench_row_measure(&bench, &call->cost, row);
            rki_bench_row_energy(&bench, row);
        }
        row->flash_bytes = sizes.flash_bytes - bench.empty.flash_bytes;
        row->ram_static_bytes = sizes.ram_static_bytes - bench.empty.ram_static_bytes;
        snprintf(row->firmware_sha256, sizeof row->firmware_sha256, "%s", sizes.sha256);
    }
    bench.driver->close(emulator);
    return err;
}
