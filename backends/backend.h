/* backends/backend.h - one crypto library behind one table of primitives
 *
 * A backend says what it can do (`capabilities`) and never fakes the rest: a primitive that the library lacks has a
 * clear bit. Where several algorithms share an entry, those that lack answer RK_CRYPTO_UNSUPPORTED; an entry none of
 * whose algorithms is there may be NULL. A derivation that we compose over the library's own MAC, because the library
 * does not have it, has its bit in `composed` too. The same header is compiled for the host and for every device.
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

#include "backends/algorithm.h"

enum rk_crypto {
    RK_CRYPTO_OK = 0,
    RK_CRYPTO_REJECTED = -1, /* tag, integrity check value, signature, or public key is not valid: a result, no error */
    RK_CRYPTO_UNSUPPORTED = -2, /* the library does not provide it */
    RK_CRYPTO_FAILED = -3,      /* the library failed: no memory, bad length, no entropy */
};

/* One AEAD call. key_bytes 16, 24 or 32 (AES), 32 (ChaCha20), 16 (Ascon); nonce: rk_alg_nonce_bytes(). */
struct rk_aead_job {
    uint8_t alg;
    uint8_t key_bytes;
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

/* One derivation. label and context by algorithm:
 *   HKDF_SHA256  label: salt; context: info
 *   KBKDF_*      label and context of SP 800-108: [i] || label || 0x00 || context || [L]
 *   PBKDF2       secret: password; label: salt; no context; iterations
 *   TLS12_PRF    label and seed of RFC 5246 */
struct rk_kdf_job {
    uint8_t alg;
    uint16_t secret_bytes;
    uint16_t label_bytes;
    uint16_t context_bytes;
    uint16_t iterations; /* PBKDF2 only */
    uint16_t out_bytes;  /* <= 255 * 32 */
    const uint8_t *secret;
    const uint8_t *label;
    const uint8_t *context;
    uint8_t *out;
};

/* RFC 3394 (in_bytes 16, 24 or 32) and RFC 5649 (1 to 64). wrap: out is rk_wrapped_bytes(). unwrap: in is that. */
struct rk_wrap_job {
    uint8_t alg;
    uint8_t kek_bytes; /* 16, 24 or 32 */
    uint16_t in_bytes;
    uint16_t out_bytes; /* written by wrap and unwrap; room for out is rk_wrapped_bytes() or in_bytes - 8 */
    const uint8_t *kek;
    const uint8_t *in;
    uint8_t *out;
};

struct
    rk_drbg; /* opaque state in the caller's memory, drbg_bytes long, aligned for any type; no interior pointers out */
struct rk_pake; /* the same, pake_bytes long */

/* ECDSA and RSA sign a digest of 32 bytes, Ed25519 a message. */
struct rk_sign_job {
    uint8_t alg;
    uint16_t message_bytes;
    struct rk_drbg *drbg; /* sign: seeded with drbg_alg. NULL in verify */
    const uint8_t *private_key;
    const uint8_t *public_key;
    const uint8_t *message;
    uint8_t *signature; /* rk_alg_signature_bytes(); read by verify */
};

/* RSA encryption. */
struct rk_rsa_job {
    uint8_t alg;
    bool oaep;            /* else PKCS#1 v1.5 */
    uint16_t in_bytes;    /* encrypt: message; decrypt: modulus length */
    uint16_t out_bytes;   /* written by decrypt; room for out is the modulus length */
    struct rk_drbg *drbg; /* encrypt: padding; decrypt: blinding */
    const uint8_t *key;   /* encrypt: public; decrypt: private */
    const uint8_t *in;
    uint8_t *out;
};

/* EC-JPAKE in three steps that go on from one another in `state`. Client is the side that runs. */
enum rk_pake_step {
    RK_PAKE_ROUND_ONE = 0, /* begins; out: our round one */
    RK_PAKE_ROUND_TWO = 1, /* in: the peer's round one; out: our round two */
    RK_PAKE_SECRET = 2,    /* in: the peer's round two; out: 32 bytes of secret; ends and wipes */
};

struct rk_pake_job {
    uint8_t step;
    bool server;
    uint16_t password_bytes;
    uint16_t in_bytes;
    uint16_t out_bytes; /* written; room is RK_ECJPAKE_ROUND_MAX_bytes */
    struct rk_pake *state;
    struct rk_drbg *drbg;
    const uint8_t *password;
    const uint8_t *in;
    uint8_t *out;
};

#ifdef __FRAMAC__
/* What every backend's wipe does, for proofs of those who call it. */
/*@ requires \valid((uint8_t *)memory + (0 .. bytes - 1));
    terminates \true;
    assigns ((uint8_t *)memory)[0 .. bytes - 1];
    ensures \forall integer i; 0 <= i < bytes ==> ((uint8_t *)memory)[i] == 0;
*/
void rk_backend_wipes(void *memory, size_t bytes);
#endif

struct rk_backend {
    const char *name;      /* "mbedtls" */
    const char *version;   /* "3.6.6", the library's own word */
    uint64_t capabilities; /* RK_CAP() bits */
    uint64_t composed;     /* those of them that are ours, over the library's MAC */
    uint16_t drbg_bytes;   /* size of the largest DRBG state */
    uint16_t pake_bytes;   /* size of an EC-JPAKE state, 0 without */
    uint8_t drbg_alg;      /* the DRBG that key generation uses by default */

    /* AEAD. open: RK_CRYPTO_REJECTED when the tag is wrong, and `out` is then all zero. */
    enum rk_crypto (*aead_seal)(const struct rk_aead_job *job);
    enum rk_crypto (*aead_open)(const struct rk_aead_job *job);

    enum rk_crypto (*hash)(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest);
    enum rk_crypto (*mac)(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *mac);
    enum rk_crypto (*kdf)(const struct rk_kdf_job *job);

    /* DRBG. init instantiates from 48 bytes of entropy and nonce; no reseed happens behind the caller's back. */
    enum rk_crypto (*drbg_init)(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48]);
    enum rk_crypto (*drbg_generate)(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes);
    void (*drbg_wipe)(struct rk_drbg *drbg, uint8_t alg);

    /* Key pairs of every asymmetric algorithm; sizes: rk_alg_private_bytes(), rk_alg_public_bytes(). drbg is seeded
     * with `drbg_alg`; libraries that blind draw from it, so cycle counts are repeatable.
     * agree: validates the peer's public key; RK_CRYPTO_REJECTED for an invalid point or an all-zero X25519 secret. */
    enum rk_crypto (*key_pair)(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key);
    enum rk_crypto (*agree)(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                            const uint8_t *peer_public, uint8_t secret[32]);

    /* verify: RK_CRYPTO_REJECTED when the signature is not one of this message under this key. */
    enum rk_crypto (*sign)(const struct rk_sign_job *job);
    enum rk_crypto (*verify)(const struct rk_sign_job *job);

    /* decrypt: RK_CRYPTO_REJECTED when the padding is wrong, and `out` is then all zero. */
    enum rk_crypto (*rsa_encrypt)(struct rk_rsa_job *job);
    enum rk_crypto (*rsa_decrypt)(struct rk_rsa_job *job);

    /* ML-KEM. A ciphertext that was tampered with gives another secret (FIPS 203, implicit rejection). */
    enum rk_crypto (*encapsulate)(uint8_t alg, struct rk_drbg *drbg, const uint8_t *public_key, uint8_t *ciphertext,
                                  uint8_t secret[32]);
    enum rk_crypto (*decapsulate)(uint8_t alg, const uint8_t *private_key, const uint8_t *ciphertext,
                                  uint8_t secret[32]);

    /* RK_CRYPTO_REJECTED when a proof of the peer's is wrong. */
    enum rk_crypto (*pake)(struct rk_pake_job *job);

    /* unwrap: RK_CRYPTO_REJECTED when the check value is wrong, and `out` is then all zero. */
    enum rk_crypto (*key_wrap)(struct rk_wrap_job *job);
    enum rk_crypto (*key_unwrap)(struct rk_wrap_job *job);

    void (*wipe)(void *memory, size_t bytes); /* not removed by the optimiser */
};

/*@ requires \valid_read(backend) && alg < 64; */
static inline bool rk_backend_has(const struct rk_backend *backend, uint8_t alg)
{
    return (backend->capabilities >> alg & 1) != 0;
}

/* out: what key_wrap writes for key_bytes. */
static inline uint16_t rk_wrapped_bytes(uint8_t alg, uint16_t key_bytes)
{
    return (uint16_t)((alg == RK_ALG_AES_KEY_WRAP_PAD ? (key_bytes + 7) / 8 * 8 : key_bytes) + 8);
}

/* The backend linked into this image or shared object. Each backends/<name>/ defines it once. */
const struct rk_backend *rk_backend_get(void);

#endif
