/* engine/protocol/edhoc_session.c - what a session is begun, keyed and ended with, and the keys that it gives to
 * others */
#include "engine/lifecycle/small.h"
#include "engine/protocol/edhoc_internal.h"
#include "engine/protocol/p256_point.h"

enum { EXPORT_OSCORE_SECRET = 0, EXPORT_OSCORE_SALT = 1, OSCORE_SALT_bytes = 8 };

void rk_edhoc_begin(struct rk_edhoc *session, uint8_t role, const struct rk_edhoc_config *config)
{
    rki_zero(session, sizeof *session);
    session->config = *config;
    session->role = role;
    session->method = config->method;
    session->suite = config->suite;
    session->step = role == RK_EDHOC_INITIATOR ? RKI_MAKE_1 : RKI_TAKE_1;
}

void rk_edhoc_end(struct rk_edhoc *session)
{
    session->config.backend->wipe(session->private_key, sizeof session->private_key);
    session->config.backend->wipe(session->prk, sizeof session->prk);
    session->peer = NULL;
    session->step = RKI_ENDED;
}

enum rk_message_result rki_edhoc_turn(struct rk_edhoc *session, enum rk_message_result result, uint8_t next)
{
    if (result != RK_MESSAGE_OK) {
        rk_edhoc_end(session);
    } else {
        session->step = next;
    }
    return result;
}

/* --- ephemeral keys --- */

enum rk_message_result rki_edhoc_draw_key(struct rk_edhoc *session)
{
    const struct rk_backend *backend = session->config.backend;
    struct rki_suite suite;
    uint8_t public_key[RK_PUBLIC_MAX_bytes];
    if (!rki_edhoc_suite_provided(backend, session->suite) || !rki_edhoc_suite(session->suite, &suite)) {
        return RK_MESSAGE_UNSUPPORTED;
    }
    enum rk_crypto result = backend->key_pair(suite.curve, session->config.drbg, session->private_key, public_key);
    rki_copy(session->own_x, public_key + (suite.curve == RK_ALG_P256), RKI_G_bytes);
    return rk_message_of(result);
}

enum rk_message_result rki_edhoc_take_key(struct rk_edhoc *session, const uint8_t g[RKI_G_bytes])
{
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    if (suite.curve != RK_ALG_P256) {
        rki_copy(session->peer_point, g, RKI_G_bytes);
        return RK_MESSAGE_OK;
    }
    return rk_p256_point(g, session->peer_point) ? RK_MESSAGE_OK : RK_MESSAGE_REJECTED;
}

enum rk_crypto rki_edhoc_agree(struct rk_edhoc *session, const uint8_t g_y[RKI_G_bytes])
{
    const struct rk_backend *backend = session->config.backend;
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    uint8_t input[2 * 34], secret[RK_SECRET_bytes];
    struct rk_cbor_writer w = {.at = input, .room = sizeof input};
    rk_cbor_bytes(&w, g_y, RKI_G_bytes);
    rk_cbor_bytes(&w, session->transcript, RK_SHA256_bytes);
    enum rk_crypto result = backend->hash(RK_ALG_SHA256, input, w.used, session->transcript);
    if (result == RK_CRYPTO_OK) {
        result = backend->agree(suite.curve, session->config.drbg, session->private_key, session->peer_point, secret);
    }
    if (result == RK_CRYPTO_OK) {
        result = rk_hkdf_extract(backend, session->transcript, secret, sizeof secret, session->prk);
    }
    backend->wipe(secret, sizeof secret);
    return result;
}

enum rk_crypto rki_edhoc_mix_static(struct rk_edhoc *session, uint8_t role, const struct rk_edhoc_credential *of)
{
    if (!rki_edhoc_is_static(session, role)) {
        return RK_CRYPTO_OK;
    }
    uint8_t label = role == RK_EDHOC_RESPONDER ? RKI_LABEL_SALT_3E2M : RKI_LABEL_SALT_4E3M;
    return session->role == role ? rki_edhoc_mix(session, label, of->private_key, session->peer_point)
                                 : rki_edhoc_mix(session, label, session->private_key, of->public_key);
}

/* --- keys for others: 4.1.3, 4.2, appendices A.1 and H --- */

/* prk becomes PRK_out. */
static enum rk_crypto finish(struct rk_edhoc *session)
{
    if (session->step == RKI_EXPORTED) {
        return RK_CRYPTO_OK;
    }
    uint8_t out[RK_PRK_bytes];
    enum rk_crypto result = rki_edhoc_kdf(session->config.backend, session->prk, RKI_LABEL_PRK_OUT, session->transcript,
                                          RK_SHA256_bytes, out, sizeof out);
    rki_copy(session->prk, out, sizeof out);
    session->config.backend->wipe(out, sizeof out);
    return result;
}

enum rk_message_result rk_edhoc_export(struct rk_edhoc *session, uint8_t label, const uint8_t *context,
                                       uint8_t context_bytes, uint8_t *out, uint16_t out_bytes)
{
    const struct rk_backend *backend = session->config.backend;
    uint8_t exporter[RK_PRK_bytes];
    if (session->step < RKI_AGREED) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    enum rk_crypto result = finish(session);
    if (result == RK_CRYPTO_OK) {
        result = rki_edhoc_kdf(backend, session->prk, RKI_LABEL_EXPORTER, NULL, 0, exporter, sizeof exporter);
    }
    if (result == RK_CRYPTO_OK) {
        result = rki_edhoc_kdf(backend, exporter, label, context, context_bytes, out, out_bytes);
    }
    backend->wipe(exporter, sizeof exporter);
    return rki_edhoc_turn(session, rk_message_of(result), RKI_EXPORTED);
}

enum rk_message_result rk_edhoc_key_update(struct rk_edhoc *session, const uint8_t *context, uint8_t context_bytes)
{
    uint8_t out[RK_PRK_bytes];
    if (session->step < RKI_AGREED) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    enum rk_crypto result = finish(session);
    if (result == RK_CRYPTO_OK) {
        result = rki_edhoc_kdf(session->config.backend, session->prk, RKI_LABEL_UPDATE, context, context_bytes, out,
                               sizeof out);
    }
    if (result == RK_CRYPTO_OK) {
        rki_copy(session->prk, out, sizeof out);
    }
    session->config.backend->wipe(out, sizeof out);
    return rki_edhoc_turn(session, rk_message_of(result), RKI_EXPORTED);
}

enum rk_message_result rk_edhoc_oscore(struct rk_edhoc *session, struct rk_oscore *out)
{
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    uint8_t secret[RK_OSCORE_SECRET_MAX_bytes], salt[OSCORE_SALT_bytes];
    uint8_t secret_bytes = suite.application_aead == RK_ALG_AES_CCM ? 16 : 32;
    enum rk_message_result result = rk_edhoc_export(session, EXPORT_OSCORE_SECRET, NULL, 0, secret, secret_bytes);
    if (result == RK_MESSAGE_OK) {
        result = rk_edhoc_export(session, EXPORT_OSCORE_SALT, NULL, 0, salt, sizeof salt);
    }
    if (result == RK_MESSAGE_OK) {
        struct rk_oscore_input input = {.alg = suite.application_aead,
                                        .secret = secret,
                                        .secret_bytes = secret_bytes,
                                        .salt = salt,
                                        .salt_bytes = sizeof salt,
                                        .sender_id = session->peer_id,
                                        .sender_id_bytes = session->peer_id_bytes,
                                        .recipient_id = session->config.id,
                                        .recipient_id_bytes = session->config.id_bytes};
        result = rk_oscore_derive(session->config.backend, &input, out);
    }
    session->config.backend->wipe(secret, sizeof secret);
    session->config.backend->wipe(salt, sizeof salt);
    return result;
}
