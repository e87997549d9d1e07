#include "engine/protocol/hkdf.h"

#include "engine/lifecycle/small.h"

enum { BLOCK_bytes = RK_SHA256_bytes, LABEL_MAX_bytes = 12, PREFIX_bytes = 6 };

enum rk_crypto rk_hkdf_extract(const struct rk_backend *backend, const uint8_t salt[RK_PRK_bytes],
                               const uint8_t *secret, uint16_t secret_bytes, uint8_t prk[RK_PRK_bytes])
{
    return backend->mac(RK_ALG_HMAC_SHA256, salt, RK_PRK_bytes, secret, secret_bytes, prk);
}

/* T(i) = HMAC(PRK, T(i - 1) || info || i), and T(0) is empty. */
enum rk_crypto rk_hkdf_expand(const struct rk_backend *backend, const uint8_t *prk, uint16_t prk_bytes, uint8_t *info,
                              uint16_t info_bytes, uint8_t *out, uint16_t out_bytes)
{
    uint8_t block[BLOCK_bytes];
    uint8_t *last = info - BLOCK_bytes;
    uint8_t *start = info;
    enum rk_crypto result = RK_CRYPTO_OK;
    info[info_bytes] = 0;
    for (uint16_t done = 0; result == RK_CRYPTO_OK && done < out_bytes; done = (uint16_t)(done + BLOCK_bytes)) {
        info[info_bytes]++;
        result = backend->mac(RK_ALG_HMAC_SHA256, prk, prk_bytes, start,
                              (uint16_t)(info + info_bytes + RK_EXPAND_AFTER_bytes - start), block);
        uint16_t left = (uint16_t)(out_bytes - done);
        rki_copy(last, block, BLOCK_bytes);
        rki_copy(out + done, block, left < BLOCK_bytes ? left : BLOCK_bytes);
        start = last;
    }
    backend->wipe(block, sizeof block);
    if (result != RK_CRYPTO_OK) {
        backend->wipe(out, out_bytes);
    }
    return result;
}

enum rk_crypto rk_hkdf_expand_label(const struct rk_backend *backend, const uint8_t secret[RK_PRK_bytes],
                                    const char *label, uint8_t *out, uint8_t out_bytes)
{
    uint8_t room[RK_EXPAND_BEFORE_bytes + 4 + PREFIX_bytes + LABEL_MAX_bytes + RK_EXPAND_AFTER_bytes];
    uint8_t *info = room + RK_EXPAND_BEFORE_bytes;
    uint8_t bytes = 0;
    info[0] = 0;
    info[1] = out_bytes;
    rki_copy(info + 3, (const uint8_t *)"tls13 ", PREFIX_bytes);
    while (bytes < LABEL_MAX_bytes && label[bytes] != '\0') {
        info[3 + PREFIX_bytes + bytes] = (uint8_t)label[bytes];
        bytes++;
    }
    info[2] = (uint8_t)(PREFIX_bytes + bytes);
    info[3 + PREFIX_bytes + bytes] = 0;
    enum rk_crypto result =
        rk_hkdf_expand(backend, secret, RK_PRK_bytes, info, (uint16_t)(4 + PREFIX_bytes + bytes), out, out_bytes);
    backend->wipe(room, sizeof room);
    return result;
}
