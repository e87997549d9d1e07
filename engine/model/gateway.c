#include "engine/model/gateway.h"

#include <stdlib.h>

#include "engine/model/lora.h"
#include "engine/model/node_internal.h"

uint32_t rk_gateways_count(const struct rk_fleet *fleet)
{
    const struct rk_trial *trial = fleet->trial;
    return trial->cell_devices == 0 ? 0 : (uint32_t)((trial->devices - 1ull) / trial->cell_devices + 1);
}

uint32_t rk_gateway_devices(const struct rk_fleet *fleet, uint32_t cell)
{
    const struct rk_trial *trial = fleet->trial;
    uint64_t rest = trial->devices - (uint64_t)cell * trial->cell_devices;
    return rest < trial->cell_devices ? (uint32_t)rest : trial->cell_devices;
}

void rk_gateway_init(struct rk_gateway *gateway, struct rk_fleet *fleet, uint32_t cell)
{
    const struct rk_trial *trial = fleet->trial;
    struct rk_burst **burst = gateway->channel.burst;
    *gateway = (struct rk_gateway){.due_ns = RK_NEVER, .index = trial->devices + cell};
    if (burst == NULL) {
        burst = rk_arena_array(&fleet->arena, rk_gateway_devices(fleet, cell) + 1ull, sizeof(struct rk_burst *));
    }
    rk_channel_init(&gateway->channel, &fleet->link, &fleet->rng, trial->horizon_ns, burst);
}

/* Begins the first that waits. */
static void begin(struct rk_gateway *gateway)
{
    const struct rk_downward *first = &gateway->waiting[gateway->head];
    const struct rk_flight *flight = &first->flight;
    rk_ns at_ns = flight->at_ns > gateway->free_ns ? flight->at_ns : gateway->free_ns;
    struct rki_carried carried = rki_carried_of(first->node, flight);
    rk_sender_start(&gateway->sender, &gateway->channel, first->node->index, true, carried.sequence, carried.bytes,
                    at_ns);
    gateway->due_ns = gateway->sender.next_ns;
}

static void grow(struct rk_gateway *gateway)
{
    uint32_t capacity = gateway->capacity == 0 ? 4 : 2 * gateway->capacity;
    struct rk_downward *waiting = malloc(capacity * sizeof *waiting);
    RK_REQUIRE(waiting != NULL);
    for (uint32_t i = 0; i < gateway->count; i++) {
        waiting[i] = gateway->waiting[(gateway->head + i) & (gateway->capacity - 1)];
    }
    free(gateway->waiting);
    gateway->waiting = waiting;
    gateway->head = 0;
    gateway->capacity = capacity;
}

void rk_gateway_send(struct rk_gateway *gateway, struct rk_node *node, const struct rk_flight *flight)
{
    if (gateway->count == gateway->capacity) {
        grow(gateway);
    }
    uint32_t last = (gateway->head + gateway->count++) & (gateway->capacity - 1);
    gateway->waiting[last] = (struct rk_downward){.node = node, .flight = *flight};
    if (gateway->channel.lora != NULL) {
        rk_lora_gateway_due(gateway);
    } else if (gateway->count == 1) {
        begin(gateway);
    }
}

static bool hears(const struct rk_node *node, const struct rk_sender *sender)
{
    return node->listening && node->listening_since_ns <= sender->burst.start_ns;
}

/* The device has the frame; its acknowledgements so far are part of its listening. */
static void reached(const struct rk_downward *first, const struct rk_sender *sender, rk_ns now_ns)
{
    struct rk_node *node = first->node;
    struct rk_flight *flight = rk_flights_push(&node->down);
    *flight = first->flight;
    flight->at_ns = now_ns;
    flight->acks = sender->received;
    rki_set_due(node, RK_NODE_DOWN, rk_flights_due_ns(&node->down));
}

struct rk_node *rk_gateway_handle(struct rk_gateway *gateway, rk_ns now_ns)
{
    if (gateway->channel.lora != NULL) {
        return rk_lora_gateway_handle(gateway, now_ns);
    }
    struct rk_sender *sender = &gateway->sender;
    const struct rk_downward *first = &gateway->waiting[gateway->head];
    struct rk_node *node = first->node;
    bool had = sender->delivered;
    uint16_t received = sender->received;
    unsigned news = rk_sender_step(sender, &gateway->channel, hears(node, sender), now_ns);
    if (had && sender->received != received) { /* a copy, heard after the listening: its acknowledgement is extra */
        node->ledger.radio_tx_ns[RK_PHASE_KEYS] += gateway->channel.link->ack_ns;
    }
    if (news & RK_AIR_REACHED) {
        reached(first, sender, now_ns);
    }
    gateway->due_ns = sender->next_ns;
    if (news & RK_AIR_OVER) {
        gateway->free_ns = sender->next_ns;
        gateway->due_ns = RK_NEVER;
        gateway->head = (gateway->head + 1) & (gateway->capacity - 1);
        if (--gateway->count > 0) {
            begin(gateway);
        }
    }
    return news & RK_AIR_REACHED ? node : NULL;
}

void rk_gateway_close(struct rk_gateway *gateway, struct rk_fleet *fleet)
{
    struct rk_tally *tally = &fleet->tally;
    const struct rk_air_counts *counts = &gateway->channel.counts;
    tally->collisions += counts->collisions;
    tally->refusals += counts->refusals;
    tally->busy_ns += counts->busy_ns;
    rk_lora_gateway_close(gateway);
    free(gateway->waiting);
    gateway->waiting = NULL;
    gateway->capacity = 0;
}
