/* The small protocols against published values, with every library that has their primitives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/protocol/ble_pairing.h"
#include "engine/protocol/kdc_push.h"
#include "engine/protocol/lorawan_join.h"
#include "engine/protocol/thread_keys.h"
#include "engine/protocol/tls13_update.h"
#include "tests/protocol/aes_block.h"
#include "tests/protocol/support.h"

/* How many libraries have it; `check` is run with each, and every other must say that it has not. */
static unsigned with_each(uint8_t alg, void (*check)(const struct rk_backend *backend))
{
    unsigned libraries = 0;
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        if (rk_backend_has(loaded[i].backend, alg)) {
            check(loaded[i].backend);
            libraries++;
        }
    }
    return libraries;
}

/* Network key and keys of sequence 0 as OpenThread's tests and the Thread specification print them; sequence 1 by
 * Python's hmac. */
static void check_thread(const struct rk_backend *backend)
{
    struct bytes key = from_hex("00112233445566778899aabbccddeeff");
    uint8_t mle[16], mac[16];
    assert_int_equal(rk_thread_keys(backend, key.at, 0, mle, mac), RK_MESSAGE_OK);
    assert_true(is_hex(mle, 16, "5445f4158fd75912175809f8b57a66a4"));
    assert_true(is_hex(mac, 16, "de89c53af382b421e0fde5a9bae3bef0"));
    assert_int_equal(rk_thread_keys(backend, key.at, 1, mle, mac), RK_MESSAGE_OK);
    assert_true(is_hex(mle, 16, "8f4cd1a27d95c07d12db8974bd615c13"));
    assert_true(is_hex(mac, 16, "9be0d1af7bd87350deabcdd07febb9d5"));
    assert_int_equal(rk_thread_key_index(0), 1);
    assert_int_equal(rk_thread_key_index(128), 1);
}

/* RFC 8448, clause 3: keys of the server's handshake and application traffic secrets. The update is Python's hmac. */
static void check_tls(const struct rk_backend *backend)
{
    struct bytes handshake = from_hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    struct bytes application = from_hex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
    uint8_t key[16], iv[12];
    assert_int_equal(rk_tls13_keys(backend, handshake.at, key, sizeof key, iv), RK_MESSAGE_OK);
    assert_true(is_hex(key, sizeof key, "3fce516009c21727d0f2e4e86ee403bc"));
    assert_true(is_hex(iv, sizeof iv, "5d313eb2671276ee13000b30"));
    assert_int_equal(rk_tls13_keys(backend, application.at, key, sizeof key, iv), RK_MESSAGE_OK);
    assert_true(is_hex(key, sizeof key, "9f02283b6c9c07efc26bb9f2ac92e356"));
    assert_true(is_hex(iv, sizeof iv, "cf782b88dd83549aadf1e984"));
    assert_int_equal(rk_tls13_update(backend, application.at), RK_MESSAGE_OK);
    assert_true(is_hex(application.at, 32, "51921b8aa3001976eb401d0a4319a8516416a6c56001a357e5d162031e84f916"));
}

/* Core Specification, Vol 3, Part H, appendix D.2 to D.5. */
static void check_ble(const struct rk_backend *backend)
{
    struct bytes u = from_hex("20b003d2f297be2c5e2c83a7e9f9a5b9eff49111acf4fddbcc0301480e359de6");
    struct bytes v = from_hex("55188b3d32f6bb9a900afcfbeed4e72a59cb9ac2f19d7cfb6b4fdd49f47fc5fd");
    struct bytes w = from_hex("ec0234a357c8ad05341010a60a397d9b99796b13b4f866f1868d34f373bfa698");
    struct bytes n1 = from_hex("d5cb8454d177733effffb2ec712baeab"), n2 = from_hex("a6e8e7cc25a75f6e216583f7ff3dc4cf");
    struct bytes a1 = from_hex("0056123737bfce"), a2 = from_hex("00a713702dcfc1");
    struct bytes r = from_hex("12a3343bb453bb5408da42d20c2d0fc8"), io = from_hex("010102");
    struct rk_ble_pair pair = {.nonce_1 = n1.at, .nonce_2 = n2.at, .address_1 = a1.at, .address_2 = a2.at};
    uint8_t out[16], mac_key[16];
    uint32_t value = 0;
    assert_int_equal(rk_ble_f4(backend, u.at, v.at, n1.at, 0, out), RK_MESSAGE_OK);
    assert_true(is_hex(out, 16, "f2c916f107a9bd1cf1eda1bea974872d"));
    assert_int_equal(rk_ble_f5(backend, w.at, &pair, mac_key, out), RK_MESSAGE_OK);
    assert_true(is_hex(mac_key, 16, "2965f176a1084a02fd3f6a20ce636e20"));
    assert_true(is_hex(out, 16, "6986791169d7cd23980522b594750a38"));
    assert_int_equal(rk_ble_f6(backend, mac_key, &pair, r.at, io.at, out), RK_MESSAGE_OK);
    assert_true(is_hex(out, 16, "e3c473989cd0e8c5d26c0b09da958f61"));
    assert_int_equal(rk_ble_g2(backend, u.at, v.at, n1.at, n2.at, &value), RK_MESSAGE_OK);
    assert_int_equal(value, 0x2f9ed5ba);
}

/* A join recorded in an EU868 network, with the keys that lora-packet derives: github.com/anthonykirby/lora-packet,
 * issue 10. */
static void check_lorawan(const struct rk_backend *backend)
{
    struct bytes key = from_hex("b6b53f4a168a7a88bdf7ea135ce9cfca");
    struct bytes app_eui = from_hex("dc0000d07ed5b370"), dev_eui = from_hex("1e6fedf57ceeaf00");
    struct bytes sent = from_hex("204dd85ae608b87fc4889970b7d2042c9e72959b0057aed6094b16003df12de145");
    uint8_t request[RK_LORAWAN_REQUEST_bytes], made[RK_LORAWAN_ACCEPT_MAX_bytes];
    struct rk_lorawan_accept accept;
    struct rk_lorawan_session session;
    uint16_t nonce = 0, bytes = 0;
    assert_int_equal(rk_lorawan_request_make(backend, key.at, app_eui.at, dev_eui.at, 0xCC85, request), RK_MESSAGE_OK);
    assert_true(is_hex(request, sizeof request, "00dc0000d07ed5b3701e6fedf57ceeaf0085cc587fe913"));
    assert_int_equal(rk_lorawan_request_take(backend, key.at, request, sizeof request, &nonce), RK_MESSAGE_OK);
    assert_int_equal(nonce, 0xCC85);
    assert_int_equal(
        rk_lorawan_accept_take(backend, aes_block_encrypt, key.at, nonce, sent.at, sent.bytes, &accept, &session),
        RK_MESSAGE_OK);
    assert_true(is_hex(session.network_key, 16, "2c96f7028184bb0be8aa49275290d4fc"));
    assert_true(is_hex(session.application_key, 16, "f3a5c8f0232a38c144029c165865802c"));
    assert_true(is_hex(accept.address, 4, "432e0126"));
    assert_int_equal(rk_lorawan_accept_make(backend, aes_block_decrypt, key.at, &accept, made, &bytes), RK_MESSAGE_OK);
    assert_int_equal(bytes, sent.bytes);
    assert_memory_equal(made, sent.at, sent.bytes);
    accept.has_channels = false;
    assert_int_equal(rk_lorawan_accept_make(backend, aes_block_decrypt, key.at, &accept, made, &bytes), RK_MESSAGE_OK);
    assert_int_equal(bytes, RK_LORAWAN_ACCEPT_bytes);
    made[16] ^= 1;
    memset(&session, 0xA5, sizeof session);
    assert_int_equal(rk_lorawan_accept_take(backend, aes_block_encrypt, key.at, nonce, made, bytes, &accept, &session),
                     RK_MESSAGE_REJECTED);
    struct rk_lorawan_session nothing = {0};
    assert_memory_equal(&session, &nothing, sizeof nothing);
    request[22] ^= 1;
    assert_int_equal(rk_lorawan_request_take(backend, key.at, request, sizeof request, &nonce), RK_MESSAGE_REJECTED);
    assert_int_equal(rk_lorawan_request_take(backend, key.at, request, 22, &nonce), RK_MESSAGE_MALFORMED);
}

/* The frame is Python's AES-CCM over fields laid out by hand after the specification. */
static void check_kdc(const struct rk_backend *backend)
{
    struct bytes kek = from_hex("000102030405060708090a0b0c0d0e0f"), key = from_hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    struct rk_kdc_push push = {.sequence = 2,
                               .device = {0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18},
                               .server = {1, 2, 3, 4, 5, 6, 7, 8}},
                       taken;
    uint8_t frame[RK_KDC_FRAME_bytes], other[8] = {9};
    uint32_t counter = 7;
    memcpy(push.network_key, key.at, 16);
    assert_int_equal(rk_kdc_push_make(backend, kek.at, 7, 0x4D, &push, frame), RK_MESSAGE_OK);
    assert_true(
        is_hex(frame, sizeof frame,
               "214d300700000001020304050607086d00795f3bcd8dbf4976dd2a1c7457d86e77f03e5d8ae13083c5e1b28c629ead8b"
               "0478b1ebdb2f"));
    frame[20] ^= 1;
    assert_int_equal(rk_kdc_push_take(backend, kek.at, &counter, push.device, frame, sizeof frame, &taken),
                     RK_MESSAGE_REJECTED);
    frame[20] ^= 1;
    assert_int_equal(counter, 7);
    assert_int_equal(rk_kdc_push_take(backend, kek.at, &counter, push.device, frame, sizeof frame, &taken),
                     RK_MESSAGE_OK);
    assert_memory_equal(&taken, &push, sizeof push);
    assert_int_equal(rk_kdc_push_take(backend, kek.at, &counter, push.device, frame, sizeof frame, &taken),
                     RK_MESSAGE_REPLAYED);
    counter = 0;
    assert_int_equal(rk_kdc_push_take(backend, kek.at, &counter, other, frame, sizeof frame, &taken),
                     RK_MESSAGE_UNKNOWN);
    assert_int_equal(rk_kdc_push_take(backend, kek.at, &counter, push.device, frame, 53, &taken), RK_MESSAGE_MALFORMED);
}

static void test_thread(void **state)
{
    (void)state;
    assert_int_equal(with_each(RK_ALG_HMAC_SHA256, check_thread), 5);
}

static void test_tls(void **state)
{
    (void)state;
    assert_int_equal(with_each(RK_ALG_HMAC_SHA256, check_tls), 5);
}

static void test_ble(void **state)
{
    (void)state;
    assert_int_equal(with_each(RK_ALG_AES_CMAC, check_ble), 4);
}

static void test_lorawan(void **state)
{
    (void)state;
    assert_int_equal(with_each(RK_ALG_AES_CMAC, check_lorawan), 4);
}

static void test_kdc(void **state)
{
    (void)state;
    assert_int_equal(with_each(RK_ALG_AES_CCM, check_kdc), 4);
}

/* What a library lacks is said, by the last of them, which has hardly anything. */
static void test_unsupported(void **state)
{
    (void)state;
    const struct rk_backend *ascon = loaded[LOADED_COUNT - 1].backend;
    uint8_t key[16] = {0}, out[64] = {0};
    uint32_t counter = 0;
    struct rk_kdc_push push = {0};
    assert_int_equal(rk_kdc_push_make(ascon, key, 0, 0, &push, out), RK_MESSAGE_UNSUPPORTED);
    assert_int_equal(counter, 0);
    assert_int_equal(rk_lorawan_request_make(ascon, key, out, out, 1, out + 16), RK_MESSAGE_UNSUPPORTED);
    assert_int_equal(rk_ble_f4(ascon, out, out, key, 0, out + 32), RK_MESSAGE_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thread),  cmocka_unit_test(test_tls), cmocka_unit_test(test_ble),
        cmocka_unit_test(test_lorawan), cmocka_unit_test(test_kdc), cmocka_unit_test(test_unsupported),
    };
    return cmocka_run_group_tests(tests, loaded_open_all, NULL);
}
