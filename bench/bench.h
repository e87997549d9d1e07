/* bench/bench.h - measures what an operation costs on an emulated device: cost rows
 *
 * Model:  one image an operation. Known answers run on the device first, then K inputs, the same for all devices and
 * backends of one operation and size; each output is compared with the host's build of the same library. The row holds
 * the minimum, median and maximum over the inputs. An operation that cannot be measured has a row that says why. Error:
 * cycles_low and cycles_high carry the emulator's model; energy_low and energy_high add those of the currents. Cache:
 * measurements are kept by SHA-256 of firmware, device file, emulator, operation, size and inputs; the same row is then
 * read, not measured.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>

#include "backends/backend.h"
#include "engine/core/cost.h"
#include "engine/core/err.h"

struct rk_bench_request {
    const char *device;
    const char *backend; /* "mbedtls" or "mbedtls@2.28.3" */
    const char *ops;     /* comma-separated names, or NULL for all */
    const char *sizes;   /* comma-separated bytes, or NULL for the operation's own */
    unsigned inputs;     /* K; 0 for the default of 3 */
    unsigned jobs;       /* threads; 0 for the cores */
    bool fresh;          /* measure even what is cached */
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

enum { RK_BENCH_INPUTS_DEFAULT = 3 };

/* out: *rows on the heap (free() them), in the order of backends/operation.h and size; *count.
 * errors: RK_ERR_INPUT for unknown names, RK_ERR_MISSING for tools or sources, RK_ERR_EMULATOR. */
enum rk_err rk_bench_measure(const struct rk_bench_request *request, struct rk_cost_row **rows, size_t *count,
                             struct rk_diag *diag);

/* One operation with the caller's inputs on a fresh device. values are in the order of the operation's inputs.
 * out: outputs appended to *call; row->status "ok" or why not. */
struct rk_call;
struct rk_bytes {
    const uint8_t *data;
    uint16_t bytes;
};
enum rk_err rk_bench_call(const char *device, const char *backend, const char *op, const struct rk_bytes *values,
                          unsigned value_count, struct rk_call *call, struct rk_cost_row *row, struct rk_diag *diag);

/* An operation as text: what X in backends/operation.h says of it. */
struct rk_operation_info {
    const char *name;
    uint8_t alg;
    const char *inputs, *outputs, *sizes, *help;
};
const struct rk_operation_info *rk_operation_info(unsigned operation); /* NULL past the last measurable one */
int rk_operation_find(const char *name);                               /* enum rk_operation, or -1 */

/* Cost rows as JSON (the names and nulls of cli.md) and back. */
typedef struct json_t json_t; /* jansson */
json_t *rk_cost_row_to_json(const struct rk_cost_row *row);
enum rk_err rk_cost_row_from_json(const json_t *json, struct rk_cost_row *row, struct rk_diag *diag);

#endif
