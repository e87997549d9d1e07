/* bench/bench.h - measures what an operation costs on an emulated device: cost rows
 *
 * Model:  one image an operation. Known answers run on the device first; then each row takes K inputs, the same for all
 *         devices and backends of one operation and size, each on a device that has just booted; each output is compared
 *         with the host's build of the same library. The row holds the minimum, median and maximum over the inputs. An
 *         operation that cannot be measured has a row that says why. A board has its device's cycles at its own clock,
 *         currents and flash, and less memory by what its operating system takes.
 * Units:  those of engine/core/cost.h.
 * Error:  cycles_low and cycles_high carry the emulator's model; energy_low and energy_high add those of the currents.
 * Cache:  measurements are kept by SHA-256 of firmware, device file, emulator and what measures, operation, size and
 *         inputs; the same row is then read, not measured.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>

#include "backends/backend.h"
#include "engine/core/cost.h"
#include "engine/core/err.h"

struct rk_bench_pair {
    const char *device;  /* or a board */
    const char *backend; /* "mbedtls" or "mbedtls@2.28.3" */
};

struct rk_bench_request {
    const struct rk_bench_pair *pair;
    size_t pairs;
    const char *ops;   /* comma-separated names, or NULL for all */
    const char *sizes; /* comma-separated bytes, or NULL for the operation's own */
    unsigned inputs;   /* K, up to 1000; 0: 3, and 1 where the first takes more than 100 million cycles */
    unsigned jobs;     /* threads; 0 for the cores */
    bool fresh;        /* measure even what is cached */
    /* in: done of total, in units of expected work. */
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

enum { RK_BENCH_INPUTS_DEFAULT = 3, RK_BENCH_INPUTS_MAX = 1000 };

/* out: *rows on the heap (free() them), pair by pair, in the order of backends/operation.h and size; *count.
 * errors: RK_ERR_INPUT for unknown names, RK_ERR_MISSING for tools or sources, RK_ERR_EMULATOR. */
enum rk_err rk_bench_measure(const struct rk_bench_request *request, struct rk_cost_row **rows, size_t *count,
                             struct rk_diag *diag);

/* out: *operation (enum rk_operation). errors: RK_ERR_INPUT with the nearest name. */
enum rk_err rk_bench_find_operation(const char *name, int *operation, struct rk_diag *diag);

/* One operation with the caller's inputs on a fresh device. values are in the order of the operation's inputs.
 * out: outputs in *call; row->status "ok", "unsupported upstream", "rejected", or why there is no output.
 * errors: those of rk_bench_measure(); RK_ERR_INPUT for an input whose length the operation does not take. */
struct rk_call;
struct rk_bytes {
    const uint8_t *data;
    uint16_t bytes;
};
enum rk_err rk_bench_call(const char *device, const char *backend, const char *op, const struct rk_bytes *values,
                          unsigned value_count, struct rk_call *call, struct rk_cost_row *row, struct rk_diag *diag);

/* Cost rows as JSON (the names and nulls of cli.md) and back. */
typedef struct json_t json_t; /* jansson */
json_t *rk_cost_row_to_json(const struct rk_cost_row *row);
enum rk_err rk_cost_row_from_json(const json_t *json, struct rk_cost_row *row, struct rk_diag *diag);

#endif
