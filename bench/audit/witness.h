/* bench/audit/witness.h - a backend that passes every call on and writes it down
 *
 * Model:  wraps one library. Each call is an entry of the current log with the value that was used as key and the one
 *         that was made; a buffer's address is kept, so that a later wipe of it is seen.
 * Units:  bytes.
 * Memory: the vtable has no context, so a witness is current for one thread between rk_witness_use() calls.
 */
#ifndef BENCH_AUDIT_WITNESS_H
#define BENCH_AUDIT_WITNESS_H

#include "bench/audit/log.h"

struct rk_witness {
    struct rk_backend backend; /* to be given to agents */
    const struct rk_backend *inner;
    struct rk_log *log;
    uint64_t now_ns; /* of the step under way */
    uint8_t party;   /* whose step it is */
    int fail_call;   /* enum rk_log_call: the next one fails without reaching the library, once; -1: none */
};

void rk_witness_init(struct rk_witness *witness, const struct rk_backend *inner, struct rk_log *log);

/* out: the one that was current before. NULL: none. */
struct rk_witness *rk_witness_use(struct rk_witness *witness);

#endif
