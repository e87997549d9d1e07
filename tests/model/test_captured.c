/* Links lost to captured devices: against closed forms, and against what memories of real agents and members really open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/lifecycle/key.h"
#include "engine/model/captured.h"
#include "tests/backends/loaded.h"
#include "tests/model/fixture.h"

#define PER_DAY (36525ull * 10000) /* in events a million years */

enum { REPLICATIONS = 300 };

static const struct rk_backend *library(void)
{
    const uint64_t needed = RK_CAP(RK_ALG_AES_CCM) | RK_CAP(RK_ALG_X25519) | RK_CAP(RK_ALG_AES_KEY_WRAP);
    for (unsigned i = 0; i < LOADED_COUNT; i++) {
        if (has_drbg(loaded[i].backend) && (loaded[i].capabilities & needed) == needed) {
            return loaded[i].backend;
        }
    }
    fail_msg("no library with AES-CCM, X25519 and AES key wrap");
    return NULL;
}

/* A minute: who is captured does not depend on what happened. */
static struct rk_trial fleet_of(uint32_t devices, uint32_t captured, uint8_t scheme)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = devices;
    trial.horizon_ns = 60 * RK_S;
    trial.adversary.captured = captured;
    trial.group =
        (struct rk_group_shape){.scheme = scheme, .copies = 1, .degree = 3, .cell_devices = 10, .repair_ns = 60 * RK_S};
    return trial;
}

/* --- closed forms --- */

static void expect_mean(struct rk_trial *trial, uint32_t each, bool exactly)
{
    const uint32_t n = trial->devices, c = trial->adversary.captured;
    double all = 0, others = 0, squares = 0;
    for (trial->replication = 0; trial->replication < REPLICATIONS; trial->replication++) {
        const struct rk_trial_result result = rkt_run(trial);
        double share = result.metric[RK_METRIC_links_lost_share];
        all += share / REPLICATIONS;
        squares += share * share / REPLICATIONS;
        others += result.metric[RK_METRIC_links_lost_others_share] / REPLICATIONS;
        assert_true(isnan(result.metric[RK_METRIC_links_tried_share]));
    }
    double error = exactly ? 1e-12 : 4 * sqrt((squares - all * all) / REPLICATIONS);
    assert_true(exactly || error > 0);
    assert_float_equal(all, rk_captured_closed_form(n, each, c), error);
    if (c < n) {
        assert_float_equal(others, rk_captured_closed_form_others(n, each, c), error * n / (n - c));
    } else {
        assert_true(isnan(others));
    }
}

static void pairs_lose_their_own_link_and_groups_all(void **state)
{
    (void)state;
    const uint32_t captured[] = {1, 3, 60};
    for (size_t i = 0; i < sizeof captured / sizeof captured[0]; i++) {
        struct rk_trial pairs = fleet_of(60, captured[i], RK_GROUP_NONE);
        expect_mean(&pairs, 1, true);
        assert_float_equal(rk_captured_closed_form(60, 1, captured[i]), captured[i] / 60.0, 1e-12);
        const uint8_t schemes[] = {RK_GROUP_STAR, RK_GROUP_LKH, RK_GROUP_NETWORK};
        for (size_t k = 0; k < sizeof schemes; k++) {
            struct rk_trial group = fleet_of(60, captured[i], schemes[k]);
            expect_mean(&group, 60, true);
            assert_float_equal(rk_captured_closed_form(60, 60, captured[i]), 1, 1e-12);
        }
    }
}

static void cells_and_batches_lose_what_shares_a_key(void **state)
{
    (void)state;
    struct rk_trial one = fleet_of(60, 1, RK_GROUP_CELL);
    expect_mean(&one, 10, true);
    assert_float_equal(rk_captured_closed_form(60, 10, 2), 1 - 50.0 * 49 / (60 * 59), 1e-12);
    for (uint32_t captured = 2; captured <= 8; captured += 3) {
        struct rk_trial cells = fleet_of(60, captured, RK_GROUP_CELL);
        expect_mean(&cells, 10, false);
        struct rk_trial batch = fleet_of(60, captured, RK_GROUP_NONE);
        batch.batch_devices = 10;
        expect_mean(&batch, 10, false);
        batch.policy.mechanism = RK_MECHANISM_ECDH;
        expect_mean(&batch, 1, true);
    }
}

/* More captured are the same and others: what is lost only grows. And nothing else of the trial changes. */
static void more_captured_lose_more(void **state)
{
    (void)state;
    struct rk_trial trial = fleet_of(60, 0, RK_GROUP_CELL);
    const struct rk_trial_result none = rkt_run(&trial);
    assert_true(isnan(none.metric[RK_METRIC_links_lost_share]));
    double before = 0;
    for (trial.adversary.captured = 1; trial.adversary.captured <= 60; trial.adversary.captured++) {
        const struct rk_trial_result result = rkt_run(&trial);
        assert_true(result.metric[RK_METRIC_links_lost_share] >= before);
        assert_int_equal(result.trace_checksum, none.trace_checksum);
        assert_memory_equal(result.metric, none.metric, RK_METRIC_links_lost_share * sizeof(double));
        before = result.metric[RK_METRIC_links_lost_share];
    }
    assert_true(before == 1);
}

/* --- tried --- */

static void agree(const struct rk_trial *trial)
{
    const struct rk_trial_result result = rkt_run(trial);
    if (result.metric[RK_METRIC_links_tried_apart] != 0) {
        fail_msg("%s, %s, batches of %u: %.0f links apart", rk_mechanism_name(trial->policy.mechanism),
                 rk_group_scheme_name(trial->group.scheme), trial->batch_devices,
                 result.metric[RK_METRIC_links_tried_apart]);
    }
    assert_true(result.metric[RK_METRIC_links_tried_share] == result.metric[RK_METRIC_links_lost_share]);
    assert_true(result.metric[RK_METRIC_links_tried_share] > 0);
}

static struct rk_trial tried(uint8_t mechanism, uint8_t scheme)
{
    struct rk_trial trial = fleet_of(24, 3, scheme);
    trial.execution = RK_EXECUTION_NATIVE;
    trial.backend = library();
    trial.capabilities = trial.backend->capabilities;
    trial.drbg_alg = trial.backend->drbg_alg;
    trial.policy.mechanism = mechanism;
    trial.adversary.tried = true;
    return trial;
}

static void books_say_what_is_opened(void **state)
{
    (void)state;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = tried(mechanism, RK_GROUP_NONE);
        agree(&trial);
        trial.batch_devices = 7;
        agree(&trial);
    }
    for (uint8_t scheme = RK_GROUP_STAR; scheme < RK_GROUP_SCHEMES; scheme++) {
        struct rk_trial trial = tried(RK_MECHANISM_DERIVE, scheme);
        agree(&trial);
        trial.message_period_ns = RK_DAY;
        trial.policy.interval_ns = 20 * RK_DAY;
        trial.horizon_ns = 10 * RK_DAY; /* about half are outside at the end, and have their pair's link alone */
        trial.group.leaves_per_1e6y = trial.group.joins_per_1e6y = 10 * PER_DAY;
        agree(&trial);
        trial.aead = RK_ALG_CHACHA20_POLY1305;
        trial.tag_bytes = 16;
        if (rk_backend_has(trial.backend, trial.aead)) {
            agree(&trial);
        }
    }
}

/* --- worse than the books --- */

static const struct rk_backend *sound;

/* A generator that takes no entropy: all devices make the same key pair, which no book knows. */
static enum rk_crypto seedless(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    static const uint8_t same[48] = {1};
    (void)entropy;
    return sound->drbg_init(drbg, alg, same);
}

/* A derivation that takes nothing of the key that it starts from. */
static enum rk_crypto secretless(const struct rk_kdf_job *job)
{
    static const uint8_t same[RK_KEY_MAX_bytes] = {1};
    struct rk_kdf_job less = *job;
    less.secret = same;
    return sound->kdf(&less);
}

static double apart(const struct rk_trial *trial)
{
    return rkt_run(trial).metric[RK_METRIC_links_tried_apart];
}

static void what_is_worse_than_the_books_is_found(void **state)
{
    (void)state;
    struct rk_trial trial = tried(RK_MECHANISM_TRANSPORT, RK_GROUP_NONE);
    struct rk_backend planted = *trial.backend;
    sound = trial.backend;
    trial.backend = &planted;
    assert_true(apart(&trial) == 0);
    planted.drbg_init = seedless; /* the server's fresh key is everybody's */
    assert_true(apart(&trial) == 21);

    trial = tried(RK_MECHANISM_DERIVE, RK_GROUP_NONE);
    planted = *trial.backend;
    trial.backend = &planted;
    assert_true(apart(&trial) == 0);
    planted.kdf = secretless;
    assert_true(apart(&trial) == 21);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct rk_trial_result result;
    struct rk_diag diag;
    struct rk_trial trial = fleet_of(5, 6, RK_GROUP_NONE);
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
    trial = fleet_of(5, 1, RK_GROUP_STAR);
    trial.batch_devices = 2;
    assert_int_equal(rk_trial_run(&trial, &result, &diag), RK_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_lose_their_own_link_and_groups_all),
        cmocka_unit_test(cells_and_batches_lose_what_shares_a_key),
        cmocka_unit_test(more_captured_lose_more),
        cmocka_unit_test(books_say_what_is_opened),
        cmocka_unit_test(what_is_worse_than_the_books_is_found),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
