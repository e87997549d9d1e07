/* Downlinks of a LoRaWAN cell: planned when the gateway has them, into a window of the device's last uplink. */
#include <stdlib.h>

#include "engine/model/lora.h"
#include "engine/model/node_internal.h"
#include "engine/model/radio_internal.h"

enum phase { PHASE_PENDING /* for an uplink */, PHASE_PLANNED, PHASE_ON_AIR };
enum window { WINDOW_RX1, WINDOW_RX2 };

/* A frame of the gateway, planned or past; its band is taken from start_ns to clear_ns. */
struct rki_slot {
    rk_ns start_ns, end_ns, clear_ns;
    uint8_t window;
};

/* What it has for a device. */
struct rki_answer {
    struct rk_node *node;
    struct rk_flight flight;
    struct rk_fragments plan;
    struct rki_slot slot;
    uint64_t sequence;
    uint16_t frame; /* number of the next block of draws */
    uint8_t fragment, phase;
    bool acknowledges; /* what the device has sent last */
    bool alone;        /* and nothing else */
    bool lost;         /* drawn with the uplink */
};

static uint32_t room(uint32_t count, uint32_t *capacity, void **memory, size_t size)
{
    if (count == *capacity) {
        *capacity = *capacity == 0 ? 4 : 2 * *capacity;
        *memory = realloc(*memory, *capacity * size);
        RK_REQUIRE(*memory != NULL);
    }
    return count;
}

static struct rki_answer *add(struct rk_gateway *gateway, struct rk_node *node)
{
    struct rk_lora_plan *plan = &gateway->lora;
    void *memory = plan->answer;
    uint32_t at = room(plan->answers, &plan->answers_capacity, &memory, sizeof *plan->answer);
    plan->answer = memory;
    plan->answers++;
    plan->answer[at] = (struct rki_answer){.node = node};
    return &plan->answer[at];
}

static void drop(struct rk_gateway *gateway, struct rki_answer *answer)
{
    struct rk_lora_plan *plan = &gateway->lora;
    *answer = plan->answer[--plan->answers];
}

/* --- windows --- */

static void forget_past(struct rk_lora_plan *plan, rk_ns now_ns)
{
    for (uint32_t i = plan->slots; i-- > 0;) {
        if (plan->slot[i].clear_ns <= now_ns) {
            plan->slot[i] = plan->slot[--plan->slots];
        }
    }
}

/* One transmitter, and a duty cycle in each band. */
static bool fits(const struct rk_lora_plan *plan, const struct rki_slot *wanted)
{
    for (uint32_t i = 0; i < plan->slots; i++) {
        const struct rki_slot *taken = &plan->slot[i];
        bool same = taken->window == wanted->window;
        rk_ns taken_until_ns = same ? taken->clear_ns : taken->end_ns;
        rk_ns wanted_until_ns = same ? wanted->clear_ns : wanted->end_ns;
        if (wanted->start_ns < taken_until_ns && taken->start_ns < wanted_until_ns) {
            return false;
        }
    }
    return true;
}

/* The next frame of an answer gets a window, if there is one. */
static bool plan_frame(struct rk_gateway *gateway, struct rki_answer *answer, rk_ns now_ns)
{
    const struct rk_link *link = rki_link_of(answer->node);
    const struct rk_lora_profile *lora = gateway->channel.lora;
    struct rk_lora_plan *plan = &gateway->lora;
    uint64_t bytes = rki_fragment_bytes(&answer->plan, answer->fragment);
    rk_ns heard_ns = answer->node->air->heard_ns;
    forget_past(plan, now_ns);
    for (unsigned window = WINDOW_RX1; window <= WINDOW_RX2 && heard_ns > 0; window++) {
        uint64_t spreading = window == WINDOW_RX1 ? rk_lora_spreading(link) : lora->rx2_spreading;
        rk_ns airtime_ns = rk_lora_frame_ns(link, spreading, bytes);
        struct rki_slot slot = {.start_ns = heard_ns + lora->rx1_delay_ns + window * RK_S, .window = (uint8_t)window};
        slot.end_ns = slot.start_ns + airtime_ns;
        slot.clear_ns = slot.end_ns + rk_lora_off_ns(airtime_ns, window == WINDOW_RX1 ? lora->duty_ppm
                                                                                      : lora->gateway_duty_ppm.value);
        if (now_ns <= slot.start_ns && bytes <= rk_lora_longest_bytes(link, spreading) && fits(plan, &slot)) {
            void *memory = plan->slot;
            uint32_t at = room(plan->slots, &plan->slots_capacity, &memory, sizeof *plan->slot);
            plan->slot = memory;
            plan->slots++;
            plan->slot[at] = answer->slot = slot;
            answer->phase = PHASE_PLANNED;
            return true;
        }
    }
    gateway->channel.counts.refusals++;
    return false;
}

/* --- events --- */

static struct rki_answer *pending_of(const struct rk_gateway *gateway, const struct rk_node *node)
{
    for (uint32_t i = 0; i < gateway->lora.answers; i++) {
        struct rki_answer *answer = &gateway->lora.answer[i];
        if (answer->node == node && answer->phase == PHASE_PENDING) {
            return answer;
        }
    }
    return NULL;
}

/* The first that waits has reached the gateway; what is left of one before it is not sent any more. */
static void arrives(struct rk_gateway *gateway, rk_ns now_ns)
{
    const struct rk_downward first = gateway->waiting[gateway->head];
    gateway->head = (gateway->head + 1) & (gateway->capacity - 1);
    gateway->count--;
    struct rki_answer *before = pending_of(gateway, first.node);
    if (before != NULL) {
        drop(gateway, before);
    }
    struct rki_carried carried = rki_carried_of(first.node, &first.flight);
    struct rki_answer *answer = add(gateway, first.node);
    answer->flight = first.flight;
    answer->plan = rk_link_plan(rki_link_of(first.node), carried.bytes);
    answer->sequence = carried.sequence;
    if (!plan_frame(gateway, answer, now_ns)) {
        drop(gateway, answer);
    }
}

/* out: whether its sender is due at another time. */
static bool begins(struct rk_gateway *gateway, struct rki_answer *answer)
{
    struct rk_node *node = answer->node;
    rk_ns end_ns = answer->slot.end_ns;
    struct rk_burst *burst = &gateway->sender.burst;
    burst->down = true;
    rki_burst_put(&gateway->channel, burst, answer->slot.start_ns, end_ns - answer->slot.start_ns);
    answer->phase = PHASE_ON_AIR;
    node->link.clear_ns = node->link.clear_ns > end_ns ? node->link.clear_ns : end_ns;
    if (!node->air->sending || !rk_lora_receives(&node->air->sender, end_ns)) {
        return false;
    }
    rki_set_due(node, RK_NODE_AIR, end_ns);
    return true;
}

/* In place of its window, and RX2 is not opened after RX1: the windows are charged with the uplink. */
static void charge_heard(const struct rk_gateway *gateway, const struct rki_answer *answer)
{
    const struct rk_link *link = rki_link_of(answer->node);
    bool first = answer->slot.window == WINDOW_RX1;
    rk_ns second_ns = rk_lora_window_ns(link, gateway->channel.lora->rx2_spreading);
    rk_ns windows_ns = first ? rk_lora_window_ns(link, rk_lora_spreading(link)) + second_ns : second_ns;
    enum rk_phase phase = answer->alone ? RK_PHASE_DATA : RK_PHASE_KEYS;
    answer->node->ledger.radio_rx_ns[phase] += answer->slot.end_ns - answer->slot.start_ns - windows_ns;
}

static void ask(struct rki_answer *answer, rk_ns now_ns)
{
    rki_air_ask(answer->node, answer->sequence, answer->frame++, now_ns);
}

/* All of it is there, or its device asks for the rest, unless it sends anyway. out: whether the answer is done with. */
static bool heard(struct rk_gateway *gateway, struct rki_answer *answer, rk_ns now_ns)
{
    struct rk_node *node = answer->node;
    charge_heard(gateway, answer);
    if (answer->acknowledges && node->air->sending && rk_lora_acked(&node->air->sender, now_ns)) {
        rki_set_due(node, RK_NODE_AIR, now_ns);
    }
    if (answer->alone) {
        return true;
    }
    if (++answer->fragment == answer->plan.count) {
        struct rk_flight *flight = rk_flights_push(&node->down);
        *flight = answer->flight;
        flight->at_ns = now_ns;
        rki_set_due(node, RK_NODE_DOWN, rk_flights_due_ns(&node->down));
        return true;
    }
    if (answer->frame + 2 > RKI_FRAMES_MAX) {
        return true;
    }
    answer->phase = PHASE_PENDING;
    answer->acknowledges = false;
    if (!node->air->sending) {
        ask(answer, now_ns);
    }
    return false;
}

static void ends(struct rk_gateway *gateway, struct rki_answer *answer, rk_ns now_ns)
{
    const struct rk_channel *channel = &gateway->channel;
    rki_burst_take(&gateway->channel, &gateway->sender.burst);
    bool lost = answer->lost;
    if (!answer->alone) {
        struct rk_rng_words words = rk_rng_block(channel->rng, answer->node->index, RK_RNG_LOSS,
                                                 answer->sequence * RKI_FRAMES_MAX + answer->frame++);
        lost = words.word[1] < channel->link->loss_below;
    }
    if (lost || heard(gateway, answer, now_ns)) {
        drop(gateway, answer);
    }
}

/* The frame on the air, then what is planned first. */
static struct rki_answer *next(const struct rk_gateway *gateway, rk_ns *at_ns)
{
    struct rki_answer *first = NULL;
    *at_ns = RK_NEVER;
    for (uint32_t i = 0; i < gateway->lora.answers; i++) {
        struct rki_answer *answer = &gateway->lora.answer[i];
        rk_ns due_ns = answer->phase == PHASE_ON_AIR    ? answer->slot.end_ns
                       : answer->phase == PHASE_PLANNED ? answer->slot.start_ns
                                                        : RK_NEVER;
        if (due_ns < *at_ns || (due_ns == *at_ns && due_ns != RK_NEVER && answer->phase == PHASE_ON_AIR)) {
            first = answer;
            *at_ns = due_ns;
        }
    }
    return first;
}

void rk_lora_gateway_due(struct rk_gateway *gateway)
{
    rk_ns at_ns;
    (void)next(gateway, &at_ns);
    rk_ns arrival_ns = gateway->count > 0 ? gateway->waiting[gateway->head].flight.at_ns : RK_NEVER;
    gateway->due_ns = arrival_ns < at_ns ? arrival_ns : at_ns;
}

struct rk_node *rk_lora_gateway_handle(struct rk_gateway *gateway, rk_ns now_ns)
{
    rk_ns at_ns;
    struct rki_answer *answer = next(gateway, &at_ns);
    bool arrival = gateway->count > 0 && gateway->waiting[gateway->head].flight.at_ns <= now_ns;
    struct rk_node *node = NULL;
    if (answer != NULL && at_ns <= now_ns && answer->phase == PHASE_ON_AIR) {
        node = answer->node;
        ends(gateway, answer, now_ns);
    } else if (arrival) {
        arrives(gateway, now_ns);
    } else {
        node = begins(gateway, answer) ? answer->node : NULL;
    }
    rk_lora_gateway_due(gateway);
    return node;
}

void rk_lora_gateway_ended(struct rk_gateway *gateway, struct rk_node *node, rk_ns now_ns)
{
    const struct rk_sender *sender = &node->air->sender;
    struct rki_answer *answer = pending_of(gateway, node);
    if (sender->heard) {
        node->air->heard_ns = now_ns;
    }
    if (answer == NULL && sender->heard && sender->confirmed) {
        answer = add(gateway, node);
        answer->alone = true;
        answer->plan = (struct rk_fragments){.count = 1, .last_bytes = RK_LORA_EMPTY_bytes};
        answer->lost = sender->attempt.ack_lost;
    }
    if (answer != NULL) {
        answer->acknowledges = sender->confirmed;
        if (!sender->heard || !plan_frame(gateway, answer, now_ns)) {
            drop(gateway, answer);
        }
    }
    rk_lora_gateway_due(gateway);
}

void rk_lora_gateway_free(struct rk_gateway *gateway, struct rk_node *node)
{
    struct rki_answer *answer = pending_of(gateway, node);
    if (answer != NULL) {
        ask(answer, node->free_ns);
    }
}

void rk_lora_gateway_close(struct rk_gateway *gateway)
{
    free(gateway->lora.answer);
    free(gateway->lora.slot);
    gateway->lora = (struct rk_lora_plan){.answers = 0};
}
