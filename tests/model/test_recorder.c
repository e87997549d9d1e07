/* What bookkeeping says is open is what a library really decrypts, frame by frame, for every mechanism; and where a library
 * or an agent is worse than its class, the two come apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/lifecycle/key.h"
#include "tests/backends/loaded.h"
#include "tests/model/fixture.h"

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

/* Four devices, four days, a message every quarter of an hour, a key for six hours, two leaks a day. */
static struct rk_trial tried(uint8_t mechanism)
{
    struct rk_trial trial = rkt_trial();
    trial.execution = RK_EXECUTION_NATIVE;
    trial.backend = library();
    trial.capabilities = trial.backend->capabilities;
    trial.drbg_alg = trial.backend->drbg_alg;
    trial.aead = RK_ALG_AES_CCM;
    trial.curve = RK_ALG_X25519;
    trial.devices = 4;
    trial.horizon_ns = 4 * RK_DAY;
    trial.message_period_ns = 900 * RK_S;
    trial.policy.mechanism = mechanism;
    trial.policy.interval_ns = 6 * 3600 * RK_S;
    trial.policy.overlap_ns = 3600 * RK_S;
    trial.detection_mean_ns = 4 * 3600 * RK_S;
    trial.compromise_per_1e6y = 1000000ull * 36525 / 50;
    trial.adversary.tried = true;
    return trial;
}

static struct rk_trial_result agree(const struct rk_trial *trial)
{
    struct rk_trial_result result = rkt_run(trial);
    const double *metric = result.metric;
    if (metric[RK_METRIC_tried_apart] != 0) {
        fail_msg("%s: %.0f frames apart", rk_mechanism_name(trial->policy.mechanism), metric[RK_METRIC_tried_apart]);
    }
    assert_true(metric[RK_METRIC_compromises] > 12);
    assert_float_equal(metric[RK_METRIC_tried_messages], metric[RK_METRIC_exposure_messages], 1e-9);
    assert_true(metric[RK_METRIC_tried_messages] > 1);
    return result;
}

static void bookkeeping_says_what_is_decrypted(void **state)
{
    (void)state;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = tried(mechanism);
        const double *metric = agree(&trial).metric;
        bool pair = mechanism == RK_MECHANISM_ECDH, device = pair || mechanism == RK_MECHANISM_STATIC;
        double past = metric[RK_METRIC_tried_past_share];
        assert_true(device ? past > 0 && past < 0.5 : past == 1);
        assert_true(pair ? metric[RK_METRIC_tried_server_messages] == metric[RK_METRIC_tried_capture_messages]
                         : metric[RK_METRIC_tried_server_messages] > 96);
    }
}

static void with_all_that_an_adversary_may_miss(void **state)
{
    (void)state;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = tried(mechanism);
        trial.missed_ppm = 300000;
        trial.frame_loss_ppm = 100000;
        trial.adversary.unrecorded_ppm = 500000;
        trial.adversary.response_ns = 3 * 3600 * RK_S;
        trial.adversary.response = mechanism % 2 == 0 ? RK_RESPONSE_REKEY : RK_RESPONSE_REPROVISION;
        agree(&trial);
    }
}

/* --- worse than their class --- */

static const struct rk_backend *sound;

/* Everything is wiped but a key's material when its time is over. */
static void keeps(void *memory, size_t bytes)
{
    if (bytes != RK_KEY_MAX_bytes) {
        sound->wipe(memory, bytes);
    }
}

/* A library that takes no nonces: what is left of the context is label, device, key and suite. */
static enum rk_crypto nonceless(const struct rk_kdf_job *job)
{
    struct rk_kdf_job less = *job;
    less.context_bytes = less.context_bytes > 11 ? 11 : less.context_bytes;
    return sound->kdf(&less);
}

static double apart(const struct rk_trial *trial)
{
    return rkt_run(trial).metric[RK_METRIC_tried_apart];
}

static void what_is_worse_than_its_class_is_caught(void **state)
{
    (void)state;
    struct rk_trial trial = tried(RK_MECHANISM_ECDH);
    struct rk_backend planted = *trial.backend;
    sound = trial.backend;
    trial.backend = &planted;
    assert_true(apart(&trial) == 0);
    planted.wipe = keeps;
    assert_true(apart(&trial) > 0);

    trial = tried(RK_MECHANISM_REFRESH);
    planted = *trial.backend;
    trial.backend = &planted;
    trial.missed_ppm = 1000000;
    assert_true(apart(&trial) == 0);
    planted.kdf = nonceless; /* and missing the nonces does not end a leak */
    assert_true(apart(&trial) > 0);
}

static void off_or_modelled(void **state)
{
    (void)state;
    struct rk_trial trial = tried(RK_MECHANISM_DERIVE);
    struct rk_trial_result with = rkt_run(&trial);
    trial.adversary.tried = false;
    struct rk_trial_result without = rkt_run(&trial);
    assert_true(with.trace_checksum == without.trace_checksum && isnan(without.metric[RK_METRIC_tried_apart]));
    assert_memory_equal(with.metric, without.metric, RK_METRIC_tried_messages * sizeof(double));
    trial.adversary.tried = true;
    trial.execution = RK_EXECUTION_MODELLED;
    struct rk_diag diag;
    assert_int_equal(rk_trial_run(&trial, &with, &diag), RK_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bookkeeping_says_what_is_decrypted),
        cmocka_unit_test(with_all_that_an_adversary_may_miss),
        cmocka_unit_test(what_is_worse_than_its_class_is_caught),
        cmocka_unit_test(off_or_modelled),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
