/* A generator with fast key erasure over libsodium's ChaCha20: README.md of this folder. Not an SP 800-90A DRBG. */
#include "backends/libsodium/adapter.h"

#include <string.h>

#include "sodium/crypto_stream_chacha20.h"
#include "sodium/utils.h"

enum { KEY_bytes = 32, BLOCK_bytes = 64, FIRST_bytes = BLOCK_bytes - KEY_bytes };

enum rk_crypto rki_libsodium_drbg_init(struct rk_drbg *drbg, const uint8_t entropy[48])
{
    return rki_libsodium_sha256(entropy, RK_ENTROPY_bytes, drbg->key);
}

enum rk_crypto rki_libsodium_drbg_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes)
{
    static const uint8_t nonce[12] = {0};
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
