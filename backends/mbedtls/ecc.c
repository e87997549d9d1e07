/* X25519, P-256 and ECDSA of mbedTLS, all through its ECP module. */
#include "backends/mbedtls/adapter.h"

#include <string.h>

#include "mbedtls/ecdh.h"
#include "mbedtls/ecdsa.h"
#include "mbedtls/ecp.h"

struct exchange {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point;
    mbedtls_mpi scalar;
    mbedtls_mpi secret;
};

static int exchange_init(struct exchange *exchange, uint8_t alg)
{
    mbedtls_ecp_group_init(&exchange->group);
    mbedtls_ecp_point_init(&exchange->point);
    mbedtls_mpi_init(&exchange->scalar);
    mbedtls_mpi_init(&exchange->secret);
    return mbedtls_ecp_group_load(&exchange->group,
                                  alg == RK_ALG_X25519 ? MBEDTLS_ECP_DP_CURVE25519 : MBEDTLS_ECP_DP_SECP256R1);
}

static void exchange_free(struct exchange *exchange)
{
    mbedtls_mpi_free(&exchange->secret);
    mbedtls_mpi_free(&exchange->scalar);
    mbedtls_ecp_point_free(&exchange->point);
    mbedtls_ecp_group_free(&exchange->group);
}

static int write_number(uint8_t alg, const mbedtls_mpi *number, uint8_t out[32])
{
    return alg == RK_ALG_X25519 ? mbedtls_mpi_write_binary_le(number, out, 32)
                                : mbedtls_mpi_write_binary(number, out, 32);
}

/* X25519 decodes any 32 bytes as a scalar: RFC 7748, 5. */
static int read_scalar(uint8_t alg, mbedtls_mpi *scalar, const uint8_t private_key[32])
{
    if (alg == RK_ALG_P256) {
        return mbedtls_mpi_read_binary(scalar, private_key, 32);
    }
    int error = mbedtls_mpi_read_binary_le(scalar, private_key, 32);
    for (size_t bit = 0; error == 0 && bit < 3; bit++) {
        error = mbedtls_mpi_set_bit(scalar, bit, 0);
    }
    if (error == 0) {
        error = mbedtls_mpi_set_bit(scalar, 255, 0);
    }
    return error == 0 ? mbedtls_mpi_set_bit(scalar, 254, 1) : error;
}

enum rk_crypto rki_mbedtls_curve_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t private_key[32],
                                          uint8_t *public_key)
{
    struct exchange exchange;
    size_t written = 0;
    int error = exchange_init(&exchange, alg);
    if (error == 0) {
        error = mbedtls_ecdh_gen_public(&exchange.group, &exchange.scalar, &exchange.point, rki_mbedtls_random, drbg);
    }
    if (error == 0) {
        error = write_number(alg, &exchange.scalar, private_key);
    }
    if (error == 0) {
        error = mbedtls_ecp_point_write_binary(&exchange.group, &exchange.point, MBEDTLS_ECP_PF_UNCOMPRESSED, &written,
                                               public_key, rk_alg_public_bytes(alg));
    }
    exchange_free(&exchange);
    return rki_mbedtls_result(error);
}

/* What the library says of a point that is not on the curve, at infinity, or not uncompressed. */
static bool is_bad_point(int error)
{
    return error == MBEDTLS_ERR_ECP_INVALID_KEY || error == MBEDTLS_ERR_ECP_BAD_INPUT_DATA ||
           error == MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE;
}

static bool is_zero(const uint8_t secret[32])
{
    uint8_t any = 0;
    for (size_t i = 0; i < RK_SECRET_bytes; i++) {
        any |= secret[i];
    }
    return any == 0;
}

/* The multiplication inside compute_shared checks the point, so an invalid one costs no second check here. */
enum rk_crypto rki_mbedtls_curve_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                       const uint8_t *peer_public, uint8_t secret[32])
{
    struct exchange exchange;
    enum rk_crypto result = RK_CRYPTO_FAILED;
    int error = exchange_init(&exchange, alg);
    if (error == 0) {
        error = read_scalar(alg, &exchange.scalar, private_key);
    }
    if (error == 0) {
        error = mbedtls_ecp_point_read_binary(&exchange.group, &exchange.point, peer_public, rk_alg_public_bytes(alg));
    }
    if (error == 0) {
        error = mbedtls_ecdh_compute_shared(&exchange.group, &exchange.secret, &exchange.point, &exchange.scalar,
                                            rki_mbedtls_random, drbg);
    }
    if (error == 0) {
        error = write_number(alg, &exchange.secret, secret);
    }
    if (error == 0) {
        result = alg == RK_ALG_X25519 && is_zero(secret) ? RK_CRYPTO_REJECTED : RK_CRYPTO_OK;
    } else if (is_bad_point(error)) {
        result = RK_CRYPTO_REJECTED;
    }
    if (result != RK_CRYPTO_OK) {
        memset(secret, 0, RK_SECRET_bytes);
    }
    exchange_free(&exchange);
    return result;
}

struct signature {
    mbedtls_ecp_group group;
    mbedtls_ecp_point point; /* verify */
    mbedtls_mpi scalar;      /* sign */
    mbedtls_mpi r;
    mbedtls_mpi s;
};

static int signature_init(struct signature *signature)
{
    mbedtls_ecp_group_init(&signature->group);
    mbedtls_ecp_point_init(&signature->point);
    mbedtls_mpi_init(&signature->scalar);
    mbedtls_mpi_init(&signature->r);
    mbedtls_mpi_init(&signature->s);
    return mbedtls_ecp_group_load(&signature->group, MBEDTLS_ECP_DP_SECP256R1);
}

static void signature_free(struct signature *signature)
{
    mbedtls_mpi_free(&signature->s);
    mbedtls_mpi_free(&signature->r);
    mbedtls_mpi_free(&signature->scalar);
    mbedtls_ecp_point_free(&signature->point);
    mbedtls_ecp_group_free(&signature->group);
}

enum rk_crypto rki_mbedtls_ecdsa_sign(const struct rk_sign_job *job)
{
    struct signature signature;
    int error = signature_init(&signature);
    if (error == 0) {
        error = mbedtls_mpi_read_binary(&signature.scalar, job->private_key, RK_PRIVATE_bytes);
    }
    if (error == 0) {
        error = mbedtls_ecdsa_sign(&signature.group, &signature.r, &signature.s, &signature.scalar, job->message,
                                   job->message_bytes, rki_mbedtls_random, job->drbg);
    }
    if (error == 0) {
        error = mbedtls_mpi_write_binary(&signature.r, job->signature, 32);
    }
    if (error == 0) {
        error = mbedtls_mpi_write_binary(&signature.s, job->signature + 32, 32);
    }
    signature_free(&signature);
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_ecdsa_verify(const struct rk_sign_job *job)
{
    struct signature signature;
    int error = signature_init(&signature);
    if (error == 0) {
        error = mbedtls_ecp_point_read_binary(&signature.group, &signature.point, job->public_key,
                                              rk_alg_public_bytes(RK_ALG_ECDSA_P256));
    }
    if (error == 0) {
        error = mbedtls_mpi_read_binary(&signature.r, job->signature, 32);
    }
    if (error == 0) {
        error = mbedtls_mpi_read_binary(&signature.s, job->signature + 32, 32);
    }
    if (error == 0) {
        error = mbedtls_ecdsa_verify(&signature.group, job->message, job->message_bytes, &signature.point, &signature.r,
                                     &signature.s);
    }
    signature_free(&signature);
    return error == MBEDTLS_ERR_ECP_VERIFY_FAILED || is_bad_point(error) ? RK_CRYPTO_REJECTED
                                                                         : rki_mbedtls_result(error);
}
