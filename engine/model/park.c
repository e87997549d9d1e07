#include "engine/model/park.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/node_internal.h"
#include "engine/model/park_code.h"

enum { FLIGHTS = 3 };
enum { FLIGHT_bytes = offsetof(struct rk_flight, frame) };
/* A frame lies in words as that of the device's exchange does, which it mostly is: its words have been seen. */
enum { FRAME_AT = FLIGHT_bytes + (offsetof(struct rk_node, device.exchange.frame) - FLIGHT_bytes) % 8 };
enum { RECORD_BOOT_AT = 8 }; /* engine/lifecycle/store.c */

/* --- orders of words --- */

enum { ORDER_FIRST_parks = 256, ORDER_NEXT = 4, SAMPLED_parks = 16, OFTEN_share = 8 };

static void add_order(struct rk_place *place)
{
    uint16_t *order = rk_arena_array(place->arena, place->words, sizeof *order);
    const uint32_t often = (uint32_t)(place->sampled / OFTEN_share);
    size_t next = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < place->words; i++) {
            if ((place->differed[i] > often) == (pass == 0)) {
                order[next++] = (uint16_t)i;
            }
        }
    }
    place->order[place->orders++] = order;
    memset(place->differed, 0, place->words * sizeof *place->differed);
    place->sampled = 0;
}

/* The difference of a node, by the latest order. Now and then there is one more. */
static void learn(struct rk_place *place, const uint64_t *difference)
{
    const uint16_t *order = place->order[place->orders - 1];
    if (place->parks++ % SAMPLED_parks == 0) {
        for (size_t i = 0; i < place->words; i++) {
            place->differed[order[i]] += difference[i] != 0;
        }
        place->sampled++;
    }
    if (place->parks == place->next_order && place->orders < RK_PLACE_ORDERS) {
        add_order(place);
        place->next_order *= ORDER_NEXT;
    }
}

/* --- frames under way --- */

static struct rk_flights *queue_of(struct rk_node *node, unsigned number)
{
    return number == 0 ? &node->up : number == 1 ? &node->served : &node->down;
}

static size_t flight_words(const struct rk_flight *flight)
{
    return (FRAME_AT + flight->bytes + 7u) / 8;
}

static size_t packed_words(struct rk_node *node)
{
    size_t words = 0;
    for (unsigned number = 0; number < FLIGHTS; number++) {
        const struct rk_flights *flights = queue_of(node, number);
        for (uint32_t i = 0; i < flights->count; i++) {
            words += 1 + flight_words(&flights->slot[(flights->head + i) & (flights->capacity - 1)]);
        }
    }
    return words;
}

/* Takes the frames out, queue by queue: for each a word with its length in words and its queue, then these. */
static void pack_flights(struct rk_node *node, uint64_t *out)
{
    size_t words = 0;
    for (unsigned number = 0; number < FLIGHTS; number++) {
        struct rk_flights *flights = queue_of(node, number);
        while (flights->count > 0) {
            const struct rk_flight *flight = rk_flights_pop(flights);
            size_t length = flight_words(flight);
            out[words] = length << 8 | (number + 1);
            memset(&out[words + 1], 0, 8 * length);
            memcpy(&out[words + 1], flight, FLIGHT_bytes);
            memcpy((uint8_t *)&out[words + 1] + FRAME_AT, flight->frame, flight->bytes);
            words += length + 1;
        }
        rk_flights_fini(flights);
    }
}

static void unpack_flights(struct rk_node *node, const uint64_t *in, size_t words)
{
    for (size_t at = 0; at < words; at += (in[at] >> 8) + 1) {
        struct rk_flight *flight = rk_flights_push(queue_of(node, (unsigned)(in[at] & 255) - 1));
        memcpy(flight, &in[at + 1], FLIGHT_bytes);
        memcpy(flight->frame, (const uint8_t *)&in[at + 1] + FRAME_AT, flight->bytes);
    }
}

/* --- what no step reads, and what follows from the rest --- */

/* Of a key that is destroyed only its state is asked for. */
static void forget_destroyed(struct rk_key *key)
{
    if (key->state == RK_STATE_DESTROYED) {
        const struct rk_key left = {
            .state = key->state, .type = key->type, .alg = key->alg, .compromised = key->compromised};
        *key = left;
    }
}

/* The frame that was sent last, where nothing can ask for it again. */
static void forget_exchange(struct rk_exchange *exchange, bool sends_again)
{
    if (!sends_again) {
        memset(exchange->request_mac, 0, sizeof exchange->request_mac);
        memset(exchange->frame, 0, sizeof exchange->frame);
    }
}

/* in: whether frames are under way. */
static void forget(struct rk_node *node, bool frames)
{
    memset(&node->gaps, 0, sizeof node->gaps);
    node->changed = 0;
    node->device.actions = NULL;
    node->peer.actions = NULL;
    node->device.now_ns = 0;
    node->peer.now_ns = 0;
    node->listening_since_ns = node->listening ? node->listening_since_ns : 0;
    node->decided_ns = node->renewing ? node->decided_ns : 0;
    forget_destroyed(&node->device.key[0]);
    forget_destroyed(&node->peer.key[0]);
    /* R3 goes out again for an R2 that comes again: to an R1 under way, or that of a renewal that goes on. */
    forget_exchange(&node->device.exchange, frames || node->renewing);
    forget_exchange(&node->peer.exchange, frames || node->peer.exchange.stage != 0);
    node->reply_shift_ns = node->renewing ? node->reply_shift_ns : 0;
    rk_ns first_ns = RK_NEVER;
    for (unsigned kind = 0; kind < RK_NODE_EVENTS; kind++) {
        first_ns = node->due_ns[kind] < first_ns ? node->due_ns[kind] : first_ns;
    }
    node->free_ns = node->free_ns <= first_ns ? 0 : node->free_ns;
    node->gateway_free_ns = node->gateway_free_ns <= first_ns ? 0 : node->gateway_free_ns;
}

/* Exclusive or of words with what they are likely to be, by others that are themselves guessed later, or not at all: in
 * the other order, and they are back. That a guess is wrong costs bytes and nothing else. */
static void guess_timers(struct rk_node *node)
{
    node->due_ns[RK_NODE_TIMER] ^= node->device.wake_ns;
    node->due_ns[RK_NODE_PEER_TIMER] ^= node->peer.wake_ns;
    node->due_ns[RK_NODE_MESSAGE] ^= node->sampled_ns;
}

/* Before the first key there was none. */
static void guess_first(struct rk_key key[2])
{
    if (key[1].id == 1) {
        key[0].state ^= RK_STATE_DESTROYED;
        key[0].type ^= RK_KEY_DATA_ENCRYPTION;
        key[0].alg ^= key[1].alg;
    }
}

static void guess_peer(struct rk_node *node)
{
    struct rk_key *key = &node->peer.key[1];
    node->peer.wake_ns ^= rk_add_sat(key->activated_ns, node->peer.config.policy.cryptoperiod_ns);
    key->changed_ns ^= key->activated_ns;
}

static void guess_rest(struct rk_node *node)
{
    const struct rk_key *key = &node->device.key[1];
    struct rk_key *peer_key = &node->peer.key[1];
    struct rk_ledger *ledger = &node->ledger;
    node->device.wake_ns ^= key->activated_ns + node->device.config.policy.interval_ns;
    node->asked_ns ^= key->activated_ns;
    node->epoch.activated_ns ^= key->activated_ns;
    node->epoch.messages ^= key->protected_messages;
    node->epoch_key ^= key->id;
    node->device.last_key_id ^= key->id;
    node->peer.last_key_id ^= key->id;
    peer_key->id ^= key->id;
    peer_key->receive_counter ^= key->protected_messages;
    node->epoch.start_ns ^= node->start_ns;
    peer_key->activated_ns ^= key->activated_ns;
    for (unsigned i = 0; i < sizeof key->material; i++) {
        peer_key->material[i] ^= key->material[i];
    }
    for (unsigned phase = 0; phase < RK_PHASE_COUNT; phase++) {
        ledger->cycles_low[phase] ^= ledger->cycles[phase];
        ledger->cycles_high[phase] ^= ledger->cycles[phase];
        ledger->cpu_idle_ns[phase] ^=
            ledger->radio_tx_ns[phase] + ledger->radio_rx_ns[phase] + ledger->radio_idle_ns[phase];
    }
}

/* A record in NVM has the number of its owner's boot; what is blank or wiped begins with ones or zeros. */
static void guess_records(struct rk_node *node)
{
    uint8_t *cells = node->nvm.cells;
    for (uint32_t at = 0; at + RK_RECORD_bytes <= 2u * node->nvm.block_bytes; at += RK_RECORD_bytes) {
        uint32_t first, boot;
        memcpy(&first, cells + at, sizeof first);
        memcpy(&boot, cells + at + RECORD_BOOT_AT, sizeof boot);
        boot ^= first == UINT32_MAX || first == 0 ? 0 : node->device.store.boot;
        memcpy(cells + at + RECORD_BOOT_AT, &boot, sizeof boot);
    }
}

static void guess(struct rk_node *node)
{
    guess_first(node->device.key);
    guess_first(node->peer.key);
    guess_records(node);
    guess_timers(node);
    guess_peer(node);
    guess_rest(node);
}

static void put_back(struct rk_node *node)
{
    guess_records(node);
    guess_rest(node);
    guess_peer(node);
    guess_timers(node);
    guess_first(node->device.key);
    guess_first(node->peer.key);
}

/* --- places --- */

struct parked {
    uint16_t nibbles;      /* bytes of them */
    uint8_t order;         /* of the node's words; with HAS_FLIGHTS the number of the frames' words follows */
    uint32_t flight_words; /* behind those of the node */
};

enum { HAS_FLIGHTS = 0x80, ORDER_AT = 2, FLIGHTS_AT = 3 };

static size_t head_bytes(const struct parked *head)
{
    return head->flight_words > 0 ? FLIGHTS_AT + sizeof head->flight_words : FLIGHTS_AT;
}

/* out: what follows. */
static uint8_t *put_head(uint8_t *out, const struct parked *head)
{
    bool flights = head->flight_words > 0;
    memcpy(out, &head->nibbles, sizeof head->nibbles);
    out[ORDER_AT] = flights ? head->order | HAS_FLIGHTS : head->order;
    if (flights) {
        memcpy(out + FLIGHTS_AT, &head->flight_words, sizeof head->flight_words);
    }
    return out + head_bytes(head);
}

static uint8_t *get_head(uint8_t *in, struct parked *head)
{
    *head = (struct parked){.order = in[ORDER_AT] & (HAS_FLIGHTS - 1)};
    memcpy(&head->nibbles, in, sizeof head->nibbles);
    if ((in[ORDER_AT] & HAS_FLIGHTS) != 0) {
        memcpy(&head->flight_words, in + FLIGHTS_AT, sizeof head->flight_words);
    }
    return in + head_bytes(head);
}

static void make_room(struct rk_place *place, size_t flight_words)
{
    place->flight_words = flight_words;
    place->image = rk_arena_array(place->arena, 3 * (place->words + flight_words), sizeof *place->image);
}

void rk_place_init(struct rk_place *place, struct rk_fleet *fleet)
{
    const size_t node_bytes =
        (sizeof(struct rk_node) + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    place->words = (node_bytes + rk_node_memory_bytes(fleet) + 7) / 8;
    place->node = rk_arena_array(&fleet->arena, place->words, sizeof *place->blank);
    place->blank = rk_arena_array(&fleet->arena, place->words, sizeof *place->blank);
    RK_REQUIRE(place->words <= UINT16_MAX);
    place->differed = rk_arena_array(&fleet->arena, place->words, sizeof *place->differed);
    place->arena = &fleet->arena;
    place->orders = 0;
    place->parks = place->sampled = 0;
    place->next_order = ORDER_FIRST_parks;
    add_order(place); /* all as they are in memory */
    make_room(place, 64);
    fleet->node_memory = (uint8_t *)place->node + node_bytes;
}

/* What a party's generator is after the samples that it starts with. in: its state in the place. */
static void expect_seed(const struct rk_place *place, struct rk_agent *agent)
{
    const struct rk_backend *backend = place->node->fleet->inner;
    struct rk_drbg *drbg =
        (struct rk_drbg *)((uint8_t *)place->blank + ((uint8_t *)agent->drbg - (uint8_t *)place->node));
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_draw_seed(place->node, agent->config.role, entropy);
    (void)rk_entropy_test(&agent->entropy, RK_ENTROPY_BITS_MAX, entropy, sizeof entropy);
    (void)backend->drbg_init(drbg, backend->drbg_alg, entropy);
}

/* Before its first leak. */
static void expect_adversary(struct rk_node *node)
{
    const struct rk_trial *trial = node->fleet->trial;
    rk_adversary_init(&node->adversary, &node->fleet->rng, node->index, trial->compromise_per_1e6y,
                      trial->detection_mean_ns, rk_adversary_has_root(trial->policy.mechanism),
                      trial->policy.mechanism != RK_MECHANISM_ECDH, node->start_ns);
    node->due_ns[RK_NODE_LEAK] = node->adversary.next_leak_ns;
}

/* A new node, as far as all are alike once they have begun, and what follows from its number. */
static void expect(const struct rk_place *place)
{
    struct rk_node *node = (struct rk_node *)place->blank;
    expect_seed(place, &node->device);
    expect_seed(place, &node->peer);
    node->due_ns[RK_NODE_START] = RK_NEVER;
    node->due_ns[RK_NODE_MESSAGE] = 0;
    node->due_ns[RK_NODE_TIMER] = node->device.wake_ns = node->device.config.policy.interval_ns;
    node->due_ns[RK_NODE_PEER_TIMER] = node->peer.wake_ns = node->peer.config.policy.cryptoperiod_ns;
    node->epoch.start_ns = node->start_ns;
    node->device.exchange.retry_at_ns = node->peer.exchange.retry_at_ns = RK_NEVER_ns;
    node->changed = 0;
    node->keyless_since_ns = RK_NEVER;
    node->ever_keyed = true;
    expect_adversary(node);
    for (unsigned slot = 0; slot < 2; slot++) {
        struct rk_key *key[] = {&node->device.key[slot], &node->peer.key[slot]};
        for (unsigned role = 0; role < 2; role++) {
            key[role]->state = slot == 0 ? RK_STATE_DESTROYED : RK_STATE_ACTIVE;
            key[role]->type = RK_KEY_DATA_ENCRYPTION;
            key[role]->alg = node->device.config.aead;
        }
    }
}

enum rk_err rk_place_take(struct rk_place *place, struct rk_fleet *fleet, uint32_t index, uint8_t *parked,
                          struct rk_diag *diag)
{
    enum rk_err err = rk_node_init(place->node, fleet, index, diag);
    if (err != RK_OK) {
        return err;
    }
    const size_t bytes = place->words * sizeof *place->blank;
    memcpy(place->blank, place->node, bytes);
    expect(place);
    guess((struct rk_node *)place->blank);
    if (parked != NULL) {
        struct parked head;
        uint8_t *nibbles = get_head(parked, &head);
        struct rki_coder coder = {.nibble = nibbles, .byte = nibbles + head.nibbles};
        memcpy(place->image, place->blank, bytes);
        rki_decode(&coder, place->image, place->order[head.order], place->words);
        memcpy(place->node, place->image, bytes);
        put_back(place->node);
        memset(place->image, 0, head.flight_words * sizeof *place->image);
        rki_decode(&coder, place->image, NULL, head.flight_words);
        unpack_flights(place->node, place->image, head.flight_words);
        free(parked);
    }
    return RK_OK;
}

uint8_t *rk_place_park(struct rk_place *place, size_t *bytes)
{
    struct parked head = {.flight_words = (uint32_t)packed_words(place->node), .order = (uint8_t)(place->orders - 1)};
    if (head.flight_words > place->flight_words) {
        make_room(place, 2 * head.flight_words);
    }
    uint64_t *words = place->image, *flights = words + place->words, *nibbles = flights + head.flight_words;
    uint64_t *literals = nibbles + (place->words + head.flight_words) / 8 + 1;
    struct rki_coder coder = {.nibble = (uint8_t *)nibbles, .byte = (uint8_t *)literals};
    pack_flights(place->node, flights);
    forget(place->node, head.flight_words > 0);
    guess(place->node);
    const uint64_t *node = (const uint64_t *)place->node;
    const uint16_t *order = place->order[head.order];
    for (size_t i = 0; i < place->words; i++) {
        words[i] = node[order[i]] ^ place->blank[order[i]];
    }
    rki_encode(&coder, words, place->words);
    rki_encode(&coder, flights, head.flight_words);
    learn(place, words);
    size_t nibble_bytes = (size_t)(coder.nibble - (uint8_t *)nibbles) + coder.half;
    size_t literal_bytes = (size_t)(coder.byte - (uint8_t *)literals);
    RK_REQUIRE(nibble_bytes <= UINT16_MAX);
    head.nibbles = (uint16_t)nibble_bytes;
    *bytes = head_bytes(&head) + nibble_bytes + literal_bytes;
    uint8_t *parked = malloc(*bytes);
    RK_REQUIRE(parked != NULL);
    uint8_t *body = put_head(parked, &head);
    memcpy(body, nibbles, nibble_bytes);
    memcpy(body + nibble_bytes, literals, literal_bytes);
    return parked;
}
