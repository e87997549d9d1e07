/* SHA-384 and SHA-512 of wolfCrypt, and HMAC over them.
 *
 * As in sha1.c, HMAC is compiled once more, private to this file: with SHA-512 its context doubles, and an image with
 * HMAC-SHA-256 would carry the code.
 */
#define RKI_WOLFSSL_SHA512
#include "backends/wolfssl/adapter.h"

#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/hash.h"
#include "wolfssl/wolfcrypt/logging.h"
#include "wolfssl/wolfcrypt/sha512.h"

#include "wolfcrypt/src/sha512.c"

#include "backends/wolfssl/private_part.h"

#include "wolfssl/wolfcrypt/hmac.h"

#include "wolfcrypt/src/hmac.c"

enum rk_crypto rki_wolfssl_sha384(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    wc_Sha384 sha384;
    int error = wc_InitSha384(&sha384);
    if (error == 0) {
        error = wc_Sha384Update(&sha384, in, in_bytes);
    }
    if (error == 0) {
        error = wc_Sha384Final(&sha384, digest);
    }
    wc_Sha384Free(&sha384);
    rki_wolfssl_wipe(&sha384, sizeof sha384);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_sha512(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    wc_Sha512 sha512;
    int error = wc_InitSha512(&sha512);
    if (error == 0) {
        error = wc_Sha512Update(&sha512, in, in_bytes);
    }
    if (error == 0) {
        error = wc_Sha512Final(&sha512, digest);
    }
    wc_Sha512Free(&sha512);
    rki_wolfssl_wipe(&sha512, sizeof sha512);
    return rki_wolfssl_outcome(error);
}

static enum rk_crypto hmac(int hash, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                           uint8_t *mac)
{
    Hmac context;
    int error = wc_HmacInit(&context, NULL, INVALID_DEVID);
    if (error == 0) {
        error = wc_HmacSetKey(&context, hash, key, key_bytes);
    }
    if (error == 0) {
        error = wc_HmacUpdate(&context, in, in_bytes);
    }
    if (error == 0) {
        error = wc_HmacFinal(&context, mac);
    }
    wc_HmacFree(&context);
    rki_wolfssl_wipe(&context, sizeof context);
    return rki_wolfssl_outcome(error);
}

enum rk_crypto rki_wolfssl_hmac_sha384(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t *mac)
{
    return hmac(WC_SHA384, key, key_bytes, in, in_bytes, mac);
}

enum rk_crypto rki_wolfssl_hmac_sha512(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                       uint8_t *mac)
{
    return hmac(WC_SHA512, key, key_bytes, in, in_bytes, mac);
}
