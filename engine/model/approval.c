#include "engine/model/approval.h"

#include <stdio.h>
#include <string.h>

#include "backends/backend.h"

enum { STEPS_MAX = 3 };

/* From this day on, until the next step. The first begins before all days. */
struct step {
    uint32_t from;
    uint8_t apply, process;
    const char *clause;
};

struct entry {
    uint16_t strength_bits;
    bool quantum_vulnerable;
    struct step step[STEPS_MAX];
};

#define OK         RK_APPROVAL_ACCEPTABLE
#define DEPRECATED RK_APPROVAL_DEPRECATED
#define LEGACY     RK_APPROVAL_LEGACY
#define UNAPPROVED RK_APPROVAL_NOT_APPROVED
#define DISALLOWED RK_APPROVAL_DISALLOWED

enum {
    AFTER_2013 = 20140101,
    AFTER_2015 = 20160101,
    AFTER_2023 = 20240101,
    AFTER_2030 = 20310101,
    AFTER_2035 = 20360101,
};

#define ALWAYS(status, clause)                                                                                         \
    {                                                                                                                  \
        {                                                                                                              \
            0, status, status, clause                                                                                  \
        }                                                                                                              \
    }
#define SINCE(day, old, clause)                                                                                        \
    {                                                                                                                  \
        {0, UNAPPROVED, UNAPPROVED, old},                                                                              \
        {                                                                                                              \
            day, OK, OK, clause                                                                                        \
        }                                                                                                              \
    }
/* Strength of 112 bits. */
#define UNTIL_2030(clause)                                                                                             \
    {                                                                                                                  \
        {0, OK, OK, clause},                                                                                           \
        {                                                                                                              \
            AFTER_2030, DISALLOWED, LEGACY, "SP 800-57 Part 1 table 4: 112 bits after 2030"                            \
        }                                                                                                              \
    }

static const struct entry entries[RK_PRIMITIVE_COUNT] = {
    [RK_PRIMITIVE_aes128] = {128, false, ALWAYS(OK, "SP 800-131A 2; FIPS 197")},
    [RK_PRIMITIVE_aes192] = {192, false, ALWAYS(OK, "SP 800-131A 2; FIPS 197")},
    [RK_PRIMITIVE_aes256] = {256, false, ALWAYS(OK, "SP 800-131A 2; FIPS 197")},
    [RK_PRIMITIVE_chacha20_poly1305] = {256, false, ALWAYS(UNAPPROVED, "in no NIST standard")},
    [RK_PRIMITIVE_ascon_aead128] = {128, false, SINCE(20250813, "before SP 800-232", "SP 800-232")},
    [RK_PRIMITIVE_sha1_signature] = {80,
                                     false,
                                     {{0, DEPRECATED, OK, "SP 800-131A 9"},
                                      {AFTER_2013, DISALLOWED, LEGACY, "SP 800-131A 9: SHA-1 in signatures"}}},
    [RK_PRIMITIVE_sha1_hmac] = {128,
                                false,
                                {{0, OK, OK, "SP 800-131A 9 and 10: SHA-1 other than in signatures"},
                                 {AFTER_2030, DISALLOWED, LEGACY, "NIST, 2022: SHA-1 retired after 2030"}}},
    [RK_PRIMITIVE_hmac_sha256] = {256, false, ALWAYS(OK, "SP 800-131A 10; FIPS 198-1")},
    [RK_PRIMITIVE_kdf_sha256] = {256, false, ALWAYS(OK, "SP 800-131A 8; SP 800-56C, SP 800-108")},
    [RK_PRIMITIVE_ctr_drbg_aes128] = {128, false, ALWAYS(OK, "SP 800-131A 4; SP 800-90A")},
    [RK_PRIMITIVE_hash_drbg_sha256] = {256, false, ALWAYS(OK, "SP 800-131A 4; SP 800-90A")},
    [RK_PRIMITIVE_hmac_drbg_sha256] = {256, false, ALWAYS(OK, "SP 800-131A 4; SP 800-90A")},
    [RK_PRIMITIVE_chacha20_drbg] = {256, false, ALWAYS(UNAPPROVED, "not in SP 800-90A")},
    [RK_PRIMITIVE_p256_agreement] = {128, true, ALWAYS(OK, "SP 800-131A 5; SP 800-56A")},
    [RK_PRIMITIVE_x25519] = {128, true, ALWAYS(UNAPPROVED, "not in SP 800-56A, which lists the curves for agreement")},
    [RK_PRIMITIVE_ecdsa_p256] = {128, true, ALWAYS(OK, "SP 800-131A 3; FIPS 186-5")},
    [RK_PRIMITIVE_ed25519] = {128, true, SINCE(20230203, "before FIPS 186-5", "FIPS 186-5")},
    [RK_PRIMITIVE_ecjpake] = {128, true, ALWAYS(UNAPPROVED, "in no NIST standard")},
    [RK_PRIMITIVE_mlkem512] = {128, false, SINCE(20240813, "before FIPS 203", "FIPS 203")},
    [RK_PRIMITIVE_mlkem768] = {192, false, SINCE(20240813, "before FIPS 203", "FIPS 203")},
    [RK_PRIMITIVE_rsa1024] = {80,
                              true,
                              {{0, DEPRECATED, OK, "SP 800-131A 3 and 6"},
                               {AFTER_2013, DISALLOWED, LEGACY, "SP 800-131A 3 and 6: below 112 bits"}}},
    [RK_PRIMITIVE_rsa2048] = {112, true, UNTIL_2030("SP 800-131A 3 and 6")},
    [RK_PRIMITIVE_rsa2048_pkcs1_transport] = {112,
                                              true,
                                              {{0, DEPRECATED, OK, "SP 800-131A 6: PKCS#1 v1.5 through 2023"},
                                               {AFTER_2023, DISALLOWED, LEGACY, "SP 800-131A 6: PKCS#1 v1.5"}}},
    [RK_PRIMITIVE_rsa3072] = {128, true, ALWAYS(OK, "SP 800-131A 3 and 6")},
    [RK_PRIMITIVE_key_update] = {256,
                                 false,
                                 {{0, OK, OK, "SP 800-57 Part 1 Rev. 3 8.2.3"},
                                  {20160128, DISALLOWED, LEGACY, "SP 800-57 Part 1 8.2.3: key update"}}},
    [RK_PRIMITIVE_two_key_tdea] = {80,
                                   false,
                                   {{0, DEPRECATED, OK, "SP 800-131A 2"},
                                    {AFTER_2015, DISALLOWED, LEGACY, "SP 800-131A 2: two-key TDEA"}}},
    [RK_PRIMITIVE_three_key_tdea] = {112,
                                     false,
                                     {{0, DEPRECATED, OK, "SP 800-131A 2: through 2023"},
                                      {AFTER_2023, DISALLOWED, LEGACY, "SP 800-131A 2; SP 800-67 withdrawn"}}},
};

/* IR 8547, initial public draft: public-key algorithms that a quantum computer breaks. */
static void plan(const struct entry *entry, uint32_t date, struct rk_approval_answer *answer)
{
    if (!entry->quantum_vulnerable) {
        return;
    }
    if (date >= AFTER_2035) {
        answer->planned = DISALLOWED;
        answer->planned_clause = "IR 8547 (draft): quantum-vulnerable, after 2035";
    } else if (date >= AFTER_2030 && entry->strength_bits == 112) {
        answer->planned = answer->apply > DEPRECATED ? answer->apply : DEPRECATED;
        answer->planned_clause = "IR 8547 (draft): quantum-vulnerable, 112 bits after 2030";
    }
}

struct rk_approval_answer rk_approval_of(enum rk_primitive primitive, uint32_t date)
{
    const struct entry *entry = &entries[primitive];
    const struct step *step = &entry->step[0];
    for (unsigned i = 1; i < STEPS_MAX && entry->step[i].from != 0 && date >= entry->step[i].from; i++) {
        step = &entry->step[i];
    }
    struct rk_approval_answer answer = {.apply = (enum rk_approval)step->apply,
                                        .process = (enum rk_approval)step->process,
                                        .planned = (enum rk_approval)step->apply,
                                        .strength_bits = entry->strength_bits,
                                        .clause = step->clause};
    plan(entry, date, &answer);
    return answer;
}

const char *rk_primitive_name(unsigned primitive)
{
    static const char *const names[RK_PRIMITIVE_COUNT] = {
#define PRIMITIVE_NAME(name) #name,
        RK_PRIMITIVES(PRIMITIVE_NAME)
#undef PRIMITIVE_NAME
    };
    return primitive < RK_PRIMITIVE_COUNT ? names[primitive] : NULL;
}

const char *rk_approval_name(unsigned approval)
{
    static const char *const names[RK_APPROVAL_COUNT] = {
        [RK_APPROVAL_ACCEPTABLE] = "acceptable", [RK_APPROVAL_DEPRECATED] = "deprecated",
        [RK_APPROVAL_LEGACY] = "legacy use",     [RK_APPROVAL_NOT_APPROVED] = "not approved",
        [RK_APPROVAL_DISALLOWED] = "disallowed",
    };
    return approval < RK_APPROVAL_COUNT ? names[approval] : NULL;
}

static void add(struct rk_approval_chain *chain, enum rk_primitive primitive, uint32_t date)
{
    struct rk_approval_answer answer = rk_approval_of(primitive, date);
    uint16_t strength_bits = chain->worst.strength_bits;
    strength_bits = answer.strength_bits < strength_bits ? answer.strength_bits : strength_bits;
    if (chain->worst.clause == NULL || answer.apply > chain->worst.apply) {
        chain->worst = answer;
        chain->worst_primitive = primitive;
    }
    chain->worst.strength_bits = strength_bits;
    chain->planned = answer.planned > chain->planned ? answer.planned : chain->planned;
}

/* Our images have CTR_DRBG with AES-128 (backends/README.md). */
static enum rk_primitive generator(uint8_t drbg_alg)
{
    switch (drbg_alg) {
    case RK_ALG_CTR_DRBG:
        return RK_PRIMITIVE_ctr_drbg_aes128;
    case RK_ALG_HASH_DRBG:
        return RK_PRIMITIVE_hash_drbg_sha256;
    case RK_ALG_HMAC_DRBG:
        return RK_PRIMITIVE_hmac_drbg_sha256;
    default:
        return RK_PRIMITIVE_chacha20_drbg;
    }
}

void rk_approval_chain(const struct rk_trial *trial, uint32_t date, struct rk_approval_chain *chain)
{
    *chain = (struct rk_approval_chain){.worst = {.strength_bits = UINT16_MAX}};
    add(chain, trial->aead == RK_ALG_AES_CCM ? RK_PRIMITIVE_aes128 : RK_PRIMITIVE_chacha20_poly1305, date);
    add(chain, RK_PRIMITIVE_hmac_sha256, date);
    add(chain, RK_PRIMITIVE_kdf_sha256, date);
    add(chain, generator(trial->drbg_alg), date);
    if (trial->policy.mechanism == RK_MECHANISM_ECDH) {
        add(chain, trial->curve == RK_ALG_P256 ? RK_PRIMITIVE_p256_agreement : RK_PRIMITIVE_x25519, date);
    }
    if (trial->policy.mechanism == RK_MECHANISM_STATIC) {
        add(chain, RK_PRIMITIVE_x25519, date);
    }
    if (trial->policy.mechanism == RK_MECHANISM_TRANSPORT) { /* under a KEK of 16 bytes */
        add(chain, RK_PRIMITIVE_aes128, date);
    }
    if (strcmp(rk_mechanism_class(trial->policy.mechanism), "A3") == 0 ||
        strcmp(rk_mechanism_class(trial->policy.mechanism), "A4") == 0) {
        add(chain, RK_PRIMITIVE_key_update, date);
    }
}

static bool leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

enum rk_err rk_date_parse(const char *text, uint32_t *date, struct rk_diag *diag)
{
    static const char form[] = "dddd-dd-dd";
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool good = strlen(text) == strlen(form);
    for (size_t i = 0; good && form[i] != '\0'; i++) {
        good = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
    }
    unsigned year = 0, month = 0, day = 0;
    good = good && sscanf(text, "%4u-%2u-%2u", &year, &month, &day) == 3;
    good = good && year >= 1 && month >= 1 && month <= 12 && day >= 1;
    good = good && day <= days[month - 1] + (month == 2 && leap(year) ? 1u : 0u);
    if (!good) {
        return rk_fail(diag, RK_ERR_INPUT, "'%.32s' is no date, expected a day such as 2026-11-22", text);
    }
    *date = year * 10000 + month * 100 + day;
    return RK_OK;
}
