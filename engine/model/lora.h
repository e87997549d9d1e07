/* engine/model/lora.h - LoRaWAN class A: times of its frames, and how a cell of it shares its channels
 *
 * Model:  devices do not listen before they send: an uplink begins as soon as the duty cycle permits it (off-time T / duty
 *         - T after a frame of airtime T), on one of the radio's channels, which chance chooses. Uplinks that overlap on
 *         one channel at one spreading factor are lost, but one that is `capture` stronger than each other; spreading
 *         factors do not disturb each other. How strong a device is at the gateway is its own draw, uniform within
 *         link.power_spread.
 *         The gateway hears all channels and spreading factors at once, and nothing while it sends; downlinks, whose
 *         chirps are inverted, and uplinks do not disturb each other at a device. It sends one frame at a time, in RX1 (at
 *         the uplink's spreading factor, in the uplink's band, whose duty cycle it keeps) or else in RX2 (a second later,
 *         at the radio's, in a band with a duty cycle of its own), of the last uplink that it has heard. What fits neither
 *         window, being late, long, over the budget or in the way of what is planned already, is dropped and counted as
 *         refused; the agent asks again. Further fragments of an answer wait for the device's next uplink, an empty one
 *         that it sends for them.
 *         Messages may be confirmed: the gateway owes each copy that it hears an acknowledgement in one of its windows
 *         (an empty frame, or the fragment that goes there anyway). Without one the device repeats the same frame
 *         ack_timeout +- 1 s after RX2 opened and as the duty cycle permits, up to `tries` frames. Frames of keys are
 *         not confirmed: their answers do that.
 *         Not modelled: data rates that adapt, within retries too; partial overlaps that do no harm; several gateways.
 * Units:  ns, bytes.
 * Draws:  a frame has the block of RK_RNG_LOSS that it has on an own channel: channel, frame, acknowledgement; the wait
 *         before a repetition the block of RK_RNG_BACKOFF of the same number.
 * Source: LoRaWAN L2 1.0.4 4.3.1.3 (NbTrans, RETRANSMIT_TIMEOUT) and 3.3 (windows); LoRaWAN 1.0.3, regional parameters
 *         of 1.0: off-time by sub-band; AN1200.13 section 4 (airtime, in engine/model/radio_lora.c); capture: Goursaud and
 *         Gorce, "Dedicated networks for IoT: PHY / MAC state of the art and challenges", 2015.
 */
#ifndef ENGINE_MODEL_LORA_H
#define ENGINE_MODEL_LORA_H

#include "engine/model/channel.h"

enum { RK_LORA_EMPTY_bytes = 12 /* MHDR 1, FHDR 7, MIC 4 */, RK_LORA_CHANNELS_MAX = 16 };

uint64_t rk_lora_spreading(const struct rk_link *link);

/* out: airtime at a spreading factor; the longest frame at it; how long a window is open for when nothing comes. */
rk_ns rk_lora_frame_ns(const struct rk_link *link, uint64_t spreading, uint64_t bytes);
uint64_t rk_lora_longest_bytes(const struct rk_link *link, uint64_t spreading);
rk_ns rk_lora_window_ns(const struct rk_link *link, uint64_t spreading);

/* out: for how long nothing may follow a frame of that airtime in its band. */
rk_ns rk_lora_off_ns(rk_ns airtime_ns, uint64_t duty_ppm);

/* A frame of the device has ended: its windows count from now, and when the next may be sent is set. */
void rk_lora_uplink_ended(const struct rk_link *link, struct rk_link_state *state, rk_ns airtime_ns, rk_ns now_ns);

/* An uplink of a device of a cell. */
struct rk_lora_uplink {
    const struct rk_link *link; /* with the device's spreading factor */
    struct rk_link_state *state;
    rk_ns at_ns;
    uint64_t sequence;
    uint32_t device;
    uint16_t frame; /* number of its first frame's block of draws, in the sequence */
    uint16_t bytes;
    bool confirmed;
    bool empty; /* asks for what the gateway has; no bytes, no fragments */
};

/* As rk_sender_start(). */
void rk_lora_start(struct rk_sender *sender, const struct rk_channel *channel, const struct rk_lora_uplink *uplink);

/* As rk_sender_step(): RK_AIR_ENDED tells that a frame has ended, and sender->heard whether the gateway has it. */
unsigned rk_lora_step(struct rk_sender *sender, struct rk_channel *channel, rk_ns now_ns);

/* The gateway begins a frame for the device, until end_ns, and ends it; acked: it acknowledges what was sent last.
 * out: whether the sender's next step is due at another time. */
bool rk_lora_receives(struct rk_sender *sender, rk_ns end_ns);
bool rk_lora_acked(struct rk_sender *sender, rk_ns now_ns);

/* What of two bursts that overlap is lost. */
void rk_lora_overlap(const struct rk_lora_profile *lora, struct rk_burst *a, struct rk_burst *b);

struct rk_gateway;
struct rk_fleet;
struct rk_node;

/* The parts of engine/model/gateway.h for a LoRa cell. */
void rk_lora_gateway_due(struct rk_gateway *gateway);
struct rk_node *rk_lora_gateway_handle(struct rk_gateway *gateway, rk_ns now_ns);
void rk_lora_gateway_close(struct rk_gateway *gateway);

/* A frame of the node's sender has ended. */
void rk_lora_gateway_ended(struct rk_gateway *gateway, struct rk_node *node, rk_ns now_ns);

/* Its sender is free: an answer of which more is to come, heard meanwhile, is asked for. */
void rk_lora_gateway_free(struct rk_gateway *gateway, struct rk_node *node);

#endif
