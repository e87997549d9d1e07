/* bench/zeroise_internal.h - between the files of zeroise */
#ifndef BENCH_ZEROISE_INTERNAL_H
#define BENCH_ZEROISE_INTERNAL_H

#include "backends/operation_info.h"
#include "bench/bench_internal.h"
#include "bench/zeroise.h"

/* A device that is looked into. */
struct rki_zeroise_device {
    const struct rki_bench *bench;
    struct rk_emulator *emulator;
    struct rk_zeroise_image *image;
    uint8_t *memory; /* RAM as it was last read */
    size_t ram_bytes;
};

enum rk_err rki_zeroise_open(const struct rki_bench *bench, const char *image, struct rki_zeroise_device *device,
                             struct rk_diag *diag);
void rki_zeroise_close(struct rki_zeroise_device *device);

/* A wait of a device, to go back to: RAM, registers and NVM. All zero: the first wait after its boot, NVM left as it is. */
struct rki_zeroise_wait {
    void *kept;
    uint8_t *nvm;
};
enum rk_err rki_zeroise_keep(const struct rki_zeroise_device *device, struct rki_zeroise_wait *wait,
                             struct rk_diag *diag);
enum rk_err rki_zeroise_return(const struct rki_zeroise_device *device, const struct rki_zeroise_wait *wait,
                               struct rk_diag *diag);
void rki_zeroise_forget(struct rki_zeroise_wait *wait);

/* Searches all memory of a device that waits. in: heap_bytes, how far the heap reached in the last call, above static
 * data. out: residues, at most RK_ZEROISE_RESIDUES_MAX; how many. */
unsigned rki_zeroise_search(struct rki_zeroise_device *device, struct rk_zeroise_set *set, uint32_t heap_bytes,
                            struct rk_zeroise_residue *residue);

/* Finds whose frames residues on the stack lay in when they were written, but for those that are traced. in: the device,
 * waiting after the call that left them; request, that call's, and before, the wait that it met. The device waits in the
 * same state afterwards. */
enum rk_err rki_zeroise_settle(struct rki_zeroise_device *device, struct rk_zeroise_residue *residue, unsigned residues,
                               const struct rki_zeroise_wait *before, const struct rk_call *request,
                               struct rk_diag *diag);

/* What is left of residues after `seconds` more: adds to their byte_seconds. in: now, what is found now; left[i], how many
 * bytes of residue i were there before. out: left. */
void rki_zeroise_dwell(struct rk_zeroise_residue *residue, unsigned residues, uint32_t *left,
                       const struct rk_zeroise_residue *now, unsigned now_count, double seconds);

/* Counts by owner, and readies the row. residue is copied. */
void rki_zeroise_fill(struct rk_zeroise_row *row, const struct rk_zeroise_residue *residue, unsigned residues);

/* The secrets of one operation: of its request, its reply on the device, and what the algorithm makes of them. */
void rki_zeroise_secrets(struct rk_zeroise_set *set, const struct rk_operation_info *info, uint8_t drbg_alg,
                         const struct rk_call *request, const struct rk_call *reply);

/* Do inputs or outputs of an operation hold a secret? */
bool rki_zeroise_has_secret(const struct rk_operation_info *info);

/* States of a generator of SP 800-90A (and of libsodium's) from its entropy: after instantiation, and after each of
 * `requests` requests for `bytes`. in: out may be NULL; it gets the last request's bytes. */
void rki_zeroise_drbg(struct rk_zeroise_set *set, uint8_t alg, const uint8_t entropy[48], uint16_t bytes,
                      unsigned requests, uint8_t *out);

/* The life of an agent. out: *rows grown by its rows. */
enum rk_err rki_zeroise_life(const struct rki_bench *bench, const struct rk_zeroise_row *blank,
                             struct rk_zeroise_row **rows, size_t *count, struct rk_diag *diag);

#endif
