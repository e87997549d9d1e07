/* One fleet in parts, each a thread here, gives what it gives in one piece, to the bit: over random trials with busy and
 * idle key servers, losses, leaks and a warm-up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/rng.h"
#include "engine/sim/parts.h"
#include "engine/sim/tier.h"
#include "tests/model/fixture.h"

enum { PARTS_MAX = 5, REQUESTS_MAX = 4096, TRIALS = 40 };

/* What threads exchange; each step is between two barriers. */
static struct {
    pthread_barrier_t barrier;
    uint32_t parts;
    uint64_t value[PARTS_MAX];
    size_t count[PARTS_MAX];
    uint64_t list[PARTS_MAX][REQUESTS_MAX], all[PARTS_MAX][PARTS_MAX * REQUESTS_MAX];
    const void *given[PARTS_MAX];
    uint64_t windows;
} shared;

static uint32_t part_of(const void *context)
{
    return *(const uint32_t *)context;
}

static uint64_t least(void *context, uint64_t mine)
{
    uint64_t all = UINT64_MAX;
    shared.value[part_of(context)] = mine;
    pthread_barrier_wait(&shared.barrier);
    for (uint32_t i = 0; i < shared.parts; i++) {
        all = shared.value[i] < all ? shared.value[i] : all;
    }
    pthread_barrier_wait(&shared.barrier);
    return all;
}

static void exchange(void *context, const uint64_t *mine, size_t count, const uint64_t **all, const size_t **counts)
{
    uint32_t part = part_of(context);
    assert_true(count <= REQUESTS_MAX);
    shared.count[part] = count;
    memcpy(shared.list[part], mine, count * sizeof *mine);
    pthread_barrier_wait(&shared.barrier);
    uint64_t *at = shared.all[part];
    for (uint32_t i = 0; i < shared.parts; i++) {
        memcpy(at, shared.list[i], shared.count[i] * sizeof *at);
        at += shared.count[i];
    }
    shared.windows += part == 0;
    *all = shared.all[part];
    *counts = shared.count;
    pthread_barrier_wait(&shared.barrier);
}

static void collect(void *context, const void *mine, size_t bytes, void (*take)(void *into, const void *theirs),
                    void *into)
{
    (void)bytes;
    shared.given[part_of(context)] = mine;
    pthread_barrier_wait(&shared.barrier);
    for (uint32_t i = 1; i < shared.parts && part_of(context) == 0; i++) {
        take(into, shared.given[i]);
    }
    pthread_barrier_wait(&shared.barrier);
}

struct runner {
    struct rk_trial trial;
    struct rk_parts parts;
    struct rk_trial_result result;
    struct rk_diag diag;
    enum rk_err err;
    pthread_t thread;
};

static void *run(void *context)
{
    struct runner *runner = context;
    runner->trial.parts = &runner->parts;
    runner->err = rk_trial_run(&runner->trial, &runner->result, &runner->diag);
    return NULL;
}

static void run_in_parts(const struct rk_trial *trial, uint32_t parts, struct runner runners[PARTS_MAX])
{
    shared.parts = parts;
    assert_int_equal(pthread_barrier_init(&shared.barrier, NULL, parts), 0);
    for (uint32_t i = 0; i < parts; i++) {
        struct runner *runner = &runners[i];
        memset(runner, 0, sizeof *runner);
        runner->trial = *trial;
        runner->parts = (struct rk_parts){.part = i,
                                          .parts = parts,
                                          .context = &runner->parts.part,
                                          .least = least,
                                          .exchange = exchange,
                                          .collect = collect};
        assert_int_equal(pthread_create(&runner->thread, NULL, run, runner), 0);
    }
    for (uint32_t i = 0; i < parts; i++) {
        pthread_join(runners[i].thread, NULL);
    }
    pthread_barrier_destroy(&shared.barrier);
}

static uint64_t draw(uint64_t number, uint64_t index, uint64_t below)
{
    const struct rk_rng_key key = rk_rng_key_make(number, 0);
    return rk_rng_below(rk_rng_draw(&key, 0, RK_RNG_INPUT, index), below);
}

static struct rk_trial draw_trial(uint64_t number)
{
    static const rk_ns server_ns[] = {0, 5 * RK_MS, RK_S, 30 * RK_S}, delay_ns[] = {0, 20 * RK_MS, 3 * RK_S};
    static const rk_ns retry_ns[] = {RK_S / 10, 2 * RK_S, 60 * RK_S};
    struct rk_trial trial = rkt_trial();
    trial.seed = number;
    trial.tier = RK_TIER_TIMELINES;
    trial.devices = (uint32_t)(PARTS_MAX + draw(number, 0, 30));
    trial.horizon_ns = 5400 * RK_S;
    trial.warm_up_ns = draw(number, 1, 3) == 0 ? 1800 * RK_S : 0;
    trial.message_period_ns = 60 * RK_S;
    trial.frame_loss_ppm = (uint32_t)draw(number, 2, 4) * 100000;
    trial.server_time_ns = server_ns[draw(number, 3, 4)];
    trial.server_service = (uint8_t)draw(number, 4, RK_SERVICE_COUNT);
    trial.servers = (uint32_t)(1 + draw(number, 5, 3));
    trial.network_delay_ns = delay_ns[draw(number, 6, 3)];
    trial.compromise_per_1e6y = draw(number, 7, 2) * 5000ull * 365250000;
    trial.detection_mean_ns = 600 * RK_S;
    trial.policy.triggers = (uint8_t)(1 + draw(number, 8, 3));
    trial.policy.interval_ns = 600 * RK_S;
    trial.policy.messages = (uint32_t)(1 + draw(number, 9, 20));
    trial.policy.retry_ns = retry_ns[draw(number, 10, 3)];
    return trial;
}

static void parts_give_the_whole(void **state)
{
    static struct runner runners[PARTS_MAX];
    (void)state;
    for (uint64_t number = 1; number <= TRIALS; number++) {
        const struct rk_trial trial = draw_trial(number);
        struct rk_trial_result whole;
        struct rk_diag diag = {""};
        memset(&whole, 0, sizeof whole);
        struct rk_trial weak = trial;
        weak.fault.weak_ppm = 1;
        assert_true(rk_trial_splits(&trial) && !rk_trial_splits(&weak));
        assert_int_equal(rk_trial_run(&trial, &whole, &diag), RK_OK);
        run_in_parts(&trial, 1 + (uint32_t)number % PARTS_MAX, runners);
        assert_int_equal(runners[0].err, RK_OK);
        if (memcmp(&runners[0].result, &whole, sizeof whole) != 0) {
            fail_msg("trial %u in %u parts: another result, checksum %016llx against %016llx", (unsigned)number,
                     shared.parts, (unsigned long long)runners[0].result.trace_checksum,
                     (unsigned long long)whole.trace_checksum);
        }
    }
    print_message("%llu windows\n", (unsigned long long)shared.windows);
    assert_true(shared.windows > 10 * TRIALS);
}

/* No part waits for another then. */
static void what_no_part_can_run_all_refuse(void **state)
{
    static struct runner runners[PARTS_MAX];
    (void)state;
    struct rk_trial trial = draw_trial(1);
    trial.servers = 0;
    run_in_parts(&trial, 3, runners);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(runners[i].err, RK_ERR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_give_the_whole),
        cmocka_unit_test(what_no_part_can_run_all_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
