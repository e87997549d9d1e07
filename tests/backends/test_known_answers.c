/* Every known answer on every library and version, through the firmware's own dispatcher; and
 * CAVP's generator cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backends/operation_info.h"
#include "bench/known_answers.h"
#include "tests/backends/loaded.h"

static void check_answer(const struct loaded *one, const struct rk_known_answer *answer)
{
    struct rk_mailbox mailbox = {.operation = (uint8_t)answer->op};
    uint8_t expected[RK_MAILBOX_DATA_bytes];
    uint16_t expected_fields = 0;
    mailbox.data_bytes = (uint16_t)rk_known_answer_pack(answer->inputs, RK_KNOWN_INPUTS_MAX, mailbox.data,
                                                        sizeof mailbox.data, &mailbox.fields);
    size_t expected_bytes =
        rk_known_answer_pack(answer->outputs, RK_KNOWN_OUTPUTS_MAX, expected, sizeof expected, &expected_fields);
    assert_true(mailbox.fields > 0 && (expected_fields > 0 || answer->outputs[0] == NULL));
    assert_int_equal(one->call(&mailbox), 0);
    if (mailbox.result != (int8_t)answer->result || mailbox.fields != expected_fields ||
        mailbox.data_bytes != expected_bytes || memcmp(mailbox.data, expected, expected_bytes) != 0) {
        fail_msg("%s@%s: operation %d, %s: result %d, expected %d, or another output", one->name, one->version,
                 (int)answer->op, answer->source, mailbox.result, (int)answer->result);
    }
}

static void test_libraries_say_what_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        assert_string_equal(loaded[i].backend->name, loaded[i].name);
        assert_string_equal(loaded[i].backend->version, loaded[i].version);
        assert_true(loaded[i].backend->capabilities == loaded[i].capabilities);
        assert_true(loaded[i].backend->composed == loaded[i].composed);
        assert_true(!has_drbg(loaded[i].backend) || rk_backend_has(loaded[i].backend, loaded[i].backend->drbg_alg));
    }
}

static void test_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        for (unsigned op = 0; op < RK_OP_drbg_init; op++) {
            size_t count = 0;
            size_t checked = 0;
            size_t accepted = 0;
            const struct rk_known_answer *answers = rk_known_answers((enum rk_operation)op, &count);
            if (!rk_backend_has(loaded[i].backend, rk_operation_info(op)->alg)) {
                continue;
            }
            for (size_t k = 0; k < count; k++) {
                if (rk_known_answer_applies(&answers[k], loaded[i].name, loaded[i].version)) {
                    check_answer(&loaded[i], &answers[k]);
                    checked++;
                    accepted += answers[k].result == RK_CRYPTO_OK;
                }
            }
            if (checked < 1 || accepted < 1) {
                fail_msg("%s@%s: %s has no known answer", loaded[i].name, loaded[i].version,
                         rk_operation_name((enum rk_operation)op));
            }
        }
    }
}

/* What can be refused has a case that must be: every operation that opens, verifies or unwraps, and agreements. */
static void test_refusing_operations_have_refusing_answers(void **state)
{
    (void)state;
    unsigned checked = 0;
    for (unsigned op = 0; op < RK_OP_drbg_init; op++) {
        uint8_t shape = rk_operation_info(op)->shape;
        size_t count = 0;
        size_t refused = 0;
        if (shape != RK_SHAPE_OPEN && shape != RK_SHAPE_VERIFY && shape != RK_SHAPE_UNWRAP && shape != RK_SHAPE_AGREE) {
            continue;
        }
        const struct rk_known_answer *answers = rk_known_answers((enum rk_operation)op, &count);
        for (size_t k = 0; k < count; k++) {
            refused += answers[k].result == RK_CRYPTO_REJECTED;
        }
        if (refused == 0) {
            fail_msg("%s: no known answer refuses", rk_operation_name((enum rk_operation)op));
        }
        checked++;
    }
    assert_true(checked >= 20);
}

/* ---- a clear bit is an answer, not a crash ---- */

/* out: what the entry that `shape` goes through says to `alg`; RK_CRYPTO_UNSUPPORTED for an entry that is not there. */
static enum rk_crypto try_shape(const struct rk_backend *backend, uint8_t shape, uint8_t alg)
{
    static uint8_t in[2432];
    static uint8_t out[2432];
    union state_memory memory;
    struct rk_drbg *drbg = (struct rk_drbg *)memory.bytes;
    struct rk_aead_job aead = {.alg = alg, .key_bytes = 16, .tag_bytes = 16, .key = in, .nonce = in, .tag = out};
    struct rk_kdf_job kdf = {
        .alg = alg, .secret = in, .secret_bytes = 16, .iterations = 1, .out = out, .out_bytes = 16};
    struct rk_sign_job sign = {.alg = alg, .private_key = in, .public_key = in, .message = in, .signature = out};
    struct rk_rsa_job rsa = {.alg = alg, .key = in, .in = in, .out = out};
    struct rk_wrap_job wrap = {.alg = alg, .kek_bytes = 16, .in_bytes = 24, .kek = in, .in = in, .out = out};
#define TRY(entry, ...) (backend->entry == NULL ? RK_CRYPTO_UNSUPPORTED : backend->entry(__VA_ARGS__))
    switch (shape) {
    case RK_SHAPE_SEAL:
        return TRY(aead_seal, &aead);
    case RK_SHAPE_OPEN:
        return TRY(aead_open, &aead);
    case RK_SHAPE_HASH:
        return TRY(hash, alg, in, 16, out);
    case RK_SHAPE_MAC:
        return TRY(mac, alg, in, 16, in, 16, out);
    case RK_SHAPE_HKDF:
    case RK_SHAPE_KBKDF:
    case RK_SHAPE_PBKDF2:
    case RK_SHAPE_PRF:
        return TRY(kdf, &kdf);
    case RK_SHAPE_GENERATE:
        return TRY(drbg_init, drbg, alg, in);
    case RK_SHAPE_KEY_PAIR:
        return TRY(key_pair, alg, drbg, out, out);
    case RK_SHAPE_AGREE:
        return TRY(agree, alg, drbg, in, in, out);
    case RK_SHAPE_SIGN:
        return TRY(sign, &sign);
    case RK_SHAPE_VERIFY:
        return TRY(verify, &sign);
    case RK_SHAPE_ENCRYPT:
        return TRY(rsa_encrypt, &rsa);
    case RK_SHAPE_DECRYPT:
        return TRY(rsa_decrypt, &rsa);
    case RK_SHAPE_ENCAPSULATE:
        return TRY(encapsulate, alg, drbg, in, out, out);
    case RK_SHAPE_DECAPSULATE:
        return TRY(decapsulate, alg, in, in, out);
    case RK_SHAPE_WRAP:
        return TRY(key_wrap, &wrap);
    case RK_SHAPE_UNWRAP:
        return TRY(key_unwrap, &wrap);
    default: /* EC-JPAKE's job names no algorithm */
        return TRY(pake, &(struct rk_pake_job){.in = in, .out = out});
    }
#undef TRY
}

static void test_missing_primitives_answer_unsupported(void **state)
{
    (void)state;
    unsigned lacking = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        for (unsigned op = 0; op < RK_OP_drbg_init; op++) {
            const struct rk_operation_info *info = rk_operation_info(op);
            if (rk_backend_has(loaded[i].backend, info->alg)) {
                continue;
            }
            if (try_shape(loaded[i].backend, info->shape, info->alg) != RK_CRYPTO_UNSUPPORTED) {
                fail_msg("%s@%s: %s is not provided and answers", loaded[i].name, loaded[i].version, info->name);
            }
            lacking++;
        }
    }
    assert_true(lacking > 100);
}

struct cavp_case {
    uint8_t alg;
    const char *entropy_and_nonce;
    const char *second_output; /* its first bytes */
};

/* CAVP drbgvectors_no_reseed: [SHA-256], no personalisation, no additional input, COUNT = 0. */
static const struct cavp_case cavp_cases[] = {
    {RK_ALG_HMAC_DRBG,
     "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
     "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89"
     "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1"},
    {RK_ALG_HASH_DRBG,
     "a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e",
     "d3e160c35b99f340b2628264d1751060e0045da383ff57a57d73a673d2b8d80d"
     "aaf6a6c35a91bb4579d73fd0c8fed111b0391306828adfed528f018121b3febd"},
};

static void check_cavp_case(const struct rk_backend *backend, const struct cavp_case *cavp)
{
    union state_memory memory;
    struct rk_drbg *drbg = (struct rk_drbg *)memory.bytes;
    uint8_t field[2 + 64];
    uint8_t out[128];
    uint16_t count = 0;
    assert_int_equal(rk_known_answer_pack(&cavp->entropy_and_nonce, 1, field, sizeof field, &count), 2 + 48);
    assert_int_equal(backend->drbg_init(drbg, cavp->alg, field + 2), RK_CRYPTO_OK);
    assert_int_equal(backend->drbg_generate(drbg, cavp->alg, out, sizeof out), RK_CRYPTO_OK);
    assert_int_equal(backend->drbg_generate(drbg, cavp->alg, out, sizeof out), RK_CRYPTO_OK);
    assert_int_equal(rk_known_answer_pack(&cavp->second_output, 1, field, sizeof field, &count), 2 + 64);
    assert_memory_equal(out, field + 2, 64);
    backend->drbg_wipe(drbg, cavp->alg);
}

static void test_generators_give_what_cavp_says(void **state)
{
    (void)state;
    unsigned checked = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        for (size_t k = 0; k < sizeof cavp_cases / sizeof cavp_cases[0]; k++) {
            if (rk_backend_has(loaded[i].backend, cavp_cases[k].alg)) {
                check_cavp_case(loaded[i].backend, &cavp_cases[k]);
                checked++;
            }
        }
    }
    assert_int_equal(checked, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libraries_say_what_they_are),
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_refusing_operations_have_refusing_answers),
        cmocka_unit_test(test_missing_primitives_answer_unsupported),
        cmocka_unit_test(test_generators_give_what_cavp_says),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
