/* The story that every combination lives through, and the pairs of drills. */
#include <stdlib.h>
#include <string.h>

#include "bench/audit/case.h"
#include "engine/core/sha256.h"
#include "engine/lifecycle/internal.h"

enum {
    TEXTS = 6,
    RENEWALS = 3,
    SENDS_max = 4096, /* of a count policy; beyond, the counter is set ahead */
};

#define S_ns 1000000000ull

/* Keys and entropy follow from what the combination is, so that a verdict is the same every time. */
static uint64_t seed(const struct rk_case *c, uint32_t number)
{
    struct rk_sha256 hash;
    uint8_t digest[32];
    uint64_t value;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, &c->trial->seed, sizeof c->trial->seed);
    rk_sha256_add(&hash, &number, sizeof number);
    rk_sha256_finish(&hash, digest);
    memcpy(&value, digest, sizeof value);
    return value;
}

bool rk_case_agrees(const struct rk_case *c)
{
    return c->config.policy.mechanism == RK_MECHANISM_ECDH || c->config.policy.mechanism == RK_MECHANISM_STATIC;
}

uint32_t rk_case_date(const struct rk_case *c)
{
    return c->point->policy_date != 0 ? c->point->policy_date : RK_AUDIT_DATE;
}

struct rk_duo *rk_case_duo(const struct rk_case *c, uint32_t number)
{
    return rk_case_duo_on(c, number, (uint16_t)c->trial->device->nvm_erase_block_bytes);
}

struct rk_duo *rk_case_duo_on(const struct rk_case *c, uint32_t number, uint64_t erase_bytes)
{
    struct rk_duo *duo = aligned_alloc(alignof(struct rk_duo), sizeof *duo);
    RK_REQUIRE(duo != NULL);
    struct rk_agent_config config = c->config;
    config.device_id += number;
    rk_duo_init(duo, c->library, &config, erase_bytes, seed(c, 0));
    return duo;
}

bool rk_case_seed(const struct rk_case *c, uint32_t number, struct rk_drbg *drbg)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    for (unsigned i = 0; i < sizeof entropy; i += sizeof(uint64_t)) {
        uint64_t word = seed(c, number + (i << 16));
        memcpy(entropy + i, &word, sizeof word);
    }
    return c->library->drbg_init(drbg, c->library->drbg_alg, entropy) == RK_CRYPTO_OK;
}

void rk_duo_free(struct rk_duo *duo)
{
    rk_duo_fini(duo);
    free(duo);
}

/* What the policy waits for. out: false when it waits for nothing. */
static bool provoke(struct rk_duo *duo)
{
    const struct rk_policy *policy = &duo->config.policy;
    struct rk_key *key = &duo->agent[RK_ROLE_DEVICE].key[RKI_CURRENT];
    uint32_t goal = duo->finished + 1;
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0) {
        if (policy->messages > SENDS_max && key->protected_messages < policy->messages - TEXTS) {
            key->protected_messages = policy->messages - TEXTS;
        }
        for (unsigned i = 0; i < SENDS_max && duo->finished < goal; i++) {
            rk_duo_send(duo, RK_ROLE_DEVICE, 16);
            rk_duo_run_renewals(duo, 1, duo->now_ns + S_ns);
        }
    }
    if (duo->finished < goal && (policy->triggers & RK_TRIGGER_SESSION) != 0) {
        rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_SESSION, NULL, 0);
    }
    if (duo->finished < goal && policy->triggers != 0) {
        rk_duo_run_renewals(duo, 1, RK_NEVER_ns - 1);
    }
    return duo->finished >= goal;
}

bool rk_duo_renew(struct rk_duo *duo)
{
    if (provoke(duo)) {
        return true;
    }
    uint32_t goal = duo->finished + 1;
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    if (duo->finished < goal) {
        rk_duo_run_renewals(duo, 1, RK_NEVER_ns - 1);
    }
    return duo->finished >= goal;
}

static void talk(struct rk_duo *duo, uint16_t text_bytes)
{
    for (unsigned i = 0; i < TEXTS; i++) {
        rk_duo_send(duo, RK_ROLE_DEVICE, text_bytes);
        if (i % 2 == 0) {
            rk_duo_send(duo, RK_ROLE_SERVER, 16);
        }
        rk_duo_run(duo, duo->now_ns + S_ns / 100);
    }
}

static void begin(struct rk_case *c, enum rk_chapter chapter)
{
    c->chapter[chapter] = c->story->log.entries;
}

static void lose(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_duo *duo = c->story;
    for (int kind = RK_FRAME_R1; kind <= RK_FRAME_R3; kind++) {
        duo->lose_kind = kind;
        rk_duo_renew(duo);
        talk(duo, text_bytes);
        duo->lose_kind = RK_DUO_NO_FRAME;
    }
}

/* Once in the middle of a key's life, and once while its predecessor may still process. */
static void restart(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_duo *duo = c->story;
    for (unsigned i = 0; i < 2; i++) {
        rk_duo_restart(duo);
        talk(duo, text_bytes);
        if (i == 0) {
            rk_duo_renew(duo);
        }
    }
}

static void suspend(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_duo *duo = c->story;
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_SUSPEND, NULL, 0);
    talk(duo, text_bytes);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0);
    talk(duo, text_bytes);
}

/* The backup leaves, the store is lost, the device restarts without it and asks for the backup. */
static void backup(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_duo *duo = c->story;
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0);
    const struct rk_log *log = &duo->log;
    bool left = log->frames > 0 && log->frame[log->frames - 1].kind == RK_FRAME_BACKUP;
    struct rk_log_frame copy = left ? log->frame[log->frames - 1] : (struct rk_log_frame){0};
    memset(duo->image, 0xff, sizeof duo->image);
    rk_duo_restart(duo);
    if (left) {
        rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_RESTORE, copy.data, copy.bytes);
    }
    talk(duo, text_bytes);
}

void rk_story_run(struct rk_case *c)
{
    struct rk_duo *duo = c->story = rk_case_duo(c, 0);
    uint16_t text_bytes = c->trial->message_bytes;
    begin(c, RK_CHAPTER_ESTABLISH);
    rk_duo_start(duo);
    begin(c, RK_CHAPTER_DATA);
    talk(duo, text_bytes);
    begin(c, RK_CHAPTER_RENEW);
    for (unsigned i = 0; i < RENEWALS; i++) {
        rk_duo_renew(duo);
        talk(duo, text_bytes);
    }
    begin(c, RK_CHAPTER_LOSS);
    lose(c, text_bytes);
    begin(c, RK_CHAPTER_RESTART);
    restart(c, text_bytes);
    begin(c, RK_CHAPTER_SUSPEND);
    suspend(c, text_bytes);
    begin(c, RK_CHAPTER_COMPROMISE);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    talk(duo, text_bytes);
    begin(c, RK_CHAPTER_BACKUP);
    backup(c, text_bytes);
    begin(c, RK_CHAPTER_END);
    rk_duo_event(duo, RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0);
    rk_duo_event(duo, RK_ROLE_SERVER, RK_EVENT_ZEROISE, NULL, 0);
    rk_duo_send(duo, RK_ROLE_DEVICE, text_bytes);
    c->chapter[RK_CHAPTER_COUNT] = duo->log.entries;
}
