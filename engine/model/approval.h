/* engine/model/approval.h - is an algorithm approved, at a date, and how strong is what it protects?
 *
 * Model:  statuses are dated tables, asked with an explicit date: nothing here knows what day it is. What NIST has
 *         published in final form decides the status; what it only plans (IR 8547, a draft) stands beside it. An
 *         algorithm may be sound and still not be approved: X25519 and ChaCha20-Poly1305 are.
 *         Statuses are those of applying protection (encrypt, sign, agree); data that is already protected may be
 *         processed where applying is disallowed for age: legacy use, at the risk of who accepts it.
 *         The strength of what a chain of algorithms makes is that of its weakest member.
 * Units:  bits of security strength; dates as the number YYYYMMDD.
 * Source: SP 800-131A Rev. 2 (clauses named in the entries); SP 800-57 Part 1 Rev. 5 tables 2, 3, 4; SP 800-67 Rev. 2
 *         (withdrawn 2024); FIPS 186-5, 203; SP 800-232; NIST, 15 December 2022: SHA-1 is retired by the end of 2030;
 *         IR 8547 initial public draft (planned). Read through documents that quote them.
 */
#ifndef ENGINE_MODEL_APPROVAL_H
#define ENGINE_MODEL_APPROVAL_H

#include "engine/core/err.h"
#include "engine/model/trial.h"

/* From best to worst. */
enum rk_approval {
    RK_APPROVAL_ACCEPTABLE,
    RK_APPROVAL_DEPRECATED,   /* may be used, at a risk that its user accepts */
    RK_APPROVAL_LEGACY,       /* only to process what is already protected */
    RK_APPROVAL_NOT_APPROVED, /* no NIST standard approves it: a question of paper, not of strength */
    RK_APPROVAL_DISALLOWED,
    RK_APPROVAL_COUNT
};

/* What is asked about: an algorithm with its size and purpose. The tail of the list is in no suite of this project; it
 * is here because users ask. */
#define RK_PRIMITIVES(X)                                                                                               \
    X(aes128)                                                                                                          \
    X(aes192)                                                                                                          \
    X(aes256)                                                                                                          \
    X(chacha20_poly1305)                                                                                               \
    X(ascon_aead128)                                                                                                   \
    X(sha1_signature)                                                                                                  \
    X(sha1_hmac)                                                                                                       \
    X(hmac_sha256)                                                                                                     \
    X(kdf_sha256)                                                                                                      \
    X(ctr_drbg_aes128)                                                                                                 \
    X(hash_drbg_sha256)                                                                                                \
    X(hmac_drbg_sha256)                                                                                                \
    X(chacha20_drbg)                                                                                                   \
    X(p256_agreement)                                                                                                  \
    X(x25519)                                                                                                          \
    X(ecdsa_p256)                                                                                                      \
    X(ed25519)                                                                                                         \
    X(ecjpake)                                                                                                         \
    X(mlkem512)                                                                                                        \
    X(mlkem768)                                                                                                        \
    X(rsa1024)                                                                                                         \
    X(rsa2048)                                                                                                         \
    X(rsa2048_pkcs1_transport)                                                                                         \
    X(rsa3072)                                                                                                         \
    X(key_update)                                                                                                      \
    X(two_key_tdea)                                                                                                    \
    X(three_key_tdea)

enum rk_primitive {
#define RK_PRIMITIVE_ENUM(name) RK_PRIMITIVE_##name,
    RK_PRIMITIVES(RK_PRIMITIVE_ENUM)
#undef RK_PRIMITIVE_ENUM
        RK_PRIMITIVE_COUNT
};

struct rk_approval_answer {
    enum rk_approval apply;   /* encrypt, sign, agree, generate */
    enum rk_approval process; /* decrypt, verify: of what was protected before */
    enum rk_approval planned; /* apply, by what NIST plans; as apply where it plans nothing */
    uint16_t strength_bits;
    const char *clause;         /* where apply comes from */
    const char *planned_clause; /* NULL: nothing is planned */
};

struct rk_approval_answer rk_approval_of(enum rk_primitive primitive, uint32_t date);

const char *rk_primitive_name(unsigned primitive); /* NULL outside */
const char *rk_approval_name(unsigned approval);   /* "not approved"; NULL outside */

/* What a trial's keys depend on: its AEAD, the exchange's MAC and KDF, the generator, and by mechanism the curve, the
 * key wrap, or that keys are updated. */
struct rk_approval_chain {
    struct rk_approval_answer worst; /* of the member whose apply is worst; strength is the least of all */
    enum rk_primitive worst_primitive;
    enum rk_approval planned; /* the worst that is planned */
};

void rk_approval_chain(const struct rk_trial *trial, uint32_t date, struct rk_approval_chain *chain);

/* in: "2026-11-22". out: *date 20261122. Errors: RK_ERR_INPUT for anything that is no day of the calendar. */
RK_MUST_CHECK enum rk_err rk_date_parse(const char *text, uint32_t *date, struct rk_diag *diag);

#endif
