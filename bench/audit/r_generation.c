/* R1 to R9: how keys are generated and shared. */
#include <string.h>

#include "bench/audit/case.h"

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

/* out: number of random outputs and key pairs looked at. A generator's output has at least 16 bytes here: two equal ones
 * are no accident. */
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
        uint8_t entropy[RK_ENTROPY_bytes];
        memset(entropy, i < 2 ? 0x35 : 0x53, sizeof entropy);
        if (c->library->drbg_init(drbg, c->library->drbg_alg, entropy) != RK_CRYPTO_OK ||
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
    } else if (c->trial->policy.mechanism == RK_MECHANISM_ECDH && !pairs_follow_generator(c)) {
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

/* R9 */

/* What feeding a frame again changed: out: a line in the row's counter-example. */
static bool accepted(struct rk_duo *duo, uint8_t to, const struct rk_log_frame *frame, const char *what,
                     struct rk_audit_row *row)
{
    uint32_t delivered = duo->delivered[to];
    size_t before = duo->log.entries;
    rk_duo_event(duo, to, RK_EVENT_RECEIVE, frame->data, frame->bytes);
    bool moved = false;
    for (size_t i = before; i < duo->log.entries; i++) {
        moved = moved || duo->log.entry[i].kind == RK_LOG_RECORD;
    }
    if (!moved && duo->delivered[to] == delivered) {
        return false;
    }
    rk_counter(row, "%s of kind %u, first sent at %llu.%03llu s, %s at %llu.%03llu s by the %s", what, frame->kind,
               (unsigned long long)(frame->time_ns / 1000000000), (unsigned long long)(frame->time_ns / 1000000 % 1000),
               moved ? "moved a key" : "was delivered", (unsigned long long)(duo->now_ns / 1000000000),
               (unsigned long long)(duo->now_ns / 1000000 % 1000), to == RK_ROLE_DEVICE ? "device" : "server");
    return true;
}

static void short_run(struct rk_duo *duo)
{
    rk_duo_start(duo);
    for (unsigned i = 0; i < 4; i++) {
        rk_duo_send(duo, RK_ROLE_DEVICE, 16);
        rk_duo_send(duo, RK_ROLE_SERVER, 16);
    }
    rk_duo_renew(duo);
    rk_duo_send(duo, RK_ROLE_DEVICE, 16);
}

/* All frames so far: again to who got them, back to who sent them, and to another pair. */
static uint64_t offer_all(struct rk_duo *duo, struct rk_duo *other, struct rk_audit_row *row)
{
    uint64_t offered = 0;
    size_t frames = duo->log.frames;
    for (size_t i = 0; i < frames; i++) {
        struct rk_log_frame frame = duo->log.frame[i];
        accepted(duo, frame.from ^ 1, &frame, "replayed frame", row);
        accepted(duo, frame.from, &frame, "reflected frame", row);
        accepted(other, frame.from ^ 1, &frame, "frame of another pair", row);
        offered += 3;
    }
    return offered;
}

void rk_judge_r9(const struct rk_case *c, struct rk_audit_row *row)
{
    struct rk_duo *duo = rk_case_duo(c, 9), *other = rk_case_duo(c, 10);
    short_run(duo);
    short_run(other);
    uint64_t offered = offer_all(duo, other, row);
    rk_duo_renew(duo);
    offered += offer_all(duo, other, row);
    const char *part = c->config.policy.mechanism == RK_MECHANISM_ECDH ? "11770-3 (asymmetric)" : "11770-2 (symmetric)";
    if (row->counter_example[0] != '\0') {
        rk_fail_requirement(row, offered, "of %llu frames offered again, reflected or of another pair one was accepted",
                            (unsigned long long)offered);
    } else {
        rk_pass(row, offered,
                "mechanism %s, of the kind of ISO/IEC %s with nonces or fresh public keys and mutual confirmation; "
                "%llu frames "
                "replayed, reflected and sent by another pair, none delivered a text or moved a key",
                rk_mechanism_name(c->config.policy.mechanism), part, (unsigned long long)offered);
    }
    rk_duo_free(other);
    rk_duo_free(duo);
}
