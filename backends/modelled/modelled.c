#include "backends/modelled/modelled.h"

#include <string.h>

#define ALL_CAPABILITIES (RK_CAP(RK_ALG_COUNT) - 1)

/* Domains keep outputs of different purposes apart. Odd constants: the fractional parts of square roots of primes. */
#define DOMAIN_AEAD   0x6A09E667F3BCC909ull
#define DOMAIN_HASH   0xBB67AE8584CAA73Bull
#define DOMAIN_MAC    0x3C6EF372FE94F82Bull
#define DOMAIN_KDF    0xA54FF53A5F1D36F1ull
#define DOMAIN_DRBG   0x510E527FADE682D1ull
#define DOMAIN_PUBLIC 0x9B05688C2B3E6C1Full
#define DOMAIN_POINT  0x1F83D9ABFB41BD6Bull
#define DOMAIN_SECRET 0x5BE0CD19137E2179ull
#define DOMAIN_WRAP   0xCBBB9D5DC1059ED9ull

enum { WORD_bytes = 8, WRAP_CHECK_bytes = 8, P256_UNCOMPRESSED = 4 };

struct rk_drbg {
    uint64_t seed;
    uint64_t drawn;
};

/* A bijection of 64 bits (the finaliser of SplitMix64): different words stay different. */
static uint64_t mix(uint64_t word)
{
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ull;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBull;
    return word ^ (word >> 31);
}

static uint64_t load64(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Up to 8 bytes as a little-endian number. Where two loads overlap they have the same bits. */
static uint64_t load(const uint8_t *at, size_t bytes)
{
    if (bytes >= WORD_bytes) {
        return load64(at);
    }
    if (bytes >= 4) {
        uint32_t low, high;
        memcpy(&low, at, sizeof low);
        memcpy(&high, at + bytes - 4, sizeof high);
        return low | (uint64_t)high << (8 * (bytes - 4));
    }
    if (bytes == 0) {
        return 0;
    }
    size_t middle = bytes / 2, last = bytes - 1;
    return at[0] | (uint64_t)at[middle] << (8 * middle) | (uint64_t)at[last] << (8 * last);
}

/* Takes in a field and its length. For a given state, and all but one word of a step, it is a bijection of that word. */
static uint64_t absorb(uint64_t state, const uint8_t *at, size_t bytes)
{
    state = (state ^ bytes) * 0x9E3779B97F4A7C15ull;
    while (bytes > 2 * WORD_bytes) {
        state = (state ^ load64(at)) * 0xD6E8FEB86659FD93ull + load64(at + WORD_bytes) * 0xC2B2AE3D27D4EB4Full;
        state ^= state >> 32;
        at += 2 * WORD_bytes;
        bytes -= 2 * WORD_bytes;
    }
    if (bytes > WORD_bytes) {
        state = (state ^ load64(at)) * 0xD6E8FEB86659FD93ull;
        state ^= state >> 32;
        at += WORD_bytes;
        bytes -= WORD_bytes;
    }
    return mix(state ^ load(at, bytes));
}

static void squeeze(uint64_t state, uint8_t *out, size_t bytes)
{
    for (; bytes >= WORD_bytes; bytes -= WORD_bytes, out += WORD_bytes, state += DOMAIN_HASH) {
        uint64_t word = mix(state);
        memcpy(out, &word, WORD_bytes);
    }
    if (bytes > 0) {
        uint64_t word = mix(state);
        memcpy(out, &word, bytes);
    }
}

static bool differ(const uint8_t *left, const uint8_t *right, size_t bytes)
{
    return memcmp(left, right, bytes) != 0;
}

static void make_tag(const struct rk_aead_job *job, const uint8_t *text, uint8_t tag[16])
{
    uint64_t state = DOMAIN_AEAD ^ job->alg ^ ((uint64_t)job->tag_bytes << 8);
    state = absorb(state, job->key, job->key_bytes);
    state = absorb(state, job->nonce, rk_alg_nonce_bytes(job->alg));
    state = absorb(state, job->aad, job->aad_bytes);
    state = absorb(state, text, job->text_bytes);
    squeeze(state, tag, 16);
}

static enum rk_crypto aead_seal(const struct rk_aead_job *job)
{
    uint8_t tag[16];
    make_tag(job, job->in, tag);
    if (job->out != job->in) {
        memcpy(job->out, job->in, job->text_bytes);
    }
    memcpy(job->tag, tag, job->tag_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto aead_open(const struct rk_aead_job *job)
{
    uint8_t tag[16];
    make_tag(job, job->in, tag);
    if (differ(tag, job->tag, job->tag_bytes)) {
        memset(job->out, 0, job->text_bytes);
        return RK_CRYPTO_REJECTED;
    }
    if (job->out != job->in) {
        memcpy(job->out, job->in, job->text_bytes);
    }
    return RK_CRYPTO_OK;
}

static enum rk_crypto hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    squeeze(absorb(DOMAIN_HASH, in, in_bytes), digest, rk_alg_digest_bytes(alg));
    return RK_CRYPTO_OK;
}

static enum rk_crypto mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *tag)
{
    squeeze(absorb(absorb(DOMAIN_MAC, key, key_bytes), in, in_bytes), tag, rk_alg_digest_bytes(alg));
    return RK_CRYPTO_OK;
}

/* A longer output begins with the shorter one, as in RFC 5869. */
static enum rk_crypto kdf(const struct rk_kdf_job *job)
{
    if (job->out_bytes > 255 * RK_SHA256_bytes) {
        return RK_CRYPTO_FAILED;
    }
    uint64_t state = absorb(DOMAIN_KDF, job->label, job->label_bytes);
    state = absorb(state, job->secret, job->secret_bytes);
    state = absorb(state, job->context, job->context_bytes);
    squeeze(state, job->out, job->out_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    drbg->seed = absorb(DOMAIN_DRBG ^ alg, entropy, RK_ENTROPY_bytes);
    drbg->drawn = 0;
    return RK_CRYPTO_OK;
}

static enum rk_crypto drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    (void)alg;
    drbg->drawn++;
    squeeze(mix(drbg->seed + drbg->drawn), out, out_bytes);
    return RK_CRYPTO_OK;
}

static void wipe(void *memory, size_t bytes)
{
    memset(memory, 0, bytes);
    __asm__ volatile("" : : "r"(memory) : "memory"); /* the fill is not left out */
}

static void drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    (void)alg;
    wipe(drbg, sizeof *drbg);
}

/* What a scalar of X25519 ignores, this ignores: RFC 7748, 5. */
static uint64_t scalar_identity(uint8_t alg, const uint8_t private_key[32])
{
    uint8_t scalar[RK_PRIVATE_bytes];
    memcpy(scalar, private_key, sizeof scalar);
    if (alg == RK_ALG_X25519) {
        scalar[0] &= 248;
        scalar[31] = (uint8_t)((scalar[31] & 127) | 64);
    }
    return absorb(DOMAIN_PUBLIC ^ alg, scalar, sizeof scalar);
}

/* X25519: 31 bytes that fill a value and a last one below 128. P-256: 04, X, and a Y that only fits this X. */
static void make_public(uint8_t alg, uint64_t identity, uint8_t *public_key)
{
    if (alg == RK_ALG_X25519) {
        squeeze(identity, public_key, 32);
        public_key[31] &= 127;
        return;
    }
    public_key[0] = P256_UNCOMPRESSED;
    squeeze(identity, public_key + 1, 32);
    squeeze(absorb(DOMAIN_POINT, public_key + 1, 32), public_key + 33, 32);
}

/* The curve's base point, by its first bytes: what an agreement with it gives is known, so that a pair can be checked. */
static bool is_base_point(uint8_t alg, const uint8_t *public_key)
{
    static const uint8_t p256[9] = {P256_UNCOMPRESSED, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47};
    static const uint8_t x25519[32] = {9};
    return alg == RK_ALG_X25519 ? !differ(public_key, x25519, sizeof x25519) : !differ(public_key, p256, sizeof p256);
}

static bool valid_public(uint8_t alg, const uint8_t *public_key)
{
    if (alg == RK_ALG_X25519) {
        uint8_t others = public_key[31] & 127;
        for (size_t i = 1; i < 31; i++) {
            others |= public_key[i];
        }
        return others != 0 || public_key[0] > 1;
    }
    uint8_t y[32];
    squeeze(absorb(DOMAIN_POINT, public_key + 1, 32), y, sizeof y);
    return public_key[0] == P256_UNCOMPRESSED && !differ(y, public_key + 33, sizeof y);
}

static uint64_t public_identity(uint8_t alg, const uint8_t *public_key)
{
    uint8_t value[32];
    memcpy(value, alg == RK_ALG_X25519 ? public_key : public_key + 1, sizeof value);
    if (alg == RK_ALG_X25519) {
        value[31] &= 127;
    }
    return absorb(DOMAIN_SECRET ^ alg, value, sizeof value);
}

static enum rk_crypto key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    drbg_generate(drbg, 0, private_key, RK_PRIVATE_bytes);
    if (alg == RK_ALG_X25519) {
        private_key[0] &= 248;
        private_key[31] = (uint8_t)((private_key[31] & 127) | 64);
    }
    make_public(alg, scalar_identity(alg, private_key), public_key);
    return RK_CRYPTO_OK;
}

/* The secret is a function of the unordered pair of public keys: both sides get the same. */
static enum rk_crypto agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                            const uint8_t *peer_public, uint8_t secret[32])
{
    (void)drbg;
    uint8_t my_public[RK_PUBLIC_MAX_bytes];
    make_public(alg, scalar_identity(alg, private_key), my_public);
    if (is_base_point(alg, peer_public)) {
        memcpy(secret, alg == RK_ALG_X25519 ? my_public : my_public + 1, RK_SECRET_bytes);
        return RK_CRYPTO_OK;
    }
    if (!valid_public(alg, peer_public)) {
        memset(secret, 0, RK_SECRET_bytes);
        return RK_CRYPTO_REJECTED;
    }
    uint64_t mine = public_identity(alg, my_public);
    uint64_t peer = public_identity(alg, peer_public);
    uint64_t low = mine < peer ? mine : peer;
    uint64_t high = mine < peer ? peer : mine;
    squeeze(mix(mix(low) + high), secret, RK_SECRET_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto key_wrap(struct rk_wrap_job *job)
{
    uint64_t check = absorb(absorb(DOMAIN_WRAP, job->kek, job->kek_bytes), job->in, job->in_bytes);
    memcpy(job->out, &check, WRAP_CHECK_bytes);
    memcpy(job->out + WRAP_CHECK_bytes, job->in, job->in_bytes);
    job->out_bytes = (uint16_t)(job->in_bytes + WRAP_CHECK_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto key_unwrap(struct rk_wrap_job *job)
{
    if (job->in_bytes < 3 * WRAP_CHECK_bytes) {
        return RK_CRYPTO_FAILED;
    }
    const uint8_t *key = job->in + WRAP_CHECK_bytes;
    job->out_bytes = (uint16_t)(job->in_bytes - WRAP_CHECK_bytes);
    uint64_t check = absorb(absorb(DOMAIN_WRAP, job->kek, job->kek_bytes), key, job->out_bytes);
    if (differ((const uint8_t *)&check, job->in, WRAP_CHECK_bytes)) {
        memset(job->out, 0, job->out_bytes);
        return RK_CRYPTO_REJECTED;
    }
    memcpy(job->out, key, job->out_bytes);
    return RK_CRYPTO_OK;
}

void rk_modelled_init(struct rk_backend *out, uint64_t capabilities, uint8_t drbg_alg)
{
    *out = (struct rk_backend){
        .name = "modelled",
        .version = "1",
        .capabilities = capabilities & ALL_CAPABILITIES,
        .drbg_bytes = sizeof(struct rk_drbg),
        .drbg_alg = drbg_alg,
        .aead_seal = aead_seal,
        .aead_open = aead_open,
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
}
