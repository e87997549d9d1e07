/* RSA of mbedTLS, with its CRT parameters from the key and blinding from the caller's DRBG.
 *
 * A private key is taken in without d, which the library does not use when it has the others: 256 bytes of heap less
 * for RSA-2048. Its own checks of a key come with each operation.
 */
#include "backends/mbedtls/adapter.h"

#include <string.h>

#include "mbedtls/bignum.h"
#include "mbedtls/md.h"
#include "mbedtls/rsa.h"

enum { EXPONENT = 65537 };

static const uint8_t exponent_bytes[] = {0x01, 0x00, 0x01};

#if MBEDTLS_VERSION_MAJOR < 3
#define MODE(mode) mode, /* 2.x wants to know which half of the key it is to use */
#else
#define MODE(mode)
#endif

static void rsa_init(mbedtls_rsa_context *rsa, bool oaep)
{
#if MBEDTLS_VERSION_MAJOR < 3
    mbedtls_rsa_init(rsa, oaep ? MBEDTLS_RSA_PKCS_V21 : MBEDTLS_RSA_PKCS_V15, oaep ? MBEDTLS_MD_SHA256 : 0);
#else
    mbedtls_rsa_init(rsa);
    if (oaep) {
        mbedtls_rsa_set_padding(rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256);
    }
#endif
}

static int read_public(mbedtls_rsa_context *rsa, uint8_t alg, const uint8_t *key)
{
    return mbedtls_rsa_import_raw(rsa, key, rk_alg_public_bytes(alg), NULL, 0, NULL, 0, NULL, 0, exponent_bytes,
                                  sizeof exponent_bytes);
}

/* The parts of a private key after n and d, each half as long as n. */
static void halves_of(mbedtls_rsa_context *rsa, mbedtls_mpi *half[5])
{
    half[0] = &rsa->MBEDTLS_PRIVATE(P);
    half[1] = &rsa->MBEDTLS_PRIVATE(Q);
    half[2] = &rsa->MBEDTLS_PRIVATE(DP);
    half[3] = &rsa->MBEDTLS_PRIVATE(DQ);
    half[4] = &rsa->MBEDTLS_PRIVATE(QP);
}

static int read_private(mbedtls_rsa_context *rsa, uint8_t alg, const uint8_t *key)
{
    size_t n_bytes = rk_alg_public_bytes(alg);
    mbedtls_mpi *half[5];
    halves_of(rsa, half);
    int error = read_public(rsa, alg, key);
    for (size_t i = 0; error == 0 && i < 5; i++) {
        error = mbedtls_mpi_read_binary(half[i], key + 2 * n_bytes + i * n_bytes / 2, n_bytes / 2);
    }
    return error;
}

#if defined(MBEDTLS_GENPRIME)
static int write_private(mbedtls_rsa_context *rsa, uint8_t alg, uint8_t *key)
{
    size_t n_bytes = rk_alg_public_bytes(alg);
    mbedtls_mpi *half[5];
    halves_of(rsa, half);
    int error = mbedtls_mpi_write_binary(&rsa->MBEDTLS_PRIVATE(N), key, n_bytes);
    if (error == 0) {
        error = mbedtls_mpi_write_binary(&rsa->MBEDTLS_PRIVATE(D), key + n_bytes, n_bytes);
    }
    for (size_t i = 0; error == 0 && i < 5; i++) {
        error = mbedtls_mpi_write_binary(half[i], key + 2 * n_bytes + i * n_bytes / 2, n_bytes / 2);
    }
    return error;
}

enum rk_crypto rki_mbedtls_rsa_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    size_t n_bytes = rk_alg_public_bytes(alg);
    mbedtls_rsa_context rsa;
    rsa_init(&rsa, false);
    int error = mbedtls_rsa_gen_key(&rsa, rki_mbedtls_random, drbg, (unsigned)(8 * n_bytes), EXPONENT);
    if (error == 0) {
        error = write_private(&rsa, alg, private_key);
    }
    mbedtls_rsa_free(&rsa);
    if (error == 0) {
        memcpy(public_key, private_key, n_bytes);
    }
    return rki_mbedtls_result(error);
}
#endif

/* A number that is not below n is no ciphertext and no signature; nor is one that does not decode. */
static bool is_refused(int error)
{
    return error == MBEDTLS_ERR_RSA_INVALID_PADDING || error == MBEDTLS_ERR_RSA_VERIFY_FAILED ||
           error == MBEDTLS_ERR_RSA_PUBLIC_FAILED + MBEDTLS_ERR_MPI_BAD_INPUT_DATA ||
           error == MBEDTLS_ERR_RSA_PRIVATE_FAILED + MBEDTLS_ERR_MPI_BAD_INPUT_DATA;
}

enum rk_crypto rki_mbedtls_rsa_sign(const struct rk_sign_job *job)
{
    mbedtls_rsa_context rsa;
    rsa_init(&rsa, false);
    int error = job->message_bytes == RK_SHA256_bytes ? read_private(&rsa, job->alg, job->private_key)
                                                      : MBEDTLS_ERR_RSA_BAD_INPUT_DATA;
    if (error == 0) {
        error = mbedtls_rsa_rsassa_pkcs1_v15_sign(&rsa, rki_mbedtls_random, job->drbg,
                                                  MODE(MBEDTLS_RSA_PRIVATE) MBEDTLS_MD_SHA256, RK_SHA256_bytes,
                                                  job->message, job->signature);
    }
    mbedtls_rsa_free(&rsa);
    return rki_mbedtls_result(error);
}

#if MBEDTLS_VERSION_MAJOR < 3
#define VERIFY(rsa, digest, signature)                                                                                 \
    mbedtls_rsa_rsassa_pkcs1_v15_verify(rsa, NULL, NULL, MBEDTLS_RSA_PUBLIC, MBEDTLS_MD_SHA256, RK_SHA256_bytes,       \
                                        digest, signature)
#else
#define VERIFY(rsa, digest, signature)                                                                                 \
    mbedtls_rsa_rsassa_pkcs1_v15_verify(rsa, MBEDTLS_MD_SHA256, RK_SHA256_bytes, digest, signature)
#endif

enum rk_crypto rki_mbedtls_rsa_verify(const struct rk_sign_job *job)
{
    mbedtls_rsa_context rsa;
    rsa_init(&rsa, false);
    int error = job->message_bytes == RK_SHA256_bytes ? read_public(&rsa, job->alg, job->public_key)
                                                      : MBEDTLS_ERR_RSA_BAD_INPUT_DATA;
    if (error == 0) {
        error = VERIFY(&rsa, job->message, job->signature);
    }
    mbedtls_rsa_free(&rsa);
    return is_refused(error) ? RK_CRYPTO_REJECTED : rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_rsa_encrypt(struct rk_rsa_job *job)
{
    mbedtls_rsa_context rsa;
    rsa_init(&rsa, job->oaep);
    int error = read_public(&rsa, job->alg, job->key);
    if (error == 0 && job->oaep) {
        error = mbedtls_rsa_rsaes_oaep_encrypt(&rsa, rki_mbedtls_random, job->drbg, MODE(MBEDTLS_RSA_PUBLIC) NULL, 0,
                                               job->in_bytes, job->in, job->out);
    } else if (error == 0) {
        error = mbedtls_rsa_rsaes_pkcs1_v15_encrypt(&rsa, rki_mbedtls_random, job->drbg,
                                                    MODE(MBEDTLS_RSA_PUBLIC) job->in_bytes, job->in, job->out);
    }
    mbedtls_rsa_free(&rsa);
    job->out_bytes = error == 0 ? rk_alg_public_bytes(job->alg) : 0;
    return rki_mbedtls_result(error);
}

enum rk_crypto rki_mbedtls_rsa_decrypt(struct rk_rsa_job *job)
{
    size_t n_bytes = rk_alg_public_bytes(job->alg);
    size_t written = 0;
    mbedtls_rsa_context rsa;
    rsa_init(&rsa, job->oaep);
    int error = job->in_bytes == n_bytes ? read_private(&rsa, job->alg, job->key) : MBEDTLS_ERR_RSA_BAD_INPUT_DATA;
    if (error == 0 && job->oaep) {
        error = mbedtls_rsa_rsaes_oaep_decrypt(&rsa, rki_mbedtls_random, job->drbg, MODE(MBEDTLS_RSA_PRIVATE) NULL, 0,
                                               &written, job->in, job->out, n_bytes);
    } else if (error == 0) {
        error = mbedtls_rsa_rsaes_pkcs1_v15_decrypt(&rsa, rki_mbedtls_random, job->drbg,
                                                    MODE(MBEDTLS_RSA_PRIVATE) & written, job->in, job->out, n_bytes);
    }
    mbedtls_rsa_free(&rsa);
    job->out_bytes = (uint16_t)written;
    if (error == 0) {
        return RK_CRYPTO_OK;
    }
    job->out_bytes = 0;
    memset(job->out, 0, n_bytes);
    return is_refused(error) ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}
