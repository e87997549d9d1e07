/* tests/model/test_limits.c - the examples of the draft, IoT message sizes, and what a renewing policy may never do */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "backends/backend.h"
#include "engine/model/limits.h"

static struct rk_limits_use use(uint8_t alg, uint8_t tag_bytes, double blocks)
{
    return (struct rk_limits_use){.alg = alg,
                                  .tag_bytes = tag_bytes,
                                  .key_bytes = alg == RK_ALG_CHACHA20_POLY1305 ? 32 : 16,
                                  .blocks = blocks,
                                  .advantage_log2 = -50.0,
                                  .offline_log2 = 70.0};
}

static struct rk_limits single(uint8_t alg, uint8_t tag_bytes, double blocks)
{
    struct rk_limits_use what = use(alg, tag_bytes, blocks);
    struct rk_limits limits;
    assert_int_equal(rk_limits_single_key(&what, &limits, NULL), RK_OK);
    return limits;
}

static struct rk_limits many(uint8_t alg, uint8_t tag_bytes, double blocks, double blocks_per_key_log2)
{
    struct rk_limits_use what = use(alg, tag_bytes, blocks);
    struct rk_limits limits;
    assert_int_equal(rk_limits_many_keys(&what, blocks_per_key_log2, &limits, NULL), RK_OK);
    return limits;
}

static struct rk_limits policy(uint8_t alg, uint8_t tag_bytes, double blocks, double keys)
{
    struct rk_limits_use what = use(alg, tag_bytes, blocks);
    struct rk_limits limits;
    assert_int_equal(rk_limits_policy(&what, keys, &limits, NULL), RK_OK);
    return limits;
}

/* Table 2 of the draft: p = 2^-50, L = 2^7. It prints one decimal; CCM_8's 2^30.5 less 2^13 it rounds down. */
static void test_single_key_examples(void **state)
{
    (void)state;
    assert_float_equal(single(RK_ALG_AES_GCM, 16, 128).protected_log2, 32.5, 0.05);
    assert_float_equal(single(RK_ALG_AES_GCM, 16, 128).failed_log2, 64.0, 0.0);
    assert_true(isinf(single(RK_ALG_CHACHA20_POLY1305, 16, 128).protected_log2));
    assert_float_equal(single(RK_ALG_CHACHA20_POLY1305, 16, 128).failed_log2, 46.0, 0.05);
    assert_float_equal(single(RK_ALG_AES_CCM, 16, 128).protected_log2, 30.0, 1e-9);
    assert_float_equal(single(RK_ALG_AES_CCM, 16, 128).failed_log2, 30.0, 1e-9);
    double ccm_8 = single(RK_ALG_AES_CCM, 8, 128).protected_log2;
    assert_true(ccm_8 > 30.4 && ccm_8 < 30.5);
    assert_float_equal(single(RK_ALG_AES_CCM, 8, 128).failed_log2, 13.0, 1e-9);
    assert_float_equal(single(RK_ALG_AES_CCM, 16, 128).offline_log2, -58.0, 0.0);
}

/* The bounds themselves, put in: the advantage comes out, and one part in a thousand more exceeds it. */
static void test_limits_meet_the_bounds(void **state)
{
    (void)state;
    for (double blocks = 1; blocks <= 1024; blocks *= 2) {
        double p = exp2(-50.0);
        struct rk_limits limits = single(RK_ALG_AES_CCM, 8, blocks);
        double v = exp2(limits.failed_log2), q = exp2(limits.protected_log2);
        double advantage = v * exp2(-64.0) + pow(2 * blocks * (v + q), 2) * exp2(-128.0);
        assert_float_equal(advantage / p, 1.0, 1e-9);
        limits = single(RK_ALG_AES_GCM, 16, blocks);
        q = exp2(limits.protected_log2);
        assert_float_equal(pow(blocks * q + q + 1, 2) * exp2(-129.0) / p, 1.0, 1e-9);
        limits = single(RK_ALG_AES_CCM, 16, blocks);
        v = exp2(limits.failed_log2);
        q = exp2(limits.protected_log2);
        assert_float_equal(pow(2 * blocks * (v + q), 2) * exp2(-128.0) / p, 1.0, 1e-9);
    }
}

/* Sizes of this project's devices: a block, a frame of 127 bytes, a kilobyte. */
static void test_sizes_of_devices(void **state)
{
    (void)state;
    static const struct {
        double blocks, ccm_sum, gcm;
    } sizes[] = {{1, 38.0, 38.5}, {8, 35.0, 36.3}, {64, 32.0, 33.5}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct rk_limits ccm = single(RK_ALG_AES_CCM, 16, sizes[i].blocks);
        assert_float_equal(ccm.protected_log2 + 1.0, sizes[i].ccm_sum, 1e-9);
        assert_float_equal(single(RK_ALG_AES_GCM, 16, sizes[i].blocks).protected_log2, sizes[i].gcm, 0.05);
    }
    assert_float_equal(single(RK_ALG_AES_CCM, 8, 8).protected_log2, 34.5, 1e-4);
    assert_float_equal(single(RK_ALG_AES_CCM, 8, 8).failed_log2, 13.0, 1e-9);
    /* MIC-32 of IEEE 802.15.4: p 2^31, which at 2^-50 is less than one forgery. */
    assert_float_equal(single(RK_ALG_AES_CCM, 4, 8).failed_log2, -19.0, 1e-9);
    assert_int_equal(rk_limits_count(-19.0), 0);
}

/* Table 3 of the draft, B = C = 2^27. */
static void test_many_keys_examples(void **state)
{
    (void)state;
    assert_float_equal(many(RK_ALG_AES_GCM, 16, 128, 27).protected_log2, 69.0 - 27.0, 1e-5);
    assert_float_equal(many(RK_ALG_AES_GCM, 16, 128, 27).failed_log2, 69.0 - 27.0, 1e-5);
    assert_float_equal(many(RK_ALG_AES_CCM, 16, 128, 27).protected_log2, 69.0 - 27.0, 1e-9);
    assert_float_equal(many(RK_ALG_AES_CCM, 16, 128, 27).failed_log2, 69.0 - 27.0, 1e-9);
    assert_float_equal(many(RK_ALG_AES_CCM, 8, 128, 27).protected_log2, 69.0 - 27.0, 1e-9);
    assert_float_equal(many(RK_ALG_AES_CCM, 8, 128, 27).failed_log2, 13.0, 1e-9);
    assert_float_equal(many(RK_ALG_CHACHA20_POLY1305, 16, 128, 27).protected_log2, 100.0, 0.0);
    assert_float_equal(many(RK_ALG_CHACHA20_POLY1305, 16, 128, 27).failed_log2, 46.0, 0.05);
    assert_float_equal(many(RK_ALG_AES_CCM, 16, 128, 27).offline_log2, 70.0 - 122.0, 0.0);
}

/* More keys: less for each, and never a forgery more. Where the keys of n are used to their limits, the draft's bound
 * over all of them holds. */
static void test_a_policy_that_renews(void **state)
{
    (void)state;
    struct rk_limits one = policy(RK_ALG_AES_CCM, 8, 4, 1), before = one;
    assert_true(one.protected_log2 <= single(RK_ALG_AES_CCM, 8, 4).protected_log2);
    for (double keys = 2; keys <= 1 << 20; keys *= 2) {
        struct rk_limits limits = policy(RK_ALG_AES_CCM, 8, 4, keys);
        assert_true(limits.protected_log2 < before.protected_log2);
        assert_float_equal(limits.failed_log2, 13.0, 1e-9);
        double q = exp2(limits.protected_log2);
        double total_log2 = log2(keys * q), per_key_log2 = log2(4 * q);
        assert_true(total_log2 <= many(RK_ALG_AES_CCM, 8, 4, per_key_log2).protected_log2 + 1e-9);
        before = limits;
    }
    struct rk_limits chacha = policy(RK_ALG_CHACHA20_POLY1305, 16, 4, 1024);
    assert_float_equal(chacha.protected_log2, 90.0, 1e-9);
    assert_float_equal(chacha.failed_log2, 53.0 - log2(5.0), 1e-9);
}

static void test_what_cannot_be_met(void **state)
{
    (void)state;
    struct rk_diag diag = {""};
    struct rk_limits limits;
    struct rk_limits_use what = use(RK_ALG_AES_CCM, 4, 4);
    assert_int_equal(rk_limits_policy(&what, 1, &limits, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "an advantage of 2^-50 permits no failed tag");
    what = use(RK_ALG_AES_CCM, 16, 4);
    what.advantage_log2 = -60.0;
    assert_int_equal(rk_limits_policy(&what, 1, &limits, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "offline work of 2^70 alone gives an advantage of 2^-52, above 2^-60");
    what.offline_log2 = 60.0;
    assert_int_equal(rk_limits_policy(&what, 1, &limits, &diag), RK_OK);
    what = use(RK_ALG_ASCON_AEAD128, 16, 4);
    assert_int_equal(rk_limits_policy(&what, 1, &limits, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "no bound is stated for this algorithm where keys are renewed");
    what = use(RK_ALG_AES_GCM, 8, 4);
    assert_int_equal(rk_limits_single_key(&what, &limits, &diag), RK_ERR_CHECK);
    what = use(RK_ALG_SHA256, 16, 4);
    assert_int_equal(rk_limits_single_key(&what, &limits, &diag), RK_ERR_CHECK);
}

static void test_protocols(void **state)
{
    (void)state;
    struct rk_diag diag = {""};
    struct rk_limits limits;
    struct rk_limits_use what = use(RK_ALG_AES_CCM, 16, 4);
    assert_int_equal(rk_limits_protocol(RK_LIMITS_DTLS13, &what, &limits, &diag), RK_OK);
    assert_int_equal(rk_limits_count(limits.protected_log2), 1u << 23);
    assert_int_equal(rk_limits_count(limits.failed_log2), 11863283); /* 2^23.5 */
    assert_int_equal(rk_limits_protocol(RK_LIMITS_OSCORE, &what, &limits, &diag), RK_OK);
    assert_int_equal(rk_limits_count(limits.failed_log2), 1u << 20);
    what.tag_bytes = 8;
    assert_int_equal(rk_limits_protocol(RK_LIMITS_OSCORE, &what, &limits, &diag), RK_OK);
    assert_int_equal(rk_limits_count(limits.failed_log2), 1u << 14);
    assert_int_equal(rk_limits_protocol(RK_LIMITS_DTLS13, &what, &limits, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "DTLS 1.3 forbids CCM with a tag of 8 B without further safeguards");
    what.blocks = 257;
    assert_int_equal(rk_limits_protocol(RK_LIMITS_OSCORE, &what, &limits, &diag), RK_ERR_CHECK);
    what = use(RK_ALG_CHACHA20_POLY1305, 16, 4);
    assert_int_equal(rk_limits_protocol(RK_LIMITS_DTLS13, &what, &limits, &diag), RK_OK);
    assert_true(rk_limits_count(limits.protected_log2) == UINT32_MAX);
}

static void test_ascon(void **state)
{
    (void)state;
    struct rk_limits limits = single(RK_ALG_ASCON_AEAD128, 16, 3);
    assert_float_equal(limits.protected_log2, 54.0 - 6.0, 1e-9); /* 64 bytes a message with its nonce */
    assert_float_equal(limits.failed_log2, 96.0, 0.0);
}

static void test_counts(void **state)
{
    (void)state;
    assert_float_equal(rk_limits_blocks(9, 40), 4.0, 0.0);
    assert_float_equal(rk_limits_blocks(0, 0), 1.0, 0.0);
    assert_float_equal(rk_limits_blocks(16, 17), 3.0, 0.0);
    assert_int_equal(rk_limits_count(0.0), 1);
    assert_int_equal(rk_limits_count(13.0), 8192);
    assert_true(rk_limits_count(32.0) == UINT32_MAX);
    assert_true(rk_limits_count(INFINITY) == UINT32_MAX);
    assert_int_equal(rk_limits_count(-0.1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_key_examples),
        cmocka_unit_test(test_limits_meet_the_bounds),
        cmocka_unit_test(test_sizes_of_devices),
        cmocka_unit_test(test_many_keys_examples),
        cmocka_unit_test(test_a_policy_that_renews),
        cmocka_unit_test(test_what_cannot_be_met),
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_ascon),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
