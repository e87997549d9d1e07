/* Power cuts at every event of the NVM and altered memory, on EEPROM, on segments of flash and on pages of flash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/internal.h"
#include "tests/lifecycle/double.h"
#include "tests/lifecycle/nvm.h"
#include "tests/lifecycle/pair.h"

enum { RECORD_bytes = 72 }; /* with a 16-byte key */

static struct pair pair;
static struct nvm nvm;
static int boots;

static void fresh(uint8_t mechanism, uint8_t geometry)
{
    double_forget();
    pair_init(&pair, &double_backend, mechanism, RK_ALG_AES_CCM, RK_ALG_X25519);
    nvm_init(&nvm, geometry, &pair.powered);
    pair.nvm = nvm.port;
    boots = 0;
}

static void reboot(void)
{
    nvm.cut_at = -1;
    pair.nvm_bytes = ++boots; /* its entropy: none is that of an earlier boot */
    pair_reboot(&pair);
}

static int reboot_result(void)
{
    pair.lose_all = true; /* the result is that of the start, and no renewal finishes */
    reboot();
    pair.lose_all = false;
    return pair.actions.result;
}

/* --- power cuts --- */

static void events(void)
{
    pair_start(&pair);
    for (int i = 0; i < 6; i++) {
        pair_send(&pair, RK_ROLE_DEVICE, "up");
        pair_send(&pair, RK_ROLE_SERVER, "down");
    }
    for (int i = 0; i < 12; i++) { /* beyond one page: with the commits of renewals both are erased */
        pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_SUSPEND, NULL, 0);
        pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0);
    }
    pair_run(&pair, 1020 * SECOND_ns);
    pair_send(&pair, RK_ROLE_DEVICE, "up");
    pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    pair_send(&pair, RK_ROLE_DEVICE, "up");
    pair_run(&pair, 3100 * SECOND_ns);
    pair_send(&pair, RK_ROLE_DEVICE, "up");
}

static bool traced(const char *format, unsigned id)
{
    char line[64];
    snprintf(line, sizeof line, format, id);
    return strstr(pair.trace, line) != NULL;
}

static void check_after_power_loss(void)
{
    bool had_key = traced("device %u pre-activation>active", 1);
    bool compromised = traced("device %u active>compromised", 2);
    uint32_t destroyed = 0;
    for (unsigned id = 1; id < 8; id++)
        if (traced("device %u deactivated>destroyed", id) || traced("device %u compromised>destroyed", id))
            destroyed = id;
    reboot();
    const struct rk_key *current = &pair.device.key[RKI_CURRENT];
    assert_true(current->state == RK_STATE_NONE || current->state == RK_STATE_DESTROYED || current->id > destroyed);
    if (had_key && !compromised && current->state == RK_STATE_SUSPENDED)
        assert_int_equal(pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0), RK_AGENT_OK);
    if (had_key)
        assert_non_null(rk_agent_active(&pair.device)); /* the old or the new one, or agreed again at once */
    pair_run(&pair, pair.now_ns + 100 * SECOND_ns);
    int delivered = pair.delivered[RK_ROLE_SERVER];
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "after"), RK_AGENT_OK);
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], delivered + 1);
    pair_run(&pair, pair.now_ns + 2000 * SECOND_ns);
    assert_int_equal(rk_agent_active(&pair.device)->id, rk_agent_active(&pair.server)->id);
    assert_int_equal(double_reuse(), 0);
    assert_int_equal(pair.failed, 0);
    if (nvm.broken != NULL)
        fail_msg("%s", nvm.broken);
}

static void power_may_go_at_every_event(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        uint8_t mechanism = geometry == NVM_EEPROM ? RK_MECHANISM_TRANSPORT : RK_MECHANISM_DERIVE;
        fresh(mechanism, geometry);
        events();
        long total = nvm.events;
        assert_true(total > 300);
        if (geometry != NVM_EEPROM)
            assert_true(nvm.erasures[0] > 1 && nvm.erasures[1] > 0);
        for (long cut = 0; cut < total; cut++) {
            /* Before one event is after the event before. */
            for (uint8_t torn = cut == 0 ? NVM_TORN_BEFORE : NVM_TORN_HALF; torn < NVM_TORN_COUNT; torn++) {
                fresh(mechanism, geometry);
                nvm.cut_at = cut;
                nvm.torn = torn;
                events();
                assert_false(pair.powered);
                check_after_power_loss();
            }
        }
    }
}

/* --- altered memory --- */

/* A device with two generations of its key in memory, whose every counter that is covered has been used. */
static void used_up(uint8_t geometry)
{
    fresh(RK_MECHANISM_DERIVE, geometry);
    pair_start(&pair);
    for (int i = 0; i < RKI_RECEIVE_BLOCK; i++)
        pair_send(&pair, RK_ROLE_SERVER, "down");
    pair.device.key[RKI_CURRENT].protected_messages = RKI_SEND_BLOCK - 1;
    for (int i = 0; i < 3; i++)
        pair_send(&pair, RK_ROLE_DEVICE, i == 0 ? "a" : i == 1 ? "b" : "c");
    pair.device.key[RKI_CURRENT].protected_messages = 2 * RKI_SEND_BLOCK - 1;
    pair_send(&pair, RK_ROLE_DEVICE, "last of what is covered");
}

static struct pair saved_pair;
static struct nvm saved_nvm;

static void save(void)
{
    saved_pair = pair;
    saved_nvm = nvm;
}

static void back(void)
{
    pair = saved_pair;
    nvm = saved_nvm;
}

/* The device may go on with the key, if it skips what it has used, or it agrees on another. */
static void expect_healed(void)
{
    pair_run(&pair, pair.now_ns + 300 * SECOND_ns);
    int delivered = pair.delivered[RK_ROLE_SERVER];
    assert_int_equal(pair_send(&pair, RK_ROLE_DEVICE, "after"), RK_AGENT_OK);
    assert_int_equal(pair.delivered[RK_ROLE_SERVER], delivered + 1);
    assert_int_equal(double_reuse(), 0);
}

static void every_bit_is_covered(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        used_up(geometry);
        save();
        int flips = 0, kept = 0;
        for (uint16_t place = 0; place < nvm_places(&nvm); place++) {
            uint16_t at = nvm_place_at(&nvm, place);
            if (nvm_blank(&nvm, place) || nvm_zero(&nvm, place))
                continue;
            for (int bit = 0; bit < 8 * RECORD_bytes; bit++, flips++) {
                back();
                nvm.cells[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(reboot_result(), RK_AGENT_ALTERED);
                assert_false(rk_agent_active(&pair.device) == NULL &&
                             pair.device.key[RKI_NEXT].state != RK_STATE_PRE_ACTIVATION);
                kept += rk_agent_active(&pair.device) != NULL;
                assert_int_equal(reboot_result(), RK_AGENT_OK); /* it is said once, and not forgotten */
                expect_healed();
            }
        }
        assert_true(flips >= 2 * 8 * RECORD_bytes);
        assert_int_equal(kept, flips); /* the other generation */
    }
}

static void every_truncation_is_seen(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        used_up(geometry);
        save();
        for (uint16_t bytes = 0; bytes < nvm.bytes; bytes++) {
            back();
            memset(nvm.cells + bytes, 0xFF, (size_t)(nvm.bytes - bytes));
            bool whole = memcmp(nvm.cells, saved_nvm.cells, nvm.bytes) == 0;
            bool blank = true, cut = false;
            for (uint16_t place = 0; place < nvm_places(&nvm); place++) {
                uint16_t at = nvm_place_at(&nvm, place);
                blank = blank && nvm_blank(&nvm, place);
                cut = cut || (bytes > at && bytes < at + RECORD_bytes);
            }
            if (!whole && !blank && !cut)
                continue; /* whole records are missing: an older image, which nothing tells from a younger one */
            assert_int_equal(reboot_result(), whole || blank ? RK_AGENT_OK : RK_AGENT_ALTERED);
            if (whole || blank)
                assert_int_equal(whole, rk_agent_active(&pair.device) != NULL);
        }
    }
}

static void another_devices_store_is_refused(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        for (int which = 0; which < 2; which++) {
            used_up(geometry);
            if (which == 0)
                pair.config.device_id = 8;
            else
                pair.provision.storage_key[0] ^= 1;
            assert_int_equal(reboot_result(), RK_AGENT_ALTERED);
            assert_null(rk_agent_active(&pair.device));
            assert_int_equal(pair.device.key[RKI_NEXT].state, RK_STATE_PRE_ACTIVATION); /* and it renews */
            for (uint16_t place = 0; place < nvm_places(&nvm); place++)
                assert_true(nvm_blank(&nvm, place) || nvm_zero(&nvm, place) || place == pair.device.store.newest);
        }
    }
}

static void swapped_records_are_told_by_their_sequence(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        used_up(geometry);
        uint8_t newest = pair.device.store.newest, older = newest > 0 ? newest - 1 : 1;
        uint8_t record[RECORD_bytes];
        assert_false(nvm_blank(&nvm, older));
        uint8_t *a = nvm.cells + nvm_place_at(&nvm, newest), *b = nvm.cells + nvm_place_at(&nvm, older);
        memcpy(record, a, sizeof record);
        memcpy(a, b, sizeof record);
        memcpy(b, record, sizeof record);
        assert_int_equal(reboot_result(), RK_AGENT_OK);
        assert_int_equal(pair.device.store.newest, older);
        assert_int_equal(rk_agent_active(&pair.device)->protected_messages, 2 * RKI_SEND_BLOCK);
        expect_healed();
    }
}

/* Ids already seen by the server are stale: a device that has lost its store must not try them one by one. */
static void a_lost_store_does_not_lock_out(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        fresh(RK_MECHANISM_DERIVE, geometry);
        pair_start(&pair);
        pair_run(&pair, 100000 * SECOND_ns);
        assert_true(rk_agent_active(&pair.server)->id > 90);
        for (uint16_t place = 0; place < nvm_places(&nvm); place++)
            if (!nvm_blank(&nvm, place))
                nvm.cells[nvm_place_at(&nvm, place) + RECORD_bytes - 1] ^= 0x80;
        reboot();
        assert_non_null(rk_agent_active(&pair.device));
        assert_true(rk_agent_active(&pair.device)->id > 90);
        expect_healed();
    }
}

/* --- destruction --- */

/* out: records that name the key. */
static int records_of(uint8_t id)
{
    int count = 0;
    for (uint16_t place = 0; place < nvm_places(&nvm); place++)
        count += nvm.cells[nvm_place_at(&nvm, place)] == id;
    return count;
}

static void every_record_of_a_destroyed_key_goes(void **unused)
{
    (void)unused;
    for (uint8_t geometry = 0; geometry < NVM_GEOMETRIES; geometry++) {
        used_up(geometry);
        for (int i = 0; i < 3; i++) { /* on pages: half a dozen records of the key */
            pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_SUSPEND, NULL, 0);
            pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0);
        }
        assert_true(records_of(1) >= (geometry == NVM_PAGES ? 6 : 2));
        pair.lose_all = true;
        pair_event(&pair, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
        assert_int_equal(records_of(1), 1); /* its tombstone */
        reboot();
        assert_int_equal(pair.device.key[RKI_CURRENT].state, RK_STATE_DESTROYED);
        assert_null(nvm.broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_may_go_at_every_event),
        cmocka_unit_test(every_bit_is_covered),
        cmocka_unit_test(every_truncation_is_seen),
        cmocka_unit_test(another_devices_store_is_refused),
        cmocka_unit_test(swapped_records_are_told_by_their_sequence),
        cmocka_unit_test(a_lost_store_does_not_lock_out),
        cmocka_unit_test(every_record_of_a_destroyed_key_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
