/* engine/study/ranks.h - the processes that mpirun or srun started together, numbered 0, 1, ...: one run
 *
 * Model: MPI lives in a library of its own (engine/study/mpi/), which is loaded only by a process that was started as one
 *        of several: starting alone costs nothing. A message is a few hundred bytes and never split.
 * Error: when a process dies, MPI ends all of them.
 */
#ifndef ENGINE_STUDY_RANKS_H
#define ENGINE_STUDY_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/core/err.h"
#include "engine/sim/parts.h"

/* The calls are for one thread. */
struct rk_ranks {
    unsigned rank, size; /* size >= 2 */
    /* All ranks call it: rank 0's data reaches the others. */
    void (*share)(void *data, size_t bytes);
    /* Returns when data may be written again. */
    void (*send)(unsigned to, const void *data, size_t bytes);
    /* out: whether a message was there; *from, and data of at most `bytes`. */
    bool (*receive)(unsigned *from, void *data, size_t bytes);
    void (*close)(void);
    struct rk_parts parts; /* one trial over all ranks */
};

/* out: *ranks, or NULL for a process that is alone. Errors: RK_ERR_MISSING when this program was built without MPI. */
RK_MUST_CHECK enum rk_err rk_ranks_open(const struct rk_ranks **ranks, struct rk_diag *diag);

/* All ranks call it, NULL is fine: what rank 0 gives is what all get. */
enum rk_err rk_ranks_share_err(const struct rk_ranks *ranks, enum rk_err err);

/* NULL is fine. */
void rk_ranks_close(const struct rk_ranks *ranks);

#endif
