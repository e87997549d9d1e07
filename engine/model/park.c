#include "engine/model/park.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/node_internal.h"

/* A nibble before each word: ZERO or TWO_ZEROS; ZEROS or AGAIN, the word before, and a nibble with their number less 1; 1
 * to 6 or 8 significant bytes; SEEN and the byte of its slot among those seen, as it is or its complement; or COMPLEMENT
 * and further, of which the significant bytes are these many. Never is all ones, and so is blank NVM; units of NVM that
 * are written together wear alike. */
enum { ZEROS = 0, AGAIN = 7, SEEN = 9, SEEN_COMPLEMENT = 10, COMPLEMENT = 11, ZERO = 14, TWO_ZEROS = 15 };
enum { RUN_MAX = 16, SEEN_SLOTS = 256, FLIGHTS = 3 };
enum { FLIGHT_bytes = offsetof(struct rk_flight, frame) };

static const uint8_t complement_bytes[ZERO - COMPLEMENT] = {0, 5, 7};

struct coder {
    uint64_t seen[SEEN_SLOTS];
    uint8_t *nibble, *byte; /* where the next one goes, or comes from */
    bool half;              /* the upper half of *nibble is next */
};

static unsigned slot_of(uint64_t word)
{
    return (unsigned)(word * 0x9E3779B97F4A7C15ull >> 56);
}

static void put_nibble(struct coder *coder, unsigned value)
{
    if (coder->half) {
        *coder->nibble++ |= (uint8_t)(value << 4);
    } else {
        *coder->nibble = (uint8_t)value;
    }
    coder->half = !coder->half;
}

static unsigned get_nibble(struct coder *coder)
{
    unsigned value = coder->half ? *coder->nibble++ >> 4 : *coder->nibble & 15u;
    coder->half = !coder->half;
    return value;
}

static unsigned significant(uint64_t word)
{
    return word == 0 ? 0 : 8 - (unsigned)__builtin_clzll(word) / 8;
}

static void put_bytes(struct coder *coder, unsigned code, uint64_t word, unsigned bytes)
{
    put_nibble(coder, code);
    memcpy(coder->byte, &word, bytes);
    coder->byte += bytes;
}

static void put_word(struct coder *coder, uint64_t word)
{
    unsigned slot = slot_of(word), other = slot_of(~word), code = COMPLEMENT;
    unsigned bytes = significant(word);
    if (bytes > 1 && coder->seen[slot] == word) {
        put_bytes(coder, SEEN, slot, 1);
    } else if (bytes > 1 && coder->seen[other] == ~word) {
        put_bytes(coder, SEEN_COMPLEMENT, other, 1);
    } else if (bytes < AGAIN) {
        coder->seen[slot] = word;
        put_bytes(coder, bytes, word, bytes);
    } else {
        while (code < ZERO && complement_bytes[code - COMPLEMENT] < significant(~word)) {
            code++;
        }
        coder->seen[slot] = word;
        if (code < ZERO) {
            put_bytes(coder, code, ~word, complement_bytes[code - COMPLEMENT]);
        } else {
            put_bytes(coder, 8, word, 8);
        }
    }
}

static uint64_t get_bytes(struct coder *coder, unsigned bytes)
{
    uint64_t word = 0;
    memcpy(&word, coder->byte, bytes);
    coder->byte += bytes;
    return word;
}

static uint64_t get_word(struct coder *coder, unsigned code)
{
    if (code == SEEN) {
        return coder->seen[get_bytes(coder, 1)];
    }
    if (code == SEEN_COMPLEMENT) {
        return ~coder->seen[get_bytes(coder, 1)];
    }
    uint64_t word =
        code >= COMPLEMENT ? ~get_bytes(coder, complement_bytes[code - COMPLEMENT]) : get_bytes(coder, code);
    coder->seen[slot_of(word)] = word;
    return word;
}

/* out: how many words from `image` on are `word`, RUN_MAX and `words` at most. */
static size_t run_of(uint64_t word, const uint64_t *image, size_t words)
{
    size_t run = 0;
    while (run < words && run < RUN_MAX && image[run] == word) {
        run++;
    }
    return run;
}

/* in: room for `words` / 2 + 1 nibbles at `nibbles` and 8 * words bytes at `bytes`. */
static void encode(struct coder *coder, const uint64_t *image, size_t words)
{
    uint64_t before = 0;
    for (size_t at = 0; at < words;) {
        size_t zeros = run_of(0, image + at, words - at);
        size_t again = zeros > 0 ? 0 : run_of(before, image + at, words - at);
        if (zeros == 1 || zeros == 2) {
            put_nibble(coder, zeros == 1 ? ZERO : TWO_ZEROS);
            at += zeros;
        } else if (zeros + again > 0) {
            put_nibble(coder, zeros > 0 ? ZEROS : AGAIN);
            put_nibble(coder, (unsigned)(zeros + again) - 1);
            at += zeros + again;
        } else {
            before = image[at++];
            put_word(coder, before);
        }
    }
}

/* Exclusive or of what was encoded into image. */
static void decode(struct coder *coder, uint64_t *image, size_t words)
{
    uint64_t before = 0;
    for (size_t at = 0; at < words;) {
        unsigned code = get_nibble(coder);
        if (code >= ZERO) {
            at += code == ZERO ? 1 : 2;
        } else if (code == ZEROS) {
            at += get_nibble(coder) + 1u;
        } else if (code == AGAIN) {
            for (size_t end = at + get_nibble(coder) + 1u; at < end; at++) {
                image[at] ^= before;
            }
        } else {
            before = get_word(coder, code);
            image[at++] ^= before;
        }
    }
}

/* --- frames under way --- */

static struct rk_flights *queue_of(struct rk_node *node, unsigned number)
{
    return number == 0 ? &node->up : number == 1 ? &node->served : &node->down;
}

static size_t flight_words(const struct rk_flight *flight)
{
    return (FLIGHT_bytes + flight->bytes + 7u) / 8;
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
            out[words + length] = 0;
            memcpy(&out[words + 1], flight, FLIGHT_bytes + flight->bytes);
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
        memcpy(flight->frame, (const uint8_t *)&in[at + 1] + FLIGHT_bytes, flight->bytes);
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

static void guess(struct rk_node *node)
{
    guess_timers(node);
    guess_peer(node);
    guess_rest(node);
}

static void put_back(struct rk_node *node)
{
    guess_rest(node);
    guess_peer(node);
    guess_timers(node);
}

/* --- places --- */

struct parked {
    uint32_t nibbles;      /* bytes of them */
    uint32_t flight_words; /* behind those of the node */
};

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
    place->arena = &fleet->arena;
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
        memcpy(&head, parked, sizeof head);
        struct coder coder = {.nibble = parked + sizeof head, .byte = parked + sizeof head + head.nibbles};
        memcpy(place->image, place->blank, bytes);
        decode(&coder, place->image, place->words);
        memcpy(place->node, place->image, bytes);
        put_back(place->node);
        memset(place->image, 0, head.flight_words * sizeof *place->image);
        decode(&coder, place->image, head.flight_words);
        unpack_flights(place->node, place->image, head.flight_words);
        free(parked);
    }
    return RK_OK;
}

uint8_t *rk_place_park(struct rk_place *place, size_t *bytes)
{
    struct parked head = {.flight_words = (uint32_t)packed_words(place->node)};
    if (head.flight_words > place->flight_words) {
        make_room(place, 2 * head.flight_words);
    }
    uint64_t *words = place->image, *flights = words + place->words, *nibbles = flights + head.flight_words;
    uint64_t *literals = nibbles + (place->words + head.flight_words) / 8 + 1;
    struct coder coder = {.nibble = (uint8_t *)nibbles, .byte = (uint8_t *)literals};
    pack_flights(place->node, flights);
    forget(place->node, head.flight_words > 0);
    guess(place->node);
    memcpy(words, place->node, place->words * sizeof *words);
    for (size_t i = 0; i < place->words; i++) {
        words[i] ^= place->blank[i];
    }
    encode(&coder, words, place->words);
    encode(&coder, flights, head.flight_words);
    head.nibbles = (uint32_t)(coder.nibble - (uint8_t *)nibbles) + coder.half;
    size_t literal_bytes = (size_t)(coder.byte - (uint8_t *)literals);
    *bytes = sizeof head + head.nibbles + literal_bytes;
    uint8_t *parked = malloc(*bytes);
    RK_REQUIRE(parked != NULL);
    memcpy(parked, &head, sizeof head);
    memcpy(parked + sizeof head, nibbles, head.nibbles);
    memcpy(parked + sizeof head + head.nibbles, literals, literal_bytes);
    return parked;
}
