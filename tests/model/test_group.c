/* tests/model/test_group.c - a group's plan and members against the code that would run, and against formulas
 *
 * Seeds are fixed; bounds of counts are stated in standard errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/group_plan.h"
#include "engine/model/node.h"
#include "tests/lifecycle/double.h"
#include "tests/model/fixture.h"

#define PER_DAY (36525ull * 10000) /* in events a million years */

enum { DEVICES_MAX = 64, ENTRIES_MAX = 256, LEVELS_MAX = 8 };

static struct rk_trial group_of(uint8_t scheme, uint32_t devices, uint32_t days)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = devices;
    trial.horizon_ns = days * RK_DAY;
    trial.group = (struct rk_group_shape){
        .scheme = scheme,
        .copies = 1,
        .degree = 2,
        .cell_devices = 8,
        .joins_per_1e6y = 2 * PER_DAY,
        .leaves_per_1e6y = 2 * PER_DAY,
        .repair_ns = 60 * RK_S,
    };
    return trial;
}

/* --- the code that would run, in step with the model --- */

struct twin {
    struct rk_group_server server;
    uint64_t drbg[16];
    uint8_t marks[4 * DEVICES_MAX], keys[4 * DEVICES_MAX * 16];
    struct rk_group_member member[DEVICES_MAX];
    uint32_t made[DEVICES_MAX][LEVELS_MAX];
    uint8_t key[DEVICES_MAX][LEVELS_MAX * 16];
    uint8_t frame[ENTRIES_MAX][RK_GROUP_HEAD_bytes + RK_GROUP_ENTRY_MAX_bytes];
    uint32_t entries, own_keys;
};

static struct twin twin;

static void twin_join(uint32_t device)
{
    uint8_t own[16] = {0};
    twin.own_keys++;
    memcpy(own, &twin.own_keys, sizeof twin.own_keys);
    assert_true(rk_group_join(&twin.server, device, own));
    rk_group_member_init(&twin.member[device], &twin.server.tree.config, &double_backend, device, own,
                         twin.made[device], twin.key[device]);
}

static void twin_rekey(void)
{
    rk_group_rekey(&twin.server);
    for (twin.entries = 0;; twin.entries++) {
        uint8_t bytes, *frame = twin.frame[twin.entries];
        assert_true(twin.entries < ENTRIES_MAX);
        rk_group_head(&twin.server, frame);
        assert_int_equal(rk_group_rekey_next(&twin.server, frame + RK_GROUP_HEAD_bytes, &bytes), RK_CRYPTO_OK);
        if (bytes == 0) {
            return;
        }
    }
}

/* All entries to one member. out: keys that are new to it. */
static uint32_t twin_hear(uint32_t device)
{
    struct rk_group_member *member = &twin.member[device];
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < twin.entries; i++) {
        (void)rk_group_receive(member, twin.frame[i],
                               (uint16_t)(RK_GROUP_HEAD_bytes + rk_group_entry_bytes(&member->config)));
    }
    for (uint8_t level = 1; level <= member->config.height; level++) {
        fresh += member->made[level] == twin.server.epoch;
    }
    return fresh;
}

static bool twin_has_key(uint32_t device)
{
    return memcmp(rk_group_key(&twin.member[device]), rk_group_server_key(&twin.server), 16) == 0;
}

static void twin_begin(const struct rk_group_config *config, uint32_t devices)
{
    static const uint8_t entropy[48] = {0x42};
    memset(&twin, 0, sizeof twin);
    double_forget();
    assert_int_equal(double_backend.drbg_init((struct rk_drbg *)twin.drbg, RK_ALG_HMAC_DRBG, entropy), RK_CRYPTO_OK);
    rk_group_server_init(&twin.server, config, &double_backend, (struct rk_drbg *)twin.drbg, twin.marks, twin.keys);
    for (uint32_t device = 0; device < devices; device++) {
        twin_join(device);
    }
    twin_rekey();
    for (uint32_t device = 0; device < devices; device++) {
        (void)twin_hear(device);
        assert_true(twin_has_key(device));
    }
}

/* What the server does at a round. out: whether each device has all keys that it would need to follow. */
static void twin_round(const struct rk_group_plan *plan, const struct rk_group_round *round)
{
    for (uint32_t i = round->first; i < round->first + round->changes; i++) {
        const struct rk_group_change *change = &plan->change[i];
        if (change->joins) {
            twin_join(change->device);
        } else {
            assert_true(rk_group_leave(&twin.server, change->device));
        }
    }
    twin_rekey();
}

/* Keys of the device's path that the round makes anew: what it has to open, should it have missed nothing. */
static uint32_t keys_needed(uint32_t device)
{
    const struct rk_group_config *config = &twin.server.tree.config;
    bool renewed[4 * DEVICES_MAX] = {false};
    uint32_t needed = 0;
    for (uint32_t i = 0; i < twin.entries; i++) {
        const uint8_t *entry = twin.frame[i] + RK_GROUP_HEAD_bytes;
        uint32_t under = entry[0] | (uint32_t)entry[1] << 8 | (uint32_t)entry[2] << 16 | (uint32_t)entry[3] << 24;
        renewed[(under >> 31) != 0 ? under & 0x7FFFFFFF : (under - 1) / config->degree] = true;
    }
    for (uint32_t node = twin.server.tree.first_leaf + device; node != 0;) {
        node = (node - 1) / config->degree;
        needed += renewed[node];
    }
    return needed;
}

/* By the draws that engine/model/group.h names. */
static bool frames_arrive(const struct rk_fleet *fleet, uint32_t device, uint32_t round, uint32_t needed)
{
    for (uint32_t i = 0; i < needed; i++) {
        struct rk_rng_words words = rk_rng_block(&fleet->rng, device, RK_RNG_GROUP, 32ull * round + i);
        if (words.word[0] < fleet->link.loss_below) {
            return false;
        }
    }
    return true;
}

static void run_until(struct rk_node *node, rk_ns end_ns)
{
    for (;;) {
        unsigned first = 0;
        for (unsigned kind = 1; kind < RK_NODE_EVENTS; kind++) {
            first = node->due_ns[kind] < node->due_ns[first] ? kind : first;
        }
        rk_ns now_ns = node->due_ns[first];
        if (now_ns >= end_ns) {
            return;
        }
        node->due_ns[first] = RK_NEVER;
        rk_node_handle(node, (enum rk_node_event)first, now_ns);
    }
}

/* Where the model says that a member is stale, the member's code cannot open the server's key, and the other way round;
 * and the plan's encryptions are those that the server's code made. */
static void members_are_what_the_code_makes_of_them(void **state)
{
    (void)state;
    static struct rk_fleet fleet;
    static struct rk_node node[DEVICES_MAX];
    unsigned stale = 0, current = 0, healed = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct rk_trial trial = group_of(RK_GROUP_LKH, (uint32_t)(5 + seed % 20), 20);
        trial.seed = seed;
        trial.group.degree = (uint32_t)(2 + seed % 3);
        trial.group.batch_ns = seed % 2 == 0 ? 0 : RK_DAY;
        trial.group.joins_per_1e6y = (1 + seed % 5) * PER_DAY;
        trial.group.repair_ns = 1000 * RK_DAY;
        trial.frame_loss_ppm = 200000;
        assert_int_equal(rk_fleet_init(&fleet, &trial, NULL), RK_OK);
        const struct rk_group_plan *plan = fleet.group;
        assert_true(plan->rounds > 10);
        twin_begin(&plan->tree, trial.devices);
        for (uint32_t device = 0; device < trial.devices; device++) {
            assert_int_equal(rk_node_init(&node[device], &fleet, device, NULL), RK_OK);
        }
        for (uint32_t i = 0; i < plan->rounds && plan->round[i].at_ns + RK_S < trial.horizon_ns; i++) {
            const struct rk_group_round *round = &plan->round[i];
            if (i + 1 < plan->rounds && plan->round[i + 1].at_ns < round->at_ns + 60 * RK_S) {
                break; /* two at once cannot be looked at one by one */
            }
            twin_round(plan, round);
            assert_int_equal(round->entries, twin.entries);
            for (uint32_t device = 0; device < trial.devices; device++) {
                bool in = rk_group_tree_has(&twin.server.tree, device), had = node[device].group.stale_level == 0;
                uint32_t frames = (round->entries + plan->frame_entries - 1) / plan->frame_entries;
                uint32_t needed = keys_needed(device);
                if (in && frames_arrive(&fleet, device, i, needed < frames ? needed : frames)) {
                    (void)twin_hear(device);
                }
                run_until(&node[device], round->at_ns + 50 * RK_S);
                assert_int_equal(in, !node[device].group.outside);
                assert_true(!in || (node[device].group.stale_level == 0) == twin_has_key(device));
                stale += in && !twin_has_key(device);
                current += in && twin_has_key(device);
                healed += in && !had && twin_has_key(device);
            }
        }
        for (uint32_t device = 0; device < trial.devices; device++) {
            rk_node_close(&node[device], trial.horizon_ns);
        }
        rk_fleet_fini(&fleet);
    }
    assert_true(stale > 500 && current > 500 && healed > 100);
}

/* Keys of a path cost 1000 cycles each, entries of others 100. What a rekey takes is by what the code would open and hear. */
static void a_member_pays_for_keys_and_for_entries_of_others(void **state)
{
    (void)state;
    static struct rk_fleet fleet;
    static struct rk_node node[8];
    static const uint32_t sizes[] = {1, 4, 10};
    struct rk_trial trial = group_of(RK_GROUP_LKH, 8, 200);
    trial.policy.interval_ns = 1000 * RK_DAY;
    trial.group.copies = 2;
    for (unsigned i = 0; i < 3; i++) {
        rkt_row("group_join_aes128_ccm", sizes[i])->cycles_median = 1000 * sizes[i];
        rkt_row("group_rekey_aes128_ccm", sizes[i])->cycles_median = 1000 * sizes[i] + 100 * (sizes[i] - 1);
    }
    unsigned heard = 0, passed = 0;
    assert_int_equal(rk_fleet_init(&fleet, &trial, NULL), RK_OK);
    twin_begin(&fleet.group->tree, trial.devices);
    for (uint32_t device = 0; device < trial.devices; device++) {
        assert_int_equal(rk_node_init(&node[device], &fleet, device, NULL), RK_OK);
    }
    for (uint32_t i = 0; i < fleet.group->rounds; i++) {
        const struct rk_group_round *round = &fleet.group->round[i];
        if (i + 1 < fleet.group->rounds && fleet.group->round[i + 1].at_ns < round->at_ns + 60 * RK_S) {
            break;
        }
        twin_round(fleet.group, round);
        for (uint32_t device = 0; device < trial.devices; device++) {
            run_until(&node[device], round->at_ns);
            uint64_t before = node[device].ledger.cycles[RK_PHASE_KEYS];
            run_until(&node[device], round->at_ns + 50 * RK_S);
            uint64_t took = node[device].ledger.cycles[RK_PHASE_KEYS] - before, keys = keys_needed(device);
            bool in = rk_group_tree_has(&twin.server.tree, device);
            uint64_t others = 2 * (uint64_t)round->entries - keys, further = keys * (3 - keys);
            assert_int_equal(took, in && keys > 0 ? 1000 * keys + 100 * (others + further) : 0);
            heard += in && keys > 0;
            passed += in && others > 5;
        }
    }
    assert_true(heard > 1000 && passed > 100);
    for (uint32_t device = 0; device < trial.devices; device++) {
        rk_node_close(&node[device], trial.horizon_ns);
    }
    rk_fleet_fini(&fleet);
}

/* An engine from a data sheet has the AEAD: its time for each key, the library's measured path for none. */
static void an_engine_opens_in_the_place_of_the_library(void **state)
{
    (void)state;
    static struct rk_fleet fleet;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 8, 20);
    for (uint32_t size = 16; size <= 64; size *= 2) {
        rkt_row("aes128_ccm_8_open", size)->engine_ns = 7000;
        rkt_row("aes128_ccm_8_open", size)->cycles_median = 70;
    }
    rkt_row("group_rekey_aes128_ccm", 4)->cycles_median += 300;
    assert_int_equal(rk_fleet_init(&fleet, &trial, NULL), RK_OK);
    const struct rk_usage *path = &fleet.group->opens[3], *pass = &fleet.group->passes;
    assert_int_equal(pass->cycles, 100);
    assert_int_equal(path->engine_ns, 3 * 7000);
    assert_int_equal(path->cycles, 3 * (70 + 100));
    rk_fleet_fini(&fleet);
}

/* A library whose member was not measured, or does not fit, is refused by name. */
static void a_member_without_figures_is_refused(void **state)
{
    (void)state;
    static struct rk_fleet fleet;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 8, 20);
    struct rk_diag diag;
    for (uint32_t size = 1; size <= 10; size += size == 1 ? 3 : 6) {
        struct rk_cost_row *row = rkt_row("group_rekey_aes128_ccm", size);
        row->cycles_median = RK_NONE;
        strcpy(row->status, "does not fit: ram");
    }
    assert_int_equal(rk_fleet_init(&fleet, &trial, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "group: an operation without a figure: group_rekey_aes128_ccm: does not fit: ram");
    assert_int_equal(rk_trial_feasible(&trial, &diag), RK_ERR_CHECK);
    assert_string_equal(diag.text, "group_rekey_aes128_ccm: does not fit: ram");
    trial.group.scheme = RK_GROUP_NONE;
    assert_int_equal(rk_trial_feasible(&trial, &diag), RK_OK);
}

/* --- formulas --- */

static double metric_of(const struct rk_trial_result *result, enum rk_metric metric)
{
    return result->metric[metric];
}

/* In a group that is full before each leave, as each leaver is back at once; what is missing at a time is few of 1000. */
static void leaves_cost_what_the_scheme_says(void **state)
{
    (void)state;
    const struct {
        uint8_t scheme;
        double expected, off;
    } cases[] = {
        {RK_GROUP_LKH, 4 * 5 - 1, 0.5},
        {RK_GROUP_STAR, 999, 8},
        {RK_GROUP_NETWORK, 999, 8},
        {RK_GROUP_CELL, 49, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rk_trial trial = group_of(cases[i].scheme, 1000, 10);
        trial.message_period_ns = RK_DAY;
        trial.policy.interval_ns = 30 * RK_DAY;
        trial.group.degree = 4;
        trial.group.cell_devices = 50;
        trial.group.joins_per_1e6y = 200 * PER_DAY; /* a leaver is back before the next one, mostly */
        struct rk_trial_result result = rkt_run(&trial);
        double per_leave = metric_of(&result, RK_METRIC_group_encryptions_per_leave);
        assert_float_equal(per_leave, cases[i].expected, cases[i].off);
        assert_true(metric_of(&result, RK_METRIC_group_leaver_s) == 0);
        double leaves = 20;
        double rekeys = metric_of(&result, RK_METRIC_group_rekeys_per_d) * 10;
        bool open = cases[i].scheme == RK_GROUP_NETWORK;
        assert_float_equal(rekeys, open ? leaves : 2 * leaves, 4 * sqrt(2 * leaves));
    }
}

/* Leaves alone, from 10 devices: 9 + 8 + ... + 1 + 0 seals in a star; nobody is left after 10. */
static void a_group_empties(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_STAR, 10, 100);
    trial.group.joins_per_1e6y = 0;
    struct rk_trial_result result = rkt_run(&trial);
    assert_float_equal(metric_of(&result, RK_METRIC_group_encryptions_per_d) * 100, 45, 1e-9);
    assert_float_equal(metric_of(&result, RK_METRIC_group_rekeys_per_d) * 100, 10, 1e-9);
    assert_float_equal(metric_of(&result, RK_METRIC_group_encryptions_per_leave), 4.5, 1e-9);
}

/* A batch waits for half its period on average, and its leavers read on so long. */
static void a_batch_lets_leavers_read_for_half_of_it(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 200, 100);
    trial.message_period_ns = RK_DAY;
    trial.policy.interval_ns = 200 * RK_DAY;
    trial.group.joins_per_1e6y = trial.group.leaves_per_1e6y = 20 * PER_DAY;
    struct rk_trial_result at_once = rkt_run(&trial);
    trial.group.batch_ns = RK_DAY;
    struct rk_trial_result batch = rkt_run(&trial);
    double sigma_s = 86400 / sqrt(12) / sqrt(2000);
    assert_float_equal(metric_of(&batch, RK_METRIC_group_leaver_s), 43200, 4 * sigma_s);
    assert_float_equal(metric_of(&batch, RK_METRIC_group_rekeys_per_d), 1, 0.011);
    assert_true(metric_of(&batch, RK_METRIC_group_encryptions_per_d) <
                0.7 * metric_of(&at_once, RK_METRIC_group_encryptions_per_d));
    assert_true(metric_of(&batch, RK_METRIC_energy_radio_keys_J_per_d) <
                metric_of(&at_once, RK_METRIC_energy_radio_keys_J_per_d));
}

/* A captured member reads until it is noticed, then to the end of the batch; of a cell's key it is only the cell. */
static void captured_members_read_until_they_are_noticed(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_CELL, 80, 400);
    trial.message_period_ns = RK_DAY;
    trial.policy.interval_ns = 500 * RK_DAY;
    trial.group.joins_per_1e6y = 50 * PER_DAY;
    trial.group.leaves_per_1e6y = 20 * PER_DAY;
    trial.group.captured_ppm = 250000;
    trial.detection_mean_ns = 3 * RK_DAY;
    trial.warm_up_ns = 40 * RK_DAY; /* nobody was captured before the beginning */
    for (int batched = 0; batched < 2; batched++) {
        trial.group.batch_ns = batched ? RK_DAY : 0;
        struct rk_trial_result result = rkt_run(&trial);
        double expected_d = 3 + batched * 0.5, sigma_d = 3 / sqrt(0.25 * 20 * 360);
        assert_float_equal(metric_of(&result, RK_METRIC_group_exposure_s) / 86400, expected_d, 4 * sigma_d);
        assert_float_equal(metric_of(&result, RK_METRIC_group_exposure_share), 0.1, 1e-12);
    }
    trial.group.captured_ppm = 0;
    struct rk_trial_result none = rkt_run(&trial);
    assert_true(isnan(metric_of(&none, RK_METRIC_group_exposure_s)));
    assert_true(metric_of(&none, RK_METRIC_group_leaver_s) > 0);
}

/* Of a star whose joins are multicast in one frame, a member misses p of them, and p^c with c copies; a repair is due
 * after a minute, and gets through: that is how long it is stale. */
static void misses_and_repairs_come_at_their_rate(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_STAR, 100, 100);
    trial.message_period_ns = RK_DAY;
    trial.policy.interval_ns = 200 * RK_DAY;
    trial.frame_loss_ppm = 200000;
    for (uint8_t copies = 1; copies <= 3; copies++) {
        trial.group.copies = copies;
        trial.group.joins_per_1e6y = 10 * PER_DAY;
        struct rk_trial_result result = rkt_run(&trial);
        double rekeys = metric_of(&result, RK_METRIC_group_rekeys_per_d);
        double leaves = metric_of(&result, RK_METRIC_group_encryptions_per_d) / 99;
        double joins = rekeys - leaves, missed = joins * pow(0.2, copies);
        double repairs = metric_of(&result, RK_METRIC_group_repairs_per_d);
        assert_float_equal(repairs, missed, 0.02 + 4 * sqrt(missed / 10000));
        double stale_s = metric_of(&result, RK_METRIC_group_stale_s_per_d);
        assert_true(stale_s > 60 * missed * 0.9 && stale_s < 61 * repairs + rekeys);
    }
    trial.frame_loss_ppm = 0;
    struct rk_trial_result clear = rkt_run(&trial);
    assert_true(metric_of(&clear, RK_METRIC_group_repairs_per_d) == 0);
}

/* What is heard: a full LKH's leave of 2 * 3 - 1 entries in frames of so many, which everybody listens to. */
static void a_member_hears_the_whole_multicast(void **state)
{
    (void)state;
    static struct rk_fleet fleet;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 8, 40);
    assert_int_equal(rk_fleet_init(&fleet, &trial, NULL), RK_OK);
    double bytes = 0, heard = 0;
    uint32_t members = 8, frame_entries = fleet.group->frame_entries, each = rk_group_entry_bytes(&fleet.group->tree);
    assert_int_equal(each, 4 + 16 + trial.tag_bytes);
    assert_true(rk_link_plan(&fleet.link, RK_GROUP_HEAD_bytes + frame_entries * each).count == 1);
    assert_true(rk_link_plan(&fleet.link, RK_GROUP_HEAD_bytes + (frame_entries + 1) * each).count > 1);
    for (uint32_t i = 0; i < fleet.group->rounds; i++) {
        const struct rk_group_round *round = &fleet.group->round[i];
        members += fleet.group->change[round->first].joins ? 1 : UINT32_MAX;
        uint32_t frames = (round->entries + frame_entries - 1) / frame_entries;
        bytes += members * (double)(round->entries * each + frames * RK_GROUP_HEAD_bytes);
        heard += members;
    }
    rk_fleet_fini(&fleet);
    struct rk_trial_result result = rkt_run(&trial);
    assert_float_equal(metric_of(&result, RK_METRIC_group_bytes_per_rekey), bytes / heard, 1e-9);
}

/* The policy's trigger `membership` renews a member's own key at each change that concerns it, and nothing without it. */
static void policies_hear_of_changes(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_STAR, 20, 50);
    trial.group.joins_per_1e6y = 50 * PER_DAY; /* nobody is out for long */
    trial.policy.triggers = RK_TRIGGER_MEMBERSHIP;
    struct rk_trial_result hears = rkt_run(&trial);
    trial.policy.triggers = 0;
    struct rk_trial_result deaf = rkt_run(&trial);
    double rekeys = metric_of(&hears, RK_METRIC_group_rekeys_per_d);
    assert_true(metric_of(&deaf, RK_METRIC_renewals_per_d) == 0);
    assert_true(metric_of(&hears, RK_METRIC_renewals_per_d) > 0.8 * rekeys);
    assert_true(metric_of(&hears, RK_METRIC_renewals_per_d) <= rekeys);
    trial.policy.triggers = RK_TRIGGER_MEMBERSHIP;
    trial.group.scheme = RK_GROUP_CELL;
    trial.group.cell_devices = 5;
    struct rk_trial_result cells = rkt_run(&trial); /* a quarter of the devices each time */
    assert_float_equal(metric_of(&cells, RK_METRIC_renewals_per_d), rekeys / 4, 0.3 * rekeys / 4);
}

/* A restart loses the group's keys, until they are asked for. */
static void a_restart_asks_for_its_path(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 16, 50);
    trial.group.joins_per_1e6y = trial.group.leaves_per_1e6y = 0;
    trial.fault = (struct rk_fault_shape){.reboot_per_1e6y = PER_DAY, .off_ns = 1};
    struct rk_trial_result result = rkt_run(&trial);
    double reboots = metric_of(&result, RK_METRIC_reboots_per_d);
    assert_true(reboots > 0.8);
    assert_float_equal(metric_of(&result, RK_METRIC_group_repairs_per_d), reboots, 0.01);
    /* From the cut to the next thing that it would do, then a minute. */
    assert_true(metric_of(&result, RK_METRIC_group_stale_s_per_d) >= 60 * reboots * 0.99);
    assert_true(metric_of(&result, RK_METRIC_group_stale_s_per_d) < (60 + 310) * reboots);
}

/* Sums of the time after a warm-up are those of all less those of the beginning. */
static void a_warm_up_is_taken_out(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 30, 40);
    trial.frame_loss_ppm = 300000;
    struct rk_trial_result all = rkt_run(&trial);
    trial.warm_up_ns = 10 * RK_DAY;
    struct rk_trial_result later = rkt_run(&trial);
    trial.warm_up_ns = 0;
    trial.horizon_ns = 10 * RK_DAY;
    struct rk_trial_result beginning = rkt_run(&trial);
    static const enum rk_metric sums[] = {RK_METRIC_group_rekeys_per_d, RK_METRIC_group_encryptions_per_d,
                                          RK_METRIC_group_repairs_per_d, RK_METRIC_group_stale_s_per_d};
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        double whole = metric_of(&all, sums[i]) * 40;
        assert_true(whole > 0);
        assert_float_equal(metric_of(&later, sums[i]) * 30 + metric_of(&beginning, sums[i]) * 10, whole, 1e-6 * whole);
    }
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct rk_trial trial = group_of(RK_GROUP_LKH, 10, 1);
    assert_null(rk_group_refuses(&trial));
    trial.group.degree = 1;
    assert_non_null(rk_group_refuses(&trial));
    trial.group.degree = 2;
    trial.group.copies = 0;
    assert_non_null(rk_group_refuses(&trial));
    trial.group.copies = 5;
    assert_non_null(rk_group_refuses(&trial));
    trial.group.copies = 1;
    trial.lifetime = true;
    assert_non_null(rk_group_refuses(&trial));
    trial.lifetime = false;
    trial.group.scheme = RK_GROUP_CELL;
    trial.group.cell_devices = 1;
    assert_non_null(rk_group_refuses(&trial));
    trial = group_of(RK_GROUP_STAR, 100000, 3660);
    trial.group.leaves_per_1e6y = 1000 * PER_DAY;
    struct rk_fleet fleet;
    assert_int_equal(rk_fleet_init(&fleet, &trial, NULL), RK_ERR_INPUT);
    trial = rkt_trial();
    struct rk_trial_result none = rkt_run(&trial);
    assert_true(isnan(metric_of(&none, RK_METRIC_group_rekeys_per_d)));
    assert_true(isnan(metric_of(&none, RK_METRIC_group_stale_s_per_d)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_what_the_code_makes_of_them),
        cmocka_unit_test(a_member_pays_for_keys_and_for_entries_of_others),
        cmocka_unit_test(an_engine_opens_in_the_place_of_the_library),
        cmocka_unit_test(a_member_without_figures_is_refused),
        cmocka_unit_test(leaves_cost_what_the_scheme_says),
        cmocka_unit_test(a_group_empties),
        cmocka_unit_test(a_batch_lets_leavers_read_for_half_of_it),
        cmocka_unit_test(captured_members_read_until_they_are_noticed),
        cmocka_unit_test(misses_and_repairs_come_at_their_rate),
        cmocka_unit_test(a_member_hears_the_whole_multicast),
        cmocka_unit_test(policies_hear_of_changes),
        cmocka_unit_test(a_restart_asks_for_its_path),
        cmocka_unit_test(a_warm_up_is_taken_out),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
