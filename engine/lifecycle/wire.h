/* engine/lifecycle/wire.h - an agent's configuration, events and actions as bytes, for an agent that runs elsewhere
 *
 * Model:  in emulated execution the host encodes an rk_wire_init once and then each event; the firmware decodes it,
 *         steps its agent and encodes the actions. Byte 0 tells messages apart.
 * Layout: all integers little endian, no padding, in the order of the structs, of actions the two lengths in front of what
 *         they count; a flag is a byte, 0 or 1.
 * Error:  a message that is short, long or out of range is refused as a whole.
 * Own:    a device's own policy is in its program, not in a message.
 * Units:  bytes.
 */
#ifndef ENGINE_LIFECYCLE_WIRE_H
#define ENGINE_LIFECYCLE_WIRE_H

#include "engine/lifecycle/agent.h"

enum rk_wire_kind { RK_WIRE_INIT = 1, RK_WIRE_EVENT = 2, RK_WIRE_STATUS = 3 };

/* What RK_WIRE_STATUS, a message of this one byte, asks for: which keys there are, and how far they are used. */
struct rk_wire_status {
    struct rk_key key[3]; /* previous, current, next; without material, and without the times */
    uint32_t failed_tags;
};

enum {
    RK_WIRE_INIT_bytes = 1 + 11 + 51 + 144,
    RK_WIRE_EVENT_MAX_bytes = 1 + 14 + RK_FRAME_MAX_bytes,
    RK_WIRE_STATUS_bytes = 3 * 16 + 4,
    RK_WIRE_ACTIONS_MAX_bytes = 17 + 15 * RK_RECORDS_MAX + 2 + RK_FRAME_MAX_bytes + 2 + RK_TEXT_MAX_bytes,
};

/* in: config and provision. out: RK_WIRE_INIT_bytes written to out. */
uint16_t rk_wire_init_encode(const struct rk_agent_config *config, const struct rk_provision *provision, uint8_t *out);
bool rk_wire_init_decode(const uint8_t *in, uint16_t in_bytes, struct rk_agent_config *config,
                         struct rk_provision *provision);

/* out: RK_WIRE_STATUS_bytes written to out. */
uint16_t rk_wire_status_encode(const struct rk_agent *agent, uint8_t *out);
bool rk_wire_status_decode(const uint8_t *in, uint16_t in_bytes, struct rk_wire_status *status);

/* in: event with at most RK_FRAME_MAX_bytes of data. out: bytes written, at most
 * RK_WIRE_EVENT_MAX_bytes; 0: too much. */
uint16_t rk_wire_event_encode(const struct rk_event *event, uint8_t *out);
/* out: event->data points into `in`. */
bool rk_wire_event_decode(const uint8_t *in, uint16_t in_bytes, struct rk_event *event);

/* out: bytes written, at most RK_WIRE_ACTIONS_MAX_bytes. */
uint16_t rk_wire_actions_encode(const struct rk_actions *actions, uint8_t *out);
bool rk_wire_actions_decode(const uint8_t *in, uint16_t in_bytes, struct rk_actions *actions);

#endif
