/* Keys sealed for the backup device, and back: which may leave, what is refused, the restore drill, destroyed keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/backup.h"
#include "engine/lifecycle/internal.h"
#include "engine/model/hsm.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/pair.h"

enum { FRAME_bytes = 63, DEVICE = 7, REPLACEMENT = 9 };

static struct pair pair;
static struct rk_hsm hsm;
static struct rk_hsm_device devices[2];
static struct rk_hsm_copy copies[4];
static uint64_t hsm_drbg[16];

static void fresh(uint8_t aead)
{
    static const uint8_t entropy[48] = {0x33};
    double_forget();
    pair_init(&pair, &double_backend, RK_MECHANISM_DERIVE, aead, RK_ALG_X25519);
    memset(pair.provision.backup_key, 0xE5, 32);
    pair_start(&pair);
    assert_int_equal(double_backend.drbg_init((struct rk_drbg *)hsm_drbg, RK_ALG_HMAC_DRBG, entropy), RK_CRYPTO_OK);
    rk_hsm_init(&hsm, &double_backend, (struct rk_drbg *)hsm_drbg, devices, 2, copies, 4);
    assert_int_equal(rk_hsm_enrol(&hsm, DEVICE, pair.provision.backup_key), RK_AGENT_OK);
}

/* The device's answer alone: a backup goes to nobody's peer. */
static int officer(uint8_t kind, const void *data, uint16_t bytes)
{
    struct rk_event event = {
        .now_ns = pair.now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = RK_SUBJECT_OFFICER};
    rk_agent_step(&pair.device, &event, &pair.actions);
    return pair.actions.result;
}

static struct pair_frame backup(void)
{
    struct pair_frame frame = {.bytes = 0};
    assert_int_equal(officer(RK_EVENT_BACKUP, NULL, 0), RK_AGENT_OK);
    assert_int_equal(pair.actions.frame_kind, RK_FRAME_BACKUP);
    frame.bytes = pair.actions.frame_bytes;
    memcpy(frame.data, pair.actions.frame, frame.bytes);
    return frame;
}

/* The device's store is gone. */
static void lose_store(void)
{
    memset(pair.image, 0x5A, sizeof pair.image);
    pair.lose_all = true;
    pair.nvm_bytes++;
    pair_reboot(&pair);
    pair.lose_all = false;
    assert_int_equal(pair.actions.result, RK_AGENT_ALTERED);
}

static void a_backup_hides_the_key(void **unused)
{
    (void)unused;
    for (int suite = 0; suite < 2; suite++) {
        fresh(suite == 0 ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305);
        struct pair_frame first = backup(), second = backup();
        const struct rk_key *key = rk_agent_active(&pair.device);
        assert_int_equal(first.bytes, suite == 0 ? FRAME_bytes : FRAME_bytes + 16);
        for (int at = 0; at + 4 <= 16; at++)
            assert_false(pair_contains(first.data, first.bytes, key->material + at, 4));
        assert_memory_not_equal(first.data + 11, second.data + 11, 12); /* another nonce each time */
        assert_int_equal(double_reuse(), 0);
    }
}

static void types_that_may_not_leave_do_not(void **unused)
{
    (void)unused;
    int left = 0;
    fresh(RK_ALG_AES_CCM);
    for (uint8_t type = 1; type < RK_KEY_TYPE_END; type++) {
        pair.device.key[RKI_CURRENT].type = type;
        int result = officer(RK_EVENT_BACKUP, NULL, 0);
        assert_int_equal(result, rk_key_type_backup_permitted(type) ? RK_AGENT_OK : RK_AGENT_DENIED);
        assert_int_equal(pair.actions.frame_bytes, result == RK_AGENT_OK ? FRAME_bytes : 0);
        left += result == RK_AGENT_OK;
    }
    assert_in_range(left, 1, RK_KEY_TYPE_END - 5);
    /* Nor do they come in, should a backup device have one. */
    struct rk_backup forged = {.key_id = 90, .device_id = DEVICE, .aead = RK_ALG_AES_CCM};
    forged.type = RK_KEY_PRIVATE_SIGNATURE;
    struct pair_frame frame;
    assert_int_equal(rk_backup_seal(&double_backend, (struct rk_drbg *)hsm_drbg, pair.provision.backup_key, &forged,
                                    frame.data, &frame.bytes),
                     RK_CRYPTO_OK);
    lose_store();
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_DENIED);
    assert_int_equal(rk_hsm_take(&hsm, frame.data, frame.bytes), RK_AGENT_DENIED);
}

static void only_an_officer_may(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct pair_frame frame = backup();
    for (uint8_t subject = 0; subject < RK_SUBJECT_COUNT; subject++) {
        struct rk_event event = {.now_ns = pair.now_ns, .kind = RK_EVENT_BACKUP, .subject = subject};
        rk_agent_step(&pair.device, &event, &pair.actions);
        assert_int_equal(pair.actions.result, subject == RK_SUBJECT_OFFICER ? RK_AGENT_OK : RK_AGENT_DENIED);
        assert_int_equal(pair.actions.frame_bytes != 0, subject == RK_SUBJECT_OFFICER);
    }
    uint8_t out[RK_BACKUP_MAX_bytes];
    uint16_t bytes;
    assert_int_equal(rk_hsm_take(&hsm, frame.data, frame.bytes), RK_AGENT_OK);
    assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_SYSTEM, DEVICE, 1, DEVICE, out, &bytes), RK_AGENT_DENIED);
    assert_int_equal(rk_hsm_destroy(&hsm, RK_SUBJECT_APPLICATION, DEVICE, 1), RK_AGENT_DENIED);
    assert_int_equal(hsm.exports, 0);
}

/* The drill: back up, lose, restore, read what was protected before, agree on a successor. */
static void the_key_comes_back_to_process_only(void **unused)
{
    (void)unused;
    for (int suite = 0; suite < 2; suite++) {
        fresh(suite == 0 ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305);
        struct pair_frame frame = backup();
        assert_int_equal(rk_hsm_take(&hsm, frame.data, frame.bytes), RK_AGENT_OK);
        pair_send(&pair, RK_ROLE_DEVICE, "up");
        pair.lose_all = true;
        pair_send(&pair, RK_ROLE_SERVER, "before the loss"); /* arrives late */
        struct pair_frame late = pair.last[RK_FRAME_DATA];
        lose_store();
        assert_int_equal(pair_inject(&pair, &late), RK_AGENT_STALE);
        uint8_t out[RK_BACKUP_MAX_bytes];
        uint16_t bytes;
        assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_OFFICER, DEVICE, 1, DEVICE, out, &bytes), RK_AGENT_OK);
        assert_int_equal(hsm.exports, 1);
        assert_int_equal(officer(RK_EVENT_RESTORE, out, bytes), RK_AGENT_OK);
        assert_int_equal(pair.actions.frame_kind, RK_FRAME_R1);               /* renewed at once */
        assert_int_equal(pair.actions.record[0].reason, RK_REASON_ABANDONED); /* what it had asked for without a key */
        assert_int_equal(pair.actions.record[1].reason, RK_REASON_RESTORED);
        struct pair_frame r1 = {.to = RK_ROLE_SERVER, .bytes = pair.actions.frame_bytes};
        memcpy(r1.data, pair.actions.frame, r1.bytes);
        assert_int_equal(pair.device.key[RKI_CURRENT].state, RK_STATE_DEACTIVATED);
        assert_null(rk_agent_active(&pair.device));
        assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "no"), RK_AGENT_NO_KEY);
        assert_int_equal(pair_inject(&pair, &late), RK_AGENT_OK);
        assert_int_equal(pair.actions.delivered, 1);
        assert_int_equal(officer(RK_EVENT_RESTORE, out, bytes), RK_AGENT_STALE); /* it is there */
        pair_inject(&pair, &r1);
        assert_int_equal(rk_agent_active(&pair.device)->id, rk_agent_active(&pair.server)->id);
        assert_true(rk_agent_active(&pair.device)->id > 1);
        assert_int_equal(officer(RK_EVENT_RESTORE, out, bytes), RK_AGENT_STALE); /* it was replaced */
        assert_int_equal(double_reuse(), 0);
    }
}

static void a_restored_key_survives_a_restart_as_it_is(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct pair_frame frame = backup();
    lose_store();
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_OK);
    pair.lose_all = true;
    pair_reboot(&pair);
    assert_int_equal(pair.device.key[RKI_CURRENT].id, 1);
    assert_int_equal(pair.device.key[RKI_CURRENT].state, RK_STATE_DEACTIVATED);
    assert_int_equal(pair.device.key[RKI_CURRENT].protected_messages, RK_KEY_MESSAGES_MAX);
}

static void a_destroyed_key_does_not_come_back(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct pair_frame frame = backup();
    pair.lose_all = true;
    pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    assert_int_equal(officer(RK_EVENT_BACKUP, NULL, 0), RK_AGENT_NO_KEY);
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_STALE); /* tombstone in RAM, */
    pair_reboot(&pair);
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_STALE); /* and in NVM */
    /* Where the tombstone is lost too, the backup device keeps it. */
    assert_int_equal(rk_hsm_take(&hsm, frame.data, frame.bytes), RK_AGENT_OK);
    assert_int_equal(rk_hsm_destroy(&hsm, RK_SUBJECT_OFFICER, DEVICE, 1), RK_AGENT_OK);
    assert_int_equal(rk_hsm_copies(&hsm, DEVICE), 0);
    assert_false(pair_contains(copies, sizeof copies, frame.data + 23, 8));
    uint8_t out[RK_BACKUP_MAX_bytes];
    uint16_t bytes;
    assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_OFFICER, DEVICE, 1, DEVICE, out, &bytes), RK_AGENT_STALE);
    assert_int_equal(rk_hsm_take(&hsm, frame.data, frame.bytes), RK_AGENT_STALE);
    assert_int_equal(rk_hsm_destroy(&hsm, RK_SUBJECT_OFFICER, DEVICE, 5), RK_AGENT_OK); /* before it was taken */
    assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_OFFICER, DEVICE, 5, DEVICE, out, &bytes), RK_AGENT_STALE);
}

static void every_bit_and_length_is_covered(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct pair_frame frame = backup();
    lose_store();
    for (int bit = 0; bit < 8 * frame.bytes; bit++) {
        struct pair_frame altered = frame;
        altered.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(officer(RK_EVENT_RESTORE, altered.data, altered.bytes), RK_AGENT_REJECTED);
        assert_int_equal(rk_hsm_take(&hsm, altered.data, altered.bytes), RK_AGENT_REJECTED);
    }
    for (uint16_t bytes = 0; bytes <= RK_BACKUP_MAX_bytes; bytes++) {
        uint8_t *exact = malloc(bytes == 0 ? 1 : bytes); /* of this length, so that a tool sees a read beyond */
        assert_non_null(exact);
        memcpy(exact, frame.data, bytes);
        if (bytes != frame.bytes)
            assert_int_equal(officer(RK_EVENT_RESTORE, exact, bytes), RK_AGENT_REJECTED);
        free(exact);
    }
    assert_int_equal(pair.device.key[RKI_CURRENT].state, RK_STATE_NONE);
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_OK);
}

static void a_neighbours_key_is_refused_under_any_key(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct rk_backup neighbours = {
        .key_id = 90, .device_id = DEVICE + 1, .type = RK_KEY_DATA_ENCRYPTION, .aead = RK_ALG_AES_CCM};
    struct pair_frame frame;
    lose_store();
    for (; neighbours.device_id >= DEVICE; neighbours.device_id--) {
        assert_int_equal(rk_backup_seal(&double_backend, (struct rk_drbg *)hsm_drbg, pair.provision.backup_key,
                                        &neighbours, frame.data, &frame.bytes),
                         RK_CRYPTO_OK);
        assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes),
                         neighbours.device_id == DEVICE ? RK_AGENT_OK : RK_AGENT_REJECTED);
    }
}

static void a_replaced_device_gets_its_own(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct pair_frame frame = backup();
    uint8_t material[16];
    memcpy(material, rk_agent_active(&pair.device)->material, sizeof material);
    assert_int_equal(rk_hsm_take(&hsm, frame.data, frame.bytes), RK_AGENT_OK);
    uint8_t out[RK_BACKUP_MAX_bytes];
    uint16_t bytes;
    assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_OFFICER, DEVICE, 1, REPLACEMENT, out, &bytes), RK_AGENT_NO_KEY);
    pair.config.device_id = REPLACEMENT;
    memset(pair.provision.backup_key, 0xF6, 32);
    assert_int_equal(rk_hsm_enrol(&hsm, REPLACEMENT, pair.provision.backup_key), RK_AGENT_OK);
    assert_int_equal(rk_hsm_enrol(&hsm, REPLACEMENT, pair.provision.backup_key), RK_AGENT_INVALID);
    lose_store();
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_REJECTED); /* the old one's */
    assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_OFFICER, DEVICE, 1, REPLACEMENT, out, &bytes), RK_AGENT_OK);
    assert_int_equal(officer(RK_EVENT_RESTORE, out, bytes), RK_AGENT_OK);
    assert_memory_equal(pair.device.key[RKI_CURRENT].material, material, sizeof material);
    copies[0].frame[30] ^= 1;
    assert_int_equal(rk_hsm_release(&hsm, RK_SUBJECT_OFFICER, DEVICE, 1, DEVICE, out, &bytes), RK_AGENT_REJECTED);
    assert_int_equal(copies[0].exports, 1);
    rk_hsm_fini(&hsm);
    assert_false(pair_contains(devices, sizeof devices, pair.provision.backup_key, 8));
}

static int refuse_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    (void)context, (void)address, (void)in, (void)bytes;
    return -1;
}

static void what_cannot_be_stored_is_not_restored(void **unused)
{
    (void)unused;
    fresh(RK_ALG_AES_CCM);
    struct pair_frame frame = backup();
    uint8_t material[16];
    memcpy(material, rk_agent_active(&pair.device)->material, sizeof material);
    lose_store();
    int (*write)(void *, uint32_t, const void *, uint16_t) = pair.nvm.write;
    pair.nvm.write = refuse_write;
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_FAILED);
    assert_int_equal(pair.device.key[RKI_CURRENT].state, RK_STATE_NONE);
    assert_false(pair_contains(&pair.device, sizeof pair.device, material, 8));
    pair.nvm.write = write;
    assert_int_equal(officer(RK_EVENT_RESTORE, frame.data, frame.bytes), RK_AGENT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_hides_the_key),
        cmocka_unit_test(types_that_may_not_leave_do_not),
        cmocka_unit_test(only_an_officer_may),
        cmocka_unit_test(the_key_comes_back_to_process_only),
        cmocka_unit_test(a_restored_key_survives_a_restart_as_it_is),
        cmocka_unit_test(a_destroyed_key_does_not_come_back),
        cmocka_unit_test(every_bit_and_length_is_covered),
        cmocka_unit_test(a_neighbours_key_is_refused_under_any_key),
        cmocka_unit_test(a_replaced_device_gets_its_own),
        cmocka_unit_test(what_cannot_be_stored_is_not_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
