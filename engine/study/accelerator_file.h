/* engine/study/accelerator_file.h - hardware engines and secure elements: bench/datasheet/NAME.yaml, and cost rows of them
 *
 * Model:  an operation takes the bus there and back (the processor moves each byte) and the engine's time, while the
 *         processor polls: cycles = (bus + engine) * clock. CCM over an AES engine has 1 + 1 + 2 ceil(text / 16) + 1 blocks:
 *         B0, the header of a data frame, text twice, the tag's mask. What combines blocks is not counted.
 * Units:  ns, bytes.
 * Error:  that of the file's coefficients, in cycles_low and cycles_high.
 * Source: NIST SP 800-38C 6 and A.2 (blocks of CCM); the files name theirs.
 */
#ifndef ENGINE_STUDY_ACCELERATOR_FILE_H
#define ENGINE_STUDY_ACCELERATOR_FILE_H

#include "engine/core/cost.h"
#include "engine/core/profile.h"
#include "engine/study/profile_file.h"

extern const struct rk_field rk_accelerator_fields[];
extern const struct rk_profile_kind rk_accelerator_kind;

/* out: names of the engines there are. */
RK_MUST_CHECK enum rk_err rk_accelerator_list(const char *root, struct rk_names *names, struct rk_diag *diag);

/* out: whether a device or board, by its name, has it or can have it. */
bool rk_accelerator_suits(const struct rk_accelerator_profile *engine, const char *device);

/* out: blocks of an AES engine that CCM takes for a header (associated data) and a text. */
uint64_t rk_accelerator_ccm_blocks(uint64_t header_bytes, uint64_t text_bytes);

/* Puts the engine's rows in place of the library's, for a device. in: *rows on the heap; out: the same, maybe moved. The
 * rows say the engine where others say the backend, and "data sheet" for a version. */
void rk_accelerator_put_rows(const struct rk_accelerator_profile *engine, const struct rk_device_profile *device,
                             struct rk_cost_row **rows, size_t *count);

#endif
