/* backends/mbedtls/drbg.h - the DRBG state that struct rk_drbg stands for
 *
 * HMAC_DRBG keeps its message digest contexts on the heap (mbedtls_md_setup); drbg_wipe gives them back.
 * A state may be moved in memory, not copied.
 */
#ifndef BACKENDS_MBEDTLS_DRBG_H
#define BACKENDS_MBEDTLS_DRBG_H

#include "backends/backend.h"

#include "mbedtls/ctr_drbg.h"
#include "mbedtls/hmac_drbg.h"

struct rk_drbg {
    union {
        mbedtls_ctr_drbg_context ctr;
        mbedtls_hmac_drbg_context hmac;
    } as;
};

/* The library's callback for random bytes, over the default DRBG. in: context is a struct rk_drbg.
 * out: 0 or an error. */
int rki_mbedtls_random(void *context, unsigned char *out, size_t out_bytes);

#endif
