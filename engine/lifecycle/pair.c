#include "engine/lifecycle/pair.h"

#include "engine/lifecycle/internal.h"

/* Written by instructions, not kept as tables: an AVR would copy those into RAM. */
static void put_be32(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)(value >> 24);
    out[1] = (uint8_t)(value >> 16);
    out[2] = (uint8_t)(value >> 8);
    out[3] = (uint8_t)value;
}

/* n of P-256: SP 800-186, 3.2.1.3. */
static void p256_order(uint8_t out[RK_PRIVATE_bytes])
{
    put_be32(out, 0xFFFFFFFFul);
    put_be32(out + 4, 0);
    put_be32(out + 8, 0xFFFFFFFFul);
    put_be32(out + 12, 0xFFFFFFFFul);
    put_be32(out + 16, 0xBCE6FAADul);
    put_be32(out + 20, 0xA7179E84ul);
    put_be32(out + 24, 0xF3B9CAC2ul);
    put_be32(out + 28, 0xFC632551ul);
}

/* out: the base point, as a public value. */
static void base_point(uint8_t alg, uint8_t out[RK_PUBLIC_MAX_bytes])
{
    if (alg == RK_ALG_X25519 || !RKI_USES(RK_ALG_P256)) {
        rki_zero(out, 32);
        out[0] = 9;
        return;
    }
    out[0] = 4;
    put_be32(out + 1, 0x6B17D1F2ul);
    put_be32(out + 5, 0xE12C4247ul);
    put_be32(out + 9, 0xF8BCE6E5ul);
    put_be32(out + 13, 0x63A440F2ul);
    put_be32(out + 17, 0x77037D81ul);
    put_be32(out + 21, 0x2DEB33A0ul);
    put_be32(out + 25, 0xF4A13945ul);
    put_be32(out + 29, 0xD898C296ul);
    put_be32(out + 33, 0x4FE342E2ul);
    put_be32(out + 37, 0xFE1A7F9Bul);
    put_be32(out + 41, 0x8EE7EB4Aul);
    put_be32(out + 45, 0x7C0F9E16ul);
    put_be32(out + 49, 0x2BCE3357ul);
    put_be32(out + 53, 0x6B315ECEul);
    put_be32(out + 57, 0xCBB64068ul);
    put_be32(out + 61, 0x37BF51F5ul);
}

/* Both without a branch on secret bytes. */
static bool is_zero(const uint8_t *bytes, uint8_t count)
{
    uint8_t any = 0;
    for (uint8_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

static bool is_below(const uint8_t *left, const uint8_t *right, uint8_t count)
{
    uint8_t borrow = 0;
    for (uint8_t i = count; i-- > 0;)
        borrow = (uint8_t)((uint16_t)(left[i] - right[i] - borrow) >> 15);
    return borrow != 0;
}

bool rk_pair_in_range(uint8_t alg, const uint8_t private_key[RK_PRIVATE_bytes])
{
    uint8_t order[RK_PRIVATE_bytes];
    if ((alg != RK_ALG_P256 && alg != RK_ALG_ECDSA_P256) || !RKI_USES(RK_ALG_P256))
        return true;
    p256_order(order);
    return !is_zero(private_key, RK_PRIVATE_bytes) && is_below(private_key, order, sizeof order);
}

enum rk_crypto rk_pair_consistent(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg,
                                  const uint8_t private_key[RK_PRIVATE_bytes], const uint8_t *public_key)
{
    uint8_t base[RK_PUBLIC_MAX_bytes];
    uint8_t made[RK_SECRET_bytes];
    const uint8_t *coordinate = public_key + (alg == RK_ALG_P256); /* after the 04 */
    uint8_t different = 0;
    base_point(alg, base);
    enum rk_crypto err = backend->agree(alg, drbg, private_key, base, made);
    for (uint8_t i = 0; i < sizeof made; i++)
        different |= (uint8_t)(made[i] ^ coordinate[i]);
    /* Nothing of a public value is secret, but a pair that fails may have any number here. */
    backend->wipe(made, sizeof made);
    return err == RK_CRYPTO_OK && different == 0 ? RK_CRYPTO_OK : RK_CRYPTO_FAILED;
}

#ifdef __FRAMAC__
/*@ terminates \true;
    assigns \nothing;
    ensures bounded: \result <= 1184;
*/
static inline uint16_t rk_alg_public_bytes(uint8_t alg);
#endif

/*@ requires \separated(private_key + (0 .. 31), public_key + (0 .. 1183));
    ensures wiped: \result != RK_CRYPTO_OK ==> \forall integer i; 0 <= i < 32 ==> private_key[i] == 0;
*/
enum rk_crypto rk_pair_make(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg, uint8_t checks,
                            uint8_t private_key[RK_PRIVATE_bytes], uint8_t *public_key)
{
    enum rk_crypto err = backend->key_pair(alg, drbg, private_key, public_key);
    if (err == RK_CRYPTO_OK && (!rk_pair_in_range(alg, private_key) || is_zero(public_key, RK_PRIVATE_bytes)))
        err = RK_CRYPTO_FAILED;
    if (err == RK_CRYPTO_OK && (checks & RK_PAIR_CONSISTENCY) != 0)
        err = rk_pair_consistent(backend, alg, drbg, private_key, public_key);
    if (err != RK_CRYPTO_OK) {
        backend->wipe(private_key, RK_PRIVATE_bytes);
        backend->wipe(public_key, rk_alg_public_bytes(alg));
    }
    return err;
}

enum rk_crypto rk_pair_signs(const struct rk_backend *backend, uint8_t alg, struct rk_drbg *drbg,
                             const uint8_t *private_key, const uint8_t *public_key)
{
    enum { SIGNATURE_MAX_bytes = 256 };
    uint8_t signature[SIGNATURE_MAX_bytes];
    uint8_t message[RK_SHA256_bytes];
    rki_zero(message, sizeof message);
    struct rk_sign_job job = {
        .alg = alg,
        .message_bytes = sizeof message,
        .drbg = drbg,
        .private_key = private_key,
        .public_key = public_key,
        .message = message,
        .signature = signature,
    };
    enum rk_crypto err = rk_pair_in_range(alg, private_key) ? backend->sign(&job) : RK_CRYPTO_FAILED;
    job.drbg = NULL;
    if (err == RK_CRYPTO_OK)
        err = backend->verify(&job);
    return err == RK_CRYPTO_REJECTED ? RK_CRYPTO_FAILED : err;
}

enum rk_crypto rk_pair_provision(const struct rk_backend *backend, uint8_t curve, struct rk_drbg *drbg,
                                 struct rk_provision *device, struct rk_provision *server)
{
    if (curve != RK_ALG_X25519)
        return RK_CRYPTO_UNSUPPORTED;
    return rk_pair_make(backend, curve, drbg, RK_PAIR_CONSISTENCY, server->static_key, device->static_key);
}
