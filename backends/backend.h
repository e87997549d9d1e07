/* backends/backend.h - one crypto library behind one table of primitives
 *
 * A backend says what it can do (`capabilities`) and never fakes the rest: a primitive that the library lacks has a
 * clear bit and answers RK_CRYPTO_UNSUPPORTED. The same header is compiled for the host and for every device.
 * Memory:  no allocation of our own. Where a library needs a heap it uses the C library's, which the bench counts.
 * Units:   lengths in bytes. Integers in keys and public values are in the byte order of their standard.
 * Overlap: `out` may equal `in` for seal and open; all other outputs must not overlap inputs.
 * Wiping:  an adapter wipes what it copied of a key before it returns, on every path.
 */
#ifndef BACKENDS_BACKEND_H
#define BACKENDS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rk_crypto {
    RK_CRYPTO_OK = 0,
    RK_CRYPTO_REJECTED = -1,    /* tag, integrity check value, or public key is not valid: a result, not an error */
    RK_CRYPTO_UNSUPPORTED = -2, /* the library does not provide it */
    RK_CRYPTO_FAILED = -3,      /* the library failed: no memory, bad length, no entropy */
};

/* Algorithms, each a bit of struct rk_backend.capabilities. */
enum rk_alg {
    RK_ALG_AES128_CCM = 0,        /* SP 800-38C, 13-byte nonce (q = 2), tag 8 or 16 */
    RK_ALG_CHACHA20_POLY1305 = 1, /* RFC 8439, 12-byte nonce, tag 16 */
    RK_ALG_SHA256 = 2,            /* FIPS 180-4 */
    RK_ALG_HMAC_SHA256 = 3,       /* FIPS 198-1 */
    RK_ALG_HKDF_SHA256 = 4,       /* RFC 5869, as SP 800-56C two-step */
    RK_ALG_CTR_DRBG = 5,          /* SP 800-90A, AES; key size is the library's, stated in backends/README.md */
    RK_ALG_HMAC_DRBG = 6,         /* SP 800-90A, HMAC-SHA-256 */
    RK_ALG_HASH_DRBG = 7,         /* SP 800-90A, SHA-256 */
    RK_ALG_CHACHA20_DRBG = 8,     /* ours, over the library's ChaCha20: backends/libsodium/README.md. Not in SP 800-90A */
    RK_ALG_X25519 = 9,            /* RFC 7748; private and public 32 bytes, little endian */
    RK_ALG_P256 = 10,             /* private 32 bytes big endian, public 65 bytes SEC 1 uncompressed, secret X 32 bytes */
    RK_ALG_AES_KEY_WRAP = 11,     /* RFC 3394 / SP 800-38F KW, default IV, 16-byte KEK */
    RK_ALG_COUNT
};

#define RK_CAP(alg) (1ul << (alg))

enum {
    RK_CCM_NONCE_bytes = 13,
    RK_CHACHA_NONCE_bytes = 12,
    RK_SHA256_bytes = 32,
    RK_PRIVATE_bytes = 32,
    RK_PUBLIC_MAX_bytes = 65,
    RK_SECRET_bytes = 32,
    RK_ENTROPY_bytes = 48, /* entropy input 32 and nonce 16 (SP 800-90A 8.6.7 at 128-bit strength) */
};

/* One AEAD call. key: 16 bytes (AES-128) or 32 (ChaCha20); nonce: 13 or 12; tag_bytes 8 or 16 (CCM), 16 (ChaCha). */
struct rk_aead_job {
    uint8_t alg;
    uint8_t tag_bytes;
    uint16_t aad_bytes;
    uint16_t text_bytes;
    const uint8_t *key;
    const uint8_t *nonce;
    const uint8_t *aad;
    const uint8_t *in;
    uint8_t *out; /* text_bytes */
    uint8_t *tag; /* written by seal, read by open */
};

struct rk_hkdf_job {
    const uint8_t *salt;
    const uint8_t *secret; /* input keying material */
    const uint8_t *info;
    uint8_t *out;
    uint16_t salt_bytes;
    uint16_t secret_bytes;
    uint16_t info_bytes;
    uint16_t out_bytes; /* <= 255 * 32 */
};

struct rk_drbg; /* opaque state in the caller's memory, drbg_bytes long, aligned for any type; no interior pointers out */

struct rk_backend {
    const char *name;      /* "mbedtls" */
    const char *version;   /* "3.6.6", the library's own word */
    uint32_t capabilities; /* RK_CAP() bits */
    uint16_t drbg_bytes;   /* size of the largest DRBG state */
    uint8_t drbg_alg;      /* the DRBG that key generation uses by default */

    /* AEAD. open: RK_CRYPTO_REJECTED when the tag is wrong, and `out` is then all zero. */
    enum rk_crypto (*aead_seal)(const struct rk_aead_job *job);
    enum rk_crypto (*aead_open)(const struct rk_aead_job *job);

    enum rk_crypto (*sha256)(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32]);
    enum rk_crypto (*hmac_sha256)(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                  uint8_t mac[32]);
    enum rk_crypto (*hkdf_sha256)(const struct rk_hkdf_job *job);

    /* DRBG. init instantiates from 48 bytes of entropy and nonce; no reseed happens behind the caller's back. */
    enum rk_crypto (*drbg_init)(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48]);
    enum rk_crypto (*drbg_generate)(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes);
    void (*drbg_wipe)(struct rk_drbg *drbg, uint8_t alg);

    /* Key agreement. drbg is seeded with `drbg_alg`; libraries that blind draw from it, so cycle counts are repeatable.
     * agree: validates the peer's public key; RK_CRYPTO_REJECTED for an invalid point or an all-zero X25519 secret. */
    enum rk_crypto (*key_pair)(uint8_t alg, struct rk_drbg *drbg, uint8_t private_key[32], uint8_t *public_key);
    enum rk_crypto (*agree)(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32], const uint8_t *peer_public,
                            uint8_t secret[32]);

    /* RFC 3394. key_bytes 16 or 32; wrapped is key_bytes + 8. */
    enum rk_crypto (*key_wrap)(const uint8_t kek[16], const uint8_t *key, uint16_t key_bytes, uint8_t *wrapped);
    enum rk_crypto (*key_unwrap)(const uint8_t kek[16], const uint8_t *wrapped, uint16_t wrapped_bytes, uint8_t *key);

    void (*wipe)(void *memory, size_t bytes); /* not removed by the optimiser */
};

static inline bool rk_backend_has(const struct rk_backend *backend, uint8_t alg)
{
    return (backend->capabilities & RK_CAP(alg)) != 0;
}

static inline uint8_t rk_alg_public_bytes(uint8_t alg)
{
    return alg == RK_ALG_P256 ? 65 : 32;
}

/* The backend linked into this image or shared object. Each backends/<name>/ defines it once. */
const struct rk_backend *rk_backend_get(void);

#endif
