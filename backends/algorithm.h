/* backends/algorithm.h - the algorithms by name, and the sizes that their standards fix
 *
 * Each is a bit of struct rk_backend.capabilities. AES algorithms take keys of 16, 24 and 32 bytes.
 * Units: bytes.
 * Source: beside each.
 */
#ifndef BACKENDS_ALGORITHM_H
#define BACKENDS_ALGORITHM_H

#include <stdint.h>

enum rk_alg {
    RK_ALG_AES_CCM,           /* SP 800-38C, 13-byte nonce (q = 2), tag 4, 8 or 16 */
    RK_ALG_AES_GCM,           /* SP 800-38D, 12-byte nonce, tag 16 */
    RK_ALG_CHACHA20_POLY1305, /* RFC 8439, 12-byte nonce, tag 16 */
    RK_ALG_ASCON_AEAD128,     /* SP 800-232, 16-byte nonce, tag 16 */
    RK_ALG_SHA1,              /* FIPS 180-4; legacy, for HMAC and what the paper lists */
    RK_ALG_SHA256,
    RK_ALG_SHA384,
    RK_ALG_SHA512,
    RK_ALG_ASCON_HASH256, /* SP 800-232 */
    RK_ALG_HMAC_SHA1,     /* FIPS 198-1 */
    RK_ALG_HMAC_SHA256,
    RK_ALG_HMAC_SHA384,
    RK_ALG_HMAC_SHA512,
    RK_ALG_AES_CMAC,      /* SP 800-38B, tag 16 */
    RK_ALG_HKDF_SHA256,   /* RFC 5869, as SP 800-56C two-step */
    RK_ALG_KBKDF_HMAC,    /* SP 800-108 counter mode, HMAC-SHA-256, 32-bit counter first, [L]2 of 32 bits in bits */
    RK_ALG_KBKDF_CMAC,    /* the same with AES-CMAC, key of 16 bytes */
    RK_ALG_PBKDF2,        /* SP 800-132, HMAC-SHA-256 */
    RK_ALG_TLS12_PRF,     /* RFC 5246 clause 5, SP 800-135: P_SHA256 */
    RK_ALG_CTR_DRBG,      /* SP 800-90A, AES; key size is the library's, stated in backends/README.md */
    RK_ALG_HMAC_DRBG,     /* SP 800-90A, HMAC-SHA-256 */
    RK_ALG_HASH_DRBG,     /* SP 800-90A, SHA-256 */
    RK_ALG_CHACHA20_DRBG, /* ours, over the library's ChaCha20: backends/libsodium/README.md. Not in SP 800-90A */
    RK_ALG_X25519,        /* RFC 7748; private and public 32 bytes, little endian */
    RK_ALG_P256,          /* private 32 bytes big endian, public 65 bytes SEC 1 uncompressed, secret X 32 bytes */
    RK_ALG_ECDSA_P256,    /* FIPS 186-5, keys as P256, over a digest of 32 bytes; signature r, s of 32 bytes each */
    RK_ALG_ED25519,       /* RFC 8032; private is the seed of 32 bytes */
    RK_ALG_RSA1024,       /* RFC 8017, e = 65537. Public: n. Private: n, d, p, q, dp, dq, qinv, each of full length. */
    RK_ALG_RSA2048,       /* PKCS#1 v1.5 or OAEP (SHA-256, no label); signatures over a SHA-256 digest, PKCS#1 v1.5 */
    RK_ALG_ECJPAKE,       /* draft-cragie-tls-ecjpake-01, P-256, SHA-256 */
    RK_ALG_MLKEM512,      /* FIPS 203 */
    RK_ALG_MLKEM768,      /* FIPS 203 */
    RK_ALG_AES_KEY_WRAP,  /* RFC 3394 / SP 800-38F KW, default IV */
    RK_ALG_AES_KEY_WRAP_PAD, /* RFC 5649 / SP 800-38F KWP */
    RK_ALG_COUNT
};

#define RK_CAP(alg) (1ull << (alg))

enum {
    RK_CCM_NONCE_bytes = 13,
    RK_NONCE_MAX_bytes = 16,
    RK_SHA256_bytes = 32,
    RK_DIGEST_MAX_bytes = 64,
    RK_PRIVATE_bytes = 32, /* of a curve */
    RK_PUBLIC_MAX_bytes = 65,
    RK_SECRET_bytes = 32,
    RK_ENTROPY_bytes = 48, /* entropy input 32 and nonce 16 (SP 800-90A 8.6.7 at 128-bit strength) */
    RK_ECJPAKE_ROUND_MAX_bytes = 336,
};

/* out: nonce of an AEAD. */
static inline uint16_t rk_alg_nonce_bytes(uint8_t alg)
{
    return alg == RK_ALG_AES_CCM ? RK_CCM_NONCE_bytes : alg == RK_ALG_ASCON_AEAD128 ? 16 : 12;
}

/* out: digest of a hash, or tag of a MAC over it; 16 for CMAC. */
static inline uint16_t rk_alg_digest_bytes(uint8_t alg)
{
    switch (alg) {
    case RK_ALG_SHA1:
    case RK_ALG_HMAC_SHA1:
        return 20;
    case RK_ALG_SHA384:
    case RK_ALG_HMAC_SHA384:
        return 48;
    case RK_ALG_SHA512:
    case RK_ALG_HMAC_SHA512:
        return 64;
    case RK_ALG_AES_CMAC:
        return 16;
    default:
        return 32;
    }
}

static inline uint16_t rk_alg_public_bytes(uint8_t alg)
{
    switch (alg) {
    case RK_ALG_P256:
    case RK_ALG_ECDSA_P256:
        return 65;
    case RK_ALG_RSA1024:
        return 128;
    case RK_ALG_RSA2048:
        return 256;
    case RK_ALG_MLKEM512:
        return 800;
    case RK_ALG_MLKEM768:
        return 1184;
    default:
        return 32;
    }
}

static inline uint16_t rk_alg_private_bytes(uint8_t alg)
{
    switch (alg) {
    case RK_ALG_RSA1024:
        return 2 * 128 + 5 * 64;
    case RK_ALG_RSA2048:
        return 2 * 256 + 5 * 128;
    case RK_ALG_MLKEM512:
        return 1632;
    case RK_ALG_MLKEM768:
        return 2400;
    default:
        return RK_PRIVATE_bytes;
    }
}

/* out: signature, or RSA ciphertext. */
static inline uint16_t rk_alg_signature_bytes(uint8_t alg)
{
    return alg == RK_ALG_RSA1024 ? 128 : alg == RK_ALG_RSA2048 ? 256 : 64;
}

/* out: ciphertext of a KEM. */
static inline uint16_t rk_alg_kem_bytes(uint8_t alg)
{
    return alg == RK_ALG_MLKEM512 ? 768 : 1088;
}

#endif
