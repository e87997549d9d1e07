/* tests/bench/test_zeroise.c - patterns have known answers; a key that a backend leaves is found in every memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/known_answers.h"
#include "bench/zeroise_internal.h"

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t bytes = strlen(hex) / 2;
    for (size_t i = 0; i < bytes; i++) {
        unsigned value;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        out[i] = (uint8_t)value;
    }
    return bytes;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[256];
    assert_memory_equal(bytes, expected, from_hex(hex, expected));
}

/* FIPS 197, A.1 to A.3: last round keys. */
static void schedules_are_those_of_fips_197(void **state)
{
    (void)state;
    static const struct {
        const char *key, *last;
    } cases[] = {
        {"2b7e151628aed2a6abf7158809cf4f3c", "d014f9a8c9ee2589e13f0cc8b6630ca6"},
        {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "e98ba06f448c773c8ecc720401002202"},
        {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "fe4890d1e6188d0b046df344706c631e"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t key[32], schedule[RK_AES_SCHEDULE_MAX_bytes];
        size_t key_bytes = from_hex(cases[i].key, key);
        size_t bytes = rk_zeroise_aes_expand(key, key_bytes, schedule);
        assert_int_equal(bytes, 16 * (key_bytes / 4 + 7));
        assert_hex(schedule + bytes - 16, cases[i].last);
        assert_true(rk_zeroise_aes_may_follow(schedule, key_bytes));
    }
}

/* FIPS 197, C.1: round 2 of the equivalent inverse cipher. */
static void the_inverse_schedule_is_that_of_fips_197(void **state)
{
    (void)state;
    uint8_t key[16], schedule[RK_AES_SCHEDULE_MAX_bytes];
    from_hex("000102030405060708090a0b0c0d0e0f", key);
    rk_zeroise_aes_inverse(key, sizeof key, schedule);
    assert_hex(schedule, "13111d7fe3944a17f307a78b4d2b30c5");
    assert_hex(schedule + 16, "13aa29be9c8faff6f770f58000f7bf03");
}

static void cmac_hmac_and_ghash_have_known_answers(void **state)
{
    (void)state;
    static const struct {
        const char *what, *bytes;
    } expected[] = {
        {"CMAC subkey K1", "fbeed618357133667c85e08f7236a8de"}, /* RFC 4493, 4 */
        {"CMAC subkey K2", "f7ddac306ae266ccf90bc11ee46d513b"},
    };
    struct rk_zeroise_set set;
    uint8_t key[20], mac[32], block[16] = {0};
    rk_zeroise_set_init(&set);
    from_hex("2b7e151628aed2a6abf7158809cf4f3c", key);
    rk_zeroise_add_cmac(&set, "", key, 16);
    for (size_t i = 0; i < 2; i++) {
        uint8_t memory[16];
        struct rk_zeroise_match match;
        from_hex(expected[i].bytes, memory);
        assert_int_equal(rk_zeroise_scan(&set, memory, sizeof memory, &match, 1), 1);
        assert_string_equal(match.what, expected[i].what);
        assert_int_equal(match.bytes, 16);
    }
    rk_zeroise_set_free(&set);
    memset(key, 0x0b, sizeof key); /* RFC 4231, test case 1 */
    rk_zeroise_hmac_sha256(key, 20, (const uint8_t *)"Hi There", 8, mac);
    assert_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    memset(key, 0, sizeof key); /* the H of the GCM specification's test case 1 */
    rk_zeroise_aes_encrypt(key, 16, block, block);
    assert_hex(block, "66e94bd4ef8a2c3b884cfa59ca342b2e");
}

static void numbers_modulo_the_order_are_right(void **state)
{
    (void)state;
    uint8_t a[32], inverse[32], product[32];
    struct rk_zeroise_set set;
    struct rk_zeroise_match match;
    for (unsigned i = 0; i < sizeof a; i++) {
        a[i] = (uint8_t)(7 * i + 3);
    }
    rk_zeroise_p256_invert(a, inverse);
    rk_zeroise_p256_multiply(a, inverse, product);
    uint8_t one[32] = {[31] = 1};
    assert_memory_equal(product, one, 32);
    /* 2^256 mod n, as limbs of a little-endian number */
    rk_zeroise_set_init(&set);
    rk_zeroise_add_p256(&set, "d", one);
    uint8_t montgomery[32], reversed[32];
    from_hex("00000000ffffffff00000000000000004319055258e8617b0c46353d039cdaaf", montgomery);
    for (unsigned i = 0; i < 32; i++) {
        reversed[i] = montgomery[31 - i];
    }
    assert_int_equal(rk_zeroise_scan(&set, reversed, sizeof reversed, &match, 1), 1);
    assert_string_equal(match.what, "d in Montgomery form");
    rk_zeroise_set_free(&set);
}

/* Each model gives what the library gives: the first known answer of the operation. */
static void generators_give_their_known_answers(void **state)
{
    (void)state;
    static const struct {
        enum rk_operation op;
        uint8_t alg;
    } cases[] = {
        {RK_OP_ctr_drbg_generate, RK_ALG_CTR_DRBG},
        {RK_OP_hmac_drbg_generate, RK_ALG_HMAC_DRBG},
        {RK_OP_hash_drbg_generate, RK_ALG_HASH_DRBG},
        {RK_OP_chacha20_drbg_generate, RK_ALG_CHACHA20_DRBG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count;
        const struct rk_known_answer *answer = rk_known_answers(cases[i].op, &count);
        assert_true(count > 0);
        uint8_t entropy[64], length[8], random[256];
        struct rk_zeroise_set set;
        assert_int_equal(from_hex(answer->inputs[0], entropy), 48);
        assert_int_equal(from_hex(answer->inputs[1], length), 2);
        rk_zeroise_set_init(&set);
        rki_zeroise_drbg(&set, cases[i].alg, entropy, (uint16_t)(length[0] | length[1] << 8), 1, random);
        assert_hex(random, answer->outputs[0]);
        assert_true(set.count > 0);
        rk_zeroise_set_free(&set);
    }
}

static void the_search_finds_orders_and_names_no_noise(void **state)
{
    (void)state;
    uint8_t memory[256], secret[16], schedule[RK_AES_SCHEDULE_MAX_bytes];
    struct rk_zeroise_match match[8];
    struct rk_zeroise_set set;
    for (unsigned i = 0; i < sizeof secret; i++) {
        secret[i] = (uint8_t)(17 * i + 1);
    }
    rk_zeroise_set_init(&set);
    rk_zeroise_add(&set, "key", secret, sizeof secret, RK_ZEROISE_DEAD);
    memset(memory, 0, sizeof memory);
    assert_int_equal(rk_zeroise_scan(&set, memory, sizeof memory, match, 8), 0);
    memcpy(memory + 13, secret, 7); /* one byte less than a run */
    assert_int_equal(rk_zeroise_scan(&set, memory, sizeof memory, match, 8), 0);
    memcpy(memory + 13, secret, 8);
    for (unsigned i = 0; i < sizeof secret; i++) {
        memory[101 + i] = secret[15 - i];
        memory[150 + (i ^ 3)] = secret[i];
        memory[200 + (i ^ 7)] = secret[i];
    }
    assert_int_equal(rk_zeroise_scan(&set, memory, sizeof memory, match, 8), 4);
    assert_int_equal(match[0].at, 13);
    assert_int_equal(match[0].bytes, 8);
    assert_int_equal(match[1].at, 101);
    assert_int_equal(match[1].bytes, 16);
    assert_int_equal(match[2].at, 150);
    assert_int_equal(match[3].at, 200);
    assert_true(rk_zeroise_expected_false(&set, sizeof memory) < 1e-12);
    rk_zeroise_add_public(&set, secret, 8); /* what is public is no secret */
    assert_int_equal(rk_zeroise_scan(&set, memory, 32, match, 8), 0);
    rk_zeroise_set_free(&set);
    rk_zeroise_aes_expand(secret, 16, schedule);
    memcpy(memory + 31, schedule, 176);
    assert_int_equal(rk_zeroise_schedules(memory, sizeof memory, match, 8), 1);
    assert_int_equal(match[0].at, 31);
    assert_int_equal(match[0].bytes, 176);
}

/* --- on devices --- */

static const struct rk_zeroise_residue *left(const struct rk_zeroise_row *row, const char *what, const char *where)
{
    for (unsigned i = 0; i < row->residues; i++) {
        if (strcmp(row->residue[i].where, where) == 0 && strcmp(row->residue[i].what, what) == 0) {
            return &row->residue[i];
        }
    }
    return NULL;
}

static const struct rk_zeroise_residue *left_in(const struct rk_zeroise_row *row, const char *where)
{
    return left(row, "kek", where);
}

static void look(const char *device, const char *backend, const char *ops, bool wipe_stack,
                 struct rk_zeroise_row **rows, size_t *count)
{
    struct rk_diag diag = {0};
    const struct rk_zeroise_request request = {
        .device = device, .backend = backend, .ops = ops, .wipe_stack = wipe_stack};
    enum rk_err err = rk_zeroise_look(&request, rows, count, &diag);
    if (err != RK_OK) {
        fail_msg("%s on %s: %s", backend, device, diag.text);
    }
}

static void leaks_are_found_everywhere(const char *device)
{
    static const char *const places[] = {"stack", "data", "heap", "freed heap", "registers", "nvm"};
    struct rk_zeroise_row *rows;
    size_t count;
    look(device, "tests/bench/leaky", "aes_key_wrap", false, &rows, &count);
    assert_int_equal(count, 1);
    assert_string_equal(rows->status, "ok");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct rk_zeroise_residue *residue = left_in(rows, places[i]);
        if (residue == NULL) {
            fail_msg("%s: no key found in %s", device, places[i]);
        }
        bool heap = strstr(places[i], "heap") != NULL; /* by rule the library's */
        assert_int_equal(residue->owner, heap ? RK_ZEROISE_LIBRARY : RK_ZEROISE_OURS);
        assert_true(residue->bytes >= 8);
    }
    assert_string_equal(left_in(rows, "data")->symbol, "rk_leaky_static");
    const struct rk_zeroise_residue *deep = left(rows, "key", "stack"); /* below return addresses into our code */
    assert_non_null(deep);
    assert_int_equal(deep->bytes, 16);
    assert_int_equal(deep->owner, RK_ZEROISE_LIBRARY);
    assert_string_equal(deep->symbol, "rk_leaky_library");
    assert_string_equal(left_in(rows, "stack")->symbol, "leave_on_stack");
    assert_int_equal(rows->library, 3);
    assert_int_equal(rows->ours + 3, rows->residues);
    uint64_t cycles = rows->cycles;
    rk_zeroise_free(rows, count);
    look(device, "tests/bench/leaky", "aes_key_wrap", true, &rows, &count);
    assert_null(left_in(rows, "stack")); /* wiped, and it cost something */
    assert_non_null(left_in(rows, "data"));
    assert_true(rows->cycles > cycles);
    rk_zeroise_free(rows, count);
}

static void leaks_are_found_on_avr(void **state)
{
    (void)state;
    leaks_are_found_everywhere("atmega1284p");
}

static void leaks_are_found_on_msp430(void **state)
{
    (void)state;
    leaks_are_found_everywhere("msp430f1611");
}

static void leaks_are_found_on_arm(void **state)
{
    (void)state;
    leaks_are_found_everywhere("cortex-m4");
}

static void leaks_are_found_on_a64(void **state)
{
    (void)state;
    leaks_are_found_everywhere("cortex-a53");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedules_are_those_of_fips_197),
        cmocka_unit_test(the_inverse_schedule_is_that_of_fips_197),
        cmocka_unit_test(cmac_hmac_and_ghash_have_known_answers),
        cmocka_unit_test(numbers_modulo_the_order_are_right),
        cmocka_unit_test(generators_give_their_known_answers),
        cmocka_unit_test(the_search_finds_orders_and_names_no_noise),
        cmocka_unit_test(leaks_are_found_on_avr),
        cmocka_unit_test(leaks_are_found_on_msp430),
        cmocka_unit_test(leaks_are_found_on_arm),
        cmocka_unit_test(leaks_are_found_on_a64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
