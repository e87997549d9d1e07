/* EC-JPAKE of mbedTLS over P-256 with SHA-256. */
#include "backends/mbedtls/adapter.h"

#include "mbedtls/ecp.h"
#include "mbedtls/platform_util.h"

static int round_one(struct rk_pake_job *job, size_t *written)
{
    mbedtls_ecjpake_context *pake = &job->state->context;
    mbedtls_ecjpake_init(pake);
    int error = mbedtls_ecjpake_setup(pake, job->server ? MBEDTLS_ECJPAKE_SERVER : MBEDTLS_ECJPAKE_CLIENT,
                                      MBEDTLS_MD_SHA256, MBEDTLS_ECP_DP_SECP256R1, job->password, job->password_bytes);
    if (error == 0) {
        error = mbedtls_ecjpake_write_round_one(pake, job->out, RK_ECJPAKE_ROUND_MAX_bytes, written, rki_mbedtls_random,
                                                job->drbg);
    }
    return error;
}

static int round_two(struct rk_pake_job *job, size_t *written)
{
    mbedtls_ecjpake_context *pake = &job->state->context;
    int error = mbedtls_ecjpake_read_round_one(pake, job->in, job->in_bytes);
    if (error == 0) {
        error = mbedtls_ecjpake_write_round_two(pake, job->out, RK_ECJPAKE_ROUND_MAX_bytes, written, rki_mbedtls_random,
                                                job->drbg);
    }
    return error;
}

static int secret(struct rk_pake_job *job, size_t *written)
{
    mbedtls_ecjpake_context *pake = &job->state->context;
    int error = mbedtls_ecjpake_read_round_two(pake, job->in, job->in_bytes);
    if (error == 0) {
        error = mbedtls_ecjpake_derive_secret(pake, job->out, RK_ECJPAKE_ROUND_MAX_bytes, written, rki_mbedtls_random,
                                              job->drbg);
    }
    return error;
}

/* What the library says of a message that is too short or long, of a bad point, and of a proof that does not hold. */
static bool is_refused(int error)
{
    return error == MBEDTLS_ERR_ECP_VERIFY_FAILED || error == MBEDTLS_ERR_ECP_BAD_INPUT_DATA ||
           error == MBEDTLS_ERR_ECP_INVALID_KEY || error == MBEDTLS_ERR_ECP_FEATURE_UNAVAILABLE ||
           error == MBEDTLS_ERR_ECP_BUFFER_TOO_SMALL;
}

/* An empty message ends the exchange: nothing is computed over it. */
static int next_step(struct rk_pake_job *job, size_t *written)
{
    if (job->step == RK_PAKE_ROUND_ONE) {
        return round_one(job, written);
    }
    if (job->in_bytes == 0) {
        return MBEDTLS_ERR_ECP_BAD_INPUT_DATA;
    }
    return job->step == RK_PAKE_ROUND_TWO ? round_two(job, written) : secret(job, written);
}

enum rk_crypto rki_mbedtls_pake(struct rk_pake_job *job)
{
    size_t written = 0;
    job->out_bytes = 0;
    if (job->step != RK_PAKE_ROUND_ONE && mbedtls_ecjpake_check(&job->state->context) != 0) {
        return RK_CRYPTO_FAILED; /* ended before */
    }
    int error = next_step(job, &written);
    if (error != 0 || job->step == RK_PAKE_SECRET) {
        mbedtls_ecjpake_free(&job->state->context);
        mbedtls_platform_zeroize(job->state, sizeof *job->state);
    }
    if (error == 0) {
        job->out_bytes = (uint16_t)written;
        return RK_CRYPTO_OK;
    }
    return job->step != RK_PAKE_ROUND_ONE && is_refused(error) ? RK_CRYPTO_REJECTED : RK_CRYPTO_FAILED;
}
