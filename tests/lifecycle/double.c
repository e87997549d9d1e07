#include "tests/lifecycle/double.h"

#include <stdlib.h>
#include <string.h>

#include "backends/composed.h"
#include "engine/core/sha256.h"

static enum rk_crypto sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32])
{
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, in, in_bytes);
    rk_sha256_finish(&hash, digest);
    return RK_CRYPTO_OK;
}

static enum rk_crypto hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                  uint8_t mac[32])
{
    uint8_t inner[64 + 1024], outer[64 + 32], block[64] = {0};
    if (key_bytes > 64)
        sha256(key, key_bytes, block);
    else if (key_bytes > 0)
        memcpy(block, key, key_bytes);
    for (int i = 0; i < 64; i++) {
        inner[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5c;
    }
    if (in_bytes > 1024)
        return RK_CRYPTO_FAILED;
    memcpy(inner + 64, in, in_bytes);
    sha256(inner, 64 + in_bytes, outer + 64);
    return sha256(outer, sizeof outer, mac);
}

/* --- nonces seen --- */

enum { SEEN_MAX = 1 << 20 };
static struct seen {
    uint64_t nonce, content;
} * seen;
static unsigned reuse;

static uint64_t hash64(uint64_t hash, const uint8_t *in, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ in[i]) * 0x100000001b3ull;
    return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9ull;
}

static void remember(const struct rk_aead_job *job)
{
    bool ccm = job->alg == RK_ALG_AES_CCM;
    uint64_t nonce = hash64(hash64(14695981039346656037ull, job->key, ccm ? 16 : 32), job->nonce, ccm ? 13 : 12) | 1;
    uint64_t content = hash64(hash64(7, job->aad, job->aad_bytes), job->in, job->text_bytes);
    if (seen == NULL)
        seen = calloc(SEEN_MAX, sizeof *seen);
    size_t at = nonce % SEEN_MAX;
    while (seen[at].nonce != 0 && seen[at].nonce != nonce)
        at = (at + 1) % SEEN_MAX;
    if (seen[at].nonce == nonce && seen[at].content != content)
        reuse++;
    seen[at] = (struct seen){nonce, content};
}

void double_forget(void)
{
    free(seen);
    seen = NULL;
    reuse = 0;
}

unsigned double_reuse(void)
{
    return reuse;
}

/* --- the rest --- */

static void aead_tag(const struct rk_aead_job *job, const uint8_t *cipher, uint8_t mac[32])
{
    uint8_t input[1024];
    bool ccm = job->alg == RK_ALG_AES_CCM;
    size_t used = ccm ? 13 : 12;
    memcpy(input, job->nonce, used);
    input[used++] = (uint8_t)job->aad_bytes;
    memcpy(input + used, job->aad, job->aad_bytes);
    used += job->aad_bytes;
    memcpy(input + used, cipher, job->text_bytes);
    hmac_sha256(job->key, ccm ? 16 : 32, input, (uint16_t)(used + job->text_bytes), mac);
}

static void aead_mask(const struct rk_aead_job *job)
{
    bool ccm = job->alg == RK_ALG_AES_CCM;
    uint8_t input[14] = {0}, stream[32];
    memcpy(input, job->nonce, ccm ? 13 : 12);
    for (uint16_t i = 0; i < job->text_bytes; i++) {
        input[13] = (uint8_t)(i / 32);
        if (i % 32 == 0)
            hmac_sha256(job->key, ccm ? 16 : 32, input, sizeof input, stream);
        job->out[i] = job->in[i] ^ stream[i % 32];
    }
}

static enum rk_crypto aead_seal(const struct rk_aead_job *job)
{
    uint8_t mac[32];
    remember(job);
    aead_mask(job);
    aead_tag(job, job->out, mac);
    memcpy(job->tag, mac, job->tag_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto aead_open(const struct rk_aead_job *job)
{
    uint8_t mac[32];
    aead_tag(job, job->in, mac);
    if (memcmp(mac, job->tag, job->tag_bytes) != 0) {
        memset(job->out, 0, job->text_bytes);
        return RK_CRYPTO_REJECTED;
    }
    aead_mask(job);
    return RK_CRYPTO_OK;
}

struct rk_drbg {
    uint8_t state[32];
    uint64_t drawn;
};
_Static_assert(sizeof(struct rk_drbg) <= DOUBLE_DRBG_bytes, "the DRBG fits what tests reserve");

static enum rk_crypto drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    (void)alg;
    drbg->drawn = 0;
    return sha256(entropy, 48, drbg->state);
}

static enum rk_crypto drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    (void)alg;
    for (uint16_t done = 0; done < out_bytes; done += 32) {
        uint8_t mac[32];
        drbg->drawn++;
        hmac_sha256(drbg->state, 32, (const uint8_t *)&drbg->drawn, 8, mac);
        memcpy(out + done, mac, out_bytes - done < 32 ? out_bytes - done : 32);
    }
    return RK_CRYPTO_OK;
}

static void wipe(void *memory, size_t bytes)
{
    volatile uint8_t *at = memory;
    while (bytes-- > 0)
        *at++ = 0;
}

static void drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    (void)alg;
    wipe(drbg, sizeof *drbg);
}

#define PRIME ((1ull << 61) - 1)

static uint64_t power(uint64_t base, const uint8_t private_key[32])
{
    uint64_t exponent, result = 1;
    memcpy(&exponent, private_key, 8);
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            result = (uint64_t)((unsigned __int128)result * base % PRIME);
        base = (uint64_t)((unsigned __int128)base * base % PRIME);
    }
    return result;
}

/* A number stands in the first bytes of the coordinate: the base points are those of the curves' standards. */
static enum rk_crypto key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    static const uint8_t p256_base[8] = {0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47};
    bool p256 = alg == RK_ALG_P256;
    uint64_t base = 9;
    if (p256)
        memcpy(&base, p256_base, sizeof base);
    drbg_generate(drbg, 0, private_key, 32);
    uint64_t value = power(base % PRIME, private_key);
    memset(public_key, 0, rk_alg_public_bytes(alg));
    if (p256)
        public_key[0] = 4;
    memcpy(public_key + p256, &value, 8);
    return RK_CRYPTO_OK;
}

static enum rk_crypto agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                            const uint8_t *peer_public, uint8_t secret[32])
{
    (void)drbg;
    uint64_t peer;
    memcpy(&peer, peer_public + (alg == RK_ALG_P256), 8);
    memset(secret, 0, RK_SECRET_bytes);
    if (peer % PRIME < 2)
        return RK_CRYPTO_REJECTED;
    uint64_t value = power(peer % PRIME, private_key);
    memcpy(secret, &value, 8);
    return RK_CRYPTO_OK;
}

static void wrap_job(struct rk_aead_job *job, const uint8_t *kek, uint16_t bytes)
{
    static const uint8_t nonce[13];
    *job = (struct rk_aead_job){.alg = RK_ALG_AES_CCM,
                                .key_bytes = 16,
                                .tag_bytes = 8,
                                .text_bytes = bytes,
                                .key = kek,
                                .nonce = nonce,
                                .aad = nonce};
}

static enum rk_crypto key_wrap(struct rk_wrap_job *wrap)
{
    uint8_t mac[32];
    struct rk_aead_job job;
    wrap_job(&job, wrap->kek, wrap->in_bytes);
    job.in = wrap->in;
    job.out = wrap->out + 8;
    aead_mask(&job);
    aead_tag(&job, job.out, mac);
    memcpy(wrap->out, mac, 8);
    return RK_CRYPTO_OK;
}

static enum rk_crypto key_unwrap(struct rk_wrap_job *wrap)
{
    uint8_t tag[8];
    struct rk_aead_job job;
    wrap_job(&job, wrap->kek, wrap->in_bytes - 8);
    memcpy(tag, wrap->in, 8);
    job.in = wrap->in + 8;
    job.out = wrap->out;
    job.tag = tag;
    return aead_open(&job);
}

static enum rk_crypto hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    return alg == RK_ALG_SHA256 ? sha256(in, in_bytes, digest) : RK_CRYPTO_UNSUPPORTED;
}

static enum rk_crypto mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *tag)
{
    return alg == RK_ALG_HMAC_SHA256 ? hmac_sha256(key, key_bytes, in, in_bytes, tag) : RK_CRYPTO_UNSUPPORTED;
}

static enum rk_crypto kdf(const struct rk_kdf_job *job)
{
    return rki_composed_kdf(job, mac);
}

const struct rk_backend double_backend = {
    .name = "double",
    .version = "1",
    .capabilities = RK_CAP(RK_ALG_AES_CCM) | RK_CAP(RK_ALG_CHACHA20_POLY1305) | RK_CAP(RK_ALG_SHA256) |
                    RK_CAP(RK_ALG_HMAC_SHA256) | RK_CAP(RK_ALG_HKDF_SHA256) | RK_CAP(RK_ALG_KBKDF_HMAC) |
                    RK_CAP(RK_ALG_HMAC_DRBG) | RK_CAP(RK_ALG_X25519) | RK_CAP(RK_ALG_P256) |
                    RK_CAP(RK_ALG_AES_KEY_WRAP),
    .drbg_bytes = DOUBLE_DRBG_bytes,
    .drbg_alg = RK_ALG_HMAC_DRBG,
    .aead_seal = aead_seal,
    .aead_open = aead_open,
    .composed = RK_CAP(RK_ALG_HKDF_SHA256) | RK_CAP(RK_ALG_KBKDF_HMAC),
    .hash = hash,
    .mac = mac,
    .kdf = kdf,
    .drbg_init = drbg_init,
    .drbg_generate = drbg_generate,
    .drbg_wipe = drbg_wipe,
    .key_pair = key_pair,
    .agree = agree,
    .key_wrap = key_wrap,
    .key_unwrap = key_unwrap,
    .wipe = wipe,
};
