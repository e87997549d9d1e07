/* Hashes of mbedTLS, and what stands on them: HMAC, HKDF, PBKDF2.
 *
 * A hash is called by its own name, not through md.c, which names them all: an image with one hash has that one only.
 */
#include "backends/mbedtls/adapter.h"

#include "mbedtls/hkdf.h"
#include "mbedtls/md.h"
#include "mbedtls/pkcs5.h"
#include "mbedtls/sha1.h"
#include "mbedtls/sha256.h"
#include "mbedtls/sha512.h"

#if MBEDTLS_VERSION_MAJOR < 3 /* the names that return an error */
#define mbedtls_sha1   mbedtls_sha1_ret
#define mbedtls_sha256 mbedtls_sha256_ret
#define mbedtls_sha512 mbedtls_sha512_ret
#endif

enum { SHA256_NOT_224 = 0, SHA512_NOT_384 = 0, SHA384 = 1 };

enum rk_crypto rki_mbedtls_sha1(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    return rki_mbedtls_result(mbedtls_sha1(in, in_bytes, digest));
}

enum rk_crypto rki_mbedtls_sha256(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    return rki_mbedtls_result(mbedtls_sha256(in, in_bytes, digest, SHA256_NOT_224));
}

enum rk_crypto rki_mbedtls_sha384(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    return rki_mbedtls_result(mbedtls_sha512(in, in_bytes, digest, SHA384));
}

enum rk_crypto rki_mbedtls_sha512(const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    return rki_mbedtls_result(mbedtls_sha512(in, in_bytes, digest, SHA512_NOT_384));
}

static mbedtls_md_type_t digest_of(uint8_t alg)
{
    switch (alg) {
    case RK_ALG_HMAC_SHA1:
        return MBEDTLS_MD_SHA1;
    case RK_ALG_HMAC_SHA384:
        return MBEDTLS_MD_SHA384;
    case RK_ALG_HMAC_SHA512:
        return MBEDTLS_MD_SHA512;
    default:
        return MBEDTLS_MD_SHA256;
    }
}

enum rk_crypto rki_mbedtls_hmac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *mac)
{
    const mbedtls_md_info_t *digest = mbedtls_md_info_from_type(digest_of(alg));
    return rki_mbedtls_result(mbedtls_md_hmac(digest, key, key_bytes, in, in_bytes, mac));
}

enum rk_crypto rki_mbedtls_hkdf(const struct rk_kdf_job *job)
{
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    const uint8_t *salt = job->label_bytes == 0 ? NULL : job->label;
    return rki_mbedtls_result(mbedtls_hkdf(sha256, salt, job->label_bytes, job->secret, job->secret_bytes, job->context,
                                           job->context_bytes, job->out, job->out_bytes));
}

#if MBEDTLS_VERSION_MAJOR >= 3
enum rk_crypto rki_mbedtls_pbkdf2(const struct rk_kdf_job *job)
{
    return rki_mbedtls_result(mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA256, job->secret, job->secret_bytes,
                                                            job->label, job->label_bytes, job->iterations,
                                                            job->out_bytes, job->out));
}
#else
enum rk_crypto rki_mbedtls_pbkdf2(const struct rk_kdf_job *job)
{
    mbedtls_md_context_t hmac;
    mbedtls_md_init(&hmac);
    int error = mbedtls_md_setup(&hmac, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1);
    if (error == 0) {
        error = mbedtls_pkcs5_pbkdf2_hmac(&hmac, job->secret, job->secret_bytes, job->label, job->label_bytes,
                                          job->iterations, job->out_bytes, job->out);
    }
    mbedtls_md_free(&hmac);
    return rki_mbedtls_result(error);
}
#endif
