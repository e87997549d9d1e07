/* backends/mbedtls/handshake/handshake.c - mbedTLS 3.6: DTLS 1.2, TLS 1.2, TLS 1.3 */
#include "backends/handshake/handshake.h"

#include <string.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/pk.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include "backends/handshake/credentials.h"

static struct {
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    mbedtls_x509_crt authority, own;
    mbedtls_pk_context key;
#if defined(MBEDTLS_SSL_COOKIE_C)
    mbedtls_ssl_cookie_ctx cookies;
    mbedtls_ssl_cache_context sessions;
    mbedtls_ssl_ticket_context tickets;
#endif
    uint8_t keys[RK_HANDSHAKE_KEYS_bytes];
    int suites[2];
    struct rk_handshake_setup setup;
} side;

static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
static const uint16_t signatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_NONE};

static int seed_bytes(void *context, unsigned char *out, size_t bytes)
{
    (void)context;
    memset(out, side.setup.seed, bytes);
    return 0;
}

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context, uint8_t *out, size_t room,
                                             size_t *bytes)
{
    (void)context;
    *bytes = room;
    return mbedtls_ctr_drbg_random(&side.random, out, room) == 0 ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

static int take(void *context, unsigned char *out, size_t room)
{
    (void)context;
    size_t bytes = rk_handshake_receive(out, room);
    return bytes == 0 ? MBEDTLS_ERR_SSL_WANT_READ : (int)bytes;
}

static int give(void *context, const unsigned char *data, size_t bytes)
{
    (void)context;
    return rk_handshake_send(data, bytes) == 0 ? (int)bytes : MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* Nothing is lost: no timer runs out. */
static void set_timer(void *context, uint32_t intermediate_ms, uint32_t final_ms)
{
    (void)context, (void)intermediate_ms, (void)final_ms;
}

static int get_timer(void *context)
{
    (void)context;
    return 0;
}

/* The master secret of 1.2; of 1.3 the last one told, which is the application's. */
static void told_secret(void *context, mbedtls_ssl_key_export_type type, const unsigned char *secret, size_t bytes,
                        const unsigned char client_random[32], const unsigned char server_random[32],
                        mbedtls_tls_prf_types prf)
{
    (void)context, (void)prf, (void)server_random;
    if (type == MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET ||
        type == MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET) {
        mbedtls_sha256_context sha;
        mbedtls_sha256_init(&sha);
        mbedtls_sha256_starts(&sha, 0);
        mbedtls_sha256_update(&sha, secret, bytes);
        mbedtls_sha256_update(&sha, client_random, 32);
        uint16_t finished = rk_handshake_counts[RK_COUNT_HASH];
        mbedtls_sha256_finish(&sha, side.keys);
        rk_handshake_counts[RK_COUNT_HASH] = finished; /* ours, not the protocol's */
        mbedtls_sha256_free(&sha);
    }
}

static int suite_of(const struct rk_handshake_setup *setup)
{
    static const int suites[] = {
        [RK_AUTH_PSK] = MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8,
        [RK_AUTH_ECDHE_PSK] = MBEDTLS_TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256,
        [RK_AUTH_CERTIFICATE] = MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
        [RK_AUTH_RESUMPTION] = MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
    };
    return setup->protocol == RK_TLS13 ? MBEDTLS_TLS1_3_AES_128_CCM_8_SHA256 : suites[setup->auth];
}

static int exchange_of_13(uint8_t auth)
{
    return auth == RK_AUTH_PSK          ? MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK
           : auth == RK_AUTH_ECDHE_PSK  ? MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL
           : auth == RK_AUTH_RESUMPTION ? MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL
                                        : MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL;
}

static void forget(void)
{
    mbedtls_ssl_free(&side.ssl);
#if defined(MBEDTLS_SSL_SRV_C)
    mbedtls_ssl_cache_free(&side.sessions);
    mbedtls_ssl_ticket_free(&side.tickets);
#endif
    mbedtls_ssl_config_free(&side.config);
    mbedtls_x509_crt_free(&side.authority);
    mbedtls_x509_crt_free(&side.own);
    mbedtls_pk_free(&side.key);
    mbedtls_ctr_drbg_free(&side.random);
    memset(&side, 0, sizeof side);
#if defined(MBEDTLS_SSL_SRV_C)
    mbedtls_ssl_cache_init(&side.sessions);
    mbedtls_ssl_ticket_init(&side.tickets);
#endif
    mbedtls_ssl_init(&side.ssl);
    mbedtls_ssl_config_init(&side.config);
    mbedtls_x509_crt_init(&side.authority);
    mbedtls_x509_crt_init(&side.own);
    mbedtls_pk_init(&side.key);
    mbedtls_ctr_drbg_init(&side.random);
}

static int hold_certificate(uint8_t role)
{
    const int client = role == RK_HANDSHAKE_CLIENT;
    int err = mbedtls_x509_crt_parse_der_nocopy(&side.authority, rk_test_authority, sizeof rk_test_authority);
    err = err != 0 ? err
          : client ? mbedtls_x509_crt_parse_der_nocopy(&side.own, rk_test_client, sizeof rk_test_client)
                   : mbedtls_x509_crt_parse_der_nocopy(&side.own, rk_test_server, sizeof rk_test_server);
    err = err != 0 ? err
                   : mbedtls_pk_parse_key(&side.key, client ? rk_test_client_key : rk_test_server_key,
                                          client ? sizeof rk_test_client_key : sizeof rk_test_server_key, NULL, 0,
                                          mbedtls_ctr_drbg_random, &side.random);
    mbedtls_ssl_conf_authmode(&side.config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&side.config, &side.authority, NULL);
    return err != 0 ? err : mbedtls_ssl_conf_own_cert(&side.config, &side.own, &side.key);
}

/* A server that takes sessions up again: by their ids in 1.2, by tickets in 1.3. */
static int keep_sessions(const struct rk_handshake_setup *setup)
{
    const int by_ticket = setup->auth == RK_AUTH_RESUMPTION && setup->protocol == RK_TLS13;
    int err = 0;
    mbedtls_ssl_conf_session_tickets(&side.config, by_ticket ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                             : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        &side.config, by_ticket ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
                                : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
#if defined(MBEDTLS_SSL_SRV_C)
    if (setup->role == RK_HANDSHAKE_SERVER && by_ticket) {
        enum { LIFETIME_s = 86400 };
        err = mbedtls_ssl_ticket_setup(&side.tickets, mbedtls_ctr_drbg_random, &side.random, MBEDTLS_CIPHER_AES_128_CCM,
                                       LIFETIME_s);
        mbedtls_ssl_conf_session_tickets_cb(&side.config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                            &side.tickets);
        mbedtls_ssl_conf_new_session_tickets(&side.config, 1);
    } else if (setup->role == RK_HANDSHAKE_SERVER && setup->auth == RK_AUTH_RESUMPTION) {
        mbedtls_ssl_conf_session_cache(&side.config, &side.sessions, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    }
#endif
    return err;
}

static int configure(const struct rk_handshake_setup *setup)
{
    const int datagrams = setup->protocol == RK_DTLS12;
    const mbedtls_ssl_protocol_version version =
        setup->protocol == RK_TLS13 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2;
    int err = mbedtls_ssl_config_defaults(
        &side.config, setup->role == RK_HANDSHAKE_CLIENT ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
        datagrams ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (err != 0) {
        return err;
    }
    side.suites[0] = suite_of(setup);
    mbedtls_ssl_conf_rng(&side.config, mbedtls_ctr_drbg_random, &side.random);
    mbedtls_ssl_conf_ciphersuites(&side.config, side.suites);
    mbedtls_ssl_conf_min_tls_version(&side.config, version);
    mbedtls_ssl_conf_max_tls_version(&side.config, version);
    mbedtls_ssl_conf_groups(&side.config, groups);
    mbedtls_ssl_conf_sig_algs(&side.config, signatures);
    mbedtls_ssl_conf_tls13_key_exchange_modes(&side.config, exchange_of_13(setup->auth));
#if defined(MBEDTLS_SSL_COOKIE_C)
    if (datagrams && setup->role == RK_HANDSHAKE_SERVER) {
        mbedtls_ssl_cookie_init(&side.cookies);
        err = mbedtls_ssl_cookie_setup(&side.cookies, mbedtls_ctr_drbg_random, &side.random);
        mbedtls_ssl_conf_dtls_cookies(&side.config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check, &side.cookies);
    }
#endif
    err = err != 0 ? err : keep_sessions(setup);
    if (err == 0 && (setup->auth == RK_AUTH_CERTIFICATE || setup->auth == RK_AUTH_RESUMPTION)) {
        return hold_certificate(setup->role);
    }
    return err != 0 ? err
                    : mbedtls_ssl_conf_psk(&side.config, rk_test_psk, sizeof rk_test_psk,
                                           (const unsigned char *)RK_TEST_IDENTITY, strlen(RK_TEST_IDENTITY));
}

/* What a session needs once more after a HelloVerifyRequest. */
static int ready(void)
{
    mbedtls_ssl_set_bio(&side.ssl, NULL, give, take, NULL);
    mbedtls_ssl_set_timer_cb(&side.ssl, NULL, set_timer, get_timer);
    mbedtls_ssl_set_export_keys_cb(&side.ssl, told_secret, NULL);
#if defined(MBEDTLS_SSL_COOKIE_C)
    if (side.config.MBEDTLS_PRIVATE(endpoint) == MBEDTLS_SSL_IS_SERVER) {
        return mbedtls_ssl_set_client_transport_id(&side.ssl, (const unsigned char *)"here", 4);
    }
#endif
    return 0;
}

static int begin(const struct rk_handshake_setup *setup)
{
    if (setup->protocol == RK_DTLS13 || setup->auth == RK_AUTH_RAW_KEY || setup->auth == RK_AUTH_KEY_UPDATE) {
        return RK_HANDSHAKE_UNSUPPORTED;
    }
#if !defined(MBEDTLS_SSL_SRV_C)
    if (setup->role == RK_HANDSHAKE_SERVER) {
        return RK_HANDSHAKE_UNSUPPORTED;
    }
#endif
    forget();
    side.setup = *setup;
    int err = mbedtls_ctr_drbg_seed(&side.random, seed_bytes, NULL, NULL, 0);
    err = err != 0 ? err : psa_crypto_init() != PSA_SUCCESS;
    err = err != 0 ? err : configure(setup);
    err = err != 0 ? err : mbedtls_ssl_setup(&side.ssl, &side.config);
    err = err != 0 ? err : mbedtls_ssl_set_hostname(&side.ssl, NULL);
    err = err != 0 ? err : ready();
    return err != 0 ? RK_HANDSHAKE_FAILED : RK_HANDSHAKE_GOES_ON;
}

static int again(void)
{
    const int client = side.setup.role == RK_HANDSHAKE_CLIENT;
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    int err = side.setup.auth != RK_AUTH_RESUMPTION;
    err = err != 0 || !client ? err : mbedtls_ssl_get_session(&side.ssl, &session);
    err = err != 0 ? err : mbedtls_ssl_session_reset(&side.ssl);
    err = err != 0 ? err : ready();
    err = err != 0 || !client ? err : mbedtls_ssl_set_session(&side.ssl, &session);
    mbedtls_ssl_session_free(&session);
    return err != 0 ? RK_HANDSHAKE_FAILED : RK_HANDSHAKE_GOES_ON;
}

static int step(void)
{
    int err = mbedtls_ssl_handshake(&side.ssl);
    if (err == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
        err = mbedtls_ssl_session_reset(&side.ssl);
        err = err != 0 ? err : ready();
        return err != 0 ? RK_HANDSHAKE_FAILED : RK_HANDSHAKE_GOES_ON;
    }
    if (err == MBEDTLS_ERR_SSL_WANT_READ) {
        return RK_HANDSHAKE_GOES_ON;
    }
    return err == 0 ? RK_HANDSHAKE_DONE : RK_HANDSHAKE_FAILED;
}

static int write_text(const uint8_t *text, size_t bytes)
{
    return mbedtls_ssl_write(&side.ssl, text, bytes) == (int)bytes ? RK_HANDSHAKE_DONE : RK_HANDSHAKE_FAILED;
}

static int read_text(uint8_t *text, size_t *bytes)
{
    int got = mbedtls_ssl_read(&side.ssl, text, *bytes);
    if (got == MBEDTLS_ERR_SSL_WANT_READ) {
        got = mbedtls_ssl_read(&side.ssl, text, *bytes); /* of a ticket the first call only sees that it is one */
    }
    *bytes = got > 0 ? (size_t)got : 0;
    return got > 0 ? RK_HANDSHAKE_DONE
           : got == MBEDTLS_ERR_SSL_WANT_READ || got == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
               ? RK_HANDSHAKE_GOES_ON
               : RK_HANDSHAKE_FAILED;
}

static int keys(uint8_t out[RK_HANDSHAKE_KEYS_bytes])
{
    memcpy(out, side.keys, sizeof side.keys);
    return RK_HANDSHAKE_DONE;
}

static const struct rk_handshake handshake = {
    .begin = begin,
    .step = step,
    .write = write_text,
    .read = read_text,
    .again = again,
    .keys = keys,
};

const struct rk_handshake *rk_handshake_get(void)
{
    return &handshake;
}
