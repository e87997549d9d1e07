/* R3 and R4: key pairs, for signatures and for agreement. */
#include <stdlib.h>
#include <string.h>

#include "bench/audit/case.h"

/* R3 */

enum { PAIRS = 8, SIGNATURE_bytes = 64, SIGNATURE_HALF_bytes = 32 };

/* Order of P-256. */
static const uint8_t p256_order[RK_PRIVATE_bytes] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff,
                                                     0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                                     0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

static bool in_range(const uint8_t private_key[RK_PRIVATE_bytes])
{
    static const uint8_t zero[RK_PRIVATE_bytes];
    return memcmp(private_key, zero, sizeof zero) != 0 && memcmp(private_key, p256_order, sizeof p256_order) < 0;
}

struct signer {
    const struct rk_backend *library;
    struct rk_drbg *drbg;
    uint8_t private_key[RK_PRIVATE_bytes], public_key[RK_PUBLIC_MAX_bytes];
    uint8_t digest[RK_SHA256_bytes], signature[SIGNATURE_bytes];
};

static enum rk_crypto verify(struct signer *signer)
{
    const struct rk_sign_job job = {.alg = RK_ALG_ECDSA_P256,
                                    .message_bytes = sizeof signer->digest,
                                    .public_key = signer->public_key,
                                    .message = signer->digest,
                                    .signature = signer->signature};
    return signer->library->verify(&job);
}

/* One pair: range, consistency, a changed digest. out: what is wrong, or NULL. */
static const char *try_pair(struct signer *signer, unsigned number)
{
    memset(signer->digest, (int)number + 1, sizeof signer->digest);
    const struct rk_sign_job job = {.alg = RK_ALG_ECDSA_P256,
                                    .message_bytes = sizeof signer->digest,
                                    .drbg = signer->drbg,
                                    .private_key = signer->private_key,
                                    .public_key = signer->public_key,
                                    .message = signer->digest,
                                    .signature = signer->signature};
    if (signer->library->key_pair(RK_ALG_ECDSA_P256, signer->drbg, signer->private_key, signer->public_key) !=
        RK_CRYPTO_OK) {
        return "no key pair was made";
    }
    if (!in_range(signer->private_key)) {
        return "the private key is not from 1 to n - 1";
    }
    if (signer->library->sign(&job) != RK_CRYPTO_OK || verify(signer) != RK_CRYPTO_OK) {
        return "its signature does not verify under its public key";
    }
    signer->digest[0] ^= 1;
    return verify(signer) == RK_CRYPTO_OK ? "a signature was accepted for another message" : NULL;
}

void rk_judge_r3(const struct rk_case *c, struct rk_audit_row *row)
{
    alignas(max_align_t) uint8_t memory[2048];
    struct signer signer = {.library = c->library, .drbg = (struct rk_drbg *)memory};
    uint8_t r[PAIRS][SIGNATURE_HALF_bytes];
    if (!rk_backend_has(c->library, RK_ALG_ECDSA_P256)) {
        rk_not_applicable(
            row,
            "no signature key pair is made in this study (exchanges are authenticated by HMAC), and %s %s "
            "has no scheme of ISO/IEC 14888-3",
            c->library->name, c->library->version);
        return;
    }
    if (!rk_case_seed(c, 3, signer.drbg)) {
        rk_counter(row, "drbg_init");
    }
    for (unsigned i = 0; i < PAIRS && row->counter_example[0] == '\0'; i++) {
        const char *wrong = try_pair(&signer, i);
        if (wrong != NULL) {
            rk_counter(row, "ECDSA P-256 key pair %u of %s: %s", i, c->library->name, wrong);
        }
        memcpy(r[i], signer.signature, SIGNATURE_HALF_bytes);
        for (unsigned j = 0; j < i; j++) {
            if (memcmp(r[i], r[j], SIGNATURE_HALF_bytes) == 0) {
                rk_counter(row, "signatures %u and %u have the same r: the per-signature number repeats", j, i);
            }
        }
    }
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, PAIRS, "a signature key pair of %s %s is not sound", c->library->name,
                            c->library->version);
    } else {
        rk_pass(row, PAIRS,
                "%d ECDSA P-256 key pairs of %s %s: private keys from 1 to n - 1, each signs and verifies, a changed "
                "message "
                "is refused, no r repeats. The study itself makes none: its exchanges are authenticated by HMAC",
                PAIRS, c->library->name, c->library->version);
    }
}

/* R4 */

/* Points of small order on Curve25519 and its twist, little endian (RFC 7748, 6.1: their secret is zero). */
static const uint8_t small_order[][RK_PRIVATE_bytes] = {
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
     0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
     0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
};

/* Offers the library public values that are none. out: how many. */
static uint64_t invalid_publics(const struct rk_case *c, struct rk_audit_row *row)
{
    alignas(max_align_t) uint8_t memory[2048];
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    uint8_t private_key[RK_PRIVATE_bytes], secret[RK_SECRET_bytes];
    uint8_t offer[8][RK_PUBLIC_MAX_bytes] = {{0}};
    unsigned offers = 0;
    if (!rk_case_seed(c, 4, drbg) ||
        c->library->key_pair(c->config.curve, drbg, private_key, offer[0]) != RK_CRYPTO_OK) {
        rk_counter(row, "no key pair was made");
        return 0;
    }
    if (c->config.curve == RK_ALG_X25519) {
        for (; offers < sizeof small_order / sizeof small_order[0]; offers++) {
            memcpy(offer[offers], small_order[offers], RK_PRIVATE_bytes);
        }
    } else {
        memcpy(offer[1], offer[0], sizeof offer[1]);
        offer[0][64] ^= 1;           /* off the curve */
        memset(offer[1] + 1, 0, 64); /* (0, 0) */
        memset(offer[2], 0xff, 65);  /* coordinates beyond p */
        offer[2][0] = 4;
        memset(offer[3], 0, 65); /* infinity */
        offers = 4;
    }
    for (unsigned i = 0; i < offers; i++) {
        if (c->library->agree(c->config.curve, drbg, private_key, offer[i], secret) != RK_CRYPTO_REJECTED) {
            rk_counter(row, "%s agreed with invalid public value %u (%02x%02x%02x...)", c->library->name, i,
                       offer[i][0], offer[i][1], offer[i][2]);
        }
    }
    return offers;
}

/* Uses of each private key and repeats of each public value in the run. */
static uint64_t reused_pairs(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    unsigned *uses = calloc(log->values + 1, sizeof *uses);
    uint64_t pairs = 0;
    RK_REQUIRE(uses != NULL);
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        char when[64];
        if (entry->kind != RK_LOG_CALL || entry->call.result != RK_CRYPTO_OK) {
            continue;
        }
        rk_log_when(entry, when, sizeof when);
        if (entry->call.what == RK_CALL_KEY_PAIR) {
            pairs++;
            if (log->value[entry->call.out].times > 1) {
                rk_counter(row, "%s: an ephemeral key pair that was made %u times", when,
                           log->value[entry->call.out].times);
            }
        } else if (entry->call.what == RK_CALL_AGREE && entry->call.key != RK_NO_VALUE && ++uses[entry->call.key] > 1) {
            rk_counter(row, "%s: an ephemeral private key agreed a second time", when);
        }
    }
    free(uses);
    return pairs;
}

/* The device is given an R2 whose public value is invalid. */
static void invalid_answer(const struct rk_case *c, struct rk_audit_row *row)
{
    enum { CONTRIBUTION_AT = 6 };
    struct rk_duo *duo = rk_case_duo(c, 4);
    duo->lose_kind = RK_FRAME_R2;
    rk_duo_start(duo);
    for (size_t i = 0; i < duo->log.frames; i++) {
        if (duo->log.frame[i].kind == RK_FRAME_R2) {
            struct rk_log_frame frame = duo->log.frame[i];
            memset(frame.data + CONTRIBUTION_AT, 0, rk_alg_public_bytes(c->config.curve));
            int result = rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RECEIVE, frame.data, frame.bytes);
            if (result != RK_AGENT_REJECTED || rk_duo_key(duo, RK_ROLE_DEVICE) != NULL) {
                rk_counter(row, "device: an R2 with public value zero was answered with %d", result);
            }
            break;
        }
    }
    rk_duo_free(duo);
}

void rk_judge_r4(const struct rk_case *c, struct rk_audit_row *row)
{
    if (!rk_case_agrees(c)) {
        rk_not_applicable(row, "mechanism %s makes no key pair", rk_mechanism_name(c->config.policy.mechanism));
        return;
    }
    uint64_t offers = invalid_publics(c, row);
    uint64_t pairs = reused_pairs(c, row);
    invalid_answer(c, row);
    const char *curve = c->config.curve == RK_ALG_X25519 ? "X25519" : "P-256";
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, offers + pairs + 1,
                            "a %s key pair was used twice, or an invalid public value accepted", curve);
    } else {
        rk_pass(
            row, offers + pairs + 1,
            "%llu ephemeral %s pairs of the run, each made once and used for one agreement; %llu invalid public values "
            "refused by %s, and one by the device in an R2",
            (unsigned long long)pairs, curve, (unsigned long long)offers, c->library->name);
    }
}
