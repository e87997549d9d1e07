/* engine/model/node_internal.h - what node.c (events), node_step.c (steps of the two agents) and node_send.c (their frames) share
 *
 * Units: ns.
 */
#ifndef ENGINE_MODEL_NODE_INTERNAL_H
#define ENGINE_MODEL_NODE_INTERNAL_H

#include "engine/model/node.h"

static inline void rki_set_due(struct rk_node *node, enum rk_node_event kind, rk_ns at_ns)
{
    if (node->due_ns[kind] != at_ns) {
        node->due_ns[kind] = at_ns;
        node->changed |= 1u << kind;
    }
}

static inline void rki_charge_effort(struct rk_ledger *ledger, enum rk_phase phase, const struct rk_effort *effort)
{
    ledger->radio_tx_ns[phase] += effort->tx_ns;
    ledger->radio_rx_ns[phase] += effort->rx_ns;
    ledger->radio_idle_ns[phase] += effort->idle_ns;
    ledger->cpu_idle_ns[phase] += effort->awake_ns;
}

/* A datagram of the device took `tries` frames, so many of them in vain; one that got lost took all in vain. What it knows
 * of its link is the mean of the last eight or so. */
static inline void rki_note_losses(struct rk_node *node, unsigned tries, unsigned in_vain)
{
    if (tries > 0 && rk_defer_hears_losses(node->fleet->trial)) {
        unsigned now = in_vain * UINT8_MAX / tries;
        node->losses = (uint16_t)(node->losses - node->losses / 8 + now * 32);
    }
}

/* A device that sends on a shared channel: its events wait. */
static inline bool rki_sends(const struct rk_node *node)
{
    return node->air != NULL && node->air->sending;
}

/* The link of a device: with its own spreading factor. */
static inline const struct rk_link *rki_link_of(const struct rk_node *node)
{
    const struct rk_fleet *fleet = node->fleet;
    return fleet->spread_link == NULL ? &fleet->link : &fleet->spread_link[node->index % RK_SPREADINGS];
}

/* The next step of its sender. */
void rki_air_step(struct rk_node *node, rk_ns now_ns);

/* LoRa: an empty uplink, to get the rest of an answer; named by the answer's sequence, and the number of a frame in it. */
void rki_air_ask(struct rk_node *node, uint64_t sequence, uint16_t frame, rk_ns now_ns);

/* Charges the ledger with what its sender has done. */
void rki_air_settle(struct rk_node *node);

/* The samples that a party starts with. */
void rki_draw_seed(const struct rk_node *node, uint8_t role, uint8_t entropy[RK_ENTROPY_bytes]);

/* Fresh samples for a generator that asks for them. */
void rki_draw_reseed(struct rk_node *node, uint8_t role, uint8_t entropy[RK_ENTROPY_bytes]);

/* The receiver while it waits for an answer; `since_ns` may lie ahead. */
void rki_listen_start(struct rk_node *node, rk_ns since_ns);
void rki_listen_stop(struct rk_node *node, rk_ns now_ns);

/* The next message of the device's traffic, which is not yet due. */
void rki_next_message(struct rk_node *node);

/* The protecting key is left, or leaked no longer: what it protected is settled. */
void rki_epoch_settle(struct rk_node *node, rk_ns now_ns);

/* out: what the battery has given by now, of what it can. */
uint32_t rki_drained_ppm(const struct rk_node *node, rk_ns now_ns);

/* The device computes what the meter has, from now_ns until free_ns. */
void rki_charge_step(struct rk_node *node, enum rk_phase phase, rk_ns now_ns);

/* Follows what the actions say of renewals. */
void rki_follow_renewal(struct rk_node *node, rk_ns now_ns);

/* Follows which key protects. */
void rki_follow_key(struct rk_node *node, rk_ns now_ns);

/* One event into the device's agent: charges the step, follows keys and renewals. The frame is in fleet->actions. */
void rki_device_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes);

/* Sends the frame of the step that began at now_ns and ended at free_ns. out: false: it is lost; what is sent on a shared
 * channel is not, until it is over. */
bool rki_send_up(struct rk_node *node, rk_ns now_ns);

/* What the air carries for a frame of an agent, or for a flight that carries none. */
struct rki_carried {
    uint64_t sequence;
    uint16_t bytes; /* 0: both sides know without it */
};
struct rki_carried rki_carried_of(const struct rk_node *node, const struct rk_flight *flight);

/* The same of a frame by its kind, number and attempt, and the protocol's flight that it is. */
struct rki_carried rki_carried(const struct rk_node *node, uint8_t kind, uint64_t number, uint8_t attempt, uint8_t step,
                               uint16_t frame_bytes);

/* Sends it over the air, in as many datagrams as it takes, one after the other. */
void rki_cross(struct rk_node *node, struct rki_carried what, rk_ns at_ns, bool down, struct rk_transmission *sent);

/* Charges what the sender's radio did. */
void rki_charge_radio(struct rk_ledger *ledger, enum rk_phase phase, const struct rk_transmission *sent,
                      rk_ns startup_ns);

/* Part of what was counted as receiving was spent on sending acknowledgements. */
void rki_charge_acks(struct rk_node *node, uint16_t acks);

/* Which flight of the trial's protocol carries a frame of an agent; of a device's flight without one, the one under way. */
uint8_t rki_step_of(const struct rk_node *node, uint8_t frame_kind);

/* An answer of the server that is not the agent's: the device sends its next flight. */
void rki_flight_answered(struct rk_node *node, const struct rk_flight *flight, rk_ns now_ns);

/* The device's flight under way, after the server's answer to the one before. */
void rki_send_flight(struct rk_node *node);

/* The same again, where the protocol's wait for an answer is over. out: false: it is not. */
bool rki_send_again(struct rk_node *node, rk_ns now_ns);

/* The server's answer to what it has, an agent's or that of a protocol: through the network, then over the gateway's radio. */
void rki_send_down(struct rk_node *node, rk_ns now_ns, const struct rk_flight *asked);

/* The timer that the last step asked for. */
void rki_arm_timer(struct rk_node *node);

/* A step, its frame and its timer. */
void rki_device_react(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes);

/* One event into the server's agent; a frame that arrived, with its answer and the delivery of its text. */
void rki_peer_step(struct rk_node *node, uint8_t kind, rk_ns now_ns, const void *data, uint16_t bytes);
void rki_peer_receive(struct rk_node *node, const struct rk_flight *flight, rk_ns now_ns);

#endif
