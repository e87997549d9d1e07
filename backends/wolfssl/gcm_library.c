/* GCM of wolfCrypt, a part of the library: its code, with the settings of gcm.c.
 *
 * The library keeps the table of GHASH in the same context that CCM and key wrap use, which would then take 512 bytes
 * more of stack, and their wiping. So its AES is compiled once more here, with GCM alone and private to this file, but
 * for the functions that pass on to it.
 */
#define RKI_WOLFSSL_GCM
#include "wolfssl/wolfcrypt/settings.h"

#include "wolfssl/wolfcrypt/error-crypt.h"
#include "wolfssl/wolfcrypt/logging.h"

#include "backends/wolfssl/private_part.h"

#include "backends/wolfssl/gcm_library.h"

#include "wolfcrypt/src/aes.c"

int rki_wolfssl_AesGcmSetKey(Aes *aes, const byte *key, word32 bytes)
{
    int error = wc_AesInit(aes, NULL, INVALID_DEVID);
    return error == 0 ? wc_AesGcmSetKey(aes, key, bytes) : error;
}

int rki_wolfssl_AesGcmEncrypt(Aes *aes, byte *out, const byte *in, word32 bytes, const byte *iv, word32 iv_bytes,
                              byte *tag, word32 tag_bytes, const byte *aad, word32 aad_bytes)
{
    return wc_AesGcmEncrypt(aes, out, in, bytes, iv, iv_bytes, tag, tag_bytes, aad, aad_bytes);
}

int rki_wolfssl_AesGcmDecrypt(Aes *aes, byte *out, const byte *in, word32 bytes, const byte *iv, word32 iv_bytes,
                              const byte *tag, word32 tag_bytes, const byte *aad, word32 aad_bytes)
{
    return wc_AesGcmDecrypt(aes, out, in, bytes, iv, iv_bytes, tag, tag_bytes, aad, aad_bytes);
}

void rki_wolfssl_AesGcmFree(Aes *aes)
{
    wc_AesFree(aes);
}
