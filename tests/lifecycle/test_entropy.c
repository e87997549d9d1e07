/* An entropy source's samples pass the health tests or make nothing; the generator ends before its limit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

static unsigned instantiations;

static enum rk_crypto counted_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    instantiations++;
    return double_backend.drbg_init(drbg, alg, entropy);
}

static void good_samples(uint8_t *out, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
}

/* The cutoffs are the standard's formulas; the second one by summing the binomial distribution. */
static void cutoffs_follow_from_alpha(void **unused)
{
    (void)unused;
    const long double alpha = ldexpl(1, -20);
    for (uint8_t bits = 1; bits <= RK_ENTROPY_BITS_MAX; bits++) {
        assert_int_equal(rk_entropy_repetition_cutoff(bits), 1 + (int)ceil(20.0 / bits));
        long double p = ldexpl(1, -bits), term = powl(1 - p, RK_ENTROPY_WINDOW), below = term;
        int k = 0;
        while (below < 1 - alpha) {
            term *= (RK_ENTROPY_WINDOW - k) * p / ((k + 1) * (1 - p));
            below += term;
            k++;
        }
        assert_int_equal(rk_entropy_proportion_cutoff(bits), 1 + k);
    }
}

static void a_stuck_source_is_found(void **unused)
{
    (void)unused;
    uint8_t samples[64];
    for (uint8_t bits = 1; bits <= RK_ENTROPY_BITS_MAX; bits++) {
        uint8_t cutoff = rk_entropy_repetition_cutoff(bits);
        struct rk_entropy_health health = {0};
        good_samples(samples, sizeof samples, bits);
        memset(samples + 7, 0x5A, cutoff - 1u);
        samples[6] = 1;
        samples[7 + cutoff - 1] = 2;
        assert_true(rk_entropy_test(&health, bits, samples, sizeof samples));
        samples[7 + cutoff - 1] = 0x5A;
        health = (struct rk_entropy_health){0};
        assert_false(rk_entropy_test(&health, bits, samples, sizeof samples));
        /* Across two seedings just the same. */
        health = (struct rk_entropy_health){0};
        assert_true(rk_entropy_test(&health, bits, samples, 8));
        assert_false(rk_entropy_test(&health, bits, samples + 8, sizeof samples - 8));
    }
}

/* One value too often among 512, never twice in a row. */
static void a_biased_source_is_found(void **unused)
{
    (void)unused;
    uint8_t samples[2 * RK_ENTROPY_WINDOW];
    for (uint8_t bits = 1; bits <= RK_ENTROPY_BITS_MAX; bits++) {
        unsigned cutoff = rk_entropy_proportion_cutoff(bits);
        if (cutoff > RK_ENTROPY_WINDOW / 2)
            continue; /* takes repetitions: below */
        for (unsigned i = 0; i < sizeof samples; i++) {
            unsigned at = i % RK_ENTROPY_WINDOW;
            samples[i] = at % 2 == 0 && at / 2 < cutoff - 1 ? 0xEE : (uint8_t)(i % 200);
        }
        struct rk_entropy_health health = {0};
        assert_true(rk_entropy_test(&health, bits, samples, sizeof samples)); /* two windows, each just below */
        health = (struct rk_entropy_health){0};
        samples[RK_ENTROPY_WINDOW - 2] = 0xEE;
        assert_false(rk_entropy_test(&health, bits, samples, sizeof samples));
    }
    struct rk_entropy_health health = {0};
    unsigned at = 0;
    for (; at < RK_ENTROPY_WINDOW; at++)
        samples[at] = at % 5 < 4 ? 0xEE : 0; /* 410 of 512, four in a row: only the proportion tells at one bit */
    assert_false(rk_entropy_test(&health, 1, samples, RK_ENTROPY_WINDOW));
}

static void good_sources_pass(void **unused)
{
    (void)unused;
    uint8_t samples[RK_ENTROPY_STARTUP];
    for (uint32_t source = 1; source <= 200; source++) {
        struct rk_entropy_health health = {0};
        good_samples(samples, sizeof samples, source);
        assert_true(rk_entropy_test(&health, 8, samples, sizeof samples));
    }
}

static void pair_counting(struct pair *pair, uint8_t mechanism)
{
    pair_init(pair, &double_backend, mechanism, RK_ALG_AES_CCM, RK_ALG_X25519);
    pair->backend.drbg_init = counted_init;
    instantiations = 0;
}

static void device_make(struct pair *pair)
{
    rk_agent_init(&pair->device, &pair->config, &pair->backend, (struct rk_drbg *)pair->drbg_device, NULL,
                  &pair->provision);
}

/* An error state without output: nothing is instantiated, no frame leaves, no other event is served. */
static void bad_samples_start_nothing(void **unused)
{
    (void)unused;
    struct pair pair;
    pair_counting(&pair, RK_MECHANISM_ECDH);
    device_make(&pair);
    uint8_t stuck[RK_ENTROPY_bytes] = {0}, good[RK_ENTROPY_bytes];
    uint64_t before[16];
    memcpy(before, pair.drbg_device, sizeof before);
    assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_START, stuck, sizeof stuck), RK_AGENT_NO_ENTROPY);
    assert_int_equal(instantiations, 0);
    assert_int_equal(pair.actions.frame_bytes, 0);
    assert_int_equal(pair.actions.record_count, 0);
    assert_memory_equal(before, pair.drbg_device, sizeof before);
    for (uint8_t kind = 0; kind < RK_EVENT_COUNT; kind++) {
        if (kind != RK_EVENT_START && kind != RK_EVENT_ZEROISE) {
            assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, kind, stuck, sizeof stuck), RK_AGENT_INVALID);
            assert_int_equal(pair.actions.frame_bytes, 0);
        }
    }
    good_samples(good, sizeof good, 1);
    assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_START, good, sizeof good), RK_AGENT_OK);
    assert_int_equal(instantiations, 1);
    assert_int_equal(pair.last[RK_FRAME_R1].bytes, 58);
}

static void few_bits_need_more_samples(void **unused)
{
    (void)unused;
    uint8_t samples[RK_FRAME_MAX_bytes + 1];
    good_samples(samples, sizeof samples, 3);
    for (uint8_t bits = 0; bits <= RK_ENTROPY_BITS_MAX + 1; bits++) {
        for (uint16_t count = 0; count <= sizeof samples; count++) {
            struct pair pair;
            pair_counting(&pair, RK_MECHANISM_DERIVE);
            pair.config.entropy_bits = bits;
            device_make(&pair);
            unsigned each = bits == 0 ? 8 : bits;
            bool enough = each <= 8 && count >= 48 && count <= RK_FRAME_MAX_bytes && count * each >= 192;
            assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_START, samples, count),
                             enough ? RK_AGENT_OK : RK_AGENT_INVALID);
        }
    }
}

/* The first request holds a nonce of the generator: all samples have a part in it. */
static void every_sample_counts(void **unused)
{
    (void)unused;
    uint8_t samples[RK_FRAME_MAX_bytes];
    for (uint16_t count = 48; count <= sizeof samples; count = (uint16_t)(count + 48)) {
        uint8_t first[RK_EXCHANGE_MAX_bytes];
        for (int changed = -1; changed < count; changed++) {
            struct pair pair;
            pair_counting(&pair, RK_MECHANISM_DERIVE);
            device_make(&pair);
            good_samples(samples, sizeof samples, 5);
            if (changed >= 0)
                samples[changed] ^= 0x80;
            pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_START, samples, count);
            assert_int_equal(pair.device.exchange.stage, RKI_STAGE_AWAIT_R2);
            if (changed < 0)
                memcpy(first, pair.device.exchange.frame, sizeof first);
            else
                assert_memory_not_equal(first + 10, pair.device.exchange.frame + 10, 16);
        }
    }
}

static void the_generator_ends_at_its_limit(void **unused)
{
    (void)unused;
    struct pair pair;
    uint8_t fresh[RK_ENTROPY_bytes];
    good_samples(fresh, sizeof fresh, 9);
    pair_counting(&pair, RK_MECHANISM_DERIVE);
    pair.config.policy.triggers = RK_TRIGGER_SESSION;
    pair_start(&pair);
    unsigned sessions = 0, wanted_at = 0;
    int result = RK_AGENT_OK;
    while (result == RK_AGENT_OK && sessions <= RKI_DRBG_REQUESTS_MAX) {
        pair.now_ns += 20 * SECOND_ns;
        pair.server.drbg_requests = 0; /* the server has its own */
        struct rk_event session = {
            .now_ns = pair.now_ns, .kind = RK_EVENT_SESSION, .subject = rk_access_subject(RK_EVENT_SESSION)};
        rk_agent_step(&pair.device, &session, &pair.actions);
        result = pair.actions.result;
        if (pair.actions.wants_entropy && wanted_at == 0)
            wanted_at = sessions;
        struct pair_frame r1 = {.to = RK_ROLE_SERVER, .bytes = pair.actions.frame_bytes};
        memcpy(r1.data, pair.actions.frame, r1.bytes);
        if (result == RK_AGENT_OK)
            pair_inject(&pair, &r1);
        sessions++;
    }
    assert_int_equal(result, RK_AGENT_NO_ENTROPY);
    assert_int_equal(pair.actions.frame_bytes, 0);
    assert_true(wanted_at > 0 && wanted_at < sessions - 100); /* time to answer */
    /* One request each, the last of which might have been a pair's; the first exchange was before the sessions. */
    assert_int_equal(sessions, RKI_DRBG_REQUESTS_MAX - RKI_DRBG_REQUESTS_PAIR + 1);
    assert_non_null(rk_agent_active(&pair.device)); /* the key there is goes on */

    uint64_t before[16];
    uint8_t stuck[RK_ENTROPY_bytes] = {0};
    memcpy(before, pair.drbg_device, sizeof before);
    assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_RESEED, stuck, sizeof stuck), RK_AGENT_NO_ENTROPY);
    assert_memory_equal(before, pair.drbg_device, sizeof before);
    assert_true(pair.actions.wants_entropy);
    assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_RESEED, fresh, sizeof fresh), RK_AGENT_OK);
    assert_false(pair.actions.wants_entropy);
    uint32_t old_id = rk_agent_active(&pair.device)->id;
    pair_run(&pair, pair.now_ns + 1000000 * SECOND_ns); /* past the rest after the failed renewal */
    pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_SESSION, NULL, 0);
    assert_true(rk_agent_active(&pair.device)->id > old_id);
}

/* What the generator was goes into what it becomes. */
static void a_reseed_carries_over(void **unused)
{
    (void)unused;
    struct pair pair[2];
    uint8_t samples[RK_ENTROPY_bytes];
    for (uint32_t i = 0; i < 2; i++) {
        pair_counting(&pair[i], RK_MECHANISM_DERIVE);
        device_make(&pair[i]);
        good_samples(samples, sizeof samples, 11 + i);
        pair_event(&pair[i], RK_ROLE_DEVICE, RK_EVENT_START, samples, sizeof samples);
        good_samples(samples, sizeof samples, 20);
        assert_int_equal(pair_event(&pair[i], RK_ROLE_DEVICE, RK_EVENT_RESEED, samples, sizeof samples), RK_AGENT_OK);
    }
    assert_memory_not_equal(pair[0].drbg_device, pair[1].drbg_device, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cutoffs_follow_from_alpha), cmocka_unit_test(a_stuck_source_is_found),
        cmocka_unit_test(a_biased_source_is_found),  cmocka_unit_test(good_sources_pass),
        cmocka_unit_test(bad_samples_start_nothing), cmocka_unit_test(few_bits_need_more_samples),
        cmocka_unit_test(every_sample_counts),       cmocka_unit_test(the_generator_ends_at_its_limit),
        cmocka_unit_test(a_reseed_carries_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
