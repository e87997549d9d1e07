/* CTR_DRBG (AES-128 with derivation function) and HMAC_DRBG (SHA-256) of mbedTLS.
 *
 * The library asks a callback for entropy, first 32 bytes and then 16 as nonce; ours hands out the caller's 48 bytes in
 * that order and refuses to give more, so no reseed can happen unseen. The reseed interval is as long as the library's
 * int counts without running over.
 */
#include "backends/mbedtls/adapter.h"

#include <limits.h>
#include <string.h>

#include "mbedtls/md.h"

enum { ENTROPY_INPUT_bytes = 32, NONCE_bytes = 16 };

/* Lives only during the instantiation. */
struct supply {
    const uint8_t *next;
    size_t left_bytes;
};

static int give_entropy(void *context, unsigned char *out, size_t out_bytes)
{
    struct supply *supply = context;
    if (supply == NULL || out_bytes > supply->left_bytes) {
        return -1;
    }
    memcpy(out, supply->next, out_bytes);
    supply->next += out_bytes;
    supply->left_bytes -= out_bytes;
    return 0;
}

enum rk_crypto rki_mbedtls_ctr_init(struct rk_drbg *drbg, const uint8_t entropy[48])
{
    struct supply supply = {.next = entropy, .left_bytes = RK_ENTROPY_bytes};
    mbedtls_ctr_drbg_context *ctr = &drbg->as.ctr;
    mbedtls_ctr_drbg_init(ctr);
    mbedtls_ctr_drbg_set_entropy_len(ctr, ENTROPY_INPUT_bytes);
    int error = mbedtls_ctr_drbg_set_nonce_len(ctr, NONCE_bytes);
    if (error == 0) {
        error = mbedtls_ctr_drbg_seed(ctr, give_entropy, &supply, NULL, 0);
    }
    mbedtls_ctr_drbg_set_reseed_interval(ctr, INT_MAX - 1);
    ctr->MBEDTLS_PRIVATE(p_entropy) = NULL;
    if (error != 0) {
        mbedtls_ctr_drbg_free(ctr);
    }
    return rki_mbedtls_result(error);
}

int rki_mbedtls_random(void *context, unsigned char *out, size_t out_bytes)
{
    struct rk_drbg *drbg = context;
#if MBEDTLS_VERSION_MAJOR < 3
    drbg->as.ctr.aes_ctx.rk = drbg->as.ctr.aes_ctx.buf; /* 2.x points into itself: right again after a move */
#endif
    return mbedtls_ctr_drbg_random(&drbg->as.ctr, out, out_bytes);
}

enum rk_crypto rki_mbedtls_ctr_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes)
{
    return rki_mbedtls_result(rki_mbedtls_random(drbg, out, out_bytes));
}

void rki_mbedtls_ctr_free(struct rk_drbg *drbg)
{
    mbedtls_ctr_drbg_free(&drbg->as.ctr);
}

enum rk_crypto rki_mbedtls_hmac_init(struct rk_drbg *drbg, const uint8_t entropy[48])
{
    struct supply supply = {.next = entropy, .left_bytes = RK_ENTROPY_bytes};
    mbedtls_hmac_drbg_context *hmac = &drbg->as.hmac;
    mbedtls_hmac_drbg_init(hmac);
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    int error = mbedtls_hmac_drbg_seed(hmac, sha256, give_entropy, &supply, NULL, 0);
    mbedtls_hmac_drbg_set_reseed_interval(hmac, INT_MAX - 1);
    hmac->MBEDTLS_PRIVATE(p_entropy) = NULL;
    if (error != 0) {
        mbedtls_hmac_drbg_free(hmac);
    }
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_hmac_generate(struct rk_drbg *drbg, uint8_t *out, uint16_t out_bytes)
{
    return rki_mbedtls_result(mbedtls_hmac_drbg_random(&drbg->as.hmac, out, out_bytes));
}

void rki_mbedtls_hmac_free(struct rk_drbg *drbg)
{
    mbedtls_hmac_drbg_free(&drbg->as.hmac);
}
