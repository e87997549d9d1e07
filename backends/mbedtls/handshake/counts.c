/* backends/mbedtls/handshake/counts.c - calls to primitives on their way through the linker; of 1.2, and through PSA of 1.3
 */
#include <mbedtls/cipher.h>
#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/md.h>
#include <mbedtls/sha256.h>
#include <psa/crypto.h>

#include "backends/handshake/handshake.h"

typedef int (*rng)(void *, unsigned char *, size_t);

RK_HANDSHAKE_WRAP(RK_COUNT_KEY_PAIR, int, mbedtls_ecdh_make_params,
                  (mbedtls_ecdh_context * ctx, size_t *length, unsigned char *out, size_t room, rng random,
                   void *state),
                  (ctx, length, out, room, random, state))
RK_HANDSHAKE_WRAP(RK_COUNT_KEY_PAIR, int, mbedtls_ecdh_make_public,
                  (mbedtls_ecdh_context * ctx, size_t *length, unsigned char *out, size_t room, rng random,
                   void *state),
                  (ctx, length, out, room, random, state))
RK_HANDSHAKE_WRAP(RK_COUNT_AGREE, int, mbedtls_ecdh_calc_secret,
                  (mbedtls_ecdh_context * ctx, size_t *length, unsigned char *out, size_t room, rng random,
                   void *state),
                  (ctx, length, out, room, random, state))
RK_HANDSHAKE_WRAP(RK_COUNT_KEY_PAIR, psa_status_t, psa_generate_key,
                  (const psa_key_attributes_t *attributes, mbedtls_svc_key_id_t *key), (attributes, key))
RK_HANDSHAKE_WRAP(RK_COUNT_SIGN, int, mbedtls_ecdsa_write_signature,
                  (mbedtls_ecdsa_context * ctx, mbedtls_md_type_t md, const unsigned char *hash, size_t bytes,
                   unsigned char *out, size_t room, size_t *length, rng random, void *state),
                  (ctx, md, hash, bytes, out, room, length, random, state))
RK_HANDSHAKE_WRAP(RK_COUNT_VERIFY, int, mbedtls_ecdsa_read_signature,
                  (mbedtls_ecdsa_context * ctx, const unsigned char *hash, size_t bytes, const unsigned char *signature,
                   size_t signature_bytes),
                  (ctx, hash, bytes, signature, signature_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_SEAL, int, mbedtls_cipher_auth_encrypt_ext,
                  (mbedtls_cipher_context_t * ctx, const unsigned char *nonce, size_t nonce_bytes,
                   const unsigned char *aad, size_t aad_bytes, const unsigned char *in, size_t bytes,
                   unsigned char *out, size_t room, size_t *length, size_t tag_bytes),
                  (ctx, nonce, nonce_bytes, aad, aad_bytes, in, bytes, out, room, length, tag_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_OPEN, int, mbedtls_cipher_auth_decrypt_ext,
                  (mbedtls_cipher_context_t * ctx, const unsigned char *nonce, size_t nonce_bytes,
                   const unsigned char *aad, size_t aad_bytes, const unsigned char *in, size_t bytes,
                   unsigned char *out, size_t room, size_t *length, size_t tag_bytes),
                  (ctx, nonce, nonce_bytes, aad, aad_bytes, in, bytes, out, room, length, tag_bytes))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, int, mbedtls_md_hmac_finish, (mbedtls_md_context_t * ctx, unsigned char *out),
                  (ctx, out))
RK_HANDSHAKE_WRAP(RK_COUNT_HASH, int, mbedtls_sha256_finish, (mbedtls_sha256_context * ctx, unsigned char *out),
                  (ctx, out))
RK_HANDSHAKE_WRAP(RK_COUNT_HASH, int, mbedtls_sha256,
                  (const unsigned char *in, size_t bytes, unsigned char *out, int is224), (in, bytes, out, is224))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, psa_status_t, mbedtls_psa_mac_sign_finish,
                  (mbedtls_psa_mac_operation_t * operation, uint8_t *mac, size_t room, size_t *length),
                  (operation, mac, room, length))
RK_HANDSHAKE_WRAP(RK_COUNT_HMAC, psa_status_t, mbedtls_psa_mac_compute,
                  (const psa_key_attributes_t *attributes, const uint8_t *key, size_t key_bytes, psa_algorithm_t alg,
                   const uint8_t *in, size_t bytes, uint8_t *mac, size_t room, size_t *length),
                  (attributes, key, key_bytes, alg, in, bytes, mac, room, length))
