/* OSCORE: the vectors of RFC 8613, appendix C, with every library that has AES-CCM; overheads; the replay window;
 * refusals.
 * KUDOS: updateCtx() against another implementation of it, both modes, and what they add to a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/protocol/kudos.h"
#include "tests/protocol/support.h"

static const char SECRET[] = "0102030405060708090a0b0c0d0e0f10";
static const char SALT[] = "9e7ca92223786340";
static const char ID_CONTEXT[] = "37cbf3210017a2d3";
static const uint8_t URI_PATH[] = {0xB3, 't', 'v', '1'};

/* A vector of C.1 to C.6: a context, and its request with number 20. */
struct vector {
    const char *salt, *id_context, *sender_id, *recipient_id;
    const char *sender_key, *recipient_key, *common_iv;
    const char *option, *ciphertext;
};

static const struct vector vectors[] = {
    {SALT, "", "", "01", "f0910ed7295e6ad4b54fc793154302ff", "ffb14e093c94c9cac9471648b4f98710",
     "4622d4dd6d944168eefb54987c", "0914", "612f1092f1776f1c1668b3825e"},
    {"", "", "00", "01", "321b26943253c7ffb6003b0b64d74041", "e57b5635815177cd679ab4bcec9d7dda",
     "be35ae297d2dace910c52e99f9", "091400", "4ed339a5a379b0b8bc731fffb0"},
    {SALT, ID_CONTEXT, "", "01", "af2a1300a5e95788b356336eeecd2b92", "e39a0c7c77b43f03b4b39ab9a268699f",
     "2ca58fb85ff1b81c0b7181b85e", "19140837cbf3210017a2d3", "72cd7273fd331ac45cffbe55c3"},
};

static enum rk_message_result derive(const struct rk_backend *backend, const struct vector *vector, bool server,
                                     uint8_t alg, struct rk_oscore *context)
{
    struct bytes secret = from_hex(SECRET), salt = from_hex(vector->salt), id_context = from_hex(vector->id_context);
    struct bytes sender = from_hex(server ? vector->recipient_id : vector->sender_id);
    struct bytes recipient = from_hex(server ? vector->sender_id : vector->recipient_id);
    struct rk_oscore_input input = {.alg = alg,
                                    .secret = secret.at,
                                    .secret_bytes = (uint8_t)secret.bytes,
                                    .salt = salt.at,
                                    .salt_bytes = (uint8_t)salt.bytes,
                                    .sender_id = sender.at,
                                    .sender_id_bytes = (uint8_t)sender.bytes,
                                    .recipient_id = recipient.at,
                                    .recipient_id_bytes = (uint8_t)recipient.bytes,
                                    .id_context = id_context.at,
                                    .id_context_bytes = (uint8_t)id_context.bytes};
    return rk_oscore_derive(backend, &input, context);
}

static const struct rk_oscore_plain get_tv1 = {.code = 1, .options = URI_PATH, .options_bytes = sizeof URI_PATH};
static const struct rk_oscore_plain hello = {
    .code = 0x45, .payload = (const uint8_t *)"Hello World!", .payload_bytes = 12};

static bool has_ccm(const struct rk_backend *backend)
{
    return rk_backend_has(backend, RK_ALG_AES_CCM) && rk_backend_has(backend, RK_ALG_HKDF_SHA256);
}

static void follow(const struct rk_backend *backend, const struct vector *vector)
{
    struct rk_oscore client, server;
    struct rk_oscore_option option = {0}, taken;
    struct rk_oscore_request request, seen;
    struct rk_oscore_plain plain;
    uint8_t text[64], value[RK_OSCORE_OPTION_MAX_bytes];
    uint16_t bytes = 0;
    assert_int_equal(derive(backend, vector, false, RK_ALG_AES_CCM, &client), RK_MESSAGE_OK);
    assert_int_equal(derive(backend, vector, true, RK_ALG_AES_CCM, &server), RK_MESSAGE_OK);
    assert_true(is_hex(client.sender_key, 16, vector->sender_key));
    assert_true(is_hex(client.recipient_key, 16, vector->recipient_key));
    assert_true(is_hex(client.common_iv, 13, vector->common_iv));
    client.next = 20;
    assert_int_equal(
        rk_oscore_protect_request(backend, &client, &get_tv1, &option, text, sizeof text, &bytes, &request),
        RK_MESSAGE_OK);
    assert_true(is_hex(text, bytes, vector->ciphertext));
    uint8_t value_bytes = rk_oscore_option_put(&option, value);
    assert_true(is_hex(value, value_bytes, vector->option));
    assert_int_equal(rk_oscore_option_take(value, value_bytes, &taken), RK_MESSAGE_OK);
    assert_int_equal(rk_oscore_unprotect_request(backend, &server, &taken, text, bytes, &plain, &seen), RK_MESSAGE_OK);
    assert_int_equal(plain.code, 1);
    assert_int_equal(plain.options_bytes, sizeof URI_PATH);
    assert_memory_equal(plain.options, URI_PATH, sizeof URI_PATH);
    assert_int_equal(plain.payload_bytes, 0);
}

/* C.7 and C.8: the server's answer to C.4, without and with a number of its own. */
static void follow_response(const struct rk_backend *backend, bool numbered)
{
    struct rk_oscore client, server;
    struct rk_oscore_request request = {.piv_bytes = 1, .piv = {20}};
    struct rk_oscore_option option = {0};
    struct rk_oscore_plain plain;
    uint8_t text[64], value[RK_OSCORE_OPTION_MAX_bytes];
    uint16_t bytes = 0;
    assert_int_equal(derive(backend, &vectors[0], false, RK_ALG_AES_CCM, &client), RK_MESSAGE_OK);
    assert_int_equal(derive(backend, &vectors[0], true, RK_ALG_AES_CCM, &server), RK_MESSAGE_OK);
    assert_int_equal(
        rk_oscore_protect_response(backend, &server, &hello, &request, numbered, &option, text, sizeof text, &bytes),
        RK_MESSAGE_OK);
    assert_true(is_hex(text, bytes,
                       numbered ? "4d4c13669384b67354b2b6175ff4b8658c666a6cf88e"
                                : "dbaad1e9a7e7b2a813d3c31524378303cdafae119106"));
    assert_true(is_hex(value, rk_oscore_option_put(&option, value), numbered ? "0100" : ""));
    assert_int_equal(rk_oscore_unprotect_response(backend, &client, &request, &option, text, bytes, &plain),
                     RK_MESSAGE_OK);
    assert_int_equal(plain.code, 0x45);
    assert_int_equal(plain.payload_bytes, 12);
    assert_memory_equal(plain.payload, "Hello World!", 12);
}

static void test_rfc8613(void **state)
{
    (void)state;
    unsigned libraries = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        if (!has_ccm(loaded[i].backend)) {
            struct rk_oscore context;
            assert_int_equal(derive(loaded[i].backend, &vectors[0], false, RK_ALG_AES_CCM, &context),
                             RK_MESSAGE_UNSUPPORTED);
            continue;
        }
        libraries++;
        for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
            follow(loaded[i].backend, &vectors[v]);
        }
        follow_response(loaded[i].backend, false);
        follow_response(loaded[i].backend, true);
    }
    assert_int_equal(libraries, 4);
}

/* --- sizes --- */

/* Bytes that the OSCORE option takes in a CoAP header: one for delta and length, one more from 13 bytes on. */
static unsigned option_size(uint8_t value_bytes)
{
    return 1u + (value_bytes >= 13) + value_bytes;
}

/* What protection adds to a CoAP message with a payload: the option, the code inside and the tag. The marker of the
 * payload moves inside and another takes its place; a message without payload gets the outer one only. */
static unsigned added(const struct rk_oscore_plain *plain, const struct rk_oscore_option *option, uint16_t bytes)
{
    uint8_t value[RK_OSCORE_OPTION_MAX_bytes];
    unsigned before = plain->options_bytes + (plain->payload_bytes > 0 ? 1u + plain->payload_bytes : 0);
    return option_size(rk_oscore_option_put(option, value)) + 1u + bytes - before;
}

/* draft-ietf-iotops-security-protocol-comparison: 13 and 11, one more a byte of sender identifier in requests, and one
 * more from number 256 and from 65536 on. */
static void test_overheads(void **state)
{
    (void)state;
    static const struct {
        const char *sender_id;
        uint64_t number;
        unsigned request, response;
    } rows[] = {{"", 5, 13, 11},   {"aa", 5, 14, 11},   {"aabb", 5, 15, 11}, {"", 255, 13, 11},
                {"", 256, 14, 11}, {"", 65535, 14, 11}, {"", 65536, 15, 11}};
    const struct rk_backend *backend = loaded[0].backend;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vector vector = vectors[0];
        struct rk_oscore client, server;
        struct rk_oscore_option option = {0}, answer = {0};
        struct rk_oscore_request request;
        uint8_t text[64];
        uint16_t bytes = 0;
        vector.sender_id = rows[i].sender_id;
        assert_int_equal(derive(backend, &vector, false, RK_ALG_AES_CCM, &client), RK_MESSAGE_OK);
        assert_int_equal(derive(backend, &vector, true, RK_ALG_AES_CCM, &server), RK_MESSAGE_OK);
        client.next = rows[i].number;
        rk_oscore_protect_request(backend, &client, &get_tv1, &option, text, sizeof text, &bytes, &request);
        assert_int_equal(added(&get_tv1, &option, bytes), rows[i].request);
        rk_oscore_protect_request(backend, &client, &hello, &option, text, sizeof text, &bytes, &request);
        assert_int_equal(added(&hello, &option, bytes),
                         rows[i].request + (rows[i].number == 255) + (rows[i].number == 65535));
        rk_oscore_protect_response(backend, &server, &hello, &request, false, &answer, text, sizeof text, &bytes);
        assert_int_equal(added(&hello, &answer, bytes), rows[i].response);
    }
}

/* --- numbers --- */

/* A request with this number, at a server that has its context. */
static enum rk_message_result ask(struct rk_oscore *client, struct rk_oscore *server, uint64_t number, uint8_t spoilt)
{
    const struct rk_backend *backend = loaded[0].backend;
    struct rk_oscore_option option = {0};
    struct rk_oscore_request request, seen;
    struct rk_oscore_plain plain;
    uint8_t text[64];
    uint16_t bytes = 0;
    client->next = number;
    enum rk_message_result result =
        rk_oscore_protect_request(backend, client, &get_tv1, &option, text, sizeof text, &bytes, &request);
    text[0] ^= spoilt;
    return result != RK_MESSAGE_OK ? result
                                   : rk_oscore_unprotect_request(backend, server, &option, text, bytes, &plain, &seen);
}

static void test_replays(void **state)
{
    (void)state;
    struct rk_oscore client, server;
    assert_int_equal(derive(loaded[0].backend, &vectors[0], false, RK_ALG_AES_CCM, &client), RK_MESSAGE_OK);
    assert_int_equal(derive(loaded[0].backend, &vectors[0], true, RK_ALG_AES_CCM, &server), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 0, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 0, 0), RK_MESSAGE_REPLAYED);
    assert_int_equal(ask(&client, &server, 40, 1), RK_MESSAGE_REJECTED); /* moves nothing */
    assert_int_equal(ask(&client, &server, 8, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 40, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 9, 0), RK_MESSAGE_OK); /* the oldest of 32 */
    assert_int_equal(ask(&client, &server, 9, 0), RK_MESSAGE_REPLAYED);
    assert_int_equal(ask(&client, &server, 8, 0), RK_MESSAGE_REPLAYED); /* behind the window */
    assert_int_equal(ask(&client, &server, 39, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 1000, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 999, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 40, 0), RK_MESSAGE_REPLAYED);
    assert_int_equal(ask(&client, &server, (1ull << 40) - 1, 0), RK_MESSAGE_OK);
    assert_int_equal(ask(&client, &server, 1ull << 40, 0), RK_MESSAGE_STATE);
}

static void test_others_are_refused(void **state)
{
    (void)state;
    const struct rk_backend *backend = loaded[0].backend;
    struct rk_oscore client, server;
    struct rk_oscore_option option = {0};
    struct rk_oscore_request request, seen;
    struct rk_oscore_plain plain;
    uint8_t text[64];
    uint16_t bytes = 0;
    struct vector stranger = vectors[0];
    stranger.sender_id = "77";
    derive(backend, &stranger, false, RK_ALG_AES_CCM, &client);
    derive(backend, &vectors[0], true, RK_ALG_AES_CCM, &server);
    rk_oscore_protect_request(backend, &client, &get_tv1, &option, text, sizeof text, &bytes, &request);
    assert_int_equal(rk_oscore_unprotect_request(backend, &server, &option, text, bytes, &plain, &seen),
                     RK_MESSAGE_UNKNOWN);
    assert_int_equal(rk_oscore_unprotect_request(backend, &server, &option, text, 8, &plain, &seen),
                     RK_MESSAGE_MALFORMED);
    derive(backend, &vectors[0], false, RK_ALG_AES_CCM, &client);
    assert_int_equal(rk_oscore_protect_request(backend, &client, &get_tv1, &option, text, 12, &bytes, &request),
                     RK_MESSAGE_NO_ROOM);
    static const char *const bad[] = {"00",       "0614010203040506",       "2001", "0a0014",
                                      "0a14",     "19140937cbf3210017a2d3", "8900", "8902140742",
                                      "89011487", "0914aabbccddeeff0011"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes value = from_hex(bad[i]);
        assert_int_equal(rk_oscore_option_take(value.at, value.bytes, &option), RK_MESSAGE_MALFORMED);
    }
    assert_int_equal(rk_oscore_protect_request(backend, &client, &get_tv1, &option, text, 13, &bytes, &request),
                     RK_MESSAGE_OK);
    stranger.sender_id = "01020304050607";
    assert_int_equal(derive(backend, &stranger, false, RK_ALG_AES_CCM, &client), RK_MESSAGE_OK);
    stranger.sender_id = "0102030405060708";
    assert_int_equal(derive(backend, &stranger, false, RK_ALG_AES_CCM, &client), RK_MESSAGE_NO_ROOM);
    stranger.sender_id = stranger.recipient_id;
    assert_int_equal(derive(backend, &stranger, false, RK_ALG_AES_CCM, &client), RK_MESSAGE_UNSUPPORTED);
    rk_oscore_wipe(backend, &server);
    struct rk_oscore zero = {0};
    assert_memory_equal(&server, &zero, sizeof zero);
}

/* --- KUDOS --- */

/* updateCtx() of Python's hmac and hashlib for X1 | N1 = 07 0011.., X2 | N2 = 47 8899.. and the context of C.1. */
static void test_update(void **state)
{
    (void)state;
    struct bytes one = from_hex("070011223344556677"), two = from_hex("478899aabbccddeeff");
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        struct rk_oscore old, new;
        if (!has_ccm(backend)) {
            continue;
        }
        derive(backend, &vectors[0], false, RK_ALG_AES_CCM, &old);
        assert_int_equal(rk_kudos_update(backend, &old, one.at, 9, NULL, 0, &new), RK_MESSAGE_OK);
        assert_true(is_hex(new.secret, 16, "f0e85ef516b2f9ad10f6dc62a18a902c"));
        assert_true(is_hex(new.sender_key, 16, "f7337c727dfc6c61709912f2f415a51d"));
        for (int order = 0; order < 2; order++) {
            assert_int_equal(
                rk_kudos_update(backend, &old, order ? two.at : one.at, 9, order ? one.at : two.at, 9, &new),
                RK_MESSAGE_OK);
            assert_true(is_hex(new.secret, 16, "c7aa73a50900e34b44498ffd3a004d3e"));
            assert_true(is_hex(new.sender_key, 16, "b03f18ce2a425e4b6729d8b95e18c13b"));
            assert_true(is_hex(new.recipient_key, 16, "7a5ac4befc8add5a6191e79dfceb59cc"));
            assert_true(is_hex(new.common_iv, 13, "bf6629782cb28afd76a6838853"));
        }
    }
}

/* Both ends of a run, from one context each. */
struct both {
    struct rk_oscore client, server;
    union state_memory memory;
    struct rk_kudos initiator, responder;
    unsigned request_adds, response_adds; /* to what OSCORE adds */
};

static enum rk_message_result run(struct both *both, uint8_t nonce_bytes, bool no_fs_i, bool no_fs_r, uint8_t spoilt)
{
    const struct rk_backend *backend = loaded[0].backend;
    struct vector vector = vectors[0];
    struct rk_oscore_option option = {0}, answer = {0};
    struct rk_oscore_plain plain;
    uint8_t text[64];
    uint16_t bytes = 0;
    vector.sender_id = "25";
    derive(backend, &vector, false, RK_ALG_AES_CCM, &both->client);
    derive(backend, &vector, true, RK_ALG_AES_CCM, &both->server);
    struct rk_drbg *drbg = drbg_make(backend, &both->memory, 3);
    both->initiator = (struct rk_kudos){
        .backend = backend, .drbg = drbg, .from = &both->client, .no_fs = no_fs_i, .nonce_bytes = nonce_bytes};
    both->responder = (struct rk_kudos){
        .backend = backend, .drbg = drbg, .from = &both->server, .no_fs = no_fs_r, .nonce_bytes = nonce_bytes};
    assert_int_equal(rk_kudos_request_make(&both->initiator, &get_tv1, &option, text, sizeof text, &bytes),
                     RK_MESSAGE_OK);
    both->request_adds = added(&get_tv1, &option, bytes) - 14;
    text[1] ^= spoilt & 1;
    enum rk_message_result result = rk_kudos_request_take(&both->responder, &option, text, bytes, &plain);
    if (result != RK_MESSAGE_OK) {
        return result;
    }
    assert_int_equal(rk_kudos_response_make(&both->responder, &hello, &answer, text, sizeof text, &bytes),
                     RK_MESSAGE_OK);
    both->response_adds = added(&hello, &answer, bytes) - 11;
    answer.nonce[0] ^= spoilt & 2;
    return rk_kudos_response_take(&both->initiator, &answer, text, bytes, &plain);
}

/* draft-ietf-core-oscore-key-update, overhead: 8, 23 and 40 bytes more a run for nonces of 1, 8 and 16. */
static void test_kudos(void **state)
{
    (void)state;
    static const struct {
        uint8_t nonce_bytes;
        unsigned request, response;
    } rows[] = {{1, 3, 5}, {8, 11, 12}, {16, 19, 21}};
    static const struct rk_oscore nothing;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int no_fs = 0; no_fs < 2; no_fs++) {
            struct both both;
            assert_int_equal(run(&both, rows[i].nonce_bytes, no_fs, no_fs, 0), RK_MESSAGE_OK);
            assert_int_equal(both.request_adds, rows[i].request);
            assert_int_equal(both.response_adds, rows[i].response);
            struct rk_oscore *client = &both.initiator.context, *server = &both.responder.context;
            assert_memory_equal(client->sender_key, server->recipient_key, 16);
            assert_memory_equal(client->secret, server->secret, 16);
            assert_memory_not_equal(client->secret, both.client.secret, 16);
            assert_int_equal(ask(client, server, 0, 0), RK_MESSAGE_OK); /* confirms the key to the responder */
        }
    }
    struct both both;
    assert_int_equal(run(&both, 8, false, true, 0), RK_MESSAGE_UNSUPPORTED);
    assert_int_equal(run(&both, 8, true, false, 0), RK_MESSAGE_UNSUPPORTED);
    assert_int_equal(run(&both, 8, false, false, 1), RK_MESSAGE_REJECTED);
    assert_memory_equal(&both.responder.context, &nothing, sizeof nothing);
    assert_int_equal(run(&both, 8, false, false, 2), RK_MESSAGE_REJECTED);
    assert_memory_equal(&both.initiator.context, &nothing, sizeof nothing);
}

/* A key of ChaCha20-Poly1305, which libsodium has too. */
static void test_chacha(void **state)
{
    (void)state;
    unsigned libraries = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        const struct rk_backend *backend = loaded[i].backend;
        struct rk_oscore client, server;
        struct rk_oscore_option option = {0};
        struct rk_oscore_request request, seen;
        struct rk_oscore_plain plain;
        uint8_t text[64];
        uint16_t bytes = 0;
        if (derive(backend, &vectors[1], false, RK_ALG_CHACHA20_POLY1305, &client) != RK_MESSAGE_OK) {
            continue;
        }
        libraries++;
        derive(backend, &vectors[1], true, RK_ALG_CHACHA20_POLY1305, &server);
        rk_oscore_protect_request(backend, &client, &get_tv1, &option, text, sizeof text, &bytes, &request);
        assert_int_equal(bytes, 5 + 16);
        assert_int_equal(rk_oscore_unprotect_request(backend, &server, &option, text, bytes, &plain, &seen),
                         RK_MESSAGE_OK);
    }
    assert_int_equal(libraries, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc8613), cmocka_unit_test(test_overheads),
        cmocka_unit_test(test_replays), cmocka_unit_test(test_others_are_refused),
        cmocka_unit_test(test_update),  cmocka_unit_test(test_kudos),
        cmocka_unit_test(test_chacha),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
