/* EDHOC in all methods and suites with every library: sizes, operations, what is refused, and that failures leave no
 * secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/protocol/peers.h"

static const struct rk_backend *mbedtls(void)
{
    return loaded[0].backend;
}

/* --- sizes --- */

/* data file of draft-ietf-iotops-security-protocol-comparison, fig-compare1: P-256, tags of 8 bytes, identifiers of
 * one. */
static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        uint8_t method;
        enum peers_credential credential;
        uint16_t sizes[3];
    } rows[] = {
        {0, PEERS_KID, {37, 102, 77}},
        {0, PEERS_X5T, {37, 115, 90}},
        {3, PEERS_KID, {37, 45, 19}},
        {3, PEERS_X5T, {37, 58, 33}},
    };
    unsigned libraries = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        if (!peers_have(loaded[i].backend, 0, 2)) {
            continue;
        }
        libraries++;
        for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
            struct peers peers;
            peers_begin(&peers, counted(loaded[i].backend), rows[r].method, 2, rows[r].credential);
            assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
            for (int m = 0; m < 3; m++) {
                assert_int_equal(peers.sizes[m], rows[r].sizes[m]);
            }
        }
    }
    assert_int_equal(libraries, 4);
}

/* Every method of every suite that a library has, to the same OSCORE context at both ends. */
static void test_all(void **state)
{
    (void)state;
    unsigned ran[RK_EDHOC_SUITES] = {0};
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        for (uint8_t suite = 0; suite < RK_EDHOC_SUITES; suite++) {
            for (uint8_t method = 0; method < 4; method++) {
                struct peers peers;
                if (!peers_have(loaded[i].backend, method, suite)) {
                    continue;
                }
                ran[suite]++;
                peers_begin(&peers, counted(loaded[i].backend), method, suite, PEERS_KID);
                assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
                struct rk_oscore client, server;
                assert_int_equal(rk_edhoc_oscore(&peers.initiator, &client), RK_MESSAGE_OK);
                assert_int_equal(rk_edhoc_oscore(&peers.responder, &server), RK_MESSAGE_OK);
                assert_memory_equal(client.sender_key, server.recipient_key, client.key_bytes);
                assert_memory_equal(client.recipient_key, server.sender_key, client.key_bytes);
                assert_memory_equal(client.common_iv, server.common_iv, client.nonce_bytes);
            }
        }
    }
    /* X25519: four methods with Ed25519 (wolfSSL, libsodium), method 3 without (mbedTLS); libsodium has no CCM. P-256:
     * mbedTLS and wolfSSL. */
    assert_int_equal(ran[0], 2 * 4 + 2);
    assert_int_equal(ran[1], 2 * 4 + 2);
    assert_int_equal(ran[2], 4 * 4);
    assert_int_equal(ran[3], 4 * 4);
    assert_int_equal(ran[4], 3 * 4 + 2);
    assert_int_equal(ran[5], 4 * 4);
}

/* --- operations --- */

static void read_file(const char *path, char *text, size_t room)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t bytes = fread(text, 1, room - 1, file);
    fclose(file);
    text[bytes] = '\0';
}

/* The table of README.md is what is counted. */
static void test_operations(void **state)
{
    (void)state;
    static char text[16384];
    read_file("engine/protocol/README.md", text, sizeof text);
    for (uint8_t method = 0; method < 4; method++) {
        struct peers peers;
        peers_begin(&peers, counted(mbedtls()), method, 2, PEERS_KID);
        assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
        for (int side = 0; side < 2; side++) {
            const struct counts *of = &peers.counts[side];
            char row[128];
            snprintf(row, sizeof row, "| %u, %s | %u | %u | %u | %u | %u | %u | %u |\n", method,
                     side == 0 ? "initiator" : "responder", of->key_pair, of->agree, of->sign, of->verify, of->mac,
                     of->hash, of->seal + of->open);
            if (strstr(text, row) == NULL) {
                fail_msg("engine/protocol/README.md has no row %s", row);
            }
        }
    }
}

/* --- refusals --- */

static void expect_wiped(const struct rk_edhoc *session)
{
    static const uint8_t nothing[32];
    assert_memory_equal(session->private_key, nothing, sizeof nothing);
    assert_memory_equal(session->prk, nothing, sizeof nothing);
    assert_null(session->peer);
}

/* Each bit of message 2 and 3 matters, and each end before its own. */
static void test_spoilt_messages(void **state)
{
    (void)state;
    static const uint8_t methods[] = {0, 3};
    for (size_t m = 0; m < sizeof methods; m++) {
        for (int message = 1; message < 3; message++) {
            for (uint16_t at = 0; at < 120; at = (uint16_t)(at + 7)) {
                struct peers peers;
                peers_begin(&peers, mbedtls(), methods[m], 2, PEERS_KID);
                peers.spoil_message = message;
                peers.spoil_at = at;
                enum rk_message_result result = peers_run(&peers);
                if (at < peers.sizes[message]) {
                    assert_int_not_equal(result, RK_MESSAGE_OK);
                    expect_wiped(message == 1 ? &peers.initiator : &peers.responder);
                } else {
                    assert_int_equal(result, RK_MESSAGE_OK);
                }
            }
        }
    }
}

/* Message 1 is not authenticated when it comes: what was changed in it shows in message 2. */
static void test_spoilt_message_1(void **state)
{
    (void)state;
    for (uint16_t at = 0; at < 37; at++) {
        struct peers peers;
        peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
        peers.spoil_message = 0;
        peers.spoil_at = at;
        assert_int_not_equal(peers_run(&peers), RK_MESSAGE_OK);
        assert_null(peers.initiator.peer);
    }
}

static void test_truncated_messages(void **state)
{
    (void)state;
    for (int message = 0; message < 3; message++) {
        for (int way = 0; way < 2; way++) { /* one byte less, or one more */
            struct peers peers;
            peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
            peers.resize_message = message;
            peers.resize_by = way == 0 ? -1 : 1;
            assert_int_not_equal(peers_run(&peers), RK_MESSAGE_OK);
        }
    }
}

/* A message out of its turn, or the same again, ends a session. */
static void test_turns(void **state)
{
    (void)state;
    uint8_t out[RK_EDHOC_MESSAGE_MAX_bytes];
    uint16_t bytes = 0;
    struct peers peers;
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
    assert_int_equal(rk_edhoc_message_3_take(&peers.responder, peers.messages[2], peers.sizes[2]), RK_MESSAGE_STATE);
    expect_wiped(&peers.responder);
    assert_int_equal(rk_edhoc_message_2_take(&peers.initiator, peers.messages[1], peers.sizes[1]), RK_MESSAGE_STATE);
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    assert_int_equal(rk_edhoc_message_3_make(&peers.initiator, out, sizeof out, &bytes), RK_MESSAGE_STATE);
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    assert_int_equal(rk_edhoc_export(&peers.responder, 0, NULL, 0, out, 16), RK_MESSAGE_STATE);
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    assert_int_equal(rk_edhoc_message_1_make(&peers.initiator, out, 36, &bytes), RK_MESSAGE_NO_ROOM);
    expect_wiped(&peers.initiator);
}

static void test_strangers(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        struct peers peers;
        uint8_t other_id[] = {0xA1, 4, 0x41, 0x05};
        peers_begin(&peers, mbedtls(), 0, 2, PEERS_KID);
        peers.known[side].id_cred = other_id; /* who this side expects */
        assert_int_equal(peers_run(&peers), RK_MESSAGE_UNKNOWN);
        peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
        peers.known[side].public_key = peers.known[1 - side].public_key; /* somebody else's key under the right name */
        assert_int_equal(peers_run(&peers), RK_MESSAGE_REJECTED);
    }
}

/* A suite that the responder has and the initiator likes better is asked for first; a method that it does not take,
 * never. */
static void test_negotiation(void **state)
{
    (void)state;
    static const uint8_t both[] = {3, 2};
    struct peers peers;
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    peers.initiator.config.suites = both;
    peers.initiator.config.suite_count = 2;
    assert_int_equal(peers_run(&peers), RK_MESSAGE_OK); /* the responder has 2 alone */
    assert_int_equal(peers.sizes[0], 39);
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    peers.initiator.config.suites = both;
    peers.initiator.config.suite_count = 2;
    peers.responder.config.suites = both;
    peers.responder.config.suite_count = 2;
    assert_int_equal(peers_run(&peers), RK_MESSAGE_UNSUPPORTED);
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    peers.responder.config.methods = 1;
    assert_int_equal(peers_run(&peers), RK_MESSAGE_UNSUPPORTED);
    peers_begin(&peers, mbedtls(), 0, 2, PEERS_KID);
    peers.initiator.config.suite = 0;
    assert_int_equal(peers_run(&peers), RK_MESSAGE_STATE); /* a suite that it does not list */
}

/* Items of external authorization data behind message 1: one that is not critical is passed over, a critical one
 * refused. */
static void test_external_data(void **state)
{
    (void)state;
    static const struct {
        uint8_t data[4];
        uint8_t bytes;
        enum rk_message_result result;
    } rows[] = {{{0x01}, 1, RK_MESSAGE_OK},
                {{0x01, 0x41, 0xCC}, 3, RK_MESSAGE_OK},
                {{0x20}, 1, RK_MESSAGE_UNSUPPORTED},
                {{0x01, 0x20, 0x41, 0xCC}, 4, RK_MESSAGE_UNSUPPORTED},
                {{0x41, 0xCC}, 2, RK_MESSAGE_MALFORMED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct peers peers;
        uint8_t message[64];
        uint16_t bytes = 0;
        peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
        assert_int_equal(rk_edhoc_message_1_make(&peers.initiator, message, sizeof message, &bytes), RK_MESSAGE_OK);
        memcpy(message + bytes, rows[i].data, rows[i].bytes);
        assert_int_equal(rk_edhoc_message_1_take(&peers.responder, message, (uint16_t)(bytes + rows[i].bytes)),
                         rows[i].result);
    }
}

/* Neither the secrets of a session nor what was derived from it stays in a session that is over. */
static void test_ended_sessions_are_wiped(void **state)
{
    (void)state;
    struct peers peers;
    uint8_t prk[32], out[32];
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
    memcpy(prk, peers.initiator.prk, sizeof prk);
    assert_true(holds(&peers.initiator, sizeof peers.initiator, prk, sizeof prk));
    assert_int_equal(rk_edhoc_key_update(&peers.initiator, out, 0), RK_MESSAGE_OK);
    assert_false(holds(&peers.initiator, sizeof peers.initiator, prk, sizeof prk));
    memcpy(prk, peers.initiator.prk, sizeof prk);
    rk_edhoc_end(&peers.initiator);
    assert_false(holds(&peers.initiator, sizeof peers.initiator, prk, sizeof prk));
    expect_wiped(&peers.initiator);
    assert_int_equal(rk_edhoc_export(&peers.initiator, 0, NULL, 0, out, sizeof out), RK_MESSAGE_STATE);
}

/* Bytes at random, and good messages with some bytes at random: nothing is written outside, nothing hangs, nothing
 * agrees. */
static void test_random_bytes(void **state)
{
    (void)state;
    uint8_t good[3][RK_EDHOC_MESSAGE_MAX_bytes];
    struct peers peers;
    peers_begin(&peers, mbedtls(), 3, 2, PEERS_KID);
    assert_int_equal(peers_run(&peers), RK_MESSAGE_OK);
    memcpy(good, peers.messages, sizeof good);
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        uint8_t noise[RK_EDHOC_MESSAGE_MAX_bytes + 64];
        fill(noise, sizeof noise, seed);
        int message = (int)(seed % 3);
        uint16_t bytes = (uint16_t)(noise[sizeof noise - 1] % sizeof noise);
        if (seed % 2 == 0) { /* a good one with three bytes changed */
            uint8_t changed[RK_EDHOC_MESSAGE_MAX_bytes];
            memcpy(changed, good[message], sizeof changed);
            bytes = peers.sizes[message];
            for (int i = 0; i < 3; i++) {
                changed[noise[2 * i] % bytes] = noise[2 * i + 1];
            }
            memcpy(noise, changed, sizeof changed);
        }
        struct rk_edhoc session = message == 1 ? peers.initiator : peers.responder;
        session.step = message == 0 ? RKI_TAKE_1 : message == 1 ? RKI_TAKE_2 : RKI_TAKE_3;
        uint8_t *exact = malloc(bytes > 0 ? bytes : 1); /* so that a sanitizer sees what is read beyond */
        memcpy(exact, noise, bytes);
        enum rk_message_result result = message == 0   ? rk_edhoc_message_1_take(&session, exact, bytes)
                                        : message == 1 ? rk_edhoc_message_2_take(&session, exact, bytes)
                                                       : rk_edhoc_message_3_take(&session, exact, bytes);
        free(exact);
        if (message > 0) {
            assert_int_not_equal(result, RK_MESSAGE_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_spoilt_messages),
        cmocka_unit_test(test_spoilt_message_1),
        cmocka_unit_test(test_truncated_messages),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_negotiation),
        cmocka_unit_test(test_external_data),
        cmocka_unit_test(test_ended_sessions_are_wiped),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
