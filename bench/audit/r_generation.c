/* R1, R5, R6: how random numbers and keys are generated and derived. */
#include <string.h>

#include "bench/audit/case.h"
#include "engine/lifecycle/scheme.h"
#include "engine/model/approval.h"

/* SP 800-90A Rev. 1, table 2 and 3: 2^48 requests. */
#define REQUESTS_max (1ull << 48)

static bool of_90a(uint8_t alg)
{
    return alg == RK_ALG_CTR_DRBG || alg == RK_ALG_HMAC_DRBG || alg == RK_ALG_HASH_DRBG;
}

static const char *generator_name(uint8_t alg)
{
    switch (alg) {
    case RK_ALG_CTR_DRBG:
        return "CTR_DRBG";
    case RK_ALG_HMAC_DRBG:
        return "HMAC_DRBG";
    case RK_ALG_HASH_DRBG:
        return "Hash_DRBG";
    case RK_ALG_CHACHA20_DRBG:
        return "a ChaCha20 generator";
    default:
        return "no generator";
    }
}

/* R1 */

/* out: number of random outputs and key pairs looked at. A generator's output has at least 16 bytes here: two equal
 * ones are no accident. */
static uint64_t repeated_outputs(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t looked_at = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        bool draws = entry->kind == RK_LOG_CALL &&
                     (entry->call.what == RK_CALL_GENERATE || entry->call.what == RK_CALL_KEY_PAIR);
        if (!draws || entry->call.result != RK_CRYPTO_OK) {
            continue;
        }
        looked_at++;
        if (log->value[entry->call.out].times > 1) {
            char when[64];
            rk_log_when(entry, when, sizeof when);
            rk_counter(row, "%s: the generator gave %u bytes that it gave %u times in the run", when, entry->call.bytes,
                       log->value[entry->call.out].times);
        }
    }
    return looked_at;
}

/* Every key of the run comes from the generator, or from what was provisioned. */
static uint64_t unknown_origins(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t keys = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_CALL || (entry->call.what != RK_CALL_SEAL && entry->call.what != RK_CALL_KDF)) {
            continue;
        }
        keys++;
        if (entry->call.key == RK_NO_VALUE) {
            char when[64];
            rk_log_when(entry, when, sizeof when);
            rk_counter(row, "%s: the key of a %s is no output of the generator, of a derivation, or provisioned", when,
                       rk_log_call_name(entry->call.what));
        }
    }
    return keys;
}

/* Key pairs follow from the generator: the same state gives the same pair, another state another one. */
static bool pairs_follow_generator(const struct rk_case *c)
{
    alignas(max_align_t) uint8_t memory[2048];
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    uint8_t private_key[3][RK_PRIVATE_bytes], public_key[RK_PUBLIC_MAX_bytes];
    for (unsigned i = 0; i < 3; i++) {
        if (!rk_case_seed(c, i < 2 ? 1 : 2, drbg) ||
            c->library->key_pair(c->config.curve, drbg, private_key[i], public_key) != RK_CRYPTO_OK) {
            return false;
        }
        c->library->drbg_wipe(drbg, c->library->drbg_alg);
    }
    return memcmp(private_key[0], private_key[1], RK_PRIVATE_bytes) == 0 &&
           memcmp(private_key[0], private_key[2], RK_PRIVATE_bytes) != 0;
}

/* out: whether the device's rows have this generator with its known answers. */
static bool known_answers(const struct rk_trial *trial, uint8_t alg)
{
    static const char *const operations[] = {"ctr_drbg_generate", "hmac_drbg_generate", "hash_drbg_generate"};
    const char *operation = operations[alg - RK_ALG_CTR_DRBG];
    for (size_t i = 0; i < trial->costs.count; i++) {
        const struct rk_cost_row *cost = &trial->costs.row[i];
        if (strcmp(cost->op, operation) == 0 && cost->known_answer) {
            return true;
        }
    }
    return false;
}

void rk_judge_r1(const struct rk_case *c, struct rk_audit_row *row)
{
    uint8_t alg = c->library->drbg_alg;
    uint64_t draws = repeated_outputs(c, row);
    uint64_t keys = unknown_origins(c, row);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, draws + keys, "a draw of the run repeats, or a key does not come from the generator");
    } else if (!of_90a(alg)) {
        rk_counter(row, "drbg_init of %s %s", c->library->name, c->library->version);
        rk_fail_requirement(row, draws + keys, "%s %s offers %s, which is not in SP 800-90A", c->library->name,
                            c->library->version, generator_name(alg));
    } else if (rk_case_agrees(c) && !pairs_follow_generator(c)) {
        rk_counter(row, "key_pair after two equal seeds and one other");
        rk_fail_requirement(row, draws + keys, "key pairs do not follow from the generator's state");
    } else if (!known_answers(c->trial, alg)) {
        rk_counter(row, "no row of the device with known_answer");
        rk_fail_requirement(row, draws + keys, "%s did not show its known answers on %s", generator_name(alg),
                            c->trial->device->name);
    } else {
        rk_pass(row, draws + keys,
                "%s; known answers hold on %s; %llu draws of the run all differ, far below 2^48 of one seed; the "
                "origin of all "
                "%llu keys used is known",
                generator_name(alg), c->trial->device->name, (unsigned long long)draws, (unsigned long long)keys);
    }
}

/* R5 */

/* out: whether a derivation from this secret may use the algorithm: by SP 800-56C from an agreement, by SP 800-108 from
 * a key, never the password-based one from either. */
static bool derivation_fits(const struct rk_log *log, const struct rk_log_entry *entry)
{
    bool shared = entry->call.key != RK_NO_VALUE && log->value[entry->call.key].kind == RK_VALUE_SHARED;
    return rk_kdf_permitted(shared ? RK_KDF_SHARED_SECRET : RK_KDF_DERIVATION_KEY, entry->call.alg);
}

/* out: whether the lifecycle has a key of this value. Others are working keys of one: derived again, they are the same. */
static bool is_key(const struct rk_log *log, int value)
{
    for (size_t i = 0; i < log->entries; i++) {
        if (log->entry[i].kind == RK_LOG_RECORD && log->entry[i].move.value == value) {
            return true;
        }
    }
    return false;
}

/* out: derivations of the run. */
static uint64_t derivations(const struct rk_case *c, struct rk_audit_row *row)
{
    const struct rk_log *log = &c->story->log;
    uint64_t count = 0;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        char when[64];
        if (entry->kind != RK_LOG_CALL || entry->call.result != RK_CRYPTO_OK) {
            continue;
        }
        rk_log_when(entry, when, sizeof when);
        bool keyed = entry->call.what == RK_CALL_SEAL || entry->call.what == RK_CALL_OPEN;
        if (keyed && entry->call.key != RK_NO_VALUE && log->value[entry->call.key].kind == RK_VALUE_SHARED) {
            rk_counter(row, "%s: a shared secret is used as a key, without a derivation", when);
        }
        if (entry->call.what != RK_CALL_KDF) {
            continue;
        }
        count++;
        if (!derivation_fits(log, entry)) {
            rk_counter(row, "%s: a key is derived by algorithm %u, which is not for such a secret", when,
                       entry->call.alg);
        }
        for (size_t j = 0; j < i; j++) {
            const struct rk_log_entry *earlier = &log->entry[j];
            if (earlier->kind == RK_LOG_CALL && earlier->call.what == RK_CALL_KDF && earlier->party == entry->party &&
                earlier->call.key == entry->call.key && earlier->call.input == entry->call.input &&
                is_key(log, entry->call.out)) {
                rk_counter(row, "%s: secret, label and context of a derivation at %llu s again", when,
                           (unsigned long long)(earlier->time_ns / 1000000000));
            }
        }
    }
    return count;
}

/* The library's function: its output hides its secret and depends on label and context. */
static void try_derivation(const struct rk_case *c, uint8_t purpose, struct rk_audit_row *row)
{
    uint8_t secret[32], label[16] = {1}, context[2][16] = {{2}, {3}}, out[3][32];
    for (unsigned i = 0; i < sizeof secret; i++) {
        secret[i] = (uint8_t)(7 * i + 1);
    }
    struct rk_kdf_job job = {.alg = rk_kdf_for(purpose),
                             .secret_bytes = sizeof secret,
                             .label_bytes = sizeof label,
                             .context_bytes = sizeof context[0],
                             .out_bytes = sizeof out[0],
                             .secret = secret,
                             .label = label};
    for (unsigned i = 0; i < 3; i++) {
        job.context = context[i == 1];
        label[0] = i == 2 ? 9 : 1;
        job.out = out[i];
        if (c->library->kdf(&job) != RK_CRYPTO_OK) {
            rk_counter(row, "the derivation of %s failed", c->library->name);
            return;
        }
    }
    if (memcmp(out[0], out[1], sizeof out[0]) == 0 || memcmp(out[0], out[2], sizeof out[0]) == 0) {
        rk_counter(row, "%s gives one key for two contexts or labels", c->library->name);
    }
    if (memcmp(out[0], secret, 8) == 0) {
        rk_counter(row, "%s gives its secret back", c->library->name);
    }
}

void rk_judge_r5(const struct rk_case *c, struct rk_audit_row *row)
{
    uint64_t count = derivations(c, row);
    if (count == 0) {
        rk_not_applicable(row, "mechanism %s derives no key: keys come from the generator and are transported",
                          rk_mechanism_name(c->config.policy.mechanism));
        return;
    }
    struct rk_scheme scheme;
    RK_REQUIRE(rk_scheme_of(c->config.policy.mechanism, &scheme));
    try_derivation(c, scheme.kdf_purpose, row);
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, count + 3, "a derivation repeats, leaks its secret or is not made for it");
    } else {
        rk_pass(row, count + 3,
                "%llu derivations of the run, all by %s for mechanism %s; no party used secret, label and context "
                "twice, no "
                "shared secret became a key; no password in the study, so that SP 800-132 has no place",
                (unsigned long long)count, rk_kdf_standard(scheme.kdf_purpose),
                rk_mechanism_name(c->config.policy.mechanism));
    }
}

/* R6 */

enum { STRENGTH_CURVE_bits = 128, STRENGTH_GENERATOR_bits = 256 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Bits of a value from its length, its making and what it was made from (SP 800-57 Part 1, 5.6.2). Repeated bytes have
 * no strength, whatever their number. */
static unsigned strength(const struct rk_log *log, int number, unsigned depth)
{
    const struct rk_value *value = &log->value[number];
    unsigned bits = 8u * value->bytes;
    bool same = value->bytes > 1 && memcmp(value->data, value->data + 1, value->bytes - 1u) == 0;
    if (same || depth == 0) {
        return 0;
    }
    switch (value->kind) {
    case RK_VALUE_PRIVATE:
    case RK_VALUE_SHARED:
        bits = STRENGTH_CURVE_bits;
        break;
    case RK_VALUE_RANDOM:
        bits = least(bits, STRENGTH_GENERATOR_bits);
        break;
    case RK_VALUE_DERIVED:
    case RK_VALUE_UNWRAPPED:
        bits = value->parents > 0 ? least(bits, strength(log, value->parent[0], depth - 1)) : 0;
        break;
    default:
        break;
    }
    return bits;
}

/* The weakest key of the run that was activated. out: how many. */
static uint64_t weakest_key(const struct rk_log *log, unsigned *bits, uint32_t *key_id)
{
    enum { DEPTH_max = 64 };
    uint64_t keys = 0;
    *bits = UINT32_MAX;
    for (size_t i = 0; i < log->entries; i++) {
        const struct rk_log_entry *entry = &log->entry[i];
        if (entry->kind != RK_LOG_RECORD || entry->move.record.to != RK_STATE_ACTIVE ||
            entry->move.value == RK_NO_VALUE) {
            continue;
        }
        keys++;
        unsigned its = strength(log, entry->move.value, DEPTH_max);
        if (its < *bits) {
            *bits = its;
            *key_id = entry->move.record.key_id;
        }
    }
    return keys;
}

/* out: whether the comment above a line of the study says where its value comes from. */
static bool line_reasoned(const char *text, unsigned line)
{
    static const char *const kinds[] = {"literature:", "assumed:", "measured:", "datasheet:"};
    const char *start[2] = {text, text}; /* of the line before, and of the line */
    for (unsigned i = 1; i < line && start[1] != NULL; i++) {
        start[0] = start[1];
        const char *end = strchr(start[1], '\n');
        start[1] = end != NULL ? end + 1 : NULL;
        bool comment = start[0][strspn(start[0], " ")] == '#';
        for (unsigned k = 0; start[1] != NULL && comment && k < sizeof kinds / sizeof kinds[0]; k++) {
            const char *found = memmem(start[0], (size_t)(start[1] - start[0]), kinds[k], strlen(kinds[k]));
            /* Comment lines that follow belong to the same reason. */
            const char *next = start[1];
            unsigned below = i + 1;
            while (found != NULL && below < line && next[strspn(next, " ")] == '#') {
                next = strchr(next, '\n');
                next = next != NULL ? next + 1 : "";
                below++;
            }
            if (found != NULL && below == line) {
                return true;
            }
        }
    }
    return false;
}

/* out: whether the line gives the key, by its last part or as an axis; a key that the file does not give has the place
 * of the mapping it would be in. */
static bool line_gives(const char *text, unsigned line, const char *key)
{
    for (unsigned i = 1; i < line && text != NULL; i++) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    if (text == NULL) {
        return false;
    }
    text += strspn(text, " ");
    const char *last = strrchr(key, '.') + 1;
    return strncmp(text, last, strlen(last)) == 0 || strncmp(text, key, strlen(key)) == 0;
}

/* The choices that R6 and R7 are about. out: the first that stands in the file without a reason; NULL. */
static const char *unreasoned(const struct rk_case *c, unsigned *chosen)
{
    static const char *const keys[] = {"policy.mechanism", "policy.renew", "policy.cryptoperiod"};
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct rk_mark mark = rk_study_mark(c->study, c->point->index, keys[i]);
        if (mark.line == 0 || !line_gives(c->study->text, mark.line, keys[i])) {
            continue; /* from the command line, or the documented default */
        }
        ++*chosen;
        if (!line_reasoned(c->study->text, mark.line)) {
            return keys[i];
        }
    }
    return NULL;
}

void rk_judge_r6(const struct rk_case *c, struct rk_audit_row *row)
{
    unsigned bits, chosen = 0;
    uint32_t key_id = 0;
    uint64_t keys = weakest_key(&c->story->log, &bits, &key_id);
    struct rk_approval_chain chain;
    rk_approval_chain(c->trial, rk_case_date(c), &chain);
    unsigned target = RK_AUDIT_STRENGTH_bits;
    bits = least(bits, chain.worst.strength_bits);
    const char *missing = unreasoned(c, &chosen);
    if (keys == 0 || bits < target) {
        rk_counter(row, "key %u has %u bits, of %u that are asked for", key_id, keys == 0 ? 0 : bits, target);
        rk_fail_requirement(row, keys, "the weakest link of a traffic key is below the strength that is asked for");
    } else if (missing != NULL) {
        struct rk_mark mark = rk_study_mark(c->study, c->point->index, missing);
        rk_counter(row, "%s, line %u: %s stands without a reason", c->study->scenario.name, mark.line, missing);
        rk_fail_requirement(row, keys + chosen, "the study chooses %s without saying where the choice comes from",
                            missing);
    } else {
        rk_pass(row, keys + chosen,
                "%llu traffic keys of the run: the weakest link of each has at least %u bits of strength, asked for "
                "are %u; %u "
                "choices of the study stand with a reason beside them",
                (unsigned long long)keys, bits, target, chosen);
    }
}
