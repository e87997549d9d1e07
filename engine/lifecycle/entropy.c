#include "engine/lifecycle/entropy.h"

#include "engine/lifecycle/internal.h"

enum { ALARM_bits = 20 }; /* alpha = 2^-20 */

/* 1 + ceil(20 / bits) */
uint8_t rk_entropy_repetition_cutoff(uint8_t bits)
{
    return (uint8_t)(1 + (ALARM_bits + bits - 1) / bits);
}

/* 1 + the smallest k such that more than k of 512 samples equal a value of probability 2^-bits once in 2^20 at most. */
uint16_t rk_entropy_proportion_cutoff(uint8_t bits)
{
    switch (bits) {
    case 1:
        return 311;
    case 2:
        return 177;
    case 3:
        return 103;
    case 4:
        return 62;
    case 5:
        return 39;
    case 6:
        return 25;
    case 7:
        return 18;
    default:
        return 13;
    }
}

static bool sample_passes(struct rk_entropy_health *health, uint8_t bits, uint8_t sample)
{
    bool repeated = health->repeats != 0 && sample == health->last;
    health->repeats = repeated ? (uint8_t)(health->repeats + 1) : 1;
    health->last = sample;
    if (health->seen == 0) {
        health->first = sample;
        health->matches = 0;
    }
    health->matches = (uint16_t)(health->matches + (sample == health->first));
    health->seen = health->seen + 1 == RK_ENTROPY_WINDOW ? 0 : (uint16_t)(health->seen + 1);
    return health->repeats < rk_entropy_repetition_cutoff(bits) && health->matches < rk_entropy_proportion_cutoff(bits);
}

bool rk_entropy_test(struct rk_entropy_health *health, uint8_t bits, const uint8_t *samples, uint16_t samples_count)
{
    for (uint16_t i = 0; i < samples_count; i++) {
        if (!sample_passes(health, bits, samples[i])) {
            rki_zero(health, sizeof *health);
            return false;
        }
    }
    return true;
}

/* As many samples as the generator takes go in as they are: its derivation function conditions them. More are
 * conditioned into that many by HMAC under two keys. */
static enum rk_crypto condition(const struct rk_backend *backend, const uint8_t *samples, uint16_t samples_bytes,
                                uint8_t input[2 * RK_SHA256_bytes])
{
    enum rk_crypto err = RK_CRYPTO_OK;
    if (samples_bytes == RK_ENTROPY_bytes) {
        rki_copy(input, samples, RK_ENTROPY_bytes);
        return err;
    }
    for (uint8_t part = 0; err == RK_CRYPTO_OK && part < 2; part++)
        err = backend->mac(RK_ALG_HMAC_SHA256, &part, 1, samples, samples_bytes, input + part * RK_SHA256_bytes);
    return err;
}

/* What the generator still has to give goes in too. */
static void carry_over(const struct rk_agent *agent, uint8_t *input)
{
    const struct rk_backend *backend = agent->backend;
    uint8_t old[RK_ENTROPY_bytes];
    if (backend->drbg_generate(agent->drbg, backend->drbg_alg, old, sizeof old) == RK_CRYPTO_OK)
        for (uint8_t i = 0; i < RK_ENTROPY_bytes; i++)
            input[i] ^= old[i];
    backend->drbg_wipe(agent->drbg, backend->drbg_alg);
    backend->wipe(old, sizeof old);
}

enum rk_agent_result rki_entropy_seed(struct rk_agent *agent, const uint8_t *samples, uint16_t samples_bytes)
{
    const struct rk_backend *backend = agent->backend;
    uint8_t bits = agent->config.entropy_bits != 0 ? agent->config.entropy_bits : RK_ENTROPY_BITS_MAX;
    uint8_t input[2 * RK_SHA256_bytes];
    if (bits > RK_ENTROPY_BITS_MAX || samples_bytes < RK_ENTROPY_bytes || samples_bytes > RK_FRAME_MAX_bytes ||
        samples_bytes * bits < RK_ENTROPY_SEED_bits)
        return RK_AGENT_INVALID;
    if (!rk_entropy_test(&agent->entropy, bits, samples, samples_bytes))
        return RK_AGENT_NO_ENTROPY;
    enum rk_crypto err = condition(backend, samples, samples_bytes, input);
    if (err == RK_CRYPTO_OK && agent->started == RKI_STARTED)
        carry_over(agent, input);
    if (err == RK_CRYPTO_OK)
        err = backend->drbg_init(agent->drbg, backend->drbg_alg, input);
    agent->drbg_requests = err == RK_CRYPTO_OK ? 0 : RKI_DRBG_REQUESTS_MAX;
    backend->wipe(input, sizeof input);
    return rki_result(err);
}
