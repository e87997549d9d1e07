/* Hash_DRBG (SHA-256) of wolfCrypt.
 *
 * The library takes 32 bytes of entropy from a hook and the nonce as an argument: the caller's 48 bytes, in that order.
 * The hook is also asked for one block more in front, which the library only compares with the next one and drops; it
 * gets the complement of that next block, so the comparison passes. A later reseed finds no entropy and fails.
 * Instantiation runs the library's own health test of the DRBG first. That cannot be switched off and is in the cost.
 */
#include "backends/wolfssl/adapter.h"

#include <string.h>

enum { ENTROPY_INPUT_bytes = 32, NONCE_bytes = 16 };

int rki_wolfssl_seed(struct OS_Seed *seed, unsigned char *out, uint32_t out_bytes)
{
    const struct rk_drbg *drbg = (const struct rk_drbg *)((const char *)seed - offsetof(struct rk_drbg, rng.seed));
    if (drbg->entropy == NULL || out_bytes != SEED_BLOCK_SZ + ENTROPY_INPUT_bytes) {
        return -1;
    }
    for (size_t i = 0; i < SEED_BLOCK_SZ; i++) {
        out[i] = (unsigned char)~drbg->entropy[i];
    }
    memcpy(out + SEED_BLOCK_SZ, drbg->entropy, ENTROPY_INPUT_bytes);
    return 0;
}

enum rk_crypto rki_wolfssl_drbg_init(struct rk_drbg *drbg, const uint8_t entropy[48])
{
    uint8_t nonce[NONCE_bytes];
    memcpy(nonce, entropy + ENTROPY_INPUT_bytes, NONCE_bytes); /* the library's argument is not const */
    drbg->entropy = entropy;
    int error = wc_InitRngNonce(&drbg->rng, nonce, NONCE_bytes);
    drbg->entropy = NULL;
    rki_wolfssl_wipe(nonce, sizeof nonce);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_drbg_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes)
{
    return rki_wolfssl_outcome(wc_RNG_GenerateBlock(&drbg->rng, out, out_bytes));
}

void rki_wolfssl_drbg_free(struct rk_drbg *drbg)
{
    wc_FreeRng(&drbg->rng);
}
