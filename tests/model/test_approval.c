/* tests/model/test_approval.c - statuses by date, strength of a chain, dates */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/model/approval.h"
#include "tests/model/fixture.h"

enum { TODAY = 20261122, LAST_OF_2030 = 20301231, FIRST_OF_2031 = 20310101 };

static void expect(enum rk_primitive primitive, uint32_t date, enum rk_approval apply, enum rk_approval process)
{
    struct rk_approval_answer answer = rk_approval_of(primitive, date);
    assert_string_equal(rk_approval_name(answer.apply), rk_approval_name(apply));
    assert_string_equal(rk_approval_name(answer.process), rk_approval_name(process));
    assert_non_null(answer.clause);
}

static void test_what_ended(void **state)
{
    (void)state;
    expect(RK_PRIMITIVE_rsa1024, TODAY, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
    expect(RK_PRIMITIVE_rsa1024, 20131231, RK_APPROVAL_DEPRECATED, RK_APPROVAL_ACCEPTABLE);
    expect(RK_PRIMITIVE_sha1_signature, TODAY, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
    expect(RK_PRIMITIVE_two_key_tdea, TODAY, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
    expect(RK_PRIMITIVE_three_key_tdea, 20231231, RK_APPROVAL_DEPRECATED, RK_APPROVAL_ACCEPTABLE);
    expect(RK_PRIMITIVE_three_key_tdea, 20240101, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
    expect(RK_PRIMITIVE_rsa2048_pkcs1_transport, TODAY, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
}

static void test_what_will_end(void **state)
{
    (void)state;
    expect(RK_PRIMITIVE_rsa2048, LAST_OF_2030, RK_APPROVAL_ACCEPTABLE, RK_APPROVAL_ACCEPTABLE);
    expect(RK_PRIMITIVE_rsa2048, FIRST_OF_2031, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
    expect(RK_PRIMITIVE_sha1_hmac, LAST_OF_2030, RK_APPROVAL_ACCEPTABLE, RK_APPROVAL_ACCEPTABLE);
    expect(RK_PRIMITIVE_sha1_hmac, FIRST_OF_2031, RK_APPROVAL_DISALLOWED, RK_APPROVAL_LEGACY);
    expect(RK_PRIMITIVE_rsa3072, FIRST_OF_2031, RK_APPROVAL_ACCEPTABLE, RK_APPROVAL_ACCEPTABLE);
    expect(RK_PRIMITIVE_aes128, 20991231, RK_APPROVAL_ACCEPTABLE, RK_APPROVAL_ACCEPTABLE);
}

static void test_sound_but_not_approved(void **state)
{
    (void)state;
    expect(RK_PRIMITIVE_chacha20_poly1305, TODAY, RK_APPROVAL_NOT_APPROVED, RK_APPROVAL_NOT_APPROVED);
    expect(RK_PRIMITIVE_x25519, TODAY, RK_APPROVAL_NOT_APPROVED, RK_APPROVAL_NOT_APPROVED);
    assert_int_equal(rk_approval_of(RK_PRIMITIVE_x25519, TODAY).strength_bits, 128);
    expect(RK_PRIMITIVE_ascon_aead128, 20250812, RK_APPROVAL_NOT_APPROVED, RK_APPROVAL_NOT_APPROVED);
    expect(RK_PRIMITIVE_ascon_aead128, 20250813, RK_APPROVAL_ACCEPTABLE, RK_APPROVAL_ACCEPTABLE);
    expect(RK_PRIMITIVE_ed25519, TODAY, RK_APPROVAL_ACCEPTABLE, RK_APPROVAL_ACCEPTABLE);
}

/* A draft never decides the status. */
static void test_plans_stand_beside(void **state)
{
    (void)state;
    struct rk_approval_answer p256 = rk_approval_of(RK_PRIMITIVE_p256_agreement, 20351231);
    assert_int_equal(p256.planned, RK_APPROVAL_ACCEPTABLE);
    assert_null(p256.planned_clause);
    p256 = rk_approval_of(RK_PRIMITIVE_p256_agreement, 20360101);
    assert_int_equal(p256.apply, RK_APPROVAL_ACCEPTABLE);
    assert_int_equal(p256.planned, RK_APPROVAL_DISALLOWED);
    assert_non_null(p256.planned_clause);
    assert_null(rk_approval_of(RK_PRIMITIVE_mlkem768, 20400101).planned_clause);
}

static void test_a_chain_is_as_strong_as_its_weakest(void **state)
{
    (void)state;
    struct rk_approval_chain chain;
    struct rk_trial trial = rkt_trial(); /* AES-128-CCM, derivation */
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst.apply, RK_APPROVAL_ACCEPTABLE);
    assert_int_equal(chain.worst.strength_bits, 128);
    trial.aead = RK_ALG_CHACHA20_POLY1305;
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst_primitive, RK_PRIMITIVE_chacha20_poly1305);
    assert_int_equal(chain.worst.strength_bits, 128); /* its generator is AES-128 */
    trial.drbg_alg = RK_ALG_HASH_DRBG;
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst.strength_bits, 256);
    trial.policy.mechanism = RK_MECHANISM_TRANSPORT; /* a key of 256 bits under a KEK of 128 */
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst.strength_bits, 128);
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    trial.aead = RK_ALG_AES_CCM;
    trial.curve = RK_ALG_X25519;
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst_primitive, RK_PRIMITIVE_x25519);
    assert_int_equal(chain.worst.apply, RK_APPROVAL_NOT_APPROVED);
    trial.curve = RK_ALG_P256;
    rk_approval_chain(&trial, 20360101, &chain);
    assert_int_equal(chain.worst.apply, RK_APPROVAL_ACCEPTABLE);
    assert_int_equal(chain.planned, RK_APPROVAL_DISALLOWED);
    trial.policy.mechanism = RK_MECHANISM_UPDATE;
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst_primitive, RK_PRIMITIVE_key_update);
    assert_int_equal(chain.worst.apply, RK_APPROVAL_DISALLOWED);
    trial.policy.mechanism = RK_MECHANISM_COUNTER;
    trial.drbg_alg = RK_ALG_CHACHA20_DRBG;
    rk_approval_chain(&trial, TODAY, &chain);
    assert_int_equal(chain.worst_primitive, RK_PRIMITIVE_chacha20_drbg);
}

/* Every entry has an answer with a clause, for every day; as time goes by nothing gets better but what a new standard
 * approves. */
static void test_every_entry(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RK_PRIMITIVE_COUNT; i++) {
        struct rk_approval_answer before = rk_approval_of(i, 19900101);
        assert_non_null(rk_primitive_name(i));
        for (uint32_t year = 1990; year < 2050; year++) {
            struct rk_approval_answer answer = rk_approval_of(i, year * 10000 + 101);
            assert_non_null(answer.clause);
            assert_true(answer.strength_bits >= 80 && answer.process <= answer.apply);
            assert_true(answer.apply >= before.apply || before.apply == RK_APPROVAL_NOT_APPROVED);
            before = answer;
        }
    }
    assert_null(rk_primitive_name(RK_PRIMITIVE_COUNT));
    assert_null(rk_approval_name(RK_APPROVAL_COUNT));
}

static void test_dates(void **state)
{
    (void)state;
    uint32_t date = 0;
    struct rk_diag diag = {""};
    assert_int_equal(rk_date_parse("2026-11-22", &date, NULL), RK_OK);
    assert_int_equal(date, 20261122);
    assert_int_equal(rk_date_parse("2028-02-29", &date, NULL), RK_OK);
    static const char *const wrong[] = {"",           "2026",        "2026-11-31", "2027-02-29", "2026-13-01",
                                        "2026-00-01", "2026-01-00",  "26-11-22",   "2026/11/22", "2026-11-22 ",
                                        " 2026-11-2", "2026-11-022", "+026-11-22", "2026-1--22", "0000-01-01"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(rk_date_parse(wrong[i], &date, &diag), RK_ERR_INPUT);
    }
    assert_string_equal(diag.text, "'0000-01-01' is no date, expected a day such as 2026-11-22");
    assert_int_equal(date, 20280229);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_ended),
        cmocka_unit_test(test_what_will_end),
        cmocka_unit_test(test_sound_but_not_approved),
        cmocka_unit_test(test_plans_stand_beside),
        cmocka_unit_test(test_a_chain_is_as_strong_as_its_weakest),
        cmocka_unit_test(test_every_entry),
        cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
