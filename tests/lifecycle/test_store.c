/* What NVM holds: restarts, wiping, and nothing of a destroyed key left in memory. Power cuts and altered memory:
 * test_store_faults.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

enum { RECORD_bytes = 72, MATERIAL_AT = 40 }; /* with a 16-byte key */

static struct pair pair;

static void fresh(uint8_t mechanism, uint8_t aead)
{
    double_forget();
    pair_init(&pair, &double_backend, mechanism, aead, RK_ALG_X25519);
}

static void a_restart_finds_the_key_and_skips_the_reserved_counters(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    for (int i = 0; i < 5; i++)
        pair_send(&pair, RK_ROLE_DEVICE, "x");
    int frames = pair.frames;
    pair_reboot(&pair);
    assert_int_equal(pair.frames, frames); /* nothing to agree on again */
    assert_non_null(strstr(pair.trace, "1 device 1 active>active restored\n"));
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "x"), RK_AGENT_OK);
    assert_int_equal(rki_get32(pair.last[RK_FRAME_DATA].data + 5), RKI_SEND_BLOCK);
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], 6);
    assert_int_equal(double_reuse(), 0);
    pair_run(&pair, 1500 * SECOND_ns); /* the policy's clock went on */
}

static void nvm_is_not_written_at_each_message(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    long before = pair.nvm_bytes;
    for (int i = 0; i < RKI_SEND_BLOCK; i++)
        pair_send(&pair, RK_ROLE_DEVICE, "x");
    assert_int_equal(pair.nvm_bytes, before);
    pair_send(&pair, RK_ROLE_DEVICE, "x");
    assert_int_equal(pair.nvm_bytes - before, RECORD_bytes); /* one record with a 16-byte key */
}

static void a_replay_after_a_restart_is_stale(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    struct pair_frame sent[40];
    for (int i = 0; i < 40; i++) {
        pair_send(&pair, RK_ROLE_SERVER, "down");
        sent[i] = pair.last[RK_FRAME_DATA];
    }
    assert_int_equal(pair.delivered[RK_ROLE_DEVICE], 40);
    pair_reboot(&pair);
    for (int i = 0; i < 40; i++)
        assert_int_equal(pair_inject(&pair, &sent[i]), RK_AGENT_STALE);
    int lost = 0;
    while (pair.delivered[RK_ROLE_DEVICE] == 40 && lost < 100) {
        pair_send(&pair, RK_ROLE_SERVER, "down");
        lost++;
    }
    assert_in_range(lost, 1, RKI_RECEIVE_BLOCK + 1);
}

static void a_destroyed_key_does_not_come_back(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    uint8_t before[RK_NVM_AGENT_bytes];
    memcpy(before, pair.image, sizeof before);
    pair_run(&pair, 1001 * SECOND_ns);
    pair_reboot(&pair); /* in the overlap: the predecessor's copy goes at once */
    assert_non_null(strstr(pair.trace, "1001 device 1 deactivated>destroyed overlap-end\n"));
    int holds = 0;
    for (int slot = 0; slot < 2; slot++)
        holds += !pair_contains(before, sizeof before, pair.image + slot * RK_RECORD_bytes, RECORD_bytes);
    assert_int_equal(holds, 2);
    assert_int_equal(rk_agent_active(&pair.device)->id, 2);
}

static void failed_tags_and_the_type_outlive_a_restart(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_DERIVE, RK_ALG_CHACHA20_POLY1305);
    pair_start(&pair);
    pair.device.failed_tags = 0x12340;
    pair.device.key[RKI_CURRENT].type = RK_KEY_WRAPPING;
    assert_int_equal(rki_store_commit(&pair.device, &pair.device.key[RKI_CURRENT], RK_STATE_ACTIVE), 0);
    pair_reboot(&pair);
    assert_int_equal(pair.device.failed_tags, 0x12340);
    assert_int_equal(rk_agent_active(&pair.device)->type, RK_KEY_WRAPPING);
    assert_int_equal(rk_agent_active(&pair.device)->alg, RK_ALG_CHACHA20_POLY1305);
}

/* --- wiping --- */

static bool anywhere(const uint8_t *key, size_t bytes)
{
    return pair_contains(&pair.device, sizeof pair.device, key, bytes) ||
           pair_contains(&pair.server, sizeof pair.server, key, bytes) ||
           pair_contains(pair.image, sizeof pair.image, key, bytes);
}

static void nothing_of_a_destroyed_key_stays(void **unused)
{
    (void)unused;
    for (uint8_t mechanism = 0; mechanism < RK_MECHANISM_COUNT; mechanism++) {
        fresh(mechanism, mechanism == RK_MECHANISM_DERIVE ? RK_ALG_CHACHA20_POLY1305 : RK_ALG_AES_CCM);
        pair_start(&pair);
        uint8_t old[RK_KEY_MAX_bytes], sealed[RK_NVM_AGENT_bytes];
        memcpy(old, rk_agent_active(&pair.device)->material, sizeof old);
        memcpy(sealed, pair.image, sizeof sealed);
        assert_true(pair_contains(&pair.device, sizeof pair.device, old, 8));
        pair_run(&pair, 1005 * SECOND_ns);
        assert_true(pair_contains(&pair.device, sizeof pair.device, old, 8)); /* overlap */
        pair_run(&pair, 1020 * SECOND_ns);
        assert_int_equal(rk_agent_active(&pair.device)->id, 2);
        for (int at = 0; at <= 8; at++)
            assert_false(anywhere(old + at, 8));
        /* Neither is its sealed copy: 8 bytes of no old record's material and tag. */
        for (int slot = 0; slot < 2; slot++)
            for (int at = MATERIAL_AT; at + 8 <= RECORD_bytes; at++)
                if (sealed[slot * 128] != 0xFF)
                    assert_false(pair_contains(pair.image, sizeof pair.image, sealed + slot * 128 + at, 8));
    }
}

static void no_ephemeral_secret_outlives_its_use(void **unused)
{
    (void)unused;
    static const uint8_t zero[32];
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair.lose_all = true;
    pair_start(&pair);
    struct pair_frame r1 = pair.last[RK_FRAME_R1];
    uint8_t private_key[32];
    memcpy(private_key, pair.device.exchange.secret, 32);
    assert_memory_not_equal(private_key, zero, 32);
    pair_inject(&pair, &r1);
    struct pair_frame r2 = pair.last[RK_FRAME_R2];
    uint8_t confirmation[16];
    memcpy(confirmation, pair.server.exchange.secret, 16);
    assert_memory_not_equal(confirmation, zero, 16);
    pair_inject(&pair, &r2);
    assert_false(anywhere(private_key, 8));
    assert_false(pair_contains(&pair.device, sizeof pair.device, confirmation, 8));
    struct pair_frame r3 = pair.last[RK_FRAME_R3];
    pair_inject(&pair, &r3);
    assert_false(anywhere(confirmation, 8));
    assert_memory_equal(pair.server.exchange.secret, zero, 32);
    assert_memory_equal(pair.device.exchange.secret, zero, 32);
}

static void giving_up_wipes_the_ephemeral_key(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair.lose_all = true;
    pair_start(&pair);
    uint8_t private_key[32];
    memcpy(private_key, pair.device.exchange.secret, 32);
    pair_run(&pair, 20 * SECOND_ns);
    assert_int_equal(pair.failed, 1);
    assert_false(anywhere(private_key, 8));
}

static void zeroise_leaves_nothing(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    pair_run(&pair, 1002 * SECOND_ns); /* an old key, a current one, */
    pair.lose_all = true;
    pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_SESSION, NULL, 0);
    uint8_t old[16], current[16];
    memcpy(old, pair.device.key[RKI_PREVIOUS].material, 16);
    memcpy(current, pair.device.key[RKI_CURRENT].material, 16);
    pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0);
    assert_int_equal(pair.actions.result, RK_AGENT_OK);
    assert_int_equal(pair.actions.record_count, 3);
    assert_false(pair_contains(&pair.device, sizeof pair.device, old, 8));
    assert_false(pair_contains(&pair.device, sizeof pair.device, current, 8));
    assert_false(pair_contains(&pair.device, sizeof pair.device, pair.provision.master_key, 8));
    assert_false(pair_contains(&pair.device, sizeof pair.device, pair.provision.storage_key, 8));
    static const uint8_t drbg_zero[128];
    assert_memory_equal(pair.drbg_device, drbg_zero, DOUBLE_DRBG_bytes);
    for (int slot = 0; slot < 2; slot++)
        assert_memory_equal(pair.image + slot * 128, drbg_zero, RECORD_bytes);
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "x"), RK_AGENT_INVALID);
}

static int refuse_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    (void)context;
    (void)address;
    (void)in;
    (void)bytes;
    return -1;
}

static void a_key_that_cannot_be_stored_does_not_replace(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    int (*write)(void *, uint32_t, const void *, uint16_t) = pair.nvm.write;
    pair.nvm.write = refuse_write;
    pair_run(&pair, 1001 * SECOND_ns);
    assert_int_equal(rk_agent_active(&pair.device)->id, 1);
    assert_non_null(strstr(pair.trace, "1001 device 2 pre-activation>destroyed abandoned\n"));
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "the old key goes on"), RK_AGENT_OK);
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], 1);
    pair.nvm.write = write;
    pair_run(&pair, 1400 * SECOND_ns);
    assert_int_equal(rk_agent_active(&pair.device)->id, 3);
    assert_int_equal(rk_agent_active(&pair.server)->id, 3);
}

static void a_reserve_that_cannot_be_stored_is_none(void **unused)
{
    (void)unused;
    fresh(RK_MECHANISM_ECDH, RK_ALG_AES_CCM);
    pair_start(&pair);
    for (int i = 0; i < RKI_SEND_BLOCK; i++)
        assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "up"), RK_AGENT_OK);
    for (int i = 0; i < RKI_RECEIVE_BLOCK; i++)
        pair_send(&pair, RK_ROLE_SERVER, "down");
    int (*write)(void *, uint32_t, const void *, uint16_t) = pair.nvm.write;
    pair.nvm.write = refuse_write;
    for (int i = 0; i < 2; i++) {
        int delivered = pair.delivered[RK_ROLE_DEVICE];
        assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "up"), RK_AGENT_FAILED);
        pair_send(&pair, RK_ROLE_SERVER, "down");
        assert_int_equal(pair.delivered[RK_ROLE_DEVICE], delivered);
    }
    pair.nvm.write = write;
    pair_reboot(&pair);
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "up"), RK_AGENT_OK);
    assert_int_equal(rki_get32(pair.last[RK_FRAME_DATA].data + 5), RKI_SEND_BLOCK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_finds_the_key_and_skips_the_reserved_counters),
        cmocka_unit_test(nvm_is_not_written_at_each_message),
        cmocka_unit_test(a_replay_after_a_restart_is_stale),
        cmocka_unit_test(a_destroyed_key_does_not_come_back),
        cmocka_unit_test(failed_tags_and_the_type_outlive_a_restart),
        cmocka_unit_test(nothing_of_a_destroyed_key_stays),
        cmocka_unit_test(no_ephemeral_secret_outlives_its_use),
        cmocka_unit_test(giving_up_wipes_the_ephemeral_key),
        cmocka_unit_test(zeroise_leaves_nothing),
        cmocka_unit_test(a_key_that_cannot_be_stored_does_not_replace),
        cmocka_unit_test(a_reserve_that_cannot_be_stored_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
