/* engine/lifecycle/bulk.h - many messages in a row that change nothing of two agents but counters, accounted at once
 *
 * Model:  a SEND is plain when it protects under the current key, within its period, its usage limits and its counter
 *         reserve, and neither reaches the policy's message count nor wakes anything; a RECEIVE of it is plain when
 *         the peer has the same key active and nothing is due there. A plain step leaves its agent's clock and one
 *         counter changed, and its actions follow from the frame's length alone. After rk_bulk_sent() and
 *         rk_bulk_received() the agents are what as many rk_agent_step() would have made of them.
 * Renewals: an agent rests when it has one key, which is active, and nothing is under way. From one rest to the next a
 *         renewal changes ids, times, counters and reserves in a known way; key material, which rk_bulk_renewed()
 *         leaves as it is on both sides, is random in any case.
 * Host:   for simulations with modelled keys; no firmware has it.
 * Units:  ns, messages.
 */
#ifndef ENGINE_LIFECYCLE_BULK_H
#define ENGINE_LIFECYCLE_BULK_H

#include "engine/lifecycle/agent.h"

struct rk_bulk {
    uint32_t messages;  /* at most so many are plain; 0: not even the next */
    uint64_t before_ns; /* as long as each comes before this time */
};

/* out: length of the frame of a text. */
uint16_t rk_bulk_frame_bytes(uint16_t text_bytes, uint8_t tag_bytes);

/* out: the plain SENDs ahead of the device's agent. */
struct rk_bulk rk_bulk_sends(const struct rk_agent *device);

/* out: the plain RECEIVEs ahead of the peer, of frames that the device protects under its current key from now on; some
 * of them may get lost. */
struct rk_bulk rk_bulk_receives(const struct rk_agent *peer, const struct rk_agent *device);

/* Accounts `count` plain SENDs, the last at now_ns. */
void rk_bulk_sent(struct rk_agent *device, uint32_t count, uint64_t now_ns);

/* Accounts plain RECEIVEs, the last one at now_ns with this message counter. */
void rk_bulk_received(struct rk_agent *peer, uint32_t counter, uint64_t now_ns);

/* out: whether the agent rests. */
bool rk_bulk_rests(const struct rk_agent *agent);

/* out: whether its generator has that many requests left before it asks for entropy. */
bool rk_bulk_draws(const struct rk_agent *agent, uint16_t requests);

/* out: whether a device that rests would renew its key at now_ns, which its wake time has reached. */
bool rk_bulk_renews(const struct rk_agent *device, uint64_t now_ns);

/* Of an agent that rests the key is renewed, and active from then on; it rests again. in: requests that this took of its
 * generator; counters that a device has reserved for the new key. */
void rk_bulk_renewed(struct rk_agent *agent, uint64_t activated_ns, uint16_t drbg_requests, uint32_t send_reserved);

/* Its timer is set anew at now_ns. */
void rk_bulk_wake(struct rk_agent *agent, uint64_t now_ns);

#endif
