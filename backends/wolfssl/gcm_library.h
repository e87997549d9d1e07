/* backends/wolfssl/gcm_library.h - gcm_library.c, the part of the library that gcm.c adapts
 *
 * Functions are the library's of the same end of name: results are its error codes.
 */
#ifndef BACKENDS_WOLFSSL_GCM_LIBRARY_H
#define BACKENDS_WOLFSSL_GCM_LIBRARY_H

#include "wolfssl/wolfcrypt/settings.h"

#include "wolfssl/wolfcrypt/aes.h"

int rki_wolfssl_AesGcmSetKey(Aes *aes, const byte *key, word32 bytes); /* and wc_AesInit before it */
int rki_wolfssl_AesGcmEncrypt(Aes *aes, byte *out, const byte *in, word32 bytes, const byte *iv, word32 iv_bytes,
                              byte *tag, word32 tag_bytes, const byte *aad, word32 aad_bytes);
int rki_wolfssl_AesGcmDecrypt(Aes *aes, byte *out, const byte *in, word32 bytes, const byte *iv, word32 iv_bytes,
                              const byte *tag, word32 tag_bytes, const byte *aad, word32 aad_bytes);
void rki_wolfssl_AesGcmFree(Aes *aes);

#endif
