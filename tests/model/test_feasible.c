/* tests/model/test_feasible.c - combinations that cannot run are refused with the reason of the cost row */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/model/fixture.h"

static void set_status(const char *op, uint32_t size_bytes, const char *status)
{
    struct rk_cost_row *row = rkt_row(op, size_bytes);
    assert_non_null(row);
    snprintf(row->status, sizeof row->status, "%s", status);
}

static void expect(const struct rk_trial *trial, const char *line)
{
    struct rk_diag diag = {""};
    assert_int_equal(rk_trial_feasible(trial, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, line);
}

static void test_all_mechanisms(void **state)
{
    (void)state;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        struct rk_trial trial = rkt_trial();
        trial.policy.mechanism = mechanism;
        assert_int_equal(rk_trial_feasible(&trial, NULL), RK_OK);
    }
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    set_status("x25519_agree", 0, "does not fit: flash");
    assert_int_equal(rk_trial_feasible(&trial, NULL), RK_OK); /* derivation does not need it */
    trial.policy.mechanism = RK_MECHANISM_ECDH;
    expect(&trial, "x25519_agree: does not fit: flash");
    trial.curve = RK_ALG_P256;
    assert_int_equal(rk_trial_feasible(&trial, NULL), RK_OK);
}

static void test_what_the_library_lacks(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    trial.policy.mechanism = RK_MECHANISM_TRANSPORT;
    trial.capabilities &= ~RK_CAP(RK_ALG_AES_KEY_WRAP);
    expect(&trial, "aes_key_unwrap: not provided by the library");
    trial = rkt_trial();
    trial.aead = RK_ALG_AES_CCM;
    trial.capabilities &= ~RK_CAP(RK_ALG_AES_CCM);
    expect(&trial, "aes128_ccm_8_seal: not provided by the library");
}

static void test_a_missing_row_of_the_generator(void **state)
{
    (void)state;
    struct rk_trial trial = rkt_trial();
    set_status("drbg_init", 0, "crashed: stack overflow");
    expect(&trial, "drbg_init: crashed: stack overflow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_mechanisms),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_what_the_library_lacks),
        cmocka_unit_test(test_a_missing_row_of_the_generator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
