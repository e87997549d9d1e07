/* bench/zeroise_twin.h - an agent on the host that does what the device's does, and notes every secret
 *
 * Model:  the same agent over the same library, over a backend that notes every secret that passes through it. Same seed,
 *         same bytes: as long as each frame of the device is the twin's, the notes are the device's secrets. Keys,
 *         generator and what an exchange waits with may be in the agent's state while the twin has them there; all else
 *         that was noted must be nowhere. What went over the air is public.
 * Thread: one twin at a time on each.
 */
#ifndef BENCH_ZEROISE_TWIN_H
#define BENCH_ZEROISE_TWIN_H

#include "bench/bench_internal.h"
#include "bench/zeroise_patterns.h"
#include "engine/lifecycle/wire.h"

struct rki_zeroise_twin;

/* in: bench, which must outlast the twin; mechanism of renewal. out: *able false when the library lacks what that needs. */
enum rk_err rki_zeroise_twin_open(const struct rki_bench *bench, uint8_t mechanism, struct rki_zeroise_twin **twin,
                                  bool *able, struct rk_diag *diag);
void rki_zeroise_twin_close(struct rki_zeroise_twin *twin);

/* out: the message that starts the same agent on the device; its bytes. */
uint16_t rki_zeroise_twin_init(const struct rki_zeroise_twin *twin, uint8_t message[RK_WIRE_INIT_bytes]);

/* One event into the twin, or into its server. out: what it did; valid until its next event. */
const struct rk_actions *rki_zeroise_twin_step(struct rki_zeroise_twin *twin, const struct rk_event *event);
const struct rk_actions *rki_zeroise_twin_serve(struct rki_zeroise_twin *twin, const struct rk_event *event);

/* Bytes that look random, the same for the same seed. */
void rki_zeroise_seed(uint8_t *bytes, size_t length, uint32_t seed);

/* out: set, made anew: all that was noted, live where the twin has it now, and what derives from it. */
void rki_zeroise_twin_secrets(const struct rki_zeroise_twin *twin, struct rk_zeroise_set *set);

#endif
