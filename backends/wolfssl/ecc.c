/* X25519, P-256 and ECDSA of wolfCrypt. */
#include "backends/wolfssl/adapter.h"

#include <string.h>

#include "wolfssl/wolfcrypt/curve25519.h"
#include "wolfssl/wolfcrypt/ecc.h"
#include "wolfssl/wolfcrypt/error-crypt.h"

enum rk_crypto rki_wolfssl_x25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32])
{
    curve25519_key key;
    word32 private_bytes = 32;
    word32 public_bytes = 32;
    int error = wc_curve25519_init(&key);
    if (error == 0) {
        error = wc_curve25519_make_key(&drbg->rng, 32, &key);
    }
    if (error == 0) {
        error = wc_curve25519_export_key_raw_ex(&key, private_key, &private_bytes, public_key, &public_bytes,
                                                EC25519_LITTLE_ENDIAN);
    }
    wc_curve25519_free(&key);
    rki_wolfssl_wipe(&key, sizeof key);
    return rki_wolfssl_outcome(error);
}

/* RFC 7748 has the top bit of a coordinate ignored; the library refuses a value that has it set, so it is cleared
 * first. */
enum rk_crypto rki_wolfssl_x25519_agree(const uint8_t private_key[32], const uint8_t peer_public[32],
                                        uint8_t secret[32])
{
    curve25519_key mine;
    curve25519_key peer;
    uint8_t coordinate[32];
    word32 secret_bytes = 32;
    uint8_t any = 0;
    memcpy(coordinate, peer_public, sizeof coordinate);
    coordinate[31] &= 127;
    int error = wc_curve25519_init(&mine) | wc_curve25519_init(&peer);
    if (error == 0) {
        error = wc_curve25519_import_private_ex(private_key, 32, &mine, EC25519_LITTLE_ENDIAN);
    }
    if (error == 0) {
        error = wc_curve25519_import_public_ex(coordinate, 32, &peer, EC25519_LITTLE_ENDIAN);
    }
    if (error == 0) {
        error = wc_curve25519_shared_secret_ex(&mine, &peer, secret, &secret_bytes, EC25519_LITTLE_ENDIAN);
    }
    wc_curve25519_free(&mine);
    wc_curve25519_free(&peer);
    rki_wolfssl_wipe(&mine, sizeof mine);
    if (error != 0) {
        return RK_CRYPTO_FAILED;
    }
    for (size_t i = 0; i < RK_SECRET_bytes; i++) {
        any |= secret[i];
    }
    return any == 0 ? RK_CRYPTO_REJECTED : RK_CRYPTO_OK;
}

enum rk_crypto rki_wolfssl_p256_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[65])
{
    ecc_key key;
    word32 private_bytes = 32;
    word32 public_bytes = 65;
    int error = wc_ecc_init(&key);
    if (error == 0) {
        error = wc_ecc_make_key_ex(&drbg->rng, 32, &key, ECC_SECP256R1);
    }
    if (error == 0) {
        error = wc_ecc_export_private_only(&key, private_key, &private_bytes);
    }
    if (error == 0) {
        error = wc_ecc_export_x963(&key, public_key, &public_bytes);
    }
    wc_ecc_free(&key);
    rki_wolfssl_wipe(&key, sizeof key);
    return rki_wolfssl_outcome(error);
}

/* On the curve, with coordinates in range, is in the group: the cofactor of P-256 is 1. wc_ecc_check_key would spend a
 * scalar multiplication on the same answer. */
static enum rk_crypto p256_import_peer(ecc_key *peer, const uint8_t peer_public[65])
{
    if (peer_public[0] != 4) {
        return RK_CRYPTO_REJECTED;
    }
    if (wc_ecc_import_x963_ex(peer_public, 65, peer, ECC_SECP256R1) != 0) {
        return RK_CRYPTO_REJECTED;
    }
    return wc_ecc_point_is_on_curve(&peer->pubkey, peer->idx) == 0 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

static int p256_multiply(struct rk_drbg *drbg, const uint8_t private_key[32], ecc_key *peer, uint8_t secret[32])
{
    ecc_key mine;
    word32 secret_bytes = 32;
    int error = wc_ecc_init(&mine);
    if (error == 0) {
        error = wc_ecc_import_private_key_ex(private_key, 32, NULL, 0, &mine, ECC_SECP256R1);
    }
    if (error == 0) {
        error = wc_ecc_set_rng(&mine, &drbg->rng);
    }
    if (error == 0) {
        error = wc_ecc_shared_secret(&mine, peer, secret, &secret_bytes);
    }
    wc_ecc_free(&mine);
    rki_wolfssl_wipe(&mine, sizeof mine);
    return error;
}

enum rk_crypto rki_wolfssl_p256_agree(struct rk_drbg *drbg, const uint8_t private_key[32],
                                      const uint8_t peer_public[65], uint8_t secret[32])
{
    ecc_key peer;
    if (wc_ecc_init(&peer) != 0) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result = p256_import_peer(&peer, peer_public);
    if (result == RK_CRYPTO_OK && p256_multiply(drbg, private_key, &peer, secret) != 0) {
        result = RK_CRYPTO_FAILED;
    }
    wc_ecc_free(&peer);
    return result;
}

static int ecdsa_sign(struct rk_drbg *drbg, ecc_key *key, const uint8_t digest[32], uint8_t signature[64])
{
    mp_int r;
    mp_int s;
    int error = mp_init_multi(&r, &s, NULL, NULL, NULL, NULL);
    if (error == 0) {
        error = wc_ecc_sign_hash_ex(digest, RK_SHA256_bytes, &drbg->rng, key, &r, &s);
    }
    if (error == 0) {
        error = mp_to_unsigned_bin_len(&r, signature, 32);
    }
    if (error == 0) {
        error = mp_to_unsigned_bin_len(&s, signature + 32, 32);
    }
    return error;
}

enum rk_crypto rki_wolfssl_ecdsa_sign(const struct rk_sign_job *job)
{
    ecc_key key;
    int error = wc_ecc_init(&key);
    if (error == 0) {
        error = wc_ecc_import_private_key_ex(job->private_key, 32, NULL, 0, &key, ECC_SECP256R1);
    }
    if (error == 0) {
        error = wc_ecc_set_rng(&key, &job->drbg->rng);
    }
    if (error == 0) {
        error = ecdsa_sign(job->drbg, &key, job->message, job->signature);
    }
    wc_ecc_free(&key);
    rki_wolfssl_wipe(&key, sizeof key);
    return rki_wolfssl_outcome(error);
}

static enum rk_crypto ecdsa_verify(ecc_key *key, const uint8_t digest[32], const uint8_t signature[64])
{
    mp_int r;
    mp_int s;
    int valid = 0;
    if (mp_init_multi(&r, &s, NULL, NULL, NULL, NULL) != 0 || mp_read_unsigned_bin(&r, signature, 32) != 0 ||
        mp_read_unsigned_bin(&s, signature + 32, 32) != 0) {
        return RK_CRYPTO_FAILED;
    }
    int error = wc_ecc_verify_hash_ex(&r, &s, digest, RK_SHA256_bytes, &valid, key);
    if (error == MEMORY_E) {
        return RK_CRYPTO_FAILED;
    }
    return error == 0 && valid == 1 ? RK_CRYPTO_OK : RK_CRYPTO_REJECTED;
}

enum rk_crypto rki_wolfssl_ecdsa_verify(const struct rk_sign_job *job)
{
    ecc_key key;
    if (wc_ecc_init(&key) != 0) {
        return RK_CRYPTO_FAILED;
    }
    enum rk_crypto result = p256_import_peer(&key, job->public_key);
    if (result == RK_CRYPTO_OK) {
        result = ecdsa_verify(&key, job->message, job->signature);
    }
    wc_ecc_free(&key);
    return result;
}
