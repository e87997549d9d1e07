/* engine/model/plain.h - one message of a shared channel that changes nothing of two agents but counters
 *
 * Model:  what engine/model/stretch.h does along a device, for one message: where nothing else of the device can be due
 *         before the message is over, its delivery included, neither agent has to make or open the frame. The air is as
 *         ever: its events, and all that follows of them, are those of any other message.
 * Where:  modelled execution; for tiers, not for the reference.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_PLAIN_H
#define ENGINE_MODEL_PLAIN_H

#include "engine/model/node.h"

/* out: the longest from the sampling of a message to its delivery or loss on the fleet's shared channel. */
rk_ns rk_plain_longest_ns(const struct rk_fleet *fleet);

/* Handles the RK_NODE_MESSAGE that is due at now_ns, which may lie ahead. in: next_ns: when anything but messages and their
 * delivery is due for this node; longest_ns as above. out: false: it was not a plain one, and nothing is done. */
bool rk_plain_send(struct rk_node *node, rk_ns now_ns, rk_ns next_ns, rk_ns longest_ns);

/* Handles the RK_NODE_UP that is due at now_ns, which may lie ahead. out: false: what arrives was not sent by rk_plain_send(). */
bool rk_plain_receive(struct rk_node *node, rk_ns now_ns);

#endif
