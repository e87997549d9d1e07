/* tests/sim/test_park.c - a node that was parked is the node that it was, byte for byte
 *
 * Model: random devices are stopped at random events, frames under way or not, parked while another takes the place, and
 *        taken back. Every byte of the node, of its NVM and of its generators is what it was, but for the members of
 *        `forgotten`: each of them is as it was, or all zero. That no step reads what was forgotten is what
 *        tests/sim/test_exactness.c shows with whole trials. States that no device comes to, of words of every length,
 *        runs and repetitions, try the coder further.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine/model/park.h"
#include "tests/model/dice.h"
#include "tests/model/fixture.h"

enum { DEVICES = 400, STOPS = 12, WILD_STATES = 3000, FLIGHTS_MAX = 1024 };

struct snapshot {
    uint64_t *word;
    struct rk_flight flight[FLIGHTS_MAX];
    size_t flights;
};

#define MEMBER(name)                                                                                                   \
    {                                                                                                                  \
        offsetof(struct rk_node, name), sizeof((struct rk_node *)NULL)->name                                           \
    }
static const struct {
    size_t at, bytes;
} forgotten[] = {
    MEMBER(gaps),
    MEMBER(changed),
    MEMBER(free_ns),
    MEMBER(gateway_free_ns),
    MEMBER(listening_since_ns),
    MEMBER(decided_ns),
    MEMBER(reply_shift_ns),
    MEMBER(device.actions),
    MEMBER(peer.actions),
    MEMBER(device.now_ns),
    MEMBER(peer.now_ns),
    MEMBER(device.exchange.request_mac),
    MEMBER(peer.exchange.request_mac),
    MEMBER(device.exchange.frame),
    MEMBER(peer.exchange.frame),
};

/* Of a destroyed key. */
static const struct {
    size_t at, bytes;
} destroyed[] = {
    MEMBER(device.key[0].id),
    MEMBER(device.key[0].protected_messages),
    MEMBER(device.key[0].receive_counter),
    MEMBER(device.key[0].activated_ns),
    MEMBER(device.key[0].changed_ns),
    MEMBER(device.key[0].material),
    MEMBER(peer.key[0].id),
    MEMBER(peer.key[0].protected_messages),
    MEMBER(peer.key[0].receive_counter),
    MEMBER(peer.key[0].activated_ns),
    MEMBER(peer.key[0].changed_ns),
    MEMBER(peer.key[0].material),
};

static void add_flights(struct snapshot *snapshot, struct rk_flights *flights)
{
    for (uint32_t i = 0; i < flights->count; i++) {
        const struct rk_flight *flight = &flights->slot[(flights->head + i) & (flights->capacity - 1)];
        assert_true(snapshot->flights < FLIGHTS_MAX);
        struct rk_flight *to = &snapshot->flight[snapshot->flights++];
        memset(to, 0, sizeof *to);
        memcpy(to, flight, offsetof(struct rk_flight, frame) + flight->bytes);
    }
}

/* Where a queue has its frames in memory is no state. */
static void forget_ring(struct rk_node *copy, const struct rk_node *node)
{
    copy->up = (struct rk_flights){.count = node->up.count};
    copy->served = (struct rk_flights){.count = node->served.count};
    copy->down = (struct rk_flights){.count = node->down.count};
}

static void take_snapshot(struct snapshot *snapshot, const struct rk_place *place)
{
    struct rk_node *node = place->node;
    snapshot->flights = 0;
    add_flights(snapshot, &node->up);
    add_flights(snapshot, &node->served);
    add_flights(snapshot, &node->down);
    memcpy(snapshot->word, node, place->words * sizeof *snapshot->word);
    forget_ring((struct rk_node *)snapshot->word, node);
}

static bool is_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void allow(uint8_t *was, const uint8_t *is, size_t at, size_t bytes)
{
    if (is_zero(is + at, bytes)) {
        memset(was + at, 0, bytes);
    }
}

static void expect_same(struct snapshot *was, const struct snapshot *is, size_t words)
{
    struct rk_node *node = (struct rk_node *)was->word;
    const size_t bytes = words * sizeof *was->word;
    bool device = node->device.key[0].state == RK_STATE_DESTROYED;
    bool peer = node->peer.key[0].state == RK_STATE_DESTROYED;
    for (size_t i = 0; i < sizeof forgotten / sizeof forgotten[0]; i++) {
        allow((uint8_t *)was->word, (const uint8_t *)is->word, forgotten[i].at, forgotten[i].bytes);
    }
    for (size_t i = 0; i < sizeof destroyed / sizeof destroyed[0]; i++) {
        if (destroyed[i].at < offsetof(struct rk_node, peer) ? device : peer) {
            allow((uint8_t *)was->word, (const uint8_t *)is->word, destroyed[i].at, destroyed[i].bytes);
        }
    }
    for (size_t at = 0; at < bytes; at++) {
        if (((const uint8_t *)was->word)[at] != ((const uint8_t *)is->word)[at]) {
            fail_msg("byte %zu of %zu (agents from %zu and %zu, memory from %zu): %02x, was %02x", at, bytes,
                     offsetof(struct rk_node, device), offsetof(struct rk_node, peer), sizeof(struct rk_node),
                     ((const uint8_t *)is->word)[at], ((const uint8_t *)was->word)[at]);
        }
    }
    assert_int_equal(is->flights, was->flights);
    assert_memory_equal(is->flight, was->flight, was->flights * sizeof was->flight[0]);
}

struct bed {
    struct rk_fleet fleet;
    struct rk_place place;
    struct snapshot was, is;
};

static void *words_of(const struct rk_place *place)
{
    uint64_t *word = calloc(place->words, sizeof *word);
    assert_non_null(word);
    return word;
}

static void open_bed(struct bed *bed, const struct rk_trial *trial)
{
    assert_int_equal(rk_fleet_init(&bed->fleet, trial, NULL), RK_OK);
    rk_place_init(&bed->place, &bed->fleet);
    bed->was.word = words_of(&bed->place);
    bed->is.word = words_of(&bed->place);
}

static void close_bed(struct bed *bed)
{
    free(bed->was.word);
    free(bed->is.word);
    rk_fleet_fini(&bed->fleet);
}

/* out: false: nothing is due before the horizon. */
static bool handle_next(struct rk_node *node, rk_ns horizon_ns)
{
    unsigned first = 0;
    for (unsigned kind = 1; kind < RK_NODE_EVENTS; kind++) {
        first = node->due_ns[kind] < node->due_ns[first] ? kind : first;
    }
    rk_ns now_ns = node->due_ns[first];
    if (now_ns >= horizon_ns) {
        return false;
    }
    node->due_ns[first] = RK_NEVER;
    rk_node_handle(node, (enum rk_node_event)first, now_ns);
    return true;
}

/* Somebody else comes to the place, begins, and leaves it. */
static void visit(struct bed *bed, uint32_t index)
{
    size_t bytes;
    assert_int_equal(rk_place_take(&bed->place, &bed->fleet, index, NULL, NULL), RK_OK);
    for (int i = 0; i < 5; i++) {
        (void)handle_next(bed->place.node, bed->fleet.trial->horizon_ns);
    }
    free(rk_place_park(&bed->place, &bytes));
}

static void park_and_take(struct bed *bed, uint32_t index)
{
    size_t bytes;
    take_snapshot(&bed->was, &bed->place);
    uint8_t *parked = rk_place_park(&bed->place, &bytes);
    visit(bed, index + 1);
    assert_int_equal(rk_place_take(&bed->place, &bed->fleet, index, parked, NULL), RK_OK);
    take_snapshot(&bed->is, &bed->place);
    expect_same(&bed->was, &bed->is, bed->place.words);
}

static struct rk_trial draw_trial(struct dice *dice, uint64_t number)
{
    struct rk_trial trial = rkt_trial();
    rkt_device()->nvm_erase_block_bytes = (uint32_t)ONE_OF(dice, 0, 0, 2048);
    rkt_device()->clock_Hz = ONE_OF(dice, 1000000, 64000000);
    trial.seed = number;
    trial.devices = 2;
    trial.message_period_ns = ONE_OF(dice, RK_S / 50, RK_S, 60 * RK_S);
    trial.message_jitter_ppm = (uint32_t)ONE_OF(dice, 0, 500000);
    trial.message_bytes = (uint16_t)ONE_OF(dice, 1, 32, 128);
    trial.session_period_ns = ONE_OF(dice, 0, 0, 700 * RK_S);
    trial.frame_loss_ppm = (uint32_t)ONE_OF(dice, 0, 50000, 500000);
    trial.server_time_ns = ONE_OF(dice, 5 * RK_MS, 30 * RK_S);
    trial.network_delay_ns = ONE_OF(dice, 0, 20 * RK_MS, 3 * RK_S);
    trial.compromise_per_1e6y = ONE_OF(dice, 0, 5000ull * 365250000);
    trial.detection_mean_ns = 600 * RK_S;
    trial.policy.mechanism = (uint8_t)below(dice, RK_MECHANISM_COUNT);
    trial.policy.triggers = (uint8_t)below(dice, 8);
    trial.policy.messages = (uint32_t)ONE_OF(dice, 1, 5, 40);
    trial.policy.interval_ns = ONE_OF(dice, 5, 60, 600) * RK_S;
    trial.policy.retry_ns = ONE_OF(dice, RK_S / 10, 2 * RK_S);
    trial.horizon_ns = 2000 * trial.message_period_ns;
    return trial;
}

static void test_what_devices_come_to(void **state)
{
    (void)state;
    static struct bed bed;
    unsigned with_frames = 0, renewing = 0, keyed = 0;
    for (uint64_t number = 1; number <= DEVICES; number++) {
        struct dice dice = {.key = rk_rng_key_make(number, 1)};
        struct rk_trial trial = draw_trial(&dice, number);
        open_bed(&bed, &trial);
        assert_int_equal(rk_place_take(&bed.place, &bed.fleet, 0, NULL, NULL), RK_OK);
        struct rk_node *node = bed.place.node;
        bool goes_on = true;
        for (int stop = 0; stop < STOPS && goes_on; stop++) {
            for (uint64_t events = below(&dice, 60); events > 0 && goes_on; events--) {
                goes_on = handle_next(node, trial.horizon_ns);
            }
            with_frames += node->up.count + node->served.count + node->down.count > 0;
            renewing += node->renewing;
            keyed += node->device.key[0].state == RK_STATE_DESTROYED && node->device.key[1].id > 1;
            park_and_take(&bed, 0);
        }
        rk_node_close(node, trial.horizon_ns);
        close_bed(&bed);
    }
    /* They are what they are meant to be. */
    assert_true(with_frames > DEVICES);
    assert_true(renewing > DEVICES / 2);
    assert_true(keyed > DEVICES / 2);
}

/* A word of any length, or the complement of one. */
static uint64_t draw_word(struct dice *dice)
{
    uint64_t word = rk_rng_draw(&dice->key, 1, RK_RNG_INPUT, dice->next++) >> 8 * below(dice, 8);
    return below(dice, 3) == 0 ? ~word : word;
}

/* Runs of zeros, of one word and of several, at any place. */
static void scribble(struct dice *dice, uint64_t *word, size_t words)
{
    uint64_t known[4] = {0, UINT64_MAX, draw_word(dice), draw_word(dice)};
    for (size_t at = below(dice, words); at < words;) {
        uint64_t value = below(dice, 2) == 0 ? known[below(dice, 4)] : draw_word(dice);
        size_t end = at + 1 + below(dice, ONE_OF(dice, 1, 3, 40));
        for (; at < end && at < words; at++) {
            word[at] = value;
        }
        at += below(dice, 2) == 0 ? 0 : below(dice, 20);
    }
}

static void test_what_none_comes_to(void **state)
{
    (void)state;
    static struct bed bed;
    struct rk_trial trial = rkt_trial();
    trial.devices = 2;
    open_bed(&bed, &trial);
    for (uint64_t number = 1; number <= WILD_STATES; number++) {
        struct dice dice = {.key = rk_rng_key_make(number, 2)};
        assert_int_equal(rk_place_take(&bed.place, &bed.fleet, 0, NULL, NULL), RK_OK);
        struct rk_node *node = bed.place.node;
        size_t bytes, behind = (size_t)((uint64_t *)bed.fleet.node_memory - (uint64_t *)node);
        scribble(&dice, (uint64_t *)&node->ledger, sizeof node->ledger / 8);
        scribble(&dice, node->due_ns, RK_NODE_EVENTS);
        scribble(&dice, (uint64_t *)node->device.key[1].material, sizeof node->device.key[1].material / 8);
        scribble(&dice, (uint64_t *)node + behind, bed.place.words - behind);
        park_and_take(&bed, 0);
        free(rk_place_park(&bed.place, &bytes));
    }
    close_bed(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_devices_come_to),
        cmocka_unit_test(test_what_none_comes_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
