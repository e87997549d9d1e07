/* tests/sim/test_heap.c - the reference queue gives what sorting gives */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

#include "engine/core/rng.h"
#include "engine/sim/heap.h"

static void test_order_of_events(void **state)
{
    (void)state;
    /* Time before device before kind before generation. */
    const rk_sim_event ascending[] = {
        rk_sim_event_make(1, 9, 9, 9), rk_sim_event_make(2, 1, 9, 9), rk_sim_event_make(2, 2, 1, 9),
        rk_sim_event_make(2, 2, 2, 1), rk_sim_event_make(2, 2, 2, 2), rk_sim_event_make(RK_NEVER, 0, 0, 0),
    };
    for (size_t i = 1; i < sizeof ascending / sizeof ascending[0]; i++) {
        assert_true(ascending[i - 1] < ascending[i]);
    }
    rk_sim_event event = rk_sim_event_make(0x123456789abcdef0, 0xfedcba98, 0xfe, 0xabcdef);
    assert_int_equal(rk_sim_event_ns(event), 0x123456789abcdef0);
    assert_int_equal(rk_sim_event_device(event), 0xfedcba98);
    assert_int_equal(rk_sim_event_kind(event), 0xfe);
    assert_int_equal(rk_sim_event_generation(event), 0xabcdef);
}

static int compare(const void *a, const void *b)
{
    rk_sim_event x = *(const rk_sim_event *)a;
    rk_sim_event y = *(const rk_sim_event *)b;
    return (x > y) - (x < y);
}

/* Random pushes and pops; few distinct times, so that ties are many. The model is a sorted array. */
static void test_against_sort(void **state)
{
    (void)state;
    enum { OPERATIONS = 20000, MODEL_MAX = 512 };
    static rk_sim_event model[MODEL_MAX];
    size_t count = 0;
    struct rk_heap heap = {.item = NULL};
    struct rk_rng_stream draws = rk_rng_stream_make(rk_rng_key_make(3, 0), 0, RK_RNG_INPUT);
    for (int i = 0; i < OPERATIONS; i++) {
        uint64_t draw = rk_rng_next(&draws);
        bool push = count == 0 || (count < MODEL_MAX && (draw & 15) < 8);
        if (push) {
            rk_sim_event event =
                rk_sim_event_make(draw >> 60, (draw >> 50) & 7, (draw >> 40) & 3, (draw >> 8) & 0xffff);
            rk_heap_push(&heap, event);
            model[count++] = event;
            qsort(model, count, sizeof model[0], compare);
        } else {
            assert_true(rk_heap_pop(&heap) == model[0]);
            count--;
            for (size_t k = 0; k < count; k++) {
                model[k] = model[k + 1];
            }
        }
        assert_int_equal(heap.count, count);
    }
    for (size_t k = 0; k < count; k++) {
        assert_true(rk_heap_pop(&heap) == model[k]);
    }
    rk_heap_fini(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_events),
        cmocka_unit_test(test_against_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
