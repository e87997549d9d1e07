/* tests/sim/test_queue.c - the fast queues give what the heap gives, whatever is pushed, popped and cancelled */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine/core/rng.h"
#include "engine/sim/queue.h"

static const enum rk_queue_kind fast[] = {RK_QUEUE_BUCKETS, RK_QUEUE_WHEEL};
enum { FAST = sizeof fast / sizeof fast[0] };

static struct rk_queue *new_queue(enum rk_queue_kind kind)
{
    struct rk_queue *queue = malloc(sizeof *queue);
    assert_non_null(queue);
    rk_queue_init(queue, kind, NULL, 0);
    return queue;
}

static void free_queue(struct rk_queue *queue)
{
    rk_queue_fini(queue);
    free(queue);
}

static struct rk_rng_stream draws_of(uint64_t seed)
{
    return rk_rng_stream_make(rk_rng_key_make(seed, 0), 0, RK_RNG_INPUT);
}

/* How far ahead an event is, in styles that differ by the shape of the queue that they make. */
enum style { UNIFORM, EXPONENTIAL, SCALES, TIES, GRID, BURST, PAST, STYLES };

static rk_ns ahead(enum style style, rk_ns now_ns, uint64_t draw)
{
    switch (style) {
    case UNIFORM:
        return now_ns + rk_rng_below(draw, 1000000000);
    case EXPONENTIAL:
        return now_ns + rk_rng_exponential(draw, 60000000000);
    case SCALES: { /* from the same instant to the end of time */
        rk_ns delay_ns = (draw >> 6) >> (draw & 63);
        return delay_ns >= RK_NEVER - now_ns ? RK_NEVER - 1 : now_ns + delay_ns;
    }
    case TIES:
        return now_ns + (draw & 1);
    case GRID:
        return (now_ns / 256 + 1 + (draw & 3)) * 256;
    case BURST: /* most of it in the part that is sorted already */
        return now_ns + ((draw & 31) != 0 ? (draw >> 32) & 4095 : 100000000000 + (draw >> 20));
    default: /* also times that were popped already */
        return now_ns > 1000 ? now_ns - 1000 + (draw & 4095) : draw & 4095;
    }
}

/* Pops both and compares. */
static bool pop_both(struct rk_queue *heap, struct rk_queue *queue, rk_sim_event *event)
{
    rk_sim_event expected;
    bool some = rk_queue_pop(heap, &expected);
    assert_int_equal(rk_queue_pop(queue, event), some);
    if (some) {
        assert_true(*event == expected);
    }
    return some;
}

static void against_heap(enum rk_queue_kind kind, enum style style, size_t pending, size_t operations)
{
    struct rk_queue *heap = new_queue(RK_QUEUE_HEAP);
    struct rk_queue *queue = new_queue(kind);
    struct rk_rng_stream draws = draws_of(style);
    rk_sim_event event = 0;
    rk_ns now_ns = 0;
    size_t count = 0;
    for (size_t i = 0; i < operations; i++) {
        uint64_t draw = rk_rng_next(&draws);
        if (count == 0 || (count < pending && (draw >> 60) < 10)) {
            uint64_t who = rk_rng_next(&draws);
            event = rk_sim_event_make(ahead(style, now_ns, draw), (uint32_t)(who & 0xffff), who >> 20 & 3, 0);
            rk_queue_push(heap, event);
            rk_queue_push(queue, event);
            count++;
        } else {
            assert_true(pop_both(heap, queue, &event));
            now_ns = rk_sim_event_ns(event);
            count--;
        }
    }
    while (pop_both(heap, queue, &event)) {
        count--;
    }
    assert_int_equal(count, 0);
    free_queue(heap);
    free_queue(queue);
}

static void test_styles(void **state)
{
    (void)state;
    for (size_t i = 0; i < FAST; i++) {
        for (int style = 0; style < STYLES; style++) {
            against_heap(fast[i], style, 3, 20000);
            against_heap(fast[i], style, 300, 50000);
            against_heap(fast[i], style, 20000, 200000);
        }
    }
}

/* Tokens whose timeouts are cancelled and set anew at each of their events: by ticket, or by generation where there are
 * none. What is handled, and when, must be the same. */
static uint64_t hold_and_cancel(enum rk_queue_kind kind, bool dense, uint64_t seed)
{
    enum { TOKENS = 500, HANDLED = 60000 };
    static uint32_t generation[TOKENS], ticket[TOKENS];
    memset(generation, 0, sizeof generation);
    memset(ticket, 0, sizeof ticket);
    struct rk_queue *queue = new_queue(kind);
    struct rk_rng_stream draws = draws_of(seed);
    uint64_t checksum = 0;
    rk_sim_event event;
    rk_ns mean_ns = dense ? 40 : 1000000000;
    for (uint32_t i = 0; i < TOKENS; i++) {
        rk_queue_push(queue, rk_sim_event_make(rk_rng_exponential(rk_rng_next(&draws), mean_ns), i, 0, 0));
    }
    for (size_t handled = 0; handled < HANDLED;) {
        assert_true(rk_queue_pop(queue, &event));
        uint32_t token = rk_sim_event_device(event);
        bool timeout = rk_sim_event_kind(event) == 1;
        if (timeout && rk_sim_event_generation(event) != (generation[token] & RK_SIM_GENERATION_MASK)) {
            assert_int_not_equal(kind, RK_QUEUE_WHEEL);
            continue;
        }
        handled++;
        rk_ns now_ns = rk_sim_event_ns(event);
        checksum = (checksum ^ now_ns ^ (uint64_t)token << 40 ^ (uint64_t)timeout << 63) * 0x9e3779b97f4a7c15;
        if (!timeout) {
            rk_queue_cancel(queue, ticket[token]);
            rk_ns next_ns = now_ns + rk_rng_exponential(rk_rng_next(&draws), mean_ns);
            rk_queue_push(queue, rk_sim_event_make(next_ns, token, 0, 0));
        }
        rk_ns due_ns = now_ns + 2 * mean_ns;
        ticket[token] = rk_queue_push(queue, rk_sim_event_make(due_ns, token, 1, ++generation[token]));
    }
    free_queue(queue);
    return checksum;
}

static void test_cancel(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        uint64_t expected = hold_and_cancel(RK_QUEUE_HEAP, seed & 1, seed);
        for (size_t i = 0; i < FAST; i++) {
            assert_true(hold_and_cancel(fast[i], seed & 1, seed) == expected);
        }
    }
}

/* A million events at one instant, as of devices that all start together: sorted, not inserted one by one. */
static void test_one_instant(void **state)
{
    (void)state;
    enum { EVENTS = 1000000 };
    for (size_t i = 0; i < FAST; i++) {
        struct rk_queue *queue = new_queue(fast[i]);
        rk_sim_event event;
        for (uint32_t k = 0; k < EVENTS; k++) {
            rk_queue_push(queue, rk_sim_event_make(60000000000, (uint32_t)(k * 2654435761u) % EVENTS, 3, k));
        }
        rk_sim_event before = 0;
        for (uint32_t k = 0; k < EVENTS; k++) {
            assert_true(rk_queue_pop(queue, &event));
            assert_true(event >= before);
            before = event;
            rk_queue_push(queue, rk_sim_event_make(120000000000, k, 0, 0));
        }
        for (uint32_t k = 0; k < EVENTS; k++) {
            assert_true(rk_queue_pop(queue, &event));
            assert_int_equal(rk_sim_event_device(event), k);
        }
        assert_false(rk_queue_pop(queue, &event));
        free_queue(queue);
    }
}

/* What the queues promise, also after a long time of holding: buckets 24 bytes a pending event, the wheel an eighth of
 * room beyond. */
static void test_memory(void **state)
{
    (void)state;
    enum { EVENTS = 1000000 };
    for (size_t i = 0; i < FAST; i++) {
        struct rk_queue *queue = new_queue(fast[i]);
        struct rk_rng_stream draws = draws_of(9);
        rk_sim_event event;
        for (uint32_t k = 0; k < EVENTS; k++) {
            rk_queue_push(queue, rk_sim_event_make(rk_rng_exponential(rk_rng_next(&draws), RK_S), k, 0, 0));
        }
        for (uint32_t k = 0; k < 2 * EVENTS; k++) {
            assert_true(rk_queue_pop(queue, &event));
            rk_ns due_ns = rk_sim_event_ns(event) + rk_rng_exponential(rk_rng_next(&draws), RK_S);
            rk_queue_push(queue, rk_sim_event_make(due_ns, rk_sim_event_device(event), 0, 0));
        }
        assert_true(rk_queue_bytes(queue) <= (fast[i] == RK_QUEUE_WHEEL ? 27ull : 24ull) * EVENTS);
        free_queue(queue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_one_instant),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
