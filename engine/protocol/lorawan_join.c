#include "engine/protocol/lorawan_join.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/hkdf.h"

enum { MHDR_REQUEST = 0x00, MHDR_ACCEPT = 0x20, MIC_bytes = 4, BLOCK_bytes = 16, NETWORK_KEY = 1, APPLICATION_KEY = 2 };

static enum rk_crypto make_mic(const struct rk_backend *backend, const uint8_t *key, const uint8_t *in, uint16_t bytes,
                               uint8_t mic[MIC_bytes])
{
    uint8_t mac[RK_LORAWAN_KEY_bytes];
    if (!rk_backend_has(backend, RK_ALG_AES_CMAC)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    enum rk_crypto result = backend->mac(RK_ALG_AES_CMAC, key, RK_LORAWAN_KEY_bytes, in, bytes, mac);
    rki_copy(mic, mac, MIC_bytes);
    return result;
}

/* The MIC of what stands before the last four bytes, against them. */
static enum rk_crypto check_mic(const struct rk_backend *backend, const uint8_t *key, const uint8_t *in, uint16_t bytes)
{
    uint8_t mic[MIC_bytes];
    enum rk_crypto result = make_mic(backend, key, in, (uint16_t)(bytes - MIC_bytes), mic);
    return result == RK_CRYPTO_OK && rk_differ(mic, in + bytes - MIC_bytes, MIC_bytes) ? RK_CRYPTO_REJECTED : result;
}

enum rk_message_result rk_lorawan_request_make(const struct rk_backend *backend,
                                               const uint8_t app_key[RK_LORAWAN_KEY_bytes],
                                               const uint8_t app_eui[RK_LORAWAN_EUI_bytes],
                                               const uint8_t dev_eui[RK_LORAWAN_EUI_bytes], uint16_t dev_nonce,
                                               uint8_t out[RK_LORAWAN_REQUEST_bytes])
{
    out[0] = MHDR_REQUEST;
    rki_copy(out + 1, app_eui, RK_LORAWAN_EUI_bytes);
    rki_copy(out + 9, dev_eui, RK_LORAWAN_EUI_bytes);
    out[17] = (uint8_t)dev_nonce;
    out[18] = (uint8_t)(dev_nonce >> 8);
    return rk_message_of(make_mic(backend, app_key, out, RK_LORAWAN_REQUEST_bytes - MIC_bytes, out + 19));
}

enum rk_message_result rk_lorawan_request_take(const struct rk_backend *backend,
                                               const uint8_t app_key[RK_LORAWAN_KEY_bytes], const uint8_t *in,
                                               uint16_t bytes, uint16_t *dev_nonce)
{
    if (bytes != RK_LORAWAN_REQUEST_bytes || in[0] != MHDR_REQUEST) {
        return RK_MESSAGE_MALFORMED;
    }
    *dev_nonce = (uint16_t)(in[17] | in[18] << 8);
    return rk_message_of(check_mic(backend, app_key, in, bytes));
}

enum rk_message_result rk_lorawan_accept_make(const struct rk_backend *backend, rk_lorawan_block *decrypt,
                                              const uint8_t app_key[RK_LORAWAN_KEY_bytes],
                                              const struct rk_lorawan_accept *accept,
                                              uint8_t out[RK_LORAWAN_ACCEPT_MAX_bytes], uint16_t *bytes)
{
    *bytes = accept->has_channels ? RK_LORAWAN_ACCEPT_MAX_bytes : RK_LORAWAN_ACCEPT_bytes;
    out[0] = MHDR_ACCEPT;
    rki_copy(out + 1, accept->app_nonce, 3);
    rki_copy(out + 4, accept->net_id, 3);
    rki_copy(out + 7, accept->address, 4);
    out[11] = accept->dl_settings;
    out[12] = accept->rx_delay;
    if (accept->has_channels) {
        rki_copy(out + 13, accept->channels, RK_LORAWAN_CHANNELS_bytes);
    }
    uint16_t covered = (uint16_t)(*bytes - MIC_bytes);
    enum rk_crypto result = make_mic(backend, app_key, out, covered, out + covered);
    for (uint16_t at = 1; result == RK_CRYPTO_OK && at < *bytes; at = (uint16_t)(at + BLOCK_bytes)) {
        decrypt(app_key, out + at, out + at);
    }
    return rk_message_of(result);
}

void rk_lorawan_derive(rk_lorawan_block *encrypt, const uint8_t app_key[RK_LORAWAN_KEY_bytes], uint16_t dev_nonce,
                       const struct rk_lorawan_accept *accept, struct rk_lorawan_session *session)
{
    uint8_t block[BLOCK_bytes] = {NETWORK_KEY};
    rki_copy(block + 1, accept->app_nonce, 3);
    rki_copy(block + 4, accept->net_id, 3);
    block[7] = (uint8_t)dev_nonce;
    block[8] = (uint8_t)(dev_nonce >> 8);
    encrypt(app_key, block, session->network_key);
    block[0] = APPLICATION_KEY;
    encrypt(app_key, block, session->application_key);
}

enum rk_message_result rk_lorawan_accept_take(const struct rk_backend *backend, rk_lorawan_block *encrypt,
                                              const uint8_t app_key[RK_LORAWAN_KEY_bytes], uint16_t dev_nonce,
                                              const uint8_t *in, uint16_t bytes, struct rk_lorawan_accept *accept,
                                              struct rk_lorawan_session *session)
{
    uint8_t plain[RK_LORAWAN_ACCEPT_MAX_bytes];
    if ((bytes != RK_LORAWAN_ACCEPT_bytes && bytes != RK_LORAWAN_ACCEPT_MAX_bytes) || in[0] != MHDR_ACCEPT) {
        return RK_MESSAGE_MALFORMED;
    }
    plain[0] = in[0];
    for (uint16_t at = 1; at < bytes; at = (uint16_t)(at + BLOCK_bytes)) {
        encrypt(app_key, in + at, plain + at);
    }
    enum rk_crypto result = check_mic(backend, app_key, plain, bytes);
    if (result == RK_CRYPTO_OK) {
        rki_copy(accept->app_nonce, plain + 1, 3);
        rki_copy(accept->net_id, plain + 4, 3);
        rki_copy(accept->address, plain + 7, 4);
        accept->dl_settings = plain[11];
        accept->rx_delay = plain[12];
        accept->has_channels = bytes == RK_LORAWAN_ACCEPT_MAX_bytes;
        rki_copy(accept->channels, plain + 13, accept->has_channels ? RK_LORAWAN_CHANNELS_bytes : 0);
        rk_lorawan_derive(encrypt, app_key, dev_nonce, accept, session);
    } else {
        backend->wipe(accept, sizeof *accept);
        backend->wipe(session, sizeof *session);
    }
    backend->wipe(plain, sizeof plain);
    return rk_message_of(result);
}
