/* Groups over the libraries: a server on one, members on another, and a leaver that all of them keep out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/lifecycle/group.h"
#include "tests/backends/loaded.h"

enum { MEMBERS = 9, LEVELS = 3, NODES = 13, LEAVER = 4, ENTRIES_MAX = 64 };

struct frame {
    uint8_t bytes[RK_GROUP_HEAD_bytes + RK_GROUP_ENTRY_MAX_bytes];
};

static struct rk_group_server server;
static struct rk_group_member member[MEMBERS];
static struct frame frame[ENTRIES_MAX];
static unsigned frames;

static void rekey(void)
{
    rk_group_rekey(&server);
    for (;;) {
        uint8_t bytes;
        assert_true(frames < ENTRIES_MAX);
        rk_group_head(&server, frame[frames].bytes);
        assert_int_equal(rk_group_rekey_next(&server, frame[frames].bytes + RK_GROUP_HEAD_bytes, &bytes), RK_CRYPTO_OK);
        if (bytes == 0) {
            return;
        }
        frames++;
    }
}

/* All frames so far. */
static void hear(struct rk_group_member *who)
{
    uint16_t bytes = (uint16_t)(RK_GROUP_HEAD_bytes + rk_group_entry_bytes(&who->config));
    for (unsigned i = 0; i < frames; i++) {
        (void)rk_group_receive(who, frame[i].bytes, bytes);
    }
}

static bool has_key(const struct rk_group_member *who)
{
    return memcmp(rk_group_key(who), rk_group_server_key(&server), rk_group_key_bytes(&who->config)) == 0;
}

static void churn(const struct rk_backend *at_server, const struct rk_backend *at_members, uint8_t aead,
                  uint8_t tag_bytes)
{
    static uint8_t marks[NODES], keys[NODES * RK_GROUP_KEY_MAX_bytes];
    static uint8_t own[MEMBERS][LEVELS * RK_GROUP_KEY_MAX_bytes];
    static uint32_t made[MEMBERS][LEVELS];
    union state_memory memory;
    const struct rk_group_config config = {.id = 5, .degree = 3, .height = 2, .aead = aead, .tag_bytes = tag_bytes};
    frames = 0;
    rk_group_server_init(&server, &config, at_server, drbg_make(at_server, &memory, 9), marks, keys);
    for (uint32_t place = 0; place < MEMBERS; place++) {
        uint8_t key[RK_GROUP_KEY_MAX_bytes];
        fill(key, sizeof key, place);
        assert_true(rk_group_join(&server, place, key));
        rk_group_member_init(&member[place], &config, at_members, place, key, made[place], own[place]);
    }
    rekey();
    for (uint32_t place = 0; place < MEMBERS; place++) {
        hear(&member[place]);
        assert_true(has_key(&member[place]));
    }
    assert_true(rk_group_leave(&server, LEAVER));
    unsigned before = frames;
    rekey();
    assert_int_equal(frames - before, 3 * 2 - 1);
    for (uint32_t place = 0; place < MEMBERS; place++) {
        hear(&member[place]);
        assert_int_equal(has_key(&member[place]), place != LEAVER);
    }
    at_server->drbg_wipe((struct rk_drbg *)&memory, at_server->drbg_alg);
}

static void a_server_serves_members_on_any_library(void **state)
{
    (void)state;
    static const struct {
        uint8_t aead, tag_bytes;
    } suites[] = {{RK_ALG_AES_CCM, 8}, {RK_ALG_AES_CCM, 16}, {RK_ALG_CHACHA20_POLY1305, 16}};
    unsigned ran[3] = {0};
    for (unsigned i = 0; i < LOADED_COUNT * LOADED_COUNT * 3; i++) {
        const struct rk_backend *at_server = loaded[i / 3 / LOADED_COUNT].backend;
        const struct rk_backend *at_members = loaded[i / 3 % LOADED_COUNT].backend;
        uint8_t aead = suites[i % 3].aead;
        if (rk_backend_has(at_server, aead) && rk_backend_has(at_members, aead) && has_drbg(at_server)) {
            churn(at_server, at_members, aead, suites[i % 3].tag_bytes);
            ran[i % 3]++;
        }
    }
    assert_true(ran[0] >= 9 && ran[1] >= 9 && ran[2] >= 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_server_serves_members_on_any_library)};
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
