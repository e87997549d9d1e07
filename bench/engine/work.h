/* bench/engine/work.h - the engine's benchmark: the same models under our queues and under the schedulers of others
 *
 * Model:  hold    n tokens, each schedules itself anew after Exp(1 s).
 *         cancel  the same, and each event cancels the token's timeout, 10 s ahead, and sets it again.
 *         phold   n logical processes; an event goes to a process drawn at random after 0.1 s + Exp(1 s).
 *         fleet   n devices: a sample every 60 s +- 5 s, its acknowledgement 50 ms to 1.12 s later with probability
 *                 0.95, a timeout of 2 s that it cancels, a new key every day +- 0.5 %. 64 bytes a device.
 *         All have random numbers of their own for each token, process or device, so that every engine does the same
 *         work and gives the same checksum, and end at a time, not after a count.
 * What is measured: the loop alone, from the first event to the end; neither start nor checksum. Events are those that
 *         were handled: what was cancelled does not count.
 *         Seconds are of CPU time, but with several threads.
 * Units:  ns, bytes.
 */
#ifndef BENCH_ENGINE_WORK_H
#define BENCH_ENGINE_WORK_H

#include "bench/engine/peers/peer.h"
#include "engine/model/trial.h"
#include "engine/sim/queue.h"

enum rk_work { RK_WORK_HOLD, RK_WORK_CANCEL, RK_WORK_PHOLD, RK_WORK_FLEET, RK_WORK_COUNT };

/* One run of one engine. */
struct rk_speed {
    uint64_t events, checksum;
    double seconds;
    uint64_t bytes;   /* the queue's, allocated at the end; of a peer: what the process grew by while it filled */
    uint64_t pending; /* events then, cancelled ones not counted */
    uint64_t lifecycle_calls;
    uint64_t calls_spared, renewals_played, renewals_spared; /* lifetime mode */
};

/* "hold", ... */
const char *rk_work_name(enum rk_work work);

void rk_speed_queue(enum rk_work work, uint32_t n, rk_ns horizon_ns, enum rk_queue_kind kind, struct rk_speed *speed);

/* The same under a peer's scheduler; its variant as peer.h has it. in: a process of its own. */
void rk_speed_peer(enum rk_work work, uint32_t n, rk_ns horizon_ns, const struct rk_peer *peer, unsigned variant,
                   struct rk_speed *speed);

/* The product's own trial, its nodes under a peer's scheduler. */
enum rk_err rk_speed_peer_trial(const struct rk_trial *trial, const struct rk_peer *peer, unsigned variant,
                                struct rk_speed *speed, struct rk_diag *diag);

/* What memory gives at best: nanoseconds an access to a 64-byte line, each waiting for the one before, and all at
 * once. */
void rk_speed_memory(size_t bytes, double *dependent_ns, double *independent_ns);

/* The clock of this process's CPU time, which others on the machine disturb less; and the wall's. */
double rk_speed_cpu_s(void);
double rk_speed_wall_s(void);

#endif
