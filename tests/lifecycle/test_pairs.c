/* Key pairs that are no pairs are refused, whatever the library says of them; and the static pair of mechanism static. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

enum fault { NO_FAULT, WRONG_PUBLIC, ZERO_PUBLIC, ZERO_PRIVATE, ORDER_PRIVATE, ABOVE_PRIVATE, FAULTS };

static enum fault fault;
static unsigned agreements;

static const uint8_t order[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    0,    0xFF, 0xFF, 0xFF,
                                  0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
                                  0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

/* A library that makes bad pairs. */
static enum rk_crypto bad_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    enum rk_crypto err = double_backend.key_pair(alg, drbg, private_key, public_key);
    switch (fault) {
    case WRONG_PUBLIC:
        public_key[3] ^= 1;
        break;
    case ZERO_PUBLIC:
        memset(public_key, 0, rk_alg_public_bytes(alg));
        break;
    case ZERO_PRIVATE:
        memset(private_key, 0, 32);
        break;
    case ORDER_PRIVATE:
        memcpy(private_key, order, 32);
        break;
    case ABOVE_PRIVATE:
        memset(private_key, 0xFF, 32);
        break;
    default:
        break;
    }
    return err;
}

static enum rk_crypto counted_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t *private_key, const uint8_t *peer,
                                    uint8_t *secret)
{
    agreements++;
    return double_backend.agree(alg, drbg, private_key, peer, secret);
}

static void the_range_is_one_to_order_less_one(void **unused)
{
    (void)unused;
    uint8_t d[32] = {0};
    assert_false(rk_pair_in_range(RK_ALG_P256, d));
    d[31] = 1;
    assert_true(rk_pair_in_range(RK_ALG_P256, d));
    memcpy(d, order, sizeof d);
    assert_false(rk_pair_in_range(RK_ALG_P256, d));
    assert_false(rk_pair_in_range(RK_ALG_ECDSA_P256, d));
    for (int i = 0; i < 32; i++) {
        memcpy(d, order, sizeof d);
        if (d[i] > 0) {
            d[i]--; /* below from here on, whatever follows */
            memset(d + i + 1, 0xFF, 31u - (unsigned)i);
            assert_true(rk_pair_in_range(RK_ALG_P256, d));
        }
        memcpy(d, order, sizeof d);
        if (d[i] < 0xFF) {
            d[i]++;
            memset(d + i + 1, 0, 31u - (unsigned)i);
            assert_false(rk_pair_in_range(RK_ALG_P256, d));
        }
    }
    memset(d, 0, sizeof d);
    assert_true(rk_pair_in_range(RK_ALG_X25519, d)); /* every string is a scalar */
}

/* out: whether the fault shows with these checks on this curve. */
static bool found(uint8_t alg, uint8_t checks)
{
    if (fault == ZERO_PUBLIC)
        return true;
    if (checks != 0)
        return fault != NO_FAULT;
    return alg == RK_ALG_P256 && fault >= ZERO_PRIVATE;
}

static void bad_pairs_are_refused_and_wiped(void **unused)
{
    (void)unused;
    static const uint8_t curves[] = {RK_ALG_X25519, RK_ALG_P256};
    struct rk_backend backend = double_backend;
    uint64_t drbg[16];
    uint8_t seed[48] = {1}, private_key[32], public_key[65];
    backend.key_pair = bad_key_pair;
    backend.agree = counted_agree;
    backend.drbg_init((struct rk_drbg *)drbg, backend.drbg_alg, seed);
    for (size_t curve = 0; curve < 2; curve++) {
        for (uint8_t checks = 0; checks <= RK_PAIR_CONSISTENCY; checks++) {
            for (fault = NO_FAULT; fault < FAULTS; fault++) {
                agreements = 0;
                enum rk_crypto err =
                    rk_pair_make(&backend, curves[curve], (struct rk_drbg *)drbg, checks, private_key, public_key);
                bool bad = found(curves[curve], checks);
                assert_int_equal(err, bad ? RK_CRYPTO_FAILED : RK_CRYPTO_OK);
                assert_true(agreements <= checks); /* costs nothing where it is not asked for */
                static const uint8_t zeros[65];
                if (bad) {
                    assert_memory_equal(private_key, zeros, 32);
                    assert_memory_equal(public_key, zeros, rk_alg_public_bytes(curves[curve]));
                }
            }
        }
    }
    fault = NO_FAULT;
}

/* The agent asks for the check where its configuration does, and no R1 leaves with a bad pair. */
static void an_agent_uses_no_bad_pair(void **unused)
{
    (void)unused;
    struct pair pair;
    for (fault = NO_FAULT; fault <= WRONG_PUBLIC; fault++) {
        pair_init(&pair, &double_backend, RK_MECHANISM_ECDH, RK_ALG_AES_CCM, RK_ALG_P256);
        pair.backend.key_pair = bad_key_pair;
        pair.config.pair_checks = RK_PAIR_CONSISTENCY;
        pair_start(&pair);
        assert_int_equal(rk_agent_active(&pair.device) != NULL, fault == NO_FAULT);
        assert_int_equal(pair.frames > 0, fault == NO_FAULT);
        assert_int_equal(pair.failed, fault == NO_FAULT ? 0 : 1);
    }
    fault = NO_FAULT;
}

static void a_static_pair_is_checked_always(void **unused)
{
    (void)unused;
    struct rk_backend backend = double_backend;
    struct rk_provision device, server;
    uint64_t drbg[16];
    uint8_t seed[48] = {1};
    backend.key_pair = bad_key_pair;
    backend.drbg_init((struct rk_drbg *)drbg, backend.drbg_alg, seed);
    fault = WRONG_PUBLIC;
    assert_int_equal(rk_pair_provision(&backend, RK_ALG_X25519, (struct rk_drbg *)drbg, &device, &server),
                     RK_CRYPTO_FAILED);
    fault = NO_FAULT;
    assert_int_equal(rk_pair_provision(&backend, RK_ALG_X25519, (struct rk_drbg *)drbg, &device, &server),
                     RK_CRYPTO_OK);
    assert_memory_not_equal(device.static_key, server.static_key, 32);
    assert_int_equal(rk_pair_provision(&backend, RK_ALG_P256, (struct rk_drbg *)drbg, &device, &server),
                     RK_CRYPTO_UNSUPPORTED);
}

/* The server makes no pair of its own, and only its static one leads to the key. */
static void static_agrees_with_the_servers_own_key(void **unused)
{
    (void)unused;
    struct pair pair;
    pair_init(&pair, &double_backend, RK_MECHANISM_STATIC, RK_ALG_AES_CCM, RK_ALG_X25519);
    pair_start(&pair);
    assert_non_null(rk_agent_active(&pair.device));
    assert_memory_equal(rk_agent_active(&pair.device)->material, rk_agent_active(&pair.server)->material, 16);
    assert_int_equal(pair.last[RK_FRAME_R1].bytes, 10 + 32 + 16);
    assert_int_equal(pair.last[RK_FRAME_R2].bytes, 6 + 16 + 16);
    uint32_t id = rk_agent_active(&pair.device)->id;
    pair.server.provision.static_key[0] ^= 8;
    pair_run(&pair, pair.now_ns + 1100 * SECOND_ns);
    assert_int_equal(rk_agent_active(&pair.device)->id, id); /* another server: no confirmation, no new key */
    assert_true(pair.failed > 0);
    pair.config.curve = RK_ALG_P256;
    assert_int_equal(rk_agent_init(&pair.device, &pair.config, &pair.backend, (struct rk_drbg *)pair.drbg_device, NULL,
                                   &pair.provision),
                     RK_AGENT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_is_one_to_order_less_one),
        cmocka_unit_test(bad_pairs_are_refused_and_wiped),
        cmocka_unit_test(an_agent_uses_no_bad_pair),
        cmocka_unit_test(a_static_pair_is_checked_always),
        cmocka_unit_test(static_agrees_with_the_servers_own_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
