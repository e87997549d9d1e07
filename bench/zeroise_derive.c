/* bench/zeroise_derive.c - what algorithms make of a key: schedules, pads, subkeys, Montgomery form
 *
 * On the host, for keys that are known: neither fast nor constant in time.
 */
#include <stdio.h>
#include <string.h>

#include "bench/zeroise_patterns.h"
#include "engine/core/sha256.h"

enum { SHA256_BLOCK_bytes = 64 };

/* --- AES --- */

static uint8_t times_two(uint8_t a)
{
    return (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
}

static uint8_t multiply(uint8_t a, uint8_t b)
{
    uint8_t product = 0;
    for (; b != 0; b >>= 1, a = times_two(a)) {
        product ^= b & 1 ? a : 0;
    }
    return product;
}

/* FIPS 197 5.1.1: the inverse in GF(2^8), which is a^254, then an affine map. */
static uint8_t compute_sbox(uint8_t a)
{
    uint8_t inverse = 1;
    for (unsigned i = 0; i < 254; i++) {
        inverse = multiply(inverse, a);
    }
    uint8_t mapped = 0x63;
    for (unsigned i = 0; i < 5; i++) {
        mapped ^= (uint8_t)(inverse << i | inverse >> (8 - i));
    }
    return mapped;
}

static uint8_t sbox(uint8_t a)
{
    static _Thread_local uint8_t table[256];
    static _Thread_local bool filled;
    if (!filled) {
        for (unsigned i = 0; i < sizeof table; i++) {
            table[i] = compute_sbox((uint8_t)i);
        }
        filled = true;
    }
    return table[a];
}

size_t rk_zeroise_aes_expand(const uint8_t *key, size_t key_bytes, uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes])
{
    size_t bytes = 16 * (key_bytes / 4 + 7);
    uint8_t rcon = 1;
    memcpy(schedule, key, key_bytes);
    for (size_t at = key_bytes; at < bytes; at += 4) {
        uint8_t word[4];
        memcpy(word, schedule + at - 4, 4);
        if (at % key_bytes == 0) {
            uint8_t first = word[0];
            word[0] = (uint8_t)(sbox(word[1]) ^ rcon);
            word[1] = sbox(word[2]);
            word[2] = sbox(word[3]);
            word[3] = sbox(first);
            rcon = times_two(rcon);
        } else if (key_bytes == 32 && at % 32 == 16) {
            for (unsigned i = 0; i < 4; i++) {
                word[i] = sbox(word[i]);
            }
        }
        for (unsigned i = 0; i < 4; i++) {
            schedule[at + i] = schedule[at - key_bytes + i] ^ word[i];
        }
    }
    return bytes;
}

bool rk_zeroise_aes_may_follow(const uint8_t *memory, size_t key_bytes)
{
    return memory[key_bytes] == (memory[0] ^ sbox(memory[key_bytes - 3]) ^ 1);
}

static void inverse_mix(uint8_t column[4])
{
    uint8_t in[4];
    memcpy(in, column, 4);
    for (unsigned i = 0; i < 4; i++) {
        column[i] = multiply(in[i], 14) ^ multiply(in[(i + 1) % 4], 11) ^ multiply(in[(i + 2) % 4], 13) ^
                    multiply(in[(i + 3) % 4], 9);
    }
}

size_t rk_zeroise_aes_inverse(const uint8_t *key, size_t key_bytes, uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes])
{
    uint8_t forward[RK_AES_SCHEDULE_MAX_bytes];
    size_t bytes = rk_zeroise_aes_expand(key, key_bytes, forward);
    for (size_t round = 0; round < bytes / 16; round++) {
        memcpy(schedule + 16 * round, forward + bytes - 16 * (round + 1), 16);
        for (size_t i = 0; i < 16 && round != 0 && round + 1 != bytes / 16; i += 4) {
            inverse_mix(schedule + 16 * round + i);
        }
    }
    return bytes;
}

void rk_zeroise_aes_encrypt(const uint8_t *key, size_t key_bytes, const uint8_t in[16], uint8_t out[16])
{
    uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes], state[16], shifted[16];
    size_t rounds = rk_zeroise_aes_expand(key, key_bytes, schedule) / 16 - 1;
    for (unsigned i = 0; i < 16; i++) {
        state[i] = in[i] ^ schedule[i];
    }
    for (size_t round = 1; round <= rounds; round++) {
        for (unsigned i = 0; i < 16; i++) {
            shifted[i] = sbox(state[(i + 4 * (i % 4)) % 16]);
        }
        for (unsigned i = 0; i < 16; i++) {
            const uint8_t *column = shifted + i / 4 * 4;
            uint8_t mixed = times_two(column[i % 4]) ^ times_two(column[(i + 1) % 4]) ^ column[(i + 1) % 4] ^
                            column[(i + 2) % 4] ^ column[(i + 3) % 4];
            state[i] = (round < rounds ? mixed : shifted[i]) ^ schedule[16 * round + i];
        }
    }
    memcpy(out, state, sizeof state);
}

static void named(char what[RK_ZEROISE_WHAT_bytes], const char *prefix, const char *name)
{
    snprintf(what, RK_ZEROISE_WHAT_bytes, "%s%s%s", prefix, prefix[0] != '\0' ? ": " : "", name);
}

void rk_zeroise_add_aes(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes)
{
    uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes];
    char what[RK_ZEROISE_WHAT_bytes];
    size_t bytes = rk_zeroise_aes_expand(key, key_bytes, schedule);
    named(what, prefix, "AES key schedule");
    rk_zeroise_add(set, what, schedule + key_bytes, bytes - key_bytes, RK_ZEROISE_DEAD);
    bytes = rk_zeroise_aes_inverse(key, key_bytes, schedule);
    named(what, prefix, "AES inverse schedule");
    rk_zeroise_add(set, what, schedule, bytes, RK_ZEROISE_DEAD);
}

/* SP 800-38B: doubling in GF(2^128). */
static void double_block(uint8_t block[16])
{
    uint8_t carry = block[0] & 0x80 ? 0x87 : 0;
    for (unsigned i = 0; i < 15; i++) {
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    }
    block[15] = (uint8_t)(block[15] << 1 ^ carry);
}

void rk_zeroise_add_cmac(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes)
{
    uint8_t block[16] = {0};
    char what[RK_ZEROISE_WHAT_bytes];
    rk_zeroise_aes_encrypt(key, key_bytes, block, block);
    named(what, prefix, "CMAC E(0)");
    rk_zeroise_add(set, what, block, sizeof block, RK_ZEROISE_DEAD);
    double_block(block);
    named(what, prefix, "CMAC subkey K1");
    rk_zeroise_add(set, what, block, sizeof block, RK_ZEROISE_DEAD);
    double_block(block);
    named(what, prefix, "CMAC subkey K2");
    rk_zeroise_add(set, what, block, sizeof block, RK_ZEROISE_DEAD);
}

void rk_zeroise_add_ghash(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes)
{
    uint8_t block[16] = {0};
    char what[RK_ZEROISE_WHAT_bytes];
    rk_zeroise_aes_encrypt(key, key_bytes, block, block);
    named(what, prefix, "GHASH H");
    rk_zeroise_add(set, what, block, sizeof block, RK_ZEROISE_DEAD);
}

/* --- HMAC --- */

/* FIPS 198-1: a key longer than a block is hashed first. */
static void pad_key(const uint8_t *key, size_t key_bytes, uint8_t with, uint8_t block[SHA256_BLOCK_bytes])
{
    memset(block, 0, SHA256_BLOCK_bytes);
    if (key_bytes > SHA256_BLOCK_bytes) {
        struct rk_sha256 hash;
        rk_sha256_init(&hash);
        rk_sha256_add(&hash, key, key_bytes);
        rk_sha256_finish(&hash, block);
    } else {
        memcpy(block, key, key_bytes);
    }
    for (unsigned i = 0; i < SHA256_BLOCK_bytes; i++) {
        block[i] ^= with;
    }
}

static void begin_hmac(struct rk_sha256 *hash, const uint8_t *key, size_t key_bytes, uint8_t with)
{
    uint8_t block[SHA256_BLOCK_bytes];
    pad_key(key, key_bytes, with, block);
    rk_sha256_init(hash);
    rk_sha256_add(hash, block, sizeof block);
}

void rk_zeroise_hmac_sha256(const uint8_t *key, size_t key_bytes, const uint8_t *in, size_t in_bytes, uint8_t mac[32])
{
    uint8_t inner[32]; /* mac may be the key */
    struct rk_sha256 hash;
    begin_hmac(&hash, key, key_bytes, 0x36);
    rk_sha256_add(&hash, in, in_bytes);
    rk_sha256_finish(&hash, inner);
    begin_hmac(&hash, key, key_bytes, 0x5c);
    rk_sha256_add(&hash, inner, sizeof inner);
    rk_sha256_finish(&hash, mac);
}

static void add_pad(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes, uint8_t with,
                    bool sha256)
{
    uint8_t block[SHA256_BLOCK_bytes], state[32];
    char what[RK_ZEROISE_WHAT_bytes];
    struct rk_sha256 hash;
    pad_key(key, key_bytes, with, block);
    named(what, prefix, with == 0x36 ? "K xor ipad" : "K xor opad");
    rk_zeroise_add(set, what, block, key_bytes < sizeof block ? key_bytes : sizeof block, RK_ZEROISE_DEAD);
    if (sha256) {
        begin_hmac(&hash, key, key_bytes, with);
        for (unsigned i = 0; i < 32; i++) {
            state[i] = (uint8_t)(hash.state[i / 4] >> (24 - 8 * (i % 4)));
        }
        named(what, prefix, with == 0x36 ? "SHA-256 state after ipad" : "SHA-256 state after opad");
        rk_zeroise_add(set, what, state, sizeof state, RK_ZEROISE_DEAD);
    }
}

void rk_zeroise_add_hmac(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes,
                         bool sha256)
{
    add_pad(set, prefix, key, key_bytes, 0x36, sha256);
    add_pad(set, prefix, key, key_bytes, 0x5c, sha256);
}

/* --- numbers modulo the order of P-256 --- */

static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* out: carry. */
static unsigned add(uint8_t a[32], const uint8_t b[32])
{
    unsigned carry = 0;
    for (unsigned i = 32; i-- > 0; carry >>= 8) {
        carry += (unsigned)a[i] + b[i];
        a[i] = (uint8_t)carry;
    }
    return carry;
}

static void subtract(uint8_t a[32], const uint8_t b[32])
{
    int borrow = 0;
    for (unsigned i = 32; i-- > 0;) {
        int difference = a[i] - b[i] - borrow;
        borrow = difference < 0;
        a[i] = (uint8_t)difference;
    }
}

void rk_zeroise_p256_add(uint8_t a[32], const uint8_t b[32])
{
    if (add(a, b) != 0 || memcmp(a, order, 32) >= 0) {
        subtract(a, order);
    }
}

void rk_zeroise_p256_multiply(const uint8_t a[32], const uint8_t b[32], uint8_t product[32])
{
    uint8_t sum[32] = {0};
    for (unsigned bit = 0; bit < 256; bit++) {
        uint8_t twice[32];
        memcpy(twice, sum, sizeof twice);
        rk_zeroise_p256_add(sum, twice);
        if ((b[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            rk_zeroise_p256_add(sum, a);
        }
    }
    memcpy(product, sum, sizeof sum);
}

/* a^(n - 2): n is prime. */
void rk_zeroise_p256_invert(const uint8_t a[32], uint8_t inverse[32])
{
    uint8_t power[32] = {[31] = 1}, exponent[32];
    memcpy(exponent, order, sizeof exponent);
    exponent[31] -= 2;
    for (unsigned bit = 0; bit < 256; bit++) {
        rk_zeroise_p256_multiply(power, power, power);
        if ((exponent[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            rk_zeroise_p256_multiply(power, a, power);
        }
    }
    memcpy(inverse, power, sizeof power);
}

void rk_zeroise_add_p256(struct rk_zeroise_set *set, const char *what, const uint8_t scalar[32])
{
    uint8_t montgomery[32];
    char name[RK_ZEROISE_WHAT_bytes];
    rk_zeroise_add(set, what, scalar, 32, RK_ZEROISE_DEAD);
    memcpy(montgomery, scalar, sizeof montgomery);
    for (unsigned i = 0; i < 256; i++) {
        uint8_t twice[32];
        memcpy(twice, montgomery, sizeof twice);
        rk_zeroise_p256_add(montgomery, twice);
    }
    snprintf(name, sizeof name, "%.24s in Montgomery form", what);
    rk_zeroise_add(set, name, montgomery, sizeof montgomery, RK_ZEROISE_DEAD);
}
