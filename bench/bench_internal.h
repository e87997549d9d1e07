/* bench/bench_internal.h - between the files of this room */
#ifndef BENCH_BENCH_INTERNAL_H
#define BENCH_BENCH_INTERNAL_H

#include "bench/bench.h"
#include "bench/inputs.h"
#include "devices/emulators/emulator.h"
#include "devices/firmware/build.h"

/* One (device, backend): what its operations have in common. */
struct rki_bench {
    const char *root;
    struct rk_device_profile device;
    char device_sha256[65]; /* of device.yaml */
    char host_sha256[65];   /* of the host's build, which makes inputs */
    const struct rk_emulator_driver *driver;
    struct rk_firmware firmware;
    struct rk_firmware host; /* the same library built for the host */
    struct rk_firmware_sizes empty;
    unsigned inputs;
    bool fresh;
};

/* One operation at one mechanism: its rows in a row. */
struct rki_bench_task {
    int operation;
    uint8_t mechanism;
    char op[40]; /* the row's name */
    struct rk_cost_row *row;
    size_t sizes;
};

enum rk_err rki_bench_open(const char *device, const char *backend, struct rki_bench *bench, struct rk_diag *diag);

/* Readies row: names, versions, "no figure" everywhere. */
void rki_bench_row_init(const struct rki_bench *bench, const char *op, uint32_t size_bytes, struct rk_cost_row *row);

/* "No figure" everywhere. */
void rki_bench_row_clear(struct rk_cost_row *row);

/* No figure of what takes time: those of memory stay, where they are the reason. */
void rki_bench_row_clear_time(struct rk_cost_row *row);

/* Fills what the image tells: its hash, flash and static RAM above the empty image. */
void rki_bench_row_image(const struct rki_bench *bench, const struct rk_firmware_sizes *sizes, struct rk_cost_row *row);

/* Fills cost figures of one measured call into a row that has none. */
void rki_bench_row_measure(const struct rki_bench *bench, const struct rk_measure *cost, struct rk_cost_row *row);
void rki_bench_row_energy(const struct rki_bench *bench, struct rk_cost_row *row);

/* The status of a call that did not come back. out: NULL when it did; text in buffer when it says why.
 * errors: RK_ERR_EMULATOR when the emulator failed, not the program: that is no result. */
enum rk_err rki_bench_call_status(const struct rki_bench *bench, const struct rk_emulator *device,
                                  enum rk_call_status call, char buffer[96], const char **status, struct rk_diag *diag);

/* Why an operation is not measured on such a device at all. out: NULL when it is; text in buffer when it says why. */
const char *rki_bench_not_here(const struct rki_bench *bench, int operation, char buffer[96]);

/* Measures all sizes of a task. Failures of the emulated program are statuses; err is the host's trouble. */
enum rk_err rki_bench_task_run(const struct rki_bench *bench, const struct rki_bench_task *task, struct rk_diag *diag);

/* SHA-256 over the sources of what measures (measuring_code.cmake). */
extern const char rki_measuring_code[];

/* Measurements by content: key is 64 hex digits. load: true when found; then row has its figures and its status, while
 * names, versions and what the image tells stay. An entry that cannot be read is none. */
bool rki_bench_cache_load(const char *key, struct rk_cost_row *row);
void rki_bench_cache_save(const char *key, const struct rk_cost_row *row);

#endif
