#include "tests/protocol/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counts counts;
const uint8_t *ephemeral;
static const struct rk_backend *inside;
static struct rk_backend table;

struct bytes from_hex(const char *hex)
{
    struct bytes out = {.bytes = (uint16_t)(strlen(hex) / 2)};
    if (strlen(hex) / 2 > sizeof out.at) {
        abort();
    }
    for (uint16_t i = 0; i < out.bytes; i++) {
        sscanf(hex + 2 * i, "%2hhx", &out.at[i]);
    }
    return out;
}

bool is_hex(const uint8_t *at, size_t bytes, const char *hex)
{
    struct bytes expected = from_hex(hex);
    if (bytes == expected.bytes && memcmp(at, expected.at, bytes) == 0) {
        return true;
    }
    fprintf(stderr, "expected %s\nfound    ", hex);
    for (size_t i = 0; i < bytes; i++) {
        fprintf(stderr, "%02x", at[i]);
    }
    fprintf(stderr, "\n");
    return false;
}

/* The agreement with the base point: the public key of `private_key`, of P-256 its x. */
static enum rk_crypto public_of(uint8_t alg, struct rk_drbg *drbg, const uint8_t *private_key, uint8_t *public_key)
{
    static const char *const base = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    uint8_t nine[32] = {9};
    struct bytes generator = from_hex(base);
    if (alg == RK_ALG_X25519) {
        return inside->agree(alg, drbg, private_key, nine, public_key);
    }
    public_key[0] = 4;
    memset(public_key + 33, 0, 32); /* y is not sent */
    return inside->agree(alg, drbg, private_key, generator.at, public_key + 1);
}

static enum rk_crypto key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    counts.key_pair++;
    if (ephemeral == NULL) {
        return inside->key_pair(alg, drbg, private_key, public_key);
    }
    memcpy(private_key, ephemeral, RK_PRIVATE_bytes);
    return public_of(alg, drbg, private_key, public_key);
}

static enum rk_crypto agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                            const uint8_t *peer_public, uint8_t secret[32])
{
    counts.agree++;
    return inside->agree(alg, drbg, private_key, peer_public, secret);
}

static enum rk_crypto sign(const struct rk_sign_job *job)
{
    counts.sign++;
    return inside->sign(job);
}

static enum rk_crypto verify(const struct rk_sign_job *job)
{
    counts.verify++;
    return inside->verify(job);
}

static enum rk_crypto mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *out)
{
    counts.mac++;
    return inside->mac(alg, key, key_bytes, in, in_bytes, out);
}

static enum rk_crypto hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    counts.hash++;
    return inside->hash(alg, in, in_bytes, digest);
}

static enum rk_crypto kdf(const struct rk_kdf_job *job)
{
    counts.kdf++;
    return inside->kdf(job);
}

static enum rk_crypto aead_seal(const struct rk_aead_job *job)
{
    counts.seal++;
    return inside->aead_seal(job);
}

static enum rk_crypto aead_open(const struct rk_aead_job *job)
{
    counts.open++;
    return inside->aead_open(job);
}

static void wipe(void *memory, size_t bytes)
{
    counts.wipe++;
    inside->wipe(memory, bytes);
}

const struct rk_backend *counted(const struct rk_backend *inner)
{
    inside = inner;
    table = *inner;
    table.key_pair = key_pair;
    table.agree = agree;
    table.sign = sign;
    table.verify = verify;
    table.mac = mac;
    table.hash = hash;
    table.kdf = kdf;
    table.aead_seal = aead_seal;
    table.aead_open = aead_open;
    table.wipe = wipe;
    counts = (struct counts){0};
    return &table;
}

bool holds(const void *memory, size_t bytes, const uint8_t *secret, size_t secret_bytes)
{
    return memmem(memory, bytes, secret, secret_bytes) != NULL;
}
