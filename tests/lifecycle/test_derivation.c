/* Each purpose has its KDF and no other; label and context are unique per derived key, over all mechanisms, devices, ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

enum { DEVICES = 40, RENEWALS = 12, INPUT_bytes = 96, SEEN_MAX = 16384 };

/* Everything that a derivation depends on but its secret. */
struct derivation {
    uint8_t bytes[INPUT_bytes];
    uint8_t alg, label_bytes, context_bytes;
    uint32_t device, key_id;
    uint8_t mechanism;
};

static struct derivation seen[SEEN_MAX];
static unsigned derivations;

static enum rk_crypto recorded_kdf(const struct rk_kdf_job *job)
{
    bool extracts = job->alg == RK_ALG_HKDF_SHA256; /* its label is a salt: random, and no part of the proof */
    uint8_t label_bytes = extracts ? 0 : (uint8_t)job->label_bytes;
    assert_true(derivations < SEEN_MAX && label_bytes + job->context_bytes <= INPUT_bytes);
    struct derivation *one = &seen[derivations++];
    memset(one, 0, sizeof *one);
    one->alg = job->alg;
    one->label_bytes = label_bytes;
    one->context_bytes = (uint8_t)job->context_bytes;
    memcpy(one->bytes, job->label, label_bytes);
    memcpy(one->bytes + label_bytes, job->context, job->context_bytes);
    return double_backend.kdf(job);
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, offsetof(struct derivation, device));
}

static void run(uint32_t device, uint8_t mechanism, uint8_t aead, bool nonces_repeat)
{
    struct pair pair;
    pair_init(&pair, &double_backend, mechanism, aead, RK_ALG_X25519);
    pair.config.device_id = device;
    pair.backend.kdf = recorded_kdf;
    unsigned first = derivations;
    pair_start(&pair);
    for (unsigned renewal = 0; renewal < RENEWALS; renewal++) {
        pair_run(&pair, pair.now_ns + 1000 * SECOND_ns);
        assert_non_null(rk_agent_active(&pair.device));
    }
    if (mechanism == RK_MECHANISM_TRANSPORT) {
        assert_int_equal(derivations, first);
        return;
    }
    /* Both sides derive each key once, with the same inputs: of two equal neighbours one stays. */
    assert_int_equal((derivations - first) % 2, 0);
    unsigned keys = (derivations - first) / 2;
    assert_true(keys >= RENEWALS);
    qsort(seen + first, 2 * keys, sizeof *seen, compare);
    for (unsigned i = 0; i < keys; i++) {
        assert_int_equal(compare(&seen[first + 2 * i], &seen[first + 2 * i + 1]), 0);
        seen[first + i] = seen[first + 2 * i];
        /* The nonces' part is taken out: what is left must tell keys apart by itself. */
        if (nonces_repeat)
            memset(seen[first + i].bytes + 8 + 11, 0, INPUT_bytes - 8 - 11);
    }
    derivations = first + keys;
}

static void label_and_context_are_unique(void **unused)
{
    (void)unused;
    derivations = 0;
    for (uint32_t device = 1; device <= DEVICES; device++)
        for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++)
            for (int aead = 0; aead < 2; aead++)
                run(device * 0x01010101u, mechanism, aead ? RK_ALG_CHACHA20_POLY1305 : RK_ALG_AES_CCM, true);
    assert_true(derivations >= DEVICES * (RK_MECHANISM_COUNT - 1) * 2 * RENEWALS);
    qsort(seen, derivations, sizeof *seen, compare);
    for (unsigned i = 1; i < derivations; i++)
        assert_int_not_equal(compare(&seen[i - 1], &seen[i]), 0);
}

/* Not only for the ids tried: the fixed part can be read back, so two different ones never give the same bytes. */
static void the_context_reads_back(void **unused)
{
    (void)unused;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        derivations = 0;
        run(0xA1B2C3D4u, mechanism, RK_ALG_AES_CCM, false);
        for (unsigned i = 0; i < derivations; i++) {
            const uint8_t *at = seen[i].bytes;
            assert_memory_equal(at, "rk keys ", 8);
            assert_int_equal(rki_get32(at + 8), 0xA1B2C3D4u);
            assert_in_range(rki_get32(at + 12), 1, RENEWALS + 2);
            assert_int_equal(at[16], mechanism);
            assert_int_equal(at[17], RK_ALG_AES_CCM);
            assert_int_equal(at[18], 16);
            bool nonces = mechanism == RK_MECHANISM_DERIVE || mechanism == RK_MECHANISM_REFRESH;
            assert_int_equal(seen[i].label_bytes + seen[i].context_bytes, 19 + (nonces ? 32 : 0));
        }
    }
}

/* What the mechanisms call is what their purpose permits. */
static void each_mechanism_derives_by_its_purpose(void **unused)
{
    (void)unused;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_scheme scheme;
        assert_true(rk_scheme_of(mechanism, &scheme));
        derivations = 0;
        run(7, mechanism, RK_ALG_AES_CCM, false);
        assert_int_equal(derivations > 0, scheme.kdf_purpose != RK_KDF_PURPOSE_COUNT);
        for (unsigned i = 0; i < derivations; i++) {
            assert_int_equal(seen[i].alg, rk_kdf_for(scheme.kdf_purpose));
            assert_true(rk_kdf_permitted(scheme.kdf_purpose, seen[i].alg));
        }
    }
}

static void no_other_function_serves_a_purpose(void **unused)
{
    (void)unused;
    static const struct {
        uint8_t alg, purpose;
    } table[] = {{RK_ALG_HKDF_SHA256, RK_KDF_SHARED_SECRET},
                 {RK_ALG_KBKDF_HMAC, RK_KDF_DERIVATION_KEY},
                 {RK_ALG_KBKDF_CMAC, RK_KDF_DERIVATION_KEY},
                 {RK_ALG_PBKDF2, RK_KDF_PASSWORD},
                 {RK_ALG_TLS12_PRF, RK_KDF_TLS12}};
    unsigned permitted = 0;
    for (uint8_t purpose = 0; purpose <= RK_KDF_PURPOSE_COUNT; purpose++)
        for (uint8_t alg = 0; alg <= RK_ALG_COUNT; alg++)
            permitted += rk_kdf_permitted(purpose, alg);
    assert_int_equal(permitted, sizeof table / sizeof table[0]);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_true(rk_kdf_permitted(table[i].purpose, table[i].alg));
    for (uint8_t purpose = 0; purpose < RK_KDF_PURPOSE_COUNT; purpose++)
        assert_true(rk_kdf_permitted(purpose, rk_kdf_for(purpose)) && rk_kdf_standard(purpose) != NULL);
    assert_null(rk_kdf_standard(RK_KDF_PURPOSE_COUNT));
}

static void every_mechanism_has_its_names(void **unused)
{
    (void)unused;
    struct rk_scheme scheme;
    for (unsigned mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        assert_true(rk_scheme_of(mechanism, &scheme));
        assert_true(scheme.nist && scheme.iso && scheme.authentication && scheme.freshness && scheme.term);
        bool symmetric = mechanism != RK_MECHANISM_ECDH && mechanism != RK_MECHANISM_STATIC;
        assert_non_null(strstr(scheme.iso, symmetric ? "11770-2" : "11770-3"));
    }
    assert_false(rk_scheme_of(RK_MECHANISM_COUNT, &scheme));
}

enum { KEYS_MAX = 256, PART_bytes = 16 };

static uint8_t derives[KEYS_MAX][PART_bytes], seals[KEYS_MAX][PART_bytes];
static unsigned deriving, sealing;

static enum rk_crypto noted_kdf(const struct rk_kdf_job *job)
{
    assert_true(deriving < KEYS_MAX);
    memcpy(derives[deriving++], job->secret, PART_bytes);
    return double_backend.kdf(job);
}

static enum rk_crypto noted_seal(const struct rk_aead_job *job)
{
    assert_true(sealing < KEYS_MAX);
    memcpy(seals[sealing++], job->key, PART_bytes);
    return double_backend.aead_seal(job);
}

/* SP 800-57 Part 1, 5.2: a key is used for one purpose. Where keys come from keys, the one that derives seals nothing; data,
 * over a renewal and a restart, is under another, which goes with it. */
static void a_key_derives_or_seals(void **unused)
{
    (void)unused;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        for (int aead = 0; aead < 2; aead++) {
            struct pair pair;
            pair_init(&pair, &double_backend, mechanism, aead ? RK_ALG_CHACHA20_POLY1305 : RK_ALG_AES_CCM,
                      RK_ALG_X25519);
            pair.backend.kdf = noted_kdf;
            pair.backend.aead_seal = noted_seal;
            deriving = sealing = 0;
            pair_start(&pair);
            for (int i = 0; i < 3; i++) {
                assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "36.6 C"), RK_AGENT_OK);
                uint8_t traffic[PART_bytes];
                memcpy(traffic, seals[sealing - 1], sizeof traffic);
                assert_int_equal(pair_send(&pair, RK_ROLE_SERVER, "ok"), RK_AGENT_OK);
                assert_true(pair_contains(&pair.device, sizeof pair.device, traffic, sizeof traffic));
                pair_run(&pair, pair.now_ns + 1020 * SECOND_ns); /* renewed, and the overlap is over */
                assert_false(pair_contains(&pair.device, sizeof pair.device, traffic, sizeof traffic));
                assert_false(pair_contains(&pair.server, sizeof pair.server, traffic, sizeof traffic));
                if (i == 1)
                    pair_reboot(&pair);
            }
            assert_int_equal(pair.delivered[RK_ROLE_DEVICE] + pair.delivered[RK_ROLE_SERVER], 6);
            for (unsigned i = 0; i < sealing; i++)
                for (unsigned j = 0; j < deriving; j++)
                    assert_memory_not_equal(seals[i], derives[j], PART_bytes);
        }
    }
}

/* The library writes half of a key and gives up. */
static enum rk_crypto half_kdf(const struct rk_kdf_job *job)
{
    memset(job->out, 0xa5, job->out_bytes / 2u);
    return RK_CRYPTO_FAILED;
}

static void a_key_half_derived_is_not_kept(void **unused)
{
    (void)unused;
    static const uint8_t half[PART_bytes / 2] = {0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5};
    struct pair pair;
    pair_init(&pair, &double_backend, RK_MECHANISM_REFRESH, RK_ALG_AES_CCM, RK_ALG_X25519);
    pair_start(&pair);
    pair.backend.kdf = half_kdf;
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "36.6 C"), RK_AGENT_FAILED);
    assert_false(pair_contains(&pair.device, sizeof pair.device, half, sizeof half));
    pair.backend.kdf = double_backend.kdf;
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "36.6 C"), RK_AGENT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label_and_context_are_unique),          cmocka_unit_test(the_context_reads_back),
        cmocka_unit_test(each_mechanism_derives_by_its_purpose), cmocka_unit_test(no_other_function_serves_a_purpose),
        cmocka_unit_test(every_mechanism_has_its_names),         cmocka_unit_test(a_key_derives_or_seals),
        cmocka_unit_test(a_key_half_derived_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
