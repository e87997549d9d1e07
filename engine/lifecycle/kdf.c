/* HKDF-SHA-256 (RFC 5869): by the library where it has it, else composed from the library's HMAC. */
#include "engine/lifecycle/internal.h"

/* T(i) = HMAC(PRK, T(i-1) || info || i), section 2.3. block holds T(i-1) in its first 32 bytes, then info. */
static enum rk_crypto expand(const struct rk_backend *backend, const uint8_t prk[32], const struct rk_hkdf_job *job)
{
    uint8_t block[RK_SHA256_bytes + RKI_INFO_MAX_bytes + 1];
    uint8_t mac[RK_SHA256_bytes];
    uint16_t input_bytes = (uint16_t)(RK_SHA256_bytes + job->info_bytes + 1);
    enum rk_crypto err = RK_CRYPTO_OK;
    rki_copy(block + RK_SHA256_bytes, job->info, job->info_bytes);
    uint16_t done_bytes = 0;
    for (uint8_t i = 1; err == RK_CRYPTO_OK && done_bytes < job->out_bytes; i++) {
        block[input_bytes - 1] = i;
        const uint8_t skip_bytes = i == 1 ? RK_SHA256_bytes : 0; /* T(0) is empty */
        err = backend->hmac_sha256(prk, RK_SHA256_bytes, block + skip_bytes, (uint16_t)(input_bytes - skip_bytes), mac);
        if (err != RK_CRYPTO_OK)
            break;
        uint16_t take_bytes = (uint16_t)(job->out_bytes - done_bytes);
        if (take_bytes > RK_SHA256_bytes)
            take_bytes = RK_SHA256_bytes;
        rki_copy(job->out + done_bytes, mac, take_bytes);
        rki_copy(block, mac, RK_SHA256_bytes);
        done_bytes = (uint16_t)(done_bytes + take_bytes);
    }
    backend->wipe(block, sizeof block);
    backend->wipe(mac, sizeof mac);
    return err;
}

enum rk_crypto rki_hkdf(const struct rk_backend *backend, const struct rk_hkdf_job *job)
{
    if (rk_backend_has(backend, RK_ALG_HKDF_SHA256))
        return backend->hkdf_sha256(job);
    if (job->info_bytes > RKI_INFO_MAX_bytes || job->out_bytes > 255 * RK_SHA256_bytes)
        return RK_CRYPTO_FAILED;
    uint8_t prk[RK_SHA256_bytes];
    enum rk_crypto err = backend->hmac_sha256(job->salt, job->salt_bytes, job->secret, job->secret_bytes, prk);
    if (err == RK_CRYPTO_OK)
        err = expand(backend, prk, job);
    backend->wipe(prk, sizeof prk);
    return err;
}
