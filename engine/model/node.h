/* engine/model/node.h - one device and its counterpart at the key server, as a handler of timed events
 *
 * Model:  the device does one thing at a time: it computes a step (cycles of the cost rows, then NVM writes), then
 *         sends the step's frame; events that come meanwhile wait, and so do samples, first come first served.
 *         Between events it sleeps. After a frame that awaits a reply its receiver is on, CPU asleep, until the
 *         answer was taken or the renewal was given up; a frame from the server that comes while the receiver is
 *         off is lost. The wait for an answer counts from the end of the frame that asks, not from the decision: a
 *         key pair may take longer than the answer. Data frames reach the server's agent after the network delay;
 *         R1 passes the key server's queue first. The server's answer waits for the network, then for the
 *         gateway's radio, which has the same link and retries. Half duplex is not enforced: a frame that arrives
 *         while the device sends waits. On a shared channel (engine/model/gateway.h) what becomes of a frame, and
 *         when the device is free again, is decided event by event, and a device that sends hears nothing.
 * Tiers:  the node names when each of its events is due; a tier only orders them (engine/sim). Before
 *         rk_node_handle() the tier sets due_ns[kind] to RK_NEVER; afterwards it looks at `changed` for what to
 *         schedule anew.
 * Phases: a SEND step counts as data (counter reservations in NVM included), all other steps as keys.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_NODE_H
#define ENGINE_MODEL_NODE_H

#include "engine/model/fleet.h"
#include "engine/model/flight.h"
#include "engine/model/cells.h"
#include "engine/model/gateway.h"
#include "engine/model/occasion.h"
#include "engine/model/recorder.h"
#include "engine/model/stale.h"
#include "engine/model/trace.h"

/* In the order in which events of one device at the same instant are handled. */
enum rk_node_event {
    RK_NODE_AIR, /* on a shared channel: the device's sender has its next step */
    RK_NODE_START,
    RK_NODE_DOWN,       /* a frame reaches the device */
    RK_NODE_UP,         /* a frame reaches the server */
    RK_NODE_SERVED,     /* the key server has worked on a request */
    RK_NODE_RESEED,     /* the device's generator gets new entropy */
    RK_NODE_TIMER,      /* of the device's agent */
    RK_NODE_PEER_TIMER, /* of the server's agent */
    RK_NODE_DETECT,     /* a leak is noticed */
    RK_NODE_LEAK,
    RK_NODE_OCCASION, /* engine/model/occasion.h */
    RK_NODE_SESSION,
    RK_NODE_MESSAGE, /* a sample is there to be sent */
    RK_NODE_EVENTS
};

struct rk_twin;

struct rk_node {
    rk_ns due_ns[RK_NODE_EVENTS]; /* RK_NEVER: not due */
    uint32_t changed;             /* bits of enum rk_node_event whose due_ns was set */
    uint32_t index;
    struct rk_fleet *fleet;
    rk_ns free_ns; /* the device is occupied until then */
    rk_ns start_ns;
    struct rk_gaps gaps;
    uint64_t closed_form; /* lifetime mode: messages whose attempts are drawn at close */
    uint64_t message;     /* number of the next one */
    rk_ns sampled_ns;     /* and when it is sampled */
    struct rk_flights up, served, down;
    rk_ns gateway_free_ns;

    bool listening;
    rk_ns listening_since_ns; /* later than now while the device still sends */
    rk_ns reply_shift_ns;     /* from the decision to the end of the frame that asks */
    uint64_t renewal;         /* number of the one under way or last ended */
    uint8_t attempt;
    uint8_t flight;  /* protocol: the device's flight under way */
    uint8_t sent;    /* and how often it was sent */
    uint16_t losses; /* where it is heard: of the device's frames, of late (engine/model/defer.h) */
    rk_ns asked_ns;  /* when the agent asked last */
    bool renewing, ever_keyed;
    rk_ns decided_ns;
    rk_ns deferred_ns;      /* since when a renewal is put off; RK_NEVER: none is */
    rk_ns keyless_since_ns; /* RK_NEVER: a key protects */
    uint32_t spins;         /* timer events without progress */
    uint32_t reseeds[2];    /* by role: seeds drawn after the first */
    bool peer_wants_entropy;

    struct rk_epoch epoch;
    uint32_t epoch_key; /* 0: none protects */
    bool from_master;   /* the renewal under way does not start from the old key, whatever the mechanism */
    struct rk_adversary adversary;
    struct rk_recorder *recorder; /* where the trial tries, or NULL */
    struct rk_stale stale;
    struct rk_occasions occasions;
    struct rk_fault_state fault;
    struct rk_group_state group;
    struct rk_ledger ledger;
    struct rk_trace trace;
    uint64_t nvm_bytes;
    struct rk_cells nvm;
    struct rk_link_state link;
    struct rk_air *air;   /* shared channel, or NULL */
    struct rk_twin *twin; /* emulated execution, or NULL */
    struct rk_agent device, peer;
};

/* out: bytes that a node takes beside itself: its NVM and the two generators. */
size_t rk_node_memory_bytes(const struct rk_fleet *fleet);

/* Provisions both parties. out: RK_OK, or an error with a line in diag. On error nothing needs close. */
enum rk_err rk_node_init(struct rk_node *node, struct rk_fleet *fleet, uint32_t index, struct rk_diag *diag);

/* Handles an event of this node at now_ns. Errors of emulated execution go to fleet->error. */
void rk_node_handle(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns);

/* Settles what is open at the horizon, adds the node's sums to the fleet's, and frees. */
void rk_node_close(struct rk_node *node, rk_ns horizon_ns);

#endif
