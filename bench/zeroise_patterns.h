/* bench/zeroise_patterns.h - what a secret looks like in memory, and finding it there
 *
 * Model:  a set of named byte strings: secrets and what derives from them. Each is looked for as it is, reversed (a big
 *         number in little-endian limbs), and with the bytes of its 4- and 8-byte words swapped. A match is a run of at
 *         least RK_ZEROISE_RUN_bytes bytes of one of them, as long as it goes. Runs with fewer than five different bytes
 *         are never looked for, nor are runs that public bytes contain.
 *         An AES key schedule is also found without its key: 16, 24 or 32 bytes that expand into what follows them.
 * Units:  bytes.
 * Error:  a run of random bytes is taken for a secret once in 2^64 / (positions x runs): rk_zeroise_expected_false().
 *         Not seen: secrets that are masked, bit-sliced, or in limbs of other widths than whole bytes.
 * Source: FIPS 197 5.2 and 5.3.5 (schedules), FIPS 198-1 (pads), SP 800-38B 6.1 (subkeys), SP 800-38D 6.3 (H).
 */
#ifndef BENCH_ZEROISE_PATTERNS_H
#define BENCH_ZEROISE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RK_ZEROISE_RUN_bytes = 8, RK_ZEROISE_WHAT_bytes = 48, RK_AES_SCHEDULE_MAX_bytes = 240 };

#define RK_ZEROISE_ANY_SCHEDULE "AES key schedule of any key"

enum rk_zeroise_kind {
    RK_ZEROISE_DEAD,   /* must be nowhere */
    RK_ZEROISE_LIVE,   /* is in use: may be where its owner keeps it */
    RK_ZEROISE_PUBLIC, /* is no secret, whatever else has the same bytes */
};

struct rk_zeroise_pattern {
    char what[RK_ZEROISE_WHAT_bytes];
    uint8_t *bytes;
    size_t length;
    enum rk_zeroise_kind kind;
};

struct rk_zeroise_set {
    struct rk_zeroise_pattern *pattern;
    size_t count, room;
    struct rk_zeroise_run *table; /* open hashing of all runs, made at the first search */
    size_t slots, runs;
};

struct rk_zeroise_match {
    size_t at, bytes;
    const char *what; /* lives as long as the set */
    enum rk_zeroise_kind kind;
};

void rk_zeroise_set_init(struct rk_zeroise_set *set);
void rk_zeroise_set_free(struct rk_zeroise_set *set);

/* Adds a secret in all its byte orders; one shorter than a run adds nothing. */
void rk_zeroise_add(struct rk_zeroise_set *set, const char *what, const uint8_t *bytes, size_t length,
                    enum rk_zeroise_kind kind);
void rk_zeroise_add_public(struct rk_zeroise_set *set, const uint8_t *bytes, size_t length);

/* Adds what an algorithm makes of its key. in: prefix, put before each name; AES keys of 16, 24, 32 bytes; block_bytes 64
 * adds the SHA-256 states after the pads, too. */
void rk_zeroise_add_aes(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes);
void rk_zeroise_add_cmac(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes);
void rk_zeroise_add_ghash(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes);
void rk_zeroise_add_hmac(struct rk_zeroise_set *set, const char *prefix, const uint8_t *key, size_t key_bytes,
                         bool sha256);
/* A P-256 scalar, big endian: as it is, and d * 2^256 mod n. */
void rk_zeroise_add_p256(struct rk_zeroise_set *set, const char *what, const uint8_t scalar[32]);

/* Matches in ascending order; those of one secret that touch are one. out: how many, at most max. */
size_t rk_zeroise_scan(struct rk_zeroise_set *set, const uint8_t *memory, size_t bytes, struct rk_zeroise_match *match,
                       size_t max);

/* AES key schedules at any address, whoever's key it is. out: how many, at most max. */
size_t rk_zeroise_schedules(const uint8_t *memory, size_t bytes, struct rk_zeroise_match *match, size_t max);

/* out: how many matches random memory of so many bytes would give. */
double rk_zeroise_expected_false(struct rk_zeroise_set *set, size_t bytes);

/* --- the arithmetic behind it, for known answers --- */

/* out: bytes of the schedule, 16 * (rounds + 1). */
size_t rk_zeroise_aes_expand(const uint8_t *key, size_t key_bytes, uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes]);
/* Is memory[key_bytes] the first byte of the schedule that memory's first bytes begin? */
bool rk_zeroise_aes_may_follow(const uint8_t *memory, size_t key_bytes);
/* Of the equivalent inverse cipher. */
size_t rk_zeroise_aes_inverse(const uint8_t *key, size_t key_bytes, uint8_t schedule[RK_AES_SCHEDULE_MAX_bytes]);
void rk_zeroise_aes_encrypt(const uint8_t *key, size_t key_bytes, const uint8_t in[16], uint8_t out[16]);
void rk_zeroise_hmac_sha256(const uint8_t *key, size_t key_bytes, const uint8_t *in, size_t in_bytes, uint8_t mac[32]);
/* a += b, a * b and 1 / a modulo the order of P-256, big endian; a and b below it. product may be an input. */
void rk_zeroise_p256_add(uint8_t a[32], const uint8_t b[32]);
void rk_zeroise_p256_multiply(const uint8_t a[32], const uint8_t b[32], uint8_t product[32]);
void rk_zeroise_p256_invert(const uint8_t a[32], uint8_t inverse[32]);

#endif
