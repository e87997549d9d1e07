/* engine/model/lifetime.h - lifetime mode: the messages between lifecycle events in closed form
 *
 * Model:  samples: the sum of n gaps is normal with n times their mean and variance (16 uniform words stand for the
 *         normal; of up to 16 gaps a word each makes the sum), jumped over as long as the end is sure to lie beyond, then
 *         gap by gap as in the exact mode. Attempts: of a device's messages those that reach the gateway, and those acknowledged, at each attempt
 *         are binomial; they are drawn once a device, when it closes. Backoff slots: a sum of uniform ones; delays: how
 *         often each sum of slots came with an arrival is multinomial, drawn once a trial. Lifecycle events and what is not
 *         of the common class (engine/model/stretch.h) stay exact, and the last message before each lifecycle event, unless
 *         renewals are spared (engine/model/spare.h).
 * Error:  distributional: not the exact mode's bits. tests/sim/test_lifetime.c holds mean, variance and distribution of
 *         the metrics against it. Binomials with a variance above 25 are drawn as normal, with the
 *         first correction for their skew.
 * Draws:  of RK_RNG_LIFETIME: jump from message n: blocks 2n and 2n + 1; at close: from 2^62 on.
 */
#ifndef ENGINE_MODEL_LIFETIME_H
#define ENGINE_MODEL_LIFETIME_H

#include "engine/model/node.h"

/* Of one device, until it closes. */
struct rk_fleet;

/* Advances the node's next sample, which is before end_ns, past it, by `most` messages at the most. out: how many, and the
 * time of the last one's sample. */
uint64_t rk_lifetime_sample(struct rk_node *node, rk_ns end_ns, uint64_t most, rk_ns *last_ns);

/* Attempts of the messages gathered in node->closed_form: adds what they took to ledger and tally. */
void rk_lifetime_settle(struct rk_node *node);

/* Delays of all that rk_lifetime_settle() counted. */
void rk_lifetime_close(struct rk_fleet *fleet);

#endif
