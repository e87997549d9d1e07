/* engine/model/plain.h - messages of a shared channel that change nothing of two agents but counters
 *
 * Model:  what engine/model/stretch.h does along a device, one message after the other: as long as nothing else of the
 *         device can be due before a message is over, its delivery included, neither agent has to make or open the
 *         frame. Such a stretch is kept in two hundred bytes beside the sender, and node and agents get what it did
 *         when it ends. The air is as ever: its events, and all that follows of them, are those of any other message.
 * Where:  modelled execution; for tiers, not for the reference.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_PLAIN_H
#define ENGINE_MODEL_PLAIN_H

#include "engine/model/node.h"

enum { RK_PLAIN_DRAWN = 4 };

/* The first attempts of messages to come, drawn together. All zero bytes: none. */
struct rk_first_attempts {
    uint64_t block; /* messages from RK_PLAIN_DRAWN * block */
    struct rk_attempt attempt[RK_PLAIN_DRAWN];
    bool drawn;
};

/* A stretch of a node; all zero bytes: none. */
struct rk_plain {
    struct rk_node *node; /* NULL: none */
    struct rk_sender *sender;
    rk_ns message_ns;                   /* when the next message is due */
    rk_ns before_ns;                    /* that is the last but for those that are due before this time */
    rk_ns sampled_ns, next_sampled_ns;  /* of the message under way, and of the next */
    rk_ns free_ns;                      /* the device is occupied until then, or until its sender says */
    rk_ns sent_ns, received_ns;         /* the last ones */
    uint64_t message;                   /* number of the next */
    uint32_t left;                      /* messages that may still begin */
    uint32_t sent, received;            /* of this stretch */
    uint32_t counter, received_counter; /* of the message under way, and of the last one received */
    uint32_t lost;
    rk_ns tx_ns, rx_ns, idle_ns; /* of the messages that are over */
    struct rk_gaps gaps;
    struct rk_first_attempts first;
};

/* out: the longest from the sampling of a message to its delivery or loss on the fleet's shared channel. */
rk_ns rk_plain_longest_ns(const struct rk_fleet *fleet);

/* Begins a stretch with the message that is due next. in: rest_ns: when anything but messages and their delivery is due
 * for this node; longest_ns as above; *events grows by the events handled. out: whether there is one: then its next
 * step is due at plain->sender->next_ns, and the node is not to be looked at until the end of it. */
bool rk_plain_open(struct rk_plain *plain, struct rk_node *node, rk_ns rest_ns, rk_ns longest_ns, uint64_t *events);

/* Handles the step that is due, and more where nobody else of the cell has one before before_ns.
 * out: false: the stretch is over, and the node's own events are due. */
bool rk_plain_step(struct rk_plain *plain, rk_ns now_ns, rk_ns before_ns, uint64_t *events);

/* Ends the stretch, wherever it is. */
void rk_plain_close(struct rk_plain *plain);

/* Handles the RK_NODE_UP that is due at now_ns, which may lie ahead. out: false: what arrives was not sent in a
 * stretch. */
bool rk_plain_receive(struct rk_node *node, rk_ns now_ns);

#endif
