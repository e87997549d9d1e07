/* backends/wolfssl/handshake/handshake.c - wolfSSL 5.7: TLS and DTLS, 1.2 and 1.3 */
#include "backends/handshake/handshake.h"

#include <stdbool.h>
#include <string.h>

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/ssl.h>

#include "backends/handshake/credentials.h"

static struct {
    WOLFSSL_CTX *context;
    WOLFSSL *ssl;
    struct rk_handshake_setup setup;
    uint8_t generators; /* seeded so far: each has a seed of its own */
    bool server;
} side;

/* The library compares neighbouring blocks of a seed and refuses equal ones. */
int rki_wolfssl_seed(struct OS_Seed *seed, unsigned char *out, uint32_t out_bytes)
{
    (void)seed;
    side.generators++;
    for (uint32_t i = 0; i < out_bytes; i++) {
        out[i] = (unsigned char)(side.setup.seed + 7u * i + 31u * side.generators);
    }
    return 0;
}

/* No clock. */
word32 LowResTimer(void)
{
    return 1;
}

word32 TimeNowInMilliseconds(void)
{
    return 1000;
}

static int take(WOLFSSL *ssl, char *out, int room, void *context)
{
    (void)ssl, (void)context;
    size_t bytes = rk_handshake_receive((uint8_t *)out, (size_t)room);
    return bytes == 0 ? WOLFSSL_CBIO_ERR_WANT_READ : (int)bytes;
}

static int give(WOLFSSL *ssl, char *data, int bytes, void *context)
{
    (void)ssl, (void)context;
    return rk_handshake_send((const uint8_t *)data, (size_t)bytes) == 0 ? bytes : WOLFSSL_CBIO_ERR_GENERAL;
}

static unsigned client_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned room, unsigned char *key,
                           unsigned key_room)
{
    (void)ssl, (void)hint;
    if (room < sizeof RK_TEST_IDENTITY || key_room < sizeof rk_test_psk) {
        return 0;
    }
    memcpy(identity, RK_TEST_IDENTITY, sizeof RK_TEST_IDENTITY);
    memcpy(key, rk_test_psk, sizeof rk_test_psk);
    return sizeof rk_test_psk;
}

static unsigned client_psk_13(WOLFSSL *ssl, const char *hint, char *identity, unsigned room, unsigned char *key,
                              unsigned key_room, const char **suite)
{
    *suite = "TLS13-AES128-CCM-8-SHA256";
    return client_psk(ssl, hint, identity, room, key, key_room);
}

#ifndef NO_WOLFSSL_SERVER
static unsigned server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned key_room)
{
    (void)ssl;
    if (strcmp(identity, RK_TEST_IDENTITY) != 0 || key_room < sizeof rk_test_psk) {
        return 0;
    }
    memcpy(key, rk_test_psk, sizeof rk_test_psk);
    return sizeof rk_test_psk;
}

static unsigned server_psk_13(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned key_room,
                              const char **suite)
{
    *suite = "TLS13-AES128-CCM-8-SHA256";
    return server_psk(ssl, identity, key, key_room);
}
#endif

static bool is_13(const struct rk_handshake_setup *setup)
{
    return setup->protocol == RK_TLS13 || setup->protocol == RK_DTLS13;
}

static bool is_by_key(const struct rk_handshake_setup *setup)
{
    return setup->auth == RK_AUTH_PSK || setup->auth == RK_AUTH_KEY_UPDATE;
}

static bool is_datagrams(const struct rk_handshake_setup *setup)
{
    return setup->protocol == RK_DTLS12 || setup->protocol == RK_DTLS13;
}

static WOLFSSL_METHOD *method_of(const struct rk_handshake_setup *setup)
{
#ifndef NO_WOLFSSL_SERVER
    if (setup->role == RK_HANDSHAKE_SERVER) {
        return setup->protocol == RK_DTLS12   ? wolfDTLSv1_2_server_method()
               : setup->protocol == RK_TLS12  ? wolfTLSv1_2_server_method()
               : setup->protocol == RK_DTLS13 ? wolfDTLSv1_3_server_method()
                                              : wolfTLSv1_3_server_method();
    }
#endif
    return setup->protocol == RK_DTLS12   ? wolfDTLSv1_2_client_method()
           : setup->protocol == RK_TLS12  ? wolfTLSv1_2_client_method()
           : setup->protocol == RK_DTLS13 ? wolfDTLSv1_3_client_method()
                                          : wolfTLSv1_3_client_method();
}

static const char *suite_of(const struct rk_handshake_setup *setup)
{
    return is_13(setup)                       ? "TLS13-AES128-CCM-8-SHA256"
           : is_by_key(setup)                 ? "PSK-AES128-CCM-8"
           : setup->auth == RK_AUTH_ECDHE_PSK ? "ECDHE-PSK-AES128-CBC-SHA256"
                                              : "ECDHE-ECDSA-AES128-CCM-8";
}

/* A raw public key is good when it is the one known beforehand: no library can say that. */
static int know_key(int is_good, WOLFSSL_X509_STORE_CTX *peer)
{
    const uint8_t *known = rk_test_public_key(side.server ? rk_test_client : rk_test_server);
    return is_good && peer->totalCerts == 1 && peer->certs[0].length == RK_TEST_PUBLIC_KEY_bytes &&
           memcmp(peer->certs[0].buffer, known, RK_TEST_PUBLIC_KEY_bytes) == 0;
}

static bool hold_raw_key(bool server)
{
    const char types[] = {WOLFSSL_CERT_TYPE_RPK};
    const unsigned char *own = rk_test_public_key(server ? rk_test_server : rk_test_client);
    const unsigned char *key = server ? rk_test_server_key : rk_test_client_key;
    const long key_bytes = server ? sizeof rk_test_server_key : sizeof rk_test_client_key;
    wolfSSL_CTX_set_verify(side.context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, know_key);
    return wolfSSL_CTX_use_certificate_buffer(side.context, own, RK_TEST_PUBLIC_KEY_bytes, WOLFSSL_FILETYPE_ASN1) ==
               WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_PrivateKey_buffer(side.context, key, key_bytes, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_set_client_cert_type(side.context, types, 1) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_set_server_cert_type(side.context, types, 1) == WOLFSSL_SUCCESS;
}

static bool hold_certificate(bool server)
{
    const unsigned char *own = server ? rk_test_server : rk_test_client;
    const unsigned char *key = server ? rk_test_server_key : rk_test_client_key;
    const long own_bytes = server ? sizeof rk_test_server : sizeof rk_test_client;
    const long key_bytes = server ? sizeof rk_test_server_key : sizeof rk_test_client_key;
    wolfSSL_CTX_set_verify(side.context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return wolfSSL_CTX_load_verify_buffer(side.context, rk_test_authority, sizeof rk_test_authority,
                                          WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_certificate_buffer(side.context, own, own_bytes, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_PrivateKey_buffer(side.context, key, key_bytes, WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
}

static bool hold_key(const struct rk_handshake_setup *setup)
{
    wolfSSL_CTX_set_psk_client_callback(side.context, client_psk);
    if (is_13(setup)) {
        wolfSSL_CTX_set_psk_client_tls13_callback(side.context, client_psk_13);
    }
#ifndef NO_WOLFSSL_SERVER
    if (side.server) {
        wolfSSL_CTX_set_psk_server_callback(side.context, server_psk);
        if (is_13(setup)) {
            wolfSSL_CTX_set_psk_server_tls13_callback(side.context, server_psk_13);
        }
    }
#endif
    return true;
}

static bool configure(const struct rk_handshake_setup *setup)
{
    side.context = wolfSSL_CTX_new(method_of(setup));
    if (side.context == NULL || wolfSSL_CTX_set_cipher_list(side.context, suite_of(setup)) != WOLFSSL_SUCCESS) {
        return false;
    }
    wolfSSL_CTX_SetIORecv(side.context, take);
    wolfSSL_CTX_SetIOSend(side.context, give);
    bool holds = setup->auth == RK_AUTH_RAW_KEY ? hold_raw_key(side.server)
                 : setup->auth == RK_AUTH_CERTIFICATE || setup->auth == RK_AUTH_RESUMPTION
                     ? hold_certificate(side.server)
                     : hold_key(setup);
    if (!holds) {
        return false;
    }
#ifndef NO_WOLFSSL_SERVER
    if (side.server && setup->auth != RK_AUTH_RESUMPTION && is_13(setup) &&
        wolfSSL_CTX_no_ticket_TLSv13(side.context) != 0) {
        return false;
    }
#endif
    if (is_13(setup) && is_by_key(setup) && wolfSSL_CTX_no_dhe_psk(side.context) != 0) {
        return false;
    }
    return true;
}

static bool ready(const struct rk_handshake_setup *setup)
{
    side.ssl = wolfSSL_new(side.context);
    if (side.ssl == NULL) {
        return false;
    }
    wolfSSL_KeepArrays(side.ssl); /* the exporter needs them */
    if (is_datagrams(setup)) {
        wolfSSL_dtls_set_using_nonblock(side.ssl, 1);
    }
#ifndef NO_WOLFSSL_SERVER
    if (side.server && setup->protocol == RK_DTLS13 && wolfSSL_send_hrr_cookie(side.ssl, NULL, 0) != WOLFSSL_SUCCESS) {
        return false;
    }
#endif
    if (side.server) {
        return true;
    }
    if (is_13(setup) && is_by_key(setup)) {
        return wolfSSL_NoKeyShares(side.ssl) == WOLFSSL_SUCCESS;
    }
    return !is_13(setup) || wolfSSL_UseKeyShare(side.ssl, WOLFSSL_ECC_SECP256R1) == WOLFSSL_SUCCESS;
}

static int begin(const struct rk_handshake_setup *setup)
{
#ifdef NO_WOLFSSL_SERVER
    if (setup->role == RK_HANDSHAKE_SERVER) {
        return RK_HANDSHAKE_UNSUPPORTED;
    }
#endif
    wolfSSL_free(side.ssl);
    wolfSSL_CTX_free(side.context);
    memset(&side, 0, sizeof side);
    side.setup = *setup;
    side.server = setup->role == RK_HANDSHAKE_SERVER;
    return wolfSSL_Init() == WOLFSSL_SUCCESS && configure(setup) && ready(setup) ? RK_HANDSHAKE_GOES_ON
                                                                                 : RK_HANDSHAKE_FAILED;
}

/* 1.2 goes by the session's id, not by a ticket: neither side asks for one. */
static int again(void)
{
    if (side.ssl == NULL || side.setup.auth != RK_AUTH_RESUMPTION) {
        return RK_HANDSHAKE_FAILED;
    }
    WOLFSSL_SESSION *session = side.server ? NULL : wolfSSL_get1_session(side.ssl);
    wolfSSL_free(side.ssl);
    bool is_ready = ready(&side.setup) && (side.server || wolfSSL_set_session(side.ssl, session) == WOLFSSL_SUCCESS);
    wolfSSL_SESSION_free(session);
    return is_ready ? RK_HANDSHAKE_GOES_ON : RK_HANDSHAKE_FAILED;
}

static int judge(int result)
{
    int error = wolfSSL_get_error(side.ssl, result);
    return result > 0                         ? RK_HANDSHAKE_DONE
           : error == WOLFSSL_ERROR_WANT_READ ? RK_HANDSHAKE_GOES_ON
                                              : RK_HANDSHAKE_FAILED;
}

static int step(void)
{
#ifndef NO_WOLFSSL_SERVER
    if (side.server) {
        return judge(wolfSSL_accept(side.ssl));
    }
#endif
    return judge(wolfSSL_connect(side.ssl));
}

static int write_text(const uint8_t *text, size_t bytes)
{
    return judge(wolfSSL_write(side.ssl, text, (int)bytes));
}

static int read_text(uint8_t *text, size_t *bytes)
{
    int got = wolfSSL_read(side.ssl, text, (int)*bytes);
    *bytes = got > 0 ? (size_t)got : 0;
    return judge(got);
}

static int update(void)
{
    return judge(wolfSSL_update_keys(side.ssl));
}

/* The exporter of RFC 5705 and of RFC 8446. */
static int keys(uint8_t out[RK_HANDSHAKE_KEYS_bytes])
{
    static const char label[] = "EXPERIMENTAL rekeylab";
    return judge(
        wolfSSL_export_keying_material(side.ssl, out, RK_HANDSHAKE_KEYS_bytes, label, sizeof label - 1, NULL, 0, 0));
}

static const struct rk_handshake handshake = {
    .begin = begin,
    .step = step,
    .write = write_text,
    .read = read_text,
    .update = update,
    .again = again,
    .keys = keys,
};

const struct rk_handshake *rk_handshake_get(void)
{
    return &handshake;
}
