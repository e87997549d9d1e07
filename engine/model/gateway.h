/* engine/model/gateway.h - the gateway of a cell, and what a device of a shared channel keeps besides its node
 *
 * Model:  up to `cell_devices` devices with neighbouring numbers make a cell and share its channel
 *         (engine/model/channel.h). The gateway has one radio: frames for the devices of its cell wait for each other,
 *         first come first served, and it contends for the channel as they do. A device hears a frame when its receiver
 *         was on from the frame's beginning; it acknowledges copies of what it has. While a device sends, its events
 *         wait for the end.
 * Tiers:  the gateway is one more source of timed events, ordered among those of devices as device `index`, kind
 *         RK_NODE_AIR. After any event of a cell the tier looks at due_ns of its gateway, and at the node that
 *         rk_gateway_handle() names. Own channels have neither gateway nor struct rk_air.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_GATEWAY_H
#define ENGINE_MODEL_GATEWAY_H

#include "engine/model/channel.h"
#include "engine/model/flight.h"

struct rk_fleet;
struct rk_node;

/* A frame on its way down. */
struct rk_downward {
    struct rk_node *node;
    struct rk_flight flight;
};

/* engine/model/lora_gateway.c: what is to be sent, and when. */
struct rk_lora_plan {
    struct rki_answer *answer;
    struct rki_slot *slot;
    uint32_t answers, answers_capacity, slots, slots_capacity;
};

struct rk_gateway {
    rk_ns due_ns; /* RK_NEVER: nothing to send */
    struct rk_channel channel;
    struct rk_sender sender;
    struct rk_downward *waiting; /* a ring; the first is being sent; LoRa: on its way to the gateway */
    uint32_t head, count, capacity;
    struct rk_lora_plan lora;
    rk_ns free_ns;
    uint32_t index; /* beyond all devices */
};

/* Of a device, while it sends. */
struct rk_air {
    struct rk_gateway *gateway;
    struct rk_sender sender;
    rk_ns decided_ns; /* when the step began whose frame it is */
    rk_ns timer_ns;   /* that the step asked for */
    uint32_t waiting; /* bits of enum rk_node_event: came meanwhile */
    uint8_t phase;    /* enum rk_phase of the frame */
    bool sending;
    bool awaits_reply;
    bool listens_after;
    bool asks;      /* LoRa: for the rest of an answer, by an empty uplink */
    rk_ns heard_ns; /* LoRa: end of the last uplink that the gateway has heard; 0: none */
};

/* out: cells of the fleet's trial, 0 for own channels; devices of cell number `cell`. */
uint32_t rk_gateways_count(const struct rk_fleet *fleet);
uint32_t rk_gateway_devices(const struct rk_fleet *fleet, uint32_t cell);

/* The gateway of cell number `cell`. Memory comes from the fleet's arena, the ring from the heap; a gateway may be made
 * anew in its own memory after rk_gateway_close(). in: all zero bytes, or closed. */
void rk_gateway_init(struct rk_gateway *gateway, struct rk_fleet *fleet, uint32_t cell);

/* A frame for a node, which reached the gateway at flight->at_ns, no earlier than the one before. */
void rk_gateway_send(struct rk_gateway *gateway, struct rk_node *node, const struct rk_flight *flight);

/* The event that is due. out: the node whose due_ns may have changed, or NULL. */
struct rk_node *rk_gateway_handle(struct rk_gateway *gateway, rk_ns now_ns);

/* Adds its sums to the fleet's, and frees. */
void rk_gateway_close(struct rk_gateway *gateway, struct rk_fleet *fleet);

#endif
