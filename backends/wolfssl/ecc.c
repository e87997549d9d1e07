/* X25519 and P-256 of wolfCrypt. */
#include "backends/wolfssl/adapter.h"

#include <string.h>

#include "wolfssl/wolfcrypt/curve25519.h"
#include "wolfssl/wolfcrypt/ecc.h"

static int x25519_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[32])
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
    return error;
}

/* RFC 7748 has the top bit of a coordinate ignored; the library refuses a value that has it set, so it is cleared
 * first. */
static enum rk_crypto x25519_agree(const uint8_t private_key[32], const uint8_t peer_public[32], uint8_t secret[32])
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

static int p256_key_pair(struct rk_drbg *drbg, uint8_t private_key[32], uint8_t public_key[65])
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
    return error;
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

static enum rk_crypto p256_agree(struct rk_drbg *drbg, const uint8_t private_key[32], const uint8_t peer_public[65],
                                 uint8_t secret[32])
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

enum rk_crypto rki_wolfssl_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t private_key[32], uint8_t *public_key)
{
    int error;
    if (RK_HAS(RK_ALG_X25519) && alg == RK_ALG_X25519) {
        error = x25519_key_pair(drbg, private_key, public_key);
    } else if (RK_HAS(RK_ALG_P256) && alg == RK_ALG_P256) {
        error = p256_key_pair(drbg, private_key, public_key);
    } else {
        return RK_CRYPTO_UNSUPPORTED;
    }
    return error == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

enum rk_crypto rki_wolfssl_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                 const uint8_t *peer_public, uint8_t secret[32])
{
    enum rk_crypto result = RK_CRYPTO_UNSUPPORTED;
    if (RK_HAS(RK_ALG_X25519) && alg == RK_ALG_X25519) {
        result = x25519_agree(private_key, peer_public, secret);
    } else if (RK_HAS(RK_ALG_P256) && alg == RK_ALG_P256) {
        result = p256_agree(drbg, private_key, peer_public, secret);
    }
    if (result != RK_CRYPTO_OK) {
        memset(secret, 0, RK_SECRET_bytes);
    }
    return result;
}
