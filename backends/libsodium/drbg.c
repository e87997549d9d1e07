/* A generator with fast key erasure over libsodium's ChaCha20: README.md of this folder. Not an SP 800-90A DRBG. */
#include "backends/libsodium/adapter.h"

#include <string.h>

#include "sodium/crypto_hash_sha256.h"
#include "sodium/crypto_stream_chacha20.h"
#include "sodium/utils.h"

enum { KEY_bytes = 32, BLOCK_bytes = 64, FIRST_bytes = BLOCK_bytes - KEY_bytes };

enum rk_crypto rki_libsodium_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    if (!RKI_HAS_CHACHA20_DRBG || alg != RK_ALG_CHACHA20_DRBG) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    crypto_hash_sha256_state state;
    int error = crypto_hash_sha256_init(&state);
    error |= crypto_hash_sha256_update(&state, entropy, RK_ENTROPY_bytes);
    error |= crypto_hash_sha256_final(&state, drbg->key); /* wipes the state */
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_libsodium_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    if (!RKI_HAS_CHACHA20_DRBG || alg != RK_ALG_CHACHA20_DRBG) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    static const uint8_t nonce[RK_CHACHA_NONCE_bytes] = {0};
    uint8_t block[BLOCK_bytes];
    int error = crypto_stream_chacha20_ietf(block, sizeof block, nonce, drbg->key);
    size_t first_bytes = out_bytes < FIRST_bytes ? out_bytes : FIRST_bytes;
    memcpy(out, block + KEY_bytes, first_bytes);
    if (out_bytes > first_bytes) {
        memset(out + first_bytes, 0, out_bytes - first_bytes);
        error |= crypto_stream_chacha20_ietf_xor_ic(out + first_bytes, out + first_bytes, out_bytes - first_bytes,
                                                    nonce, 1, drbg->key);
    }
    memcpy(drbg->key, block, KEY_bytes);
    sodium_memzero(block, sizeof block);
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

void rki_libsodium_drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    (void)alg;
    sodium_memzero(drbg, sizeof *drbg);
}
