/* A group's member on emulated devices: it comes to the key of the host's key server, and takes nothing that was altered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/backend.h"
#include "backends/operation.h"
#include "bench/bench.h"
#include "devices/emulators/emulator.h"

enum { HEIGHT = 3, HEAD_bytes = 9, UNDER_bytes = 4, TAG_bytes = 16, VALUES = 4 };

/* One of each core, each library that has the AEAD. */
static const struct {
    const char *device, *backend, *aead;
    uint16_t key_bytes;
} pairs[] = {
    {"atmega1284p", "mbedtls", "aes128_ccm", 16},
    {"msp430f1611", "wolfssl", "aes128_ccm", 16},
    {"cortex-m4", "libsodium", "chacha20_poly1305", 32},
    {"cortex-a53", "mbedtls", "chacha20_poly1305", 32},
};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

struct request {
    uint8_t tree[RK_GROUP_TREE_bytes], own[32], frame[1024], key[32];
    uint16_t frame_bytes;
};

static void operation(const char *what, size_t pair, char name[40])
{
    snprintf(name, 40, "group_%s_%s", what, pairs[pair].aead);
}

static void take(const struct rk_call *call, unsigned field, uint8_t *value, uint16_t room, uint16_t *bytes)
{
    const uint8_t *at = NULL;
    assert_true(rk_call_field(call, field, &at, bytes));
    assert_true(*bytes <= room);
    memcpy(value, at, *bytes);
}

/* The key server on the host: a frame for the member at `place`, and the group's key. */
static void ask_server(const char *what, size_t pair, uint8_t place, struct request *request)
{
    static const uint8_t server = 1;
    uint8_t entropy[RK_ENTROPY_bytes];
    char name[40];
    struct rk_call call;
    struct rk_cost_row row;
    struct rk_diag diag;
    uint16_t bytes;
    memset(request, 0, sizeof *request);
    request->tree[0] = 9; /* id */
    request->tree[4] = 2; /* degree */
    request->tree[8] = place;
    request->tree[12] = HEIGHT;
    request->tree[13] = TAG_bytes;
    memset(request->own, 0x5A ^ place, sizeof request->own);
    for (unsigned i = 0; i < sizeof entropy; i++) {
        entropy[i] = (uint8_t)(37 * i + 1); /* passes the health tests */
    }
    const struct rk_bytes values[VALUES] = {{request->tree, sizeof request->tree},
                                            {request->own, pairs[pair].key_bytes},
                                            {entropy, sizeof entropy},
                                            {&server, 1}};
    operation(what, pair, name);
    if (rk_bench_call("host", pairs[pair].backend, name, values, VALUES, &call, &row, &diag) != RK_OK) {
        fail_msg("%s: %s", name, diag.text);
    }
    if (call.result != RK_CRYPTO_OK) {
        fail_msg("%s, place %u, with %s on the host: %s", name, place, pairs[pair].backend, row.status);
    }
    take(&call, 0, request->frame, sizeof request->frame, &request->frame_bytes);
    take(&call, 1, request->key, sizeof request->key, &bytes);
    assert_int_equal(bytes, pairs[pair].key_bytes);
}

/* out: the result on the device, and the key that it answers with. */
static int on_device(const char *what, size_t pair, const struct request *request, uint8_t key[32])
{
    char name[40];
    struct rk_call call;
    struct rk_cost_row row;
    struct rk_diag diag;
    uint16_t bytes;
    const struct rk_bytes values[] = {{request->tree, sizeof request->tree},
                                      {request->own, pairs[pair].key_bytes},
                                      {request->frame, request->frame_bytes}};
    operation(what, pair, name);
    if (rk_bench_call(pairs[pair].device, pairs[pair].backend, name, values, 3, &call, &row, &diag) != RK_OK) {
        fail_msg("%s on %s: %s", name, pairs[pair].device, diag.text);
    }
    if (call.result == RK_CRYPTO_OK || call.result == RK_CRYPTO_REJECTED) {
        take(&call, 0, key, 32, &bytes);
        assert_int_equal(bytes, pairs[pair].key_bytes);
    }
    return call.result;
}

static void test_a_member_has_the_key_of_the_server(void **state)
{
    (void)state;
    static const uint8_t none[32];
    for (size_t pair = 0; pair < PAIRS; pair++) {
        for (uint8_t place = 0; place < 1 << HEIGHT; place = (uint8_t)(place + 3)) {
            static const char *const gets[] = {"join", "rekey"};
            struct request request;
            uint8_t key[32];
            for (unsigned i = 0; i < 2; i++) {
                ask_server(gets[i], pair, place, &request);
                assert_int_equal(on_device(gets[i], pair, &request, key), RK_CRYPTO_OK);
                assert_memory_equal(key, request.key, pairs[pair].key_bytes);
                assert_memory_not_equal(key, none, pairs[pair].key_bytes);
            }
        }
    }
}

/* A bit of each part of the only entry that brings the root's key: the frame's last. */
static void test_a_forged_entry_is_refused(void **state)
{
    (void)state;
    static const uint8_t none[32];
    for (size_t pair = 0; pair < PAIRS; pair++) {
        struct request request;
        uint8_t key[32];
        ask_server("join", pair, 5, &request);
        const uint16_t end = request.frame_bytes;
        const uint16_t entry = (uint16_t)(end - TAG_bytes - pairs[pair].key_bytes - UNDER_bytes);
        const struct {
            uint16_t at;
            int result;
        } forged[] = {
            {0, RK_CRYPTO_REJECTED},                               /* the kind of frame */
            {1, RK_CRYPTO_REJECTED},                               /* of another group */
            {5, RK_CRYPTO_REJECTED},                               /* of another epoch */
            {(uint16_t)(entry + UNDER_bytes), RK_CRYPTO_REJECTED}, /* another key */
            {(uint16_t)(end - 1), RK_CRYPTO_REJECTED},             /* another tag */
            {(uint16_t)(entry + UNDER_bytes - 1), RK_CRYPTO_OK},   /* for no node of the path: nothing to take */
        };
        for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
            request.frame[forged[i].at] ^= 0x40;
            assert_int_equal(on_device("join", pair, &request, key), forged[i].result);
            assert_memory_equal(key, none, pairs[pair].key_bytes);
            request.frame[forged[i].at] ^= 0x40;
        }
        request.own[0] ^= 1; /* somebody else */
        assert_int_equal(on_device("join", pair, &request, key), RK_CRYPTO_REJECTED);
        request.own[0] ^= 1;
        request.frame_bytes--;
        assert_int_equal(on_device("join", pair, &request, key), RK_CRYPTO_REJECTED);
    }
}

static void test_what_is_no_tree_is_no_request(void **state)
{
    (void)state;
    static const struct {
        uint8_t at, value;
    } wrong[] = {{4, 1}, {8, 1 << HEIGHT}, {12, 0}, {12, RK_GROUP_HEIGHT_MEASURED_MAX + 1}, {13, 17}};
    struct request request;
    ask_server("join", 0, 0, &request);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct request other = request;
        uint8_t key[32];
        other.tree[wrong[i].at] = wrong[i].value;
        assert_int_equal(on_device("join", 0, &other, key), RK_CRYPTO_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_member_has_the_key_of_the_server),
        cmocka_unit_test(test_a_forged_entry_is_refused),
        cmocka_unit_test(test_what_is_no_tree_is_no_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
