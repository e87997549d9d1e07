/* SHA-1 of wolfCrypt, and HMAC over it.
 *
 * The library's HMAC holds the code and the largest context of every hash that is configured. So it is compiled once
 * more here, with SHA-1 and SHA-256 and private to this file: an image with HMAC-SHA-256 does not grow by SHA-1.
 */
#define RKI_WOLFSSL_SHA1
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/hash.h"
#include "wolfssl/wolfcrypt/logging.h"
#include "wolfssl/wolfcrypt/sha.h"

#include "wolfcrypt/src/sha.c"

#include "backends/wolfssl/private_part.h"

#include "wolfssl/wolfcrypt/hmac.h"

#include "wolfcrypt/src/hmac.c"

enum rk_crypto rki_wolfssl_sha1(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    wc_Sha sha1;
    int error = wc_InitSha(&sha1);
    if (error == 0) {
        error = wc_ShaUpdate(&sha1, in, in_bytes);
    }
    if (error == 0) {
        error = wc_ShaFinal(&sha1, digest);
    }
    wc_ShaFree(&sha1);
    rki_wolfssl_wipe(&sha1, sizeof sha1);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_hmac_sha1(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                     uint8_t *mac)
{
    Hmac hmac;
    int error = wc_HmacInit(&hmac, NULL, INVALID_DEVID);
    if (error == 0) {
        error = wc_HmacSetKey(&hmac, WC_SHA, key, key_bytes);
    }
    if (error == 0) {
        error = wc_HmacUpdate(&hmac, in, in_bytes);
    }
    if (error == 0) {
        error = wc_HmacFinal(&hmac, mac);
    }
    wc_HmacFree(&hmac);
    rki_wolfssl_wipe(&hmac, sizeof hmac);
    return rki_wolfssl_outcome(error);
}
