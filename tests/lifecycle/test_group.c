/* Groups: what joins and leaves cost, that members agree, and that others cannot follow, by trying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/lifecycle/group.h"
#include "tests/lifecycle/double.h"

enum { NODES_MAX = 1400, PLACES_MAX = 128, LEVELS_MAX = 8, ENTRIES_MAX = 20000, KNOWN_MAX = 64, FRAME_max = 1024 };

struct entry {
    uint8_t head[RK_GROUP_HEAD_bytes];
    uint8_t bytes[RK_GROUP_ENTRY_MAX_bytes];
};

struct member {
    bool in;
    struct rk_group_member state;
    uint32_t made[LEVELS_MAX];
    uint8_t key[LEVELS_MAX * RK_GROUP_KEY_MAX_bytes];
};

static struct rk_group_config config;
static struct rk_group_server server;
static uint8_t marks[NODES_MAX];
static uint8_t keys[NODES_MAX * RK_GROUP_KEY_MAX_bytes];
static uint64_t drbg[16];
static struct member member[PLACES_MAX];
static struct entry transcript[ENTRIES_MAX];
static size_t told;
static uint32_t own_keys;
static uint64_t dice_state;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(dice_state >> 33) % sides;
}

static void begin(uint32_t degree, uint8_t height, uint8_t aead, bool open)
{
    static const uint8_t entropy[48] = {0x21};
    double_forget();
    config = (struct rk_group_config){
        .id = 77,
        .degree = degree,
        .height = height,
        .aead = aead,
        .tag_bytes = aead == RK_ALG_AES_CCM ? 8 : 16,
        .open = open,
    };
    assert_in_range(rk_group_nodes(&config), 3, NODES_MAX);
    assert_int_equal(double_backend.drbg_init((struct rk_drbg *)drbg, RK_ALG_HMAC_DRBG, entropy), RK_CRYPTO_OK);
    rk_group_server_init(&server, &config, &double_backend, (struct rk_drbg *)drbg, marks, keys);
    memset(member, 0, sizeof member);
    told = 0;
    own_keys = 0;
}

static void join(uint32_t place)
{
    uint8_t own[RK_GROUP_KEY_MAX_bytes];
    own_keys++;
    for (unsigned i = 0; i < sizeof own; i++) {
        own[i] = (uint8_t)(own_keys >> 8 * (i % 4) ^ 17 * i);
    }
    assert_true(rk_group_join(&server, place, own));
    struct member *newcomer = &member[place];
    rk_group_member_init(&newcomer->state, &config, &double_backend, place, own, newcomer->made, newcomer->key);
    newcomer->in = true;
}

static void leave(uint32_t place)
{
    assert_true(rk_group_leave(&server, place));
    member[place].in = false;
}

static void hear(struct member *who, const struct entry *entry, size_t count)
{
    uint8_t frame[FRAME_max];
    size_t entry_bytes = rk_group_entry_bytes(&config);
    assert_true(RK_GROUP_HEAD_bytes + count * entry_bytes <= sizeof frame);
    memcpy(frame, entry->head, RK_GROUP_HEAD_bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(frame + RK_GROUP_HEAD_bytes + i * entry_bytes, entry[i].bytes, entry_bytes);
    }
    (void)rk_group_receive(&who->state, frame, (uint16_t)(RK_GROUP_HEAD_bytes + count * entry_bytes));
}

/* All entries of a rekey, at the end of the transcript. out: how many. */
static size_t rekey(void)
{
    size_t first = told;
    uint32_t expected = rk_group_tree_entries(&server.tree);
    rk_group_rekey(&server);
    for (;;) {
        uint8_t bytes;
        assert_true(told < ENTRIES_MAX);
        assert_int_equal(rk_group_rekey_next(&server, transcript[told].bytes, &bytes), RK_CRYPTO_OK);
        if (bytes == 0) {
            break;
        }
        assert_int_equal(bytes, rk_group_entry_bytes(&config));
        rk_group_head(&server, transcript[told].head);
        told++;
    }
    assert_int_equal(told - first, expected);
    assert_int_equal(rk_group_tree_entries(&server.tree), 0);
    assert_int_equal(double_reuse(), 0);
    return expected;
}

/* The same, and everybody hears it, also who is not or no longer in it. */
static size_t rekey_heard(void)
{
    size_t first = told, count = rekey();
    for (uint32_t place = 0; place < PLACES_MAX && place < rk_group_places(&config); place++) {
        for (size_t at = first; at < told && member[place].state.key != NULL; at += 3) {
            hear(&member[place], &transcript[at], told - at < 3 ? told - at : 3);
        }
    }
    return count;
}

static bool has_key(const struct member *who)
{
    return memcmp(rk_group_key(&who->state), rk_group_server_key(&server), rk_group_key_bytes(&config)) == 0;
}

static void members_agree_and_others_do_not(void)
{
    for (uint32_t place = 0; place < PLACES_MAX && place < rk_group_places(&config); place++) {
        assert_int_equal(member[place].in, rk_group_tree_has(&server.tree, place));
        if (member[place].state.key != NULL) {
            assert_int_equal(has_key(&member[place]), member[place].in);
        }
    }
}

static void fill(uint32_t places)
{
    for (uint32_t place = 0; place < places; place++) {
        join(place);
    }
}

/* --- an adversary: some keys, and all that was ever sent --- */

struct adversary {
    uint8_t known[KNOWN_MAX][RK_GROUP_KEY_MAX_bytes];
    size_t count;
};

static void learn(struct adversary *adversary, const uint8_t *key)
{
    for (size_t i = 0; i < adversary->count; i++) {
        if (memcmp(adversary->known[i], key, rk_group_key_bytes(&config)) == 0) {
            return;
        }
    }
    assert_true(adversary->count < KNOWN_MAX);
    memcpy(adversary->known[adversary->count++], key, rk_group_key_bytes(&config));
}

/* All keys in a member's memory. */
static void rob(struct adversary *adversary, const struct member *who)
{
    for (uint8_t level = 0; level <= config.height; level++) {
        if (level == 0 || who->made[level] != 0) {
            learn(adversary, who->key + level * rk_group_key_bytes(&config));
        }
    }
}

/* By the frame's description, not by the member's code, which would keep to the rules. */
static bool try_open(const struct entry *entry, const uint8_t *key, uint8_t *opened)
{
    uint8_t aad[13], nonce[13] = {0x47}, tag[16], key_bytes = rk_group_key_bytes(&config);
    memcpy(aad, entry->head, 9);
    memcpy(aad + 9, entry->bytes, 4);
    memcpy(nonce + 1, entry->head + 5, 4);
    memcpy(nonce + 5, entry->bytes, 4);
    memcpy(tag, entry->bytes + 4 + key_bytes, config.tag_bytes);
    const struct rk_aead_job job = {.alg = config.aead,
                                    .key_bytes = key_bytes,
                                    .tag_bytes = config.tag_bytes,
                                    .aad_bytes = sizeof aad,
                                    .text_bytes = key_bytes,
                                    .key = key,
                                    .nonce = nonce,
                                    .aad = aad,
                                    .in = entry->bytes + 4,
                                    .out = opened,
                                    .tag = tag};
    return double_backend.aead_open(&job) == RK_CRYPTO_OK;
}

/* Every key on every entry, until nothing new comes. out: whether one of them is `wanted`. */
static bool finds(struct adversary *adversary, const uint8_t *wanted)
{
    for (size_t tried = 0; tried < adversary->count; tried++) {
        for (size_t at = 0; at < told; at++) {
            uint8_t opened[RK_GROUP_KEY_MAX_bytes];
            if (try_open(&transcript[at], adversary->known[tried], opened)) {
                learn(adversary, opened);
            }
        }
    }
    for (size_t i = 0; i < adversary->count; i++) {
        if (memcmp(adversary->known[i], wanted, rk_group_key_bytes(&config)) == 0) {
            return true;
        }
    }
    return false;
}

/* --- costs --- */

static const struct shape {
    uint32_t degree;
    uint8_t height;
} shapes[] = {{2, 1}, {2, 2}, {2, 5}, {3, 3}, {4, 3}, {5, 2}, {16, 1}, {100, 1}};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void a_full_tree_costs_what_the_formulas_say(void **unused)
{
    (void)unused;
    for (int i = 0; i < SHAPES; i++) {
        const uint32_t d = shapes[i].degree, h = shapes[i].height;
        begin(d, (uint8_t)h, RK_ALG_AES_CCM, false);
        fill(rk_group_places(&config));
        rekey_heard();
        for (uint32_t place = 0; place < rk_group_places(&config); place += 1 + rk_group_places(&config) / 5) {
            leave(place);
            assert_int_equal(rekey_heard(), d * h - 1); /* of a star: N - 1 */
            members_agree_and_others_do_not();
            join(place);
            assert_int_equal(rekey_heard(), 2 * h); /* of a star: 2 */
            members_agree_and_others_do_not();
        }
    }
}

static void a_network_key_is_given_on_as_it_is(void **unused)
{
    (void)unused;
    begin(20, 1, RK_ALG_AES_CCM, true);
    fill(19);
    assert_int_equal(rekey_heard(), 19);
    uint8_t before[16];
    memcpy(before, rk_group_server_key(&server), sizeof before);
    join(19);
    assert_int_equal(rekey_heard(), 1);
    members_agree_and_others_do_not();
    assert_memory_equal(before, rk_group_server_key(&server), sizeof before);
    leave(7);
    assert_int_equal(rekey_heard(), 19);
    members_agree_and_others_do_not();
    assert_memory_not_equal(before, rk_group_server_key(&server), sizeof before);
}

/* The note's example: 1000 members, d = 4: 19 seals instead of 999. */
static void a_thousand_members(void **unused)
{
    (void)unused;
    static uint8_t big[1400];
    const struct rk_group_config tree = {.degree = 4, .height = 5}, star = {.degree = 1000, .height = 1};
    const struct rk_group_config *both[] = {&tree, &star};
    const uint32_t leaves[] = {19, 999}, joins[] = {10, 2};
    for (int i = 0; i < 2; i++) {
        struct rk_group_tree group;
        assert_in_range(rk_group_nodes(both[i]), 1001, sizeof big);
        rk_group_tree_init(&group, both[i], big);
        for (uint32_t place = 0; place < 1000; place++) {
            assert_true(rk_group_tree_join(&group, place));
        }
        rk_group_tree_settle(&group);
        assert_true(rk_group_tree_leave(&group, 321));
        assert_false(rk_group_tree_leave(&group, 321));
        assert_int_equal(rk_group_tree_entries(&group), leaves[i]);
        rk_group_tree_settle(&group);
        assert_true(rk_group_tree_join(&group, 321));
        assert_int_equal(rk_group_tree_entries(&group), joins[i]);
    }
    assert_int_equal(rk_group_nodes(&(struct rk_group_config){.degree = 1, .height = 3}), 0);
    assert_int_equal(rk_group_nodes(&(struct rk_group_config){.degree = 2, .height = 31}), 0);
    assert_int_equal(rk_group_nodes(&(struct rk_group_config){.degree = 4, .height = 16}), 0);
}

/* Each node above a leaver once, under each child that is still there: counted by places, not by marks. */
static uint32_t batch_cost(const bool *left, uint32_t places)
{
    uint32_t cost = 0;
    for (uint32_t width = config.degree; width <= places; width *= config.degree) {
        for (uint32_t first = 0; first < places; first += width) {
            uint32_t children = 0, leavers = 0;
            for (uint32_t child = first; child < first + width; child += width / config.degree) {
                uint32_t there = 0;
                for (uint32_t place = child; place < child + width / config.degree; place++) {
                    there += !left[place];
                    leavers += left[place];
                }
                children += there > 0;
            }
            cost += leavers > 0 ? children : 0;
        }
    }
    return cost;
}

static void a_batch_renews_each_node_once(void **unused)
{
    (void)unused;
    dice_state = 5;
    for (int i = 0; i < 40; i++) {
        bool left[PLACES_MAX] = {false};
        uint32_t leavers = 0;
        begin(shapes[i % SHAPES].degree, shapes[i % SHAPES].height, RK_ALG_AES_CCM, false);
        uint32_t places = rk_group_places(&config);
        fill(places);
        rekey_heard();
        for (uint32_t tries = 1 + dice(places - 1); tries > 0; tries--) {
            uint32_t place = dice(places);
            if (!left[place]) {
                leave(place);
                left[place] = true;
                leavers++;
            }
        }
        uint32_t cost = (uint32_t)rekey_heard();
        assert_int_equal(cost, batch_cost(left, places));
        assert_true(cost <= leavers * (config.degree * config.height - 1));
        assert_true(cost <= rk_group_nodes(&config) - 1);
        members_agree_and_others_do_not();
    }
}

/* --- who can follow --- */

/* Joins and leaves at random, some in batches; at times a place is left and taken again before a rekey. */
static void members_agree_whatever_happens(void **unused)
{
    (void)unused;
    dice_state = 1;
    for (int i = 0; i < 60; i++) {
        begin(shapes[i % SHAPES].degree, shapes[i % SHAPES].height,
              i % 2 == 0 ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305, i % 5 == 0);
        uint32_t places = rk_group_places(&config);
        for (int step = 0; step < 30; step++) {
            for (uint32_t changes = dice(4); changes > 0; changes--) {
                uint32_t place = dice(places);
                if (member[place].in) {
                    leave(place);
                } else {
                    join(place);
                }
            }
            rekey_heard();
            bool empty = true;
            for (uint32_t place = 0; place < places; place++) {
                empty = empty && !member[place].in;
            }
            if (!empty) {
                members_agree_and_others_do_not();
            }
        }
    }
}

static void a_leaver_cannot_open_the_next_key(void **unused)
{
    (void)unused;
    for (int i = 1; i < SHAPES; i++) { /* somebody has to be left */
        begin(shapes[i].degree, shapes[i].height, RK_ALG_AES_CCM, false);
        uint32_t places = rk_group_places(&config);
        fill(places);
        rekey_heard();
        struct adversary adversary = {.count = 0};
        rob(&adversary, &member[places / 2]);
        assert_true(finds(&adversary, rk_group_server_key(&server))); /* it was in it */
        leave(places / 2);
        leave(0);
        rob(&adversary, &member[0]); /* two who left put together what they have */
        rekey_heard();
        assert_false(finds(&adversary, rk_group_server_key(&server)));
        leave(1);
        rekey_heard();
        assert_false(finds(&adversary, rk_group_server_key(&server)));
        join(0); /* taken by another */
        rekey_heard();
        assert_false(finds(&adversary, rk_group_server_key(&server)));
    }
}

static void a_joiner_cannot_open_earlier_keys(void **unused)
{
    (void)unused;
    for (int open = 0; open < 2; open++) {
        for (int i = 0; i < SHAPES; i++) {
            uint8_t earlier[2][RK_GROUP_KEY_MAX_bytes];
            begin(shapes[i].degree, shapes[i].height, RK_ALG_AES_CCM, open != 0);
            uint32_t places = rk_group_places(&config);
            fill(places - 1);
            rekey_heard();
            memcpy(earlier[0], rk_group_server_key(&server), RK_GROUP_KEY_MAX_bytes);
            if (places > 2) {
                leave(0);
                rekey_heard();
            }
            memcpy(earlier[1], rk_group_server_key(&server), RK_GROUP_KEY_MAX_bytes);
            join(places - 1);
            rekey_heard();
            struct adversary adversary = {.count = 0};
            rob(&adversary, &member[places - 1]);
            assert_true(finds(&adversary, rk_group_server_key(&server)));
            /* What an open group gives up: the present keys as they are, and with those of its branch older ones. */
            assert_int_equal(finds(&adversary, earlier[1]), open);
            assert_int_equal(finds(&adversary, earlier[0]), open && (places == 2 || config.height > 1));
        }
    }
}

/* A server that forgets one key of the leaver's path is caught by the same trial, whichever it is. */
static void a_path_key_that_is_left_out_is_found(void **unused)
{
    (void)unused;
    enum { LEFT = 4 };
    for (uint32_t level = 1; level <= 5; level++) {
        begin(2, 5, RK_ALG_AES_CCM, false);
        fill(32);
        rekey_heard();
        struct adversary adversary = {.count = 0};
        rob(&adversary, &member[13]);
        leave(13);
        uint32_t node = server.tree.first_leaf + 13;
        for (uint32_t at = 0; at < level; at++) {
            node = (node - 1) / 2;
        }
        assert_int_equal(marks[node] & LEFT, LEFT);
        marks[node] &= (uint8_t)~LEFT;
        rekey();
        assert_true(finds(&adversary, rk_group_server_key(&server)));
    }
}

/* --- what goes wrong on the way --- */

static void who_missed_a_rekey_is_repaired_by_its_path(void **unused)
{
    (void)unused;
    begin(2, 4, RK_ALG_AES_CCM, false);
    fill(16);
    rekey_heard();
    for (uint32_t who = 0; who < 15; who++) {
        size_t first = told;
        leave(15);
        rekey();
        assert_false(has_key(&member[who]));
        for (uint8_t level = 0; level < config.height; level++) {
            struct entry path;
            rk_group_head(&server, path.head);
            assert_int_equal(rk_group_path_entry(&server, who, level, path.bytes), RK_CRYPTO_OK);
            hear(&member[who], &path, 1);
        }
        assert_true(has_key(&member[who]));
        /* Who left gets none, the rest hear it late, and it changes nothing for who has it. */
        struct entry path;
        assert_int_equal(rk_group_path_entry(&server, 15, 0, path.bytes), RK_CRYPTO_FAILED);
        for (uint32_t place = 0; place < 16; place++) {
            for (size_t at = first; at < told; at++) {
                hear(&member[place], &transcript[at], 1);
            }
        }
        members_agree_and_others_do_not();
        join(15);
        rekey_heard();
        members_agree_and_others_do_not();
    }
    assert_int_equal(double_reuse(), 0);
}

/* A leave above what was missed brings all keys that it takes: the next rekey heals. A join does not: it goes under the old. */
static void a_missed_rekey_may_heal_by_the_next(void **unused)
{
    (void)unused;
    begin(2, 3, RK_ALG_AES_CCM, false);
    fill(8);
    rekey_heard();
    leave(7); /* renews the root alone of member 0's path, sealed under what it has */
    rekey();
    leave(6);
    rekey_heard();
    assert_true(has_key(&member[0]));
    join(7);
    rekey();
    join(6);
    rekey_heard();
    assert_false(has_key(&member[0]));
    leave(1); /* beside it: all keys of its path */
    rekey_heard();
    assert_true(has_key(&member[0]));
}

static void what_was_sent_again_or_altered_changes_nothing(void **unused)
{
    (void)unused;
    begin(3, 2, RK_ALG_CHACHA20_POLY1305, false);
    fill(9);
    rekey_heard();
    leave(4);
    size_t old = told;
    rekey_heard();
    leave(5);
    rekey_heard();
    for (size_t at = 0; at < told; at++) { /* all of it, from the beginning */
        hear(&member[0], &transcript[at], 1);
        hear(&member[3], &transcript[at], 1);
    }
    assert_true(has_key(&member[0]) && has_key(&member[3]));
    uint8_t frame[RK_GROUP_HEAD_bytes + RK_GROUP_ENTRY_MAX_bytes];
    uint16_t bytes = (uint16_t)(RK_GROUP_HEAD_bytes + rk_group_entry_bytes(&config));
    leave(6);
    size_t first = told;
    rekey();
    unsigned opened = 0, refused = 0;
    for (size_t at = first; at < told; at++) {
        for (unsigned bit = 0; bit < 8u * bytes; bit++) {
            memcpy(frame, transcript[at].head, RK_GROUP_HEAD_bytes);
            memcpy(frame + RK_GROUP_HEAD_bytes, transcript[at].bytes, bytes - RK_GROUP_HEAD_bytes);
            frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
            struct member copy = member[0];
            copy.state.key = copy.key;
            copy.state.made = copy.made;
            refused += rk_group_receive(&copy.state, frame, bytes) == RK_CRYPTO_REJECTED;
            opened += memcmp(copy.key, member[0].key, sizeof copy.key) != 0;
        }
    }
    assert_int_equal(opened, 0);
    assert_true(refused > 8u * bytes / 2);
    assert_int_equal(rk_group_receive(&member[0].state, transcript[old].head, 8), RK_CRYPTO_REJECTED);
}

static void keys_are_wiped(void **unused)
{
    (void)unused;
    static const uint8_t nothing[sizeof keys];
    begin(2, 3, RK_ALG_AES_CCM, false);
    fill(8);
    rekey_heard();
    leave(2);
    assert_memory_equal(keys + (server.tree.first_leaf + 2) * 16, nothing, 16);
    rk_group_member_wipe(&member[3].state);
    assert_memory_equal(member[3].key, nothing, 4 * 16);
    assert_int_equal(rk_group_epoch(&member[3].state), 0);
    rk_group_server_wipe(&server);
    assert_memory_equal(keys, nothing, rk_group_nodes(&config) * 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_tree_costs_what_the_formulas_say),
        cmocka_unit_test(a_network_key_is_given_on_as_it_is),
        cmocka_unit_test(a_thousand_members),
        cmocka_unit_test(a_batch_renews_each_node_once),
        cmocka_unit_test(members_agree_whatever_happens),
        cmocka_unit_test(a_leaver_cannot_open_the_next_key),
        cmocka_unit_test(a_joiner_cannot_open_earlier_keys),
        cmocka_unit_test(a_path_key_that_is_left_out_is_found),
        cmocka_unit_test(who_missed_a_rekey_is_repaired_by_its_path),
        cmocka_unit_test(a_missed_rekey_may_heal_by_the_next),
        cmocka_unit_test(what_was_sent_again_or_altered_changes_nothing),
        cmocka_unit_test(keys_are_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
