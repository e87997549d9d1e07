/* How frames of the two agents, and flights of a protocol, cross the air. */
#include <string.h>

#include "engine/model/lora.h"
#include "engine/model/node_internal.h"

/* Of R1, by engine/lifecycle/DESIGN.md. */
enum { R1_FLAGS_AT = 5, R1_FROM_MASTER = 0x40 };

/* --- timers and charges --- */

/* When the flight under way goes again, by its protocol. */
static rk_ns again_ns(const struct rk_node *node)
{
    const struct rk_protocol *protocol = node->fleet->play.protocol;
    if (protocol == NULL || !node->renewing || node->sent > protocol->again.limit) {
        return RK_NEVER;
    }
    uint64_t number = node->renewal << 16 | (uint64_t)node->flight << 8 | node->attempt;
    uint64_t draw = rk_rng_draw(&node->fleet->rng, node->index, RK_RNG_AGAIN, number);
    return rk_add_sat(node->asked_ns + node->reply_shift_ns, rk_protocol_wait_ns(&protocol->again, node->sent, draw));
}

/* The agent's timer; the end of a wait for an answer is counted from the end of the frame that asks. */
static void arm_timer(struct rk_node *node, rk_ns at_ns)
{
    if (at_ns != RK_NEVER) {
        if (node->device.exchange.stage != 0 && at_ns == node->device.exchange.retry_at_ns) {
            at_ns = rk_add_sat(at_ns, node->reply_shift_ns);
        }
    }
    rk_ns flight_ns = again_ns(node);
    at_ns = flight_ns < at_ns ? flight_ns : at_ns;
    at_ns = at_ns > node->free_ns ? at_ns : node->free_ns;
    rki_set_due(node, RK_NODE_TIMER, at_ns);
}

void rki_arm_timer(struct rk_node *node)
{
    if (rki_sends(node)) {
        node->air->timer_ns = node->fleet->actions.timer_ns;
        rki_set_due(node, RK_NODE_TIMER, RK_NEVER);
        return;
    }
    arm_timer(node, node->fleet->actions.timer_ns);
}

void rki_charge_radio(struct rk_ledger *ledger, enum rk_phase phase, const struct rk_transmission *sent,
                      rk_ns startup_ns)
{
    const struct rk_effort effort = {.tx_ns = sent->tx_ns,
                                     .rx_ns = sent->rx_ns,
                                     .idle_ns = sent->idle_ns + startup_ns,
                                     .awake_ns = sent->awake_ns + startup_ns};
    rki_charge_effort(ledger, phase, &effort);
}

/* --- what a frame is on the air --- */

uint8_t rki_step_of(const struct rk_node *node, uint8_t frame_kind)
{
    uint8_t request = node->fleet->play.request;
    switch (frame_kind) {
    case RK_FRAME_R1:
        return request;
    case RK_FRAME_R2:
        return (uint8_t)(request + 1);
    case RK_FRAME_R3:
        return (uint8_t)(request + 2);
    default:
        return node->flight;
    }
}

struct rki_carried rki_carried(const struct rk_node *node, uint8_t kind, uint64_t number, uint8_t attempt, uint8_t step,
                               uint16_t frame_bytes)
{
    const struct rk_play *play = &node->fleet->play;
    if (kind == RK_FRAME_DATA) {
        return (struct rki_carried){rk_sequence_data(number), (uint16_t)(frame_bytes + play->record_extra_bytes)};
    }
    if (play->protocol == NULL) {
        return (struct rki_carried){rk_sequence_key(number, attempt, kind), frame_bytes};
    }
    return (struct rki_carried){rk_sequence_flight(number, attempt, step, 0), play->flight_bytes[step]};
}

struct rki_carried rki_carried_of(const struct rk_node *node, const struct rk_flight *flight)
{
    return rki_carried(node, flight->kind, flight->number, flight->attempt, flight->step, flight->bytes);
}

static struct rki_carried carried_up(const struct rk_node *node)
{
    const struct rk_actions *actions = &node->fleet->actions;
    uint64_t number = actions->frame_kind == RK_FRAME_DATA ? node->message : node->renewal;
    return rki_carried(node, actions->frame_kind, number, node->attempt, rki_step_of(node, actions->frame_kind),
                       actions->frame_bytes);
}

void rki_cross(struct rk_node *node, struct rki_carried what, rk_ns at_ns, bool down, struct rk_transmission *sent)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_link *link = rki_link_of(node);
    uint16_t most = link->datagram_max_bytes;
    struct rk_datagram datagram = {.at_ns = at_ns,
                                   .sequence = what.sequence,
                                   .device = node->index,
                                   .bytes = what.bytes < most ? what.bytes : most,
                                   .down = down};
    rk_link_send(link, &fleet->rng, &node->link, &datagram, sent);
    for (uint16_t rest = what.bytes - datagram.bytes; rest > 0; rest -= datagram.bytes) {
        struct rk_transmission next;
        datagram.at_ns = at_ns + sent->duration_ns;
        datagram.sequence++;
        datagram.bytes = rest < most ? rest : most;
        rk_link_send(link, &fleet->rng, &node->link, &datagram, &next);
        sent->delivered &= next.delivered;
        sent->delivered_ns = sent->duration_ns + next.delivered_ns;
        sent->duration_ns += next.duration_ns;
        sent->tx_ns += next.tx_ns;
        sent->rx_ns += next.rx_ns;
        sent->idle_ns += next.idle_ns;
        sent->awake_ns += next.awake_ns;
        sent->heard.tx_ns += next.heard.tx_ns;
        sent->heard.rx_ns += next.heard.rx_ns;
        sent->heard.idle_ns += next.heard.idle_ns;
        sent->heard.awake_ns += next.heard.awake_ns;
        sent->received_frames += next.received_frames;
        sent->acks += next.acks;
        sent->attempts += next.attempts;
    }
}

/* --- sending --- */

/* The frame of the last step is on its way to the server. out: to be given its arrival. */
static struct rk_flight *launch(struct rk_node *node)
{
    const struct rk_actions *actions = &node->fleet->actions;
    struct rk_flight *flight = rk_flights_push(&node->up);
    rk_flight_fill(flight, actions);
    flight->sampled_ns = node->sampled_ns;
    flight->number = actions->frame_kind == RK_FRAME_DATA ? node->message : node->renewal;
    flight->attempt = node->attempt;
    flight->step = rki_step_of(node, actions->frame_kind);
    return flight;
}

/* On a shared channel others decide what becomes of the frame, and when the device is free again: not before on_air_ns. */
static void air_start(struct rk_node *node, struct rki_carried what, rk_ns now_ns, rk_ns on_air_ns, bool listens_after)
{
    const struct rk_actions *actions = &node->fleet->actions;
    struct rk_air *air = node->air;
    bool data = actions->frame_kind == RK_FRAME_DATA;
    if (air->gateway->channel.lora != NULL) {
        const struct rk_lora_uplink uplink = {.link = rki_link_of(node),
                                              .state = &node->link,
                                              .at_ns = on_air_ns,
                                              .sequence = what.sequence,
                                              .device = node->index,
                                              .bytes = what.bytes,
                                              .confirmed = data && node->fleet->link.use.confirmed};
        rk_lora_start(&air->sender, &air->gateway->channel, &uplink);
    } else {
        rk_sender_start(&air->sender, &air->gateway->channel, node->index, false, what.sequence, what.bytes, on_air_ns);
    }
    air->phase = data ? RK_PHASE_DATA : RK_PHASE_KEYS;
    air->sending = true;
    air->awaits_reply = actions->awaits_reply;
    air->listens_after = listens_after;
    air->decided_ns = now_ns;
    node->free_ns = on_air_ns;
    launch(node)->at_ns = RK_NEVER; /* it waits in the queue, behind those before it */
    rki_set_due(node, RK_NODE_AIR, air->sender.next_ns);
}

void rki_air_settle(struct rk_node *node)
{
    if (!rki_sends(node)) {
        return;
    }
    struct rk_sender *sender = &node->air->sender;
    rk_ns windows_ns = sender->link != NULL ? 0 : sender->rx_ns; /* LoRa: the processor sleeps until something comes */
    const struct rk_transmission sent = {.awake_ns = sender->tx_ns + windows_ns + sender->idle_ns,
                                         .tx_ns = sender->tx_ns,
                                         .rx_ns = sender->rx_ns,
                                         .idle_ns = sender->idle_ns};
    rki_charge_radio(&node->ledger, (enum rk_phase)node->air->phase, &sent, 0);
}

/* What waited can go on at free_ns. */
static void wake(struct rk_node *node)
{
    for (uint32_t waiting = node->air->waiting; waiting != 0; waiting &= waiting - 1) {
        enum rk_node_event kind = (enum rk_node_event)__builtin_ctz(waiting);
        if (node->due_ns[kind] > node->free_ns) {
            rki_set_due(node, kind, node->free_ns);
        }
    }
    node->air->waiting = 0;
}

static struct rk_flight *last_up(const struct rk_node *node)
{
    return &node->up.slot[(node->up.head + node->up.count - 1) & (node->up.capacity - 1)];
}

/* The empty uplink is over. */
static void asked(struct rk_node *node)
{
    rk_ns over_ns = node->air->sender.next_ns;
    node->air->sending = node->air->asks = false;
    node->free_ns = node->free_ns > over_ns ? node->free_ns : over_ns;
    wake(node);
}

static void air_over(struct rk_node *node)
{
    struct rk_air *air = node->air;
    rki_air_settle(node);
    if (air->asks) {
        asked(node);
        return;
    }
    unsigned tries = air->sender.tries + 1u; /* of its last frame */
    rki_note_losses(node, tries, air->sender.delivered ? tries - 1 : tries);
    if (!air->sender.delivered) {
        node->fleet->tally.messages_lost += last_up(node)->kind == RK_FRAME_DATA;
        node->up.count--;
    }
    air->sending = false;
    node->free_ns = air->sender.next_ns;
    if (air->awaits_reply) {
        node->reply_shift_ns = node->free_ns - air->decided_ns;
    }
    if (air->awaits_reply || air->listens_after) {
        rki_listen_start(node, node->free_ns);
    }
    wake(node);
    arm_timer(node, air->timer_ns);
    if (air->sender.confirmed) {
        rk_lora_gateway_free(air->gateway, node);
    }
}

void rki_air_step(struct rk_node *node, rk_ns now_ns)
{
    struct rk_sender *sender = &node->air->sender;
    unsigned news = rk_sender_step(sender, &node->air->gateway->channel, true, now_ns);
    if (news & RK_AIR_ENDED) {
        rk_lora_gateway_ended(node->air->gateway, node, now_ns);
    }
    if ((news & RK_AIR_REACHED) && !node->air->asks) {
        last_up(node)->at_ns = now_ns + node->fleet->trial->network_delay_ns;
        rki_set_due(node, RK_NODE_UP, rk_flights_due_ns(&node->up));
    }
    if (news & RK_AIR_OVER) {
        air_over(node);
    } else {
        rki_set_due(node, RK_NODE_AIR, sender->next_ns);
    }
}

void rki_air_ask(struct rk_node *node, uint64_t sequence, uint16_t frame, rk_ns now_ns)
{
    struct rk_air *air = node->air;
    const struct rk_lora_uplink uplink = {.link = rki_link_of(node),
                                          .state = &node->link,
                                          .at_ns = now_ns,
                                          .sequence = sequence,
                                          .device = node->index,
                                          .frame = frame,
                                          .empty = true};
    rk_lora_start(&air->sender, &air->gateway->channel, &uplink);
    air->phase = RK_PHASE_KEYS;
    air->sending = air->asks = true;
    air->awaits_reply = air->listens_after = false;
    rki_set_due(node, RK_NODE_AIR, air->sender.next_ns);
}

/* What both sides know without it: it is there at once. */
static void arrive_unsent(struct rk_node *node, rk_ns now_ns)
{
    if (node->fleet->actions.awaits_reply) {
        node->reply_shift_ns = node->free_ns - now_ns;
        rki_listen_start(node, node->free_ns);
    }
    launch(node)->at_ns = node->free_ns;
    rk_flights_order(&node->up);
    rki_set_due(node, RK_NODE_UP, rk_flights_due_ns(&node->up));
}

/* What carries so many bytes when nothing gets lost. */
static unsigned frames_of(const struct rk_link *link, unsigned bytes)
{
    unsigned frames = 0, most = link->datagram_max_bytes;
    for (unsigned rest = bytes; rest > 0; rest -= rest < most ? rest : most) {
        frames += rk_link_plan(link, rest < most ? rest : most).count;
    }
    return frames;
}

/* Sends what the actions hold. in: asked_ns: since when the wait for an answer counts. out: false: it is lost. */
static bool transmit(struct rk_node *node, rk_ns asked_ns)
{
    struct rk_fleet *fleet = node->fleet;
    const struct rk_actions *actions = &fleet->actions;
    const struct rki_carried what = carried_up(node);
    if (what.bytes == 0) {
        arrive_unsent(node, asked_ns);
        return true;
    }
    bool data = actions->frame_kind == RK_FRAME_DATA;
    bool was_listening = node->listening;
    rk_ns startup_ns = was_listening ? 0 : fleet->trial->radio->startup_ns;
    rk_ns on_air_ns = node->free_ns + startup_ns;
    rki_listen_stop(node, node->free_ns);

    struct rk_transmission sent = {.duration_ns = 0};
    if (node->air != NULL) {
        rki_charge_radio(&node->ledger, data ? RK_PHASE_DATA : RK_PHASE_KEYS, &sent, startup_ns);
        air_start(node, what, asked_ns, on_air_ns, was_listening && data);
        return true;
    }
    rki_cross(node, what, on_air_ns, false, &sent);
    if (rk_defer_hears_losses(fleet->trial)) {
        unsigned frames = sent.delivered ? frames_of(rki_link_of(node), what.bytes) : 0;
        rki_note_losses(node, sent.attempts, frames < sent.attempts ? sent.attempts - frames : 0);
    }
    rki_charge_radio(&node->ledger, data ? RK_PHASE_DATA : RK_PHASE_KEYS, &sent, startup_ns);
    node->free_ns = on_air_ns + sent.duration_ns;
    if (actions->awaits_reply) {
        node->reply_shift_ns = node->free_ns - asked_ns;
    }
    if (actions->awaits_reply || (was_listening && data)) {
        rki_listen_start(node, node->free_ns);
    }
    if (sent.delivered) {
        launch(node)->at_ns = on_air_ns + sent.delivered_ns + fleet->trial->network_delay_ns;
        rki_set_due(node, RK_NODE_UP, rk_flights_due_ns(&node->up));
    }
    return sent.delivered;
}

/* The flight under way goes without a frame of the agent, or with R1. */
static void choose_flight(struct rk_node *node)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_actions *actions = &fleet->actions;
    const struct rk_exchange *exchange = &node->device.exchange;
    bool asks = node->flight == fleet->play.request;
    actions->frame_kind = asks ? RK_FRAME_R1 : RK_FRAME_NONE;
    actions->frame_bytes = asks ? exchange->frame_bytes : 0;
    memcpy(actions->frame, exchange->frame, actions->frame_bytes);
    actions->awaits_reply = 1;
}

bool rki_send_up(struct rk_node *node, rk_ns now_ns)
{
    struct rk_actions *actions = &node->fleet->actions;
    if (actions->frame_kind == RK_FRAME_R1) {
        node->flight = node->attempt == 0 ? 0 : node->flight;
        node->attempt++;
        node->sent = 1;
        node->from_master = (actions->frame[R1_FLAGS_AT] & R1_FROM_MASTER) != 0;
        node->asked_ns = now_ns;
        if (node->fleet->play.protocol != NULL) {
            choose_flight(node);
        }
    }
    return transmit(node, now_ns);
}

void rki_send_flight(struct rk_node *node)
{
    node->sent = 1;
    choose_flight(node);
    transmit(node, node->asked_ns);
}

bool rki_send_again(struct rk_node *node, rk_ns now_ns)
{
    if (now_ns < again_ns(node)) {
        return false;
    }
    node->sent++;
    node->attempt++;
    node->free_ns = now_ns;
    node->fleet->actions.timer_ns = rk_fault_true_ns(node, node->device.wake_ns);
    choose_flight(node);
    transmit(node, node->asked_ns);
    rki_arm_timer(node);
    return true;
}

void rki_send_down(struct rk_node *node, rk_ns now_ns, const struct rk_flight *asked)
{
    struct rk_fleet *fleet = node->fleet;
    struct rk_flight answer = {.at_ns = now_ns + fleet->trial->network_delay_ns,
                               .number = asked->number,
                               .attempt = asked->attempt,
                               .step = asked->step + 1};
    rk_flight_fill(&answer, &fleet->peer_actions);
    const struct rki_carried what = rki_carried_of(node, &answer);
    if (node->air != NULL && what.bytes > 0) {
        rk_gateway_send(node->air->gateway, node, &answer);
        return;
    }
    struct rk_transmission sent = {.delivered = true};
    if (what.bytes > 0) {
        rk_ns on_air_ns = answer.at_ns > node->gateway_free_ns ? answer.at_ns : node->gateway_free_ns;
        rki_cross(node, what, on_air_ns, true, &sent);
        rki_charge_effort(&node->ledger, RK_PHASE_KEYS, &sent.heard);
        node->gateway_free_ns = on_air_ns + sent.duration_ns;
        answer.at_ns = on_air_ns + sent.delivered_ns;
    } else {
        answer.at_ns = now_ns;
    }
    if (sent.delivered) {
        answer.acks = sent.acks;
        *rk_flights_push(&node->down) = answer;
        rk_flights_order(&node->down);
        rki_set_due(node, RK_NODE_DOWN, rk_flights_due_ns(&node->down));
    }
}
