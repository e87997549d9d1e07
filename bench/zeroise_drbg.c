/* bench/zeroise_drbg.c - the states that a generator goes through, from its entropy
 *
 * As the backends instantiate them: 32 bytes of entropy input, then 16 of nonce, nothing else.
 * Source: SP 800-90A 10.1.1 (Hash_DRBG), 10.1.2 (HMAC_DRBG), 10.2.1 (CTR_DRBG with derivation function, AES-128);
 *         backends/libsodium/README.md (ChaCha20); RFC 8439 2.3 (its block).
 */
#include <stdio.h>
#include <string.h>

#include "bench/zeroise_internal.h"
#include "engine/core/sha256.h"

enum { SEED_bytes = 55, BLOCK_bytes = 16, HASH_bytes = 32, TEXT_MAX_bytes = 256 };

struct generator {
    uint8_t key[HASH_bytes];
    uint8_t v[SEED_bytes];
    uint8_t c[SEED_bytes];
    uint32_t counter;
};

static void keep(struct rk_zeroise_set *set, const char *name, unsigned state, const uint8_t *bytes, size_t length)
{
    char what[RK_ZEROISE_WHAT_bytes];
    snprintf(what, sizeof what, "DRBG %s, %s", name, state == 0 ? "instantiated" : "after a request");
    rk_zeroise_add(set, what, bytes, length, RK_ZEROISE_DEAD);
}

/* --- HMAC_DRBG --- */

static void hmac_update(struct generator *g, const uint8_t *data, size_t bytes)
{
    uint8_t text[HASH_bytes + 1 + TEXT_MAX_bytes];
    for (uint8_t round = 0; round < (bytes > 0 ? 2 : 1); round++) {
        memcpy(text, g->v, HASH_bytes);
        text[HASH_bytes] = round;
        memcpy(text + HASH_bytes + 1, data, bytes);
        rk_zeroise_hmac_sha256(g->key, HASH_bytes, text, HASH_bytes + 1 + bytes, g->key);
        rk_zeroise_hmac_sha256(g->key, HASH_bytes, g->v, HASH_bytes, g->v);
    }
}

static void hmac_init(struct generator *g, const uint8_t entropy[48])
{
    memset(g->key, 0, HASH_bytes);
    memset(g->v, 1, HASH_bytes);
    hmac_update(g, entropy, 48);
}

static void hmac_generate(struct generator *g, uint8_t *out, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += HASH_bytes) {
        rk_zeroise_hmac_sha256(g->key, HASH_bytes, g->v, HASH_bytes, g->v);
        memcpy(out + at, g->v, bytes - at < HASH_bytes ? bytes - at : HASH_bytes);
    }
    hmac_update(g, g->v, 0);
}

static void hmac_keep(const struct generator *g, struct rk_zeroise_set *set, unsigned state)
{
    keep(set, "K", state, g->key, HASH_bytes);
    keep(set, "V", state, g->v, HASH_bytes);
    rk_zeroise_add_hmac(set, "DRBG K", g->key, HASH_bytes, true);
}

/* --- Hash_DRBG --- */

static void hash_derive(const uint8_t *in, size_t in_bytes, uint8_t out[SEED_bytes])
{
    for (uint8_t counter = 1, at = 0; at < SEED_bytes; counter++, at = (uint8_t)(at + HASH_bytes)) {
        const uint8_t head[5] = {counter, 0, 0, SEED_bytes * 8 >> 8, SEED_bytes * 8 & 0xff};
        uint8_t digest[HASH_bytes];
        struct rk_sha256 hash;
        rk_sha256_init(&hash);
        rk_sha256_add(&hash, head, sizeof head);
        rk_sha256_add(&hash, in, in_bytes);
        rk_sha256_finish(&hash, digest);
        memcpy(out + at, digest, SEED_bytes - at < HASH_bytes ? (size_t)(SEED_bytes - at) : (size_t)HASH_bytes);
    }
}

static void hash_init(struct generator *g, const uint8_t entropy[48])
{
    uint8_t text[1 + SEED_bytes] = {0};
    hash_derive(entropy, 48, g->v);
    memcpy(text + 1, g->v, SEED_bytes);
    hash_derive(text, sizeof text, g->c);
    g->counter = 1;
}

/* v += a, right-aligned. */
static void hash_add(uint8_t v[SEED_bytes], const uint8_t *a, size_t bytes)
{
    unsigned carry = 0;
    for (size_t i = 1; i <= SEED_bytes; i++, carry >>= 8) {
        carry += v[SEED_bytes - i] + (i <= bytes ? (unsigned)a[bytes - i] : 0u);
        v[SEED_bytes - i] = (uint8_t)carry;
    }
}

static void hash_generate(struct generator *g, uint8_t *out, size_t bytes)
{
    uint8_t data[SEED_bytes], digest[HASH_bytes];
    const uint8_t one = 1, three = 3;
    struct rk_sha256 hash;
    memcpy(data, g->v, sizeof data);
    for (size_t at = 0; at < bytes; at += HASH_bytes) {
        rk_sha256_init(&hash);
        rk_sha256_add(&hash, data, sizeof data);
        rk_sha256_finish(&hash, digest);
        memcpy(out + at, digest, bytes - at < HASH_bytes ? bytes - at : HASH_bytes);
        hash_add(data, &one, 1);
    }
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, &three, 1);
    rk_sha256_add(&hash, g->v, SEED_bytes);
    rk_sha256_finish(&hash, digest);
    const uint8_t counter[4] = {0, 0, (uint8_t)(g->counter >> 8), (uint8_t)g->counter};
    hash_add(g->v, digest, sizeof digest);
    hash_add(g->v, g->c, SEED_bytes);
    hash_add(g->v, counter, sizeof counter);
    g->counter++;
}

static void hash_keep(const struct generator *g, struct rk_zeroise_set *set, unsigned state)
{
    keep(set, "V", state, g->v, SEED_bytes);
    keep(set, "C", state, g->c, SEED_bytes);
}

/* --- CTR_DRBG, AES-128 --- */

static void count_up(uint8_t v[BLOCK_bytes])
{
    for (unsigned i = BLOCK_bytes; i-- > 0 && ++v[i] == 0;) {
    }
}

static void ctr_update(struct generator *g, const uint8_t data[32])
{
    uint8_t text[32];
    for (unsigned at = 0; at < sizeof text; at += BLOCK_bytes) {
        count_up(g->v);
        rk_zeroise_aes_encrypt(g->key, 16, g->v, text + at);
    }
    for (unsigned i = 0; i < sizeof text; i++) {
        text[i] ^= data != NULL ? data[i] : 0;
    }
    memcpy(g->key, text, 16);
    memcpy(g->v, text + 16, 16);
}

/* CBC-MAC of a counter block, the length, the length wanted, the input, 0x80, zeros. */
static void ctr_mac(const uint8_t key[16], uint8_t counter, const uint8_t entropy[48], uint8_t mac[16])
{
    uint8_t text[BLOCK_bytes + 8 + 48 + 8] = {[3] = counter, [BLOCK_bytes + 3] = 48, [BLOCK_bytes + 7] = 32};
    memcpy(text + BLOCK_bytes + 8, entropy, 48);
    text[BLOCK_bytes + 8 + 48] = 0x80;
    memset(mac, 0, BLOCK_bytes);
    for (size_t at = 0; at < sizeof text; at += BLOCK_bytes) {
        for (unsigned i = 0; i < BLOCK_bytes; i++) {
            mac[i] ^= text[at + i];
        }
        rk_zeroise_aes_encrypt(key, 16, mac, mac);
    }
}

static void ctr_init(struct generator *g, const uint8_t entropy[48])
{
    uint8_t key[16], derived[32], seed[32];
    for (uint8_t i = 0; i < sizeof key; i++) {
        key[i] = i;
    }
    ctr_mac(key, 0, entropy, derived);
    ctr_mac(key, 1, entropy, derived + 16);
    rk_zeroise_aes_encrypt(derived, 16, derived + 16, seed);
    rk_zeroise_aes_encrypt(derived, 16, seed, seed + 16);
    ctr_update(g, seed);
}

static void ctr_generate(struct generator *g, uint8_t *out, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += BLOCK_bytes) {
        uint8_t block[BLOCK_bytes];
        count_up(g->v);
        rk_zeroise_aes_encrypt(g->key, 16, g->v, block);
        memcpy(out + at, block, bytes - at < BLOCK_bytes ? bytes - at : BLOCK_bytes);
    }
    ctr_update(g, NULL);
}

static void ctr_keep(const struct generator *g, struct rk_zeroise_set *set, unsigned state)
{
    keep(set, "K", state, g->key, 16);
    keep(set, "V", state, g->v, 16);
    rk_zeroise_add_aes(set, "DRBG K", g->key, 16);
}

/* --- libsodium's, with ChaCha20 --- */

static uint32_t rotate(uint32_t a, unsigned bits)
{
    return a << bits | a >> (32 - bits);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
    *d = rotate(*d ^ (*a += *b), 16);
    *b = rotate(*b ^ (*c += *d), 12);
    *d = rotate(*d ^ (*a += *b), 8);
    *b = rotate(*b ^ (*c += *d), 7);
}

/* Nonce 0. */
static void chacha20_block(const uint8_t key[32], uint32_t counter, uint8_t out[64])
{
    uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, [12] = counter}, x[16];
    for (unsigned i = 0; i < 32; i++) {
        in[4 + i / 4] |= (uint32_t)key[i] << 8 * (i % 4);
    }
    memcpy(x, in, sizeof x);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < 4; i++) {
            quarter(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
        }
        for (unsigned i = 0; i < 4; i++) {
            quarter(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4], &x[12 + (i + 3) % 4]);
        }
    }
    for (unsigned i = 0; i < 64; i++) {
        out[i] = (uint8_t)((x[i / 4] + in[i / 4]) >> 8 * (i % 4));
    }
}

static void chacha20_init(struct generator *g, const uint8_t entropy[48])
{
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, entropy, 48);
    rk_sha256_finish(&hash, g->key);
}

static void chacha20_generate(struct generator *g, uint8_t *out, size_t bytes)
{
    uint8_t block[64], next[HASH_bytes];
    chacha20_block(g->key, 0, block);
    memcpy(next, block, sizeof next);
    memcpy(out, block + 32, bytes < 32 ? bytes : 32);
    for (size_t at = 32; at < bytes; at += sizeof block) {
        chacha20_block(g->key, (uint32_t)(1 + (at - 32) / 64), block);
        memcpy(out + at, block, bytes - at < sizeof block ? bytes - at : sizeof block);
    }
    memcpy(g->key, next, sizeof next);
}

static void chacha20_keep(const struct generator *g, struct rk_zeroise_set *set, unsigned state)
{
    keep(set, "key", state, g->key, HASH_bytes);
}

/* --- all --- */

void rki_zeroise_drbg(struct rk_zeroise_set *set, uint8_t alg, const uint8_t entropy[48], uint16_t bytes,
                      unsigned requests, uint8_t *out)
{
    static const struct {
        uint8_t alg;
        void (*init)(struct generator *, const uint8_t[48]);
        void (*generate)(struct generator *, uint8_t *, size_t);
        void (*keep)(const struct generator *, struct rk_zeroise_set *, unsigned);
    } kinds[] = {
        {RK_ALG_HMAC_DRBG, hmac_init, hmac_generate, hmac_keep},
        {RK_ALG_HASH_DRBG, hash_init, hash_generate, hash_keep},
        {RK_ALG_CTR_DRBG, ctr_init, ctr_generate, ctr_keep},
        {RK_ALG_CHACHA20_DRBG, chacha20_init, chacha20_generate, chacha20_keep},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].alg != alg) {
            continue;
        }
        struct generator g = {0};
        uint8_t random[TEXT_MAX_bytes];
        RK_REQUIRE(bytes <= sizeof random);
        kinds[i].init(&g, entropy);
        kinds[i].keep(&g, set, 0);
        for (unsigned request = 1; request <= requests; request++) {
            kinds[i].generate(&g, random, bytes);
            kinds[i].keep(&g, set, request);
        }
        if (out != NULL) {
            memcpy(out, random, bytes);
        }
    }
}
