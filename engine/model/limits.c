#include "engine/model/limits.h"

#include <math.h>
#include <stddef.h>

#include "backends/backend.h"

enum { BLOCK_bytes = 16 };

/* log2(2^a + 2^b) and log2(2^a - 2^b), -INFINITY when nothing is left. */
static double plus(double a, double b)
{
    double high = fmax(a, b), low = fmin(a, b);
    return high + log2(1.0 + exp2(low - high));
}

static double minus(double a, double b)
{
    return b >= a ? -INFINITY : a + log2(1.0 - exp2(b - a));
}

static double key_bits(const struct rk_limits_use *use)
{
    return 8.0 * use->key_bytes;
}

static double tag_bits(const struct rk_limits_use *use)
{
    return 8.0 * use->tag_bytes;
}

/* Terms linear in v are the same for one key and for many: forgeries add up, whichever key they are tried against.
 * Quadratic ones are of each key: n keys may have 1/n of p each. */
static void ccm(const struct rk_limits_use *use, double linear_log2, double quadratic_log2, struct rk_limits *limits)
{
    double double_length = 1.0 + log2(use->blocks);
    if (use->tag_bytes == 16) {
        limits->protected_log2 = (quadratic_log2 + 128.0) / 2.0 - double_length - 1.0;
        limits->failed_log2 = limits->protected_log2;
        return;
    }
    limits->failed_log2 = linear_log2 + tag_bits(use) - 1.0;
    limits->protected_log2 = minus((quadratic_log2 + 127.0) / 2.0 - double_length, limits->failed_log2);
}

static void gcm(const struct rk_limits_use *use, double linear_log2, double quadratic_log2, struct rk_limits *limits)
{
    double length = log2(use->blocks + 1.0);
    limits->protected_log2 = minus(quadratic_log2 / 2.0 + 64.5, 0.0) - length;
    limits->failed_log2 = fmin(64.0, linear_log2 + 127.0 - length);
}

static enum rk_err unknown(const struct rk_limits_use *use, struct rk_diag *diag)
{
    return rk_fail(diag, RK_ERR_CHECK, "no bound is stated for this algorithm with a tag of %u B", use->tag_bytes);
}

static enum rk_err one_key_of(const struct rk_limits_use *use, double keys_log2, struct rk_limits *limits,
                              struct rk_diag *diag)
{
    double p = use->advantage_log2;
    limits->offline_log2 = use->offline_log2 - key_bits(use);
    switch (use->alg) {
    case RK_ALG_AES_CCM:
        if (use->tag_bytes != 4 && use->tag_bytes != 8 && use->tag_bytes != 16) {
            return unknown(use, diag);
        }
        ccm(use, p, p - keys_log2, limits);
        return RK_OK;
    case RK_ALG_AES_GCM:
        if (use->tag_bytes != 16) {
            return unknown(use, diag);
        }
        gcm(use, p, p - keys_log2, limits);
        return RK_OK;
    case RK_ALG_CHACHA20_POLY1305:
        limits->protected_log2 = INFINITY;
        limits->failed_log2 = p + 103.0 - log2(use->blocks + 1.0);
        return RK_OK;
    case RK_ALG_ASCON_AEAD128: /* its data limit counts the nonce: a block more */
        limits->protected_log2 = 54.0 - log2(BLOCK_bytes * (use->blocks + 1.0));
        limits->failed_log2 = 96.0;
        return RK_OK;
    default:
        return unknown(use, diag);
    }
}

enum rk_err rk_limits_single_key(const struct rk_limits_use *use, struct rk_limits *limits, struct rk_diag *diag)
{
    return one_key_of(use, 0.0, limits, diag);
}

enum rk_err rk_limits_many_keys(const struct rk_limits_use *use, double blocks_per_key_log2, struct rk_limits *limits,
                                struct rk_diag *diag)
{
    double p = use->advantage_log2, length = log2(use->blocks);
    enum rk_err err = one_key_of(use, 0.0, limits, diag); /* which algorithms there are */
    if (err != RK_OK) {
        return err;
    }
    switch (use->alg) {
    case RK_ALG_AES_CCM:
        limits->protected_log2 = p + 126.0 - length - blocks_per_key_log2;
        limits->failed_log2 = fmin(limits->protected_log2, p + tag_bits(use) - 1.0);
        limits->offline_log2 = use->offline_log2 - (key_bits(use) - 6.0);
        return RK_OK;
    case RK_ALG_AES_GCM:
        limits->protected_log2 = p + 126.0 - length - plus(blocks_per_key_log2, log2(98.0));
        limits->failed_log2 = limits->protected_log2;
        return RK_OK;
    case RK_ALG_CHACHA20_POLY1305:
        limits->protected_log2 = fmin(minus(p + 247.0, use->offline_log2), 100.0);
        limits->failed_log2 = p + 103.0 - log2(use->blocks + 1.0);
        return RK_OK;
    default:
        return rk_fail(diag, RK_ERR_CHECK, "no bound is stated for this algorithm where keys are renewed");
    }
}

/* Messages a key when n keys are used alike, each for q messages: the limit over all is n q, and a key sees q L blocks,
 * so that n q^2 L^2 <= p 2^126. */
static enum rk_err many_keys_alike(const struct rk_limits_use *use, double keys_log2, struct rk_limits *limits,
                                   struct rk_diag *diag)
{
    enum rk_err err = rk_limits_many_keys(use, 0.0, limits, diag);
    if (err == RK_OK && use->alg == RK_ALG_CHACHA20_POLY1305) {
        limits->protected_log2 -= keys_log2;
    } else if (err == RK_OK) {
        double each = (use->advantage_log2 + 126.0 - keys_log2) / 2.0 - log2(use->blocks);
        err = rk_limits_many_keys(use, each + log2(use->blocks), limits, diag);
        limits->protected_log2 -= keys_log2;
    }
    return err;
}

enum rk_err rk_limits_policy(const struct rk_limits_use *use, double keys, struct rk_limits *limits,
                             struct rk_diag *diag)
{
    struct rk_limits many = {0}, sum = {0};
    double keys_log2 = log2(keys);
    enum rk_err err = one_key_of(use, keys_log2, &sum, diag);
    if (err == RK_OK) {
        err = many_keys_alike(use, keys_log2, &many, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    *limits = (struct rk_limits){.protected_log2 = fmin(many.protected_log2, sum.protected_log2),
                                 .failed_log2 = fmin(many.failed_log2, sum.failed_log2),
                                 .offline_log2 = fmax(many.offline_log2, sum.offline_log2)};
    if (limits->offline_log2 > use->advantage_log2) {
        return rk_fail(diag, RK_ERR_CHECK, "offline work of 2^%g alone gives an advantage of 2^%g, above 2^%g",
                       use->offline_log2, limits->offline_log2, use->advantage_log2);
    }
    if (limits->protected_log2 < 0.0 || limits->failed_log2 < 0.0) {
        return rk_fail(diag, RK_ERR_CHECK, "an advantage of 2^%g permits no %s", use->advantage_log2,
                       limits->failed_log2 < 0.0 ? "failed tag" : "message");
    }
    return RK_OK;
}

static enum rk_err dtls13(const struct rk_limits_use *use, struct rk_limits *limits, struct rk_diag *diag)
{
    switch (use->alg) {
    case RK_ALG_AES_CCM:
        if (use->tag_bytes != 16) {
            return rk_fail(diag, RK_ERR_CHECK, "DTLS 1.3 forbids CCM with a tag of %u B without further safeguards",
                           use->tag_bytes);
        }
        limits->protected_log2 = 23.0;
        limits->failed_log2 = 23.5;
        return RK_OK;
    case RK_ALG_AES_GCM:
        limits->protected_log2 = 24.5;
        limits->failed_log2 = 36.0;
        return RK_OK;
    case RK_ALG_CHACHA20_POLY1305:
        limits->protected_log2 = 48.0; /* of its sequence numbers */
        limits->failed_log2 = 36.0;
        return RK_OK;
    default:
        return rk_fail(diag, RK_ERR_CHECK, "DTLS 1.3 has no limit for this algorithm");
    }
}

static enum rk_err oscore(const struct rk_limits_use *use, struct rk_limits *limits, struct rk_diag *diag)
{
    bool short_tag = use->alg == RK_ALG_AES_CCM && use->tag_bytes == 8;
    bool known = use->alg == RK_ALG_AES_CCM || use->alg == RK_ALG_AES_GCM || use->alg == RK_ALG_CHACHA20_POLY1305;
    double longest_log2 = short_tag ? 8.0 : 10.0;
    if (!known || (!short_tag && use->tag_bytes != 16)) {
        return rk_fail(diag, RK_ERR_CHECK, "OSCORE has no limit for this algorithm with a tag of %u B", use->tag_bytes);
    }
    if (log2(use->blocks) > longest_log2) {
        return rk_fail(diag, RK_ERR_CHECK, "OSCORE's limits hold up to 2^%g blocks a message, this one has %g",
                       longest_log2, use->blocks);
    }
    limits->protected_log2 = 20.0;
    limits->failed_log2 = short_tag ? 14.0 : 20.0;
    return RK_OK;
}

enum rk_err rk_limits_protocol(enum rk_limits_protocol protocol, const struct rk_limits_use *use,
                               struct rk_limits *limits, struct rk_diag *diag)
{
    limits->offline_log2 = -INFINITY; /* the protocols do not say what they assume */
    return protocol == RK_LIMITS_DTLS13 ? dtls13(use, limits, diag) : oscore(use, limits, diag);
}

double rk_limits_blocks(uint32_t associated_bytes, uint32_t text_bytes)
{
    uint64_t blocks = ((uint64_t)associated_bytes + BLOCK_bytes - 1) / BLOCK_bytes +
                      ((uint64_t)text_bytes + BLOCK_bytes - 1) / BLOCK_bytes;
    return blocks == 0 ? 1.0 : (double)blocks;
}

uint32_t rk_limits_count(double limit_log2)
{
    if (limit_log2 >= 32.0) {
        return UINT32_MAX;
    }
    return limit_log2 < 0.0 ? 0 : (uint32_t)exp2(limit_log2);
}
