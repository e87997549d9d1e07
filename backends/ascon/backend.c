#include "backends/ascon/ascon.h"
#include "backends/feature.h"

static enum rk_crypto dispatch_seal(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ASCON_AEAD128, rki_ascon_seal(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_open(const struct rk_aead_job *job)
{
    switch (job->alg) {
        RK_CASE(RK_ALG_ASCON_AEAD128, rki_ascon_open(job));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

static enum rk_crypto dispatch_hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    switch (alg) {
        RK_CASE(RK_ALG_ASCON_HASH256, rki_ascon_hash256(in, in_bytes, digest));
    default:
        return RK_CRYPTO_UNSUPPORTED;
    }
}

const struct rk_backend *rk_backend_get(void)
{
    static const struct rk_backend backend = {
        .name = "ascon",
        .version = RK_LIBRARY_VERSION,
        .capabilities = RK_PROVIDES & RK_USES,
        .drbg_alg = RK_ALG_COUNT,
        .aead_seal = dispatch_seal,
        .aead_open = dispatch_open,
        .hash = dispatch_hash,
        .wipe = rki_ascon_wipe,
    };
    return &backend;
}
