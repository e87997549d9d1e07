/* backends/wolfssl/handshake/counts.c - calls to primitives on their way through the linker
 *
 * hmac.c calls its own HMAC inside HKDF, where no linker sees it: an extraction is one, and so is an expansion to a
 * digest's length, the only one that 1.3 with SHA-256 has.
 */
#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "backends/handshake/handshake.h"

RK_HANDSHAKE_WRAP(RK_COUNT_KEY_PAIR, int, wc_ecc_make_key_ex, (WC_RNG * rng, int size, ecc_key *key, int curve),
                  (rng, size, key, curve))
RK_HANDSHAKE_WRAP(RK_COUNT_AGREE, int, wc_ecc_shared_secret, (ecc_key * own, ecc_key *peer, byte *out, word32 *bytes),
                  (own, peer, out, bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_SIGN, int, wc_ecc_sign_hash,
                  (const byte *in, word32 bytes, byte *out, word32 *out_bytes, WC_RNG *rng, ecc_key *key),
                  (in, bytes, out, out_bytes, rng, key))
RK_HANDSHAKE_WRAP(RK_COUNT_VERIFY, int, wc_ecc_verify_hash,
                  (const byte *signature, word32 bytes, const byte *hash, word32 hash_bytes, int *good, ecc_key *key),
                  (signature, bytes, hash, hash_bytes, good, key))
RK_HANDSHAKE_WRAP(RK_COUNT_SEAL, int, wc_AesCcmEncrypt,
                  (Aes * aes, byte *out, const byte *in, word32 bytes, const byte *nonce, word32 nonce_bytes, byte *tag,
                   word32 tag_bytes, const byte *aad, word32 aad_bytes),
                  (aes, out, in, bytes, nonce, nonce_bytes, tag, tag_bytes, aad, aad_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_SEAL, int, wc_AesCcmEncrypt_ex,
                  (Aes * aes, byte *out, const byte *in, word32 bytes, byte *nonce, word32 nonce_bytes, byte *tag,
                   word32 tag_bytes, const byte *aad, word32 aad_bytes),
                  (aes, out, in, bytes, nonce, nonce_bytes, tag, tag_bytes, aad, aad_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_OPEN, int, wc_AesCcmDecrypt,
                  (Aes * aes, byte *out, const byte *in, word32 bytes, const byte *nonce, word32 nonce_bytes,
                   const byte *tag, word32 tag_bytes, const byte *aad, word32 aad_bytes),
                  (aes, out, in, bytes, nonce, nonce_bytes, tag, tag_bytes, aad, aad_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, int, wc_HmacFinal, (Hmac * hmac, byte *out), (hmac, out))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, int, wc_HKDF_Extract,
                  (int type, const byte *salt, word32 salt_bytes, const byte *in, word32 in_bytes, byte *out),
                  (type, salt, salt_bytes, in, in_bytes, out))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, int, wc_HKDF_Extract_ex,
                  (int type, const byte *salt, word32 salt_bytes, const byte *in, word32 in_bytes, byte *out,
                   void *heap, int device),
                  (type, salt, salt_bytes, in, in_bytes, out, heap, device))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, int, wc_HKDF_Expand,
                  (int type, const byte *in, word32 in_bytes, const byte *info, word32 info_bytes, byte *out,
                   word32 out_bytes),
                  (type, in, in_bytes, info, info_bytes, out, out_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, int, wc_HKDF_Expand_ex,
                  (int type, const byte *in, word32 in_bytes, const byte *info, word32 info_bytes, byte *out,
                   word32 out_bytes, void *heap, int device),
                  (type, in, in_bytes, info, info_bytes, out, out_bytes, heap, device))
RK_HANDSHAKE_WRAP(RK_COUNT_HASH, int, wc_Sha256Final, (wc_Sha256 * sha, byte *out), (sha, out))
RK_HANDSHAKE_WRAP(RK_COUNT_HASH, int, wc_Sha256GetHash, (wc_Sha256 * sha, byte *out), (sha, out))
