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

struct rk_pair *rk_case_pair(const struct rk_case *c, uint32_t number)
{
    struct rk_pair *pair = aligned_alloc(alignof(struct rk_pair), sizeof *pair);
    RK_REQUIRE(pair != NULL);
    struct rk_agent_config config = c->config;
    config.device_id += number;
    rk_pair_init(pair, c->library, &config, 0, seed(c, 0));
    return pair;
}

void rk_pair_free(struct rk_pair *pair)
{
    rk_pair_fini(pair);
    free(pair);
}

/* What the policy waits for. out: false when it waits for nothing. */
static bool provoke(struct rk_pair *pair)
{
    const struct rk_policy *policy = &pair->config.policy;
    struct rk_key *key = &pair->agent[RK_ROLE_DEVICE].key[RKI_CURRENT];
    uint32_t goal = pair->finished + 1;
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0) {
        if (policy->messages > SENDS_max && key->protected_messages < policy->messages - TEXTS) {
            key->protected_messages = policy->messages - TEXTS;
        }
        for (unsigned i = 0; i < SENDS_max && pair->finished < goal; i++) {
            rk_pair_send(pair, RK_ROLE_DEVICE, 16);
            rk_pair_run_renewals(pair, 1, pair->now_ns + S_ns);
        }
    }
    if (pair->finished < goal && (policy->triggers & RK_TRIGGER_SESSION) != 0) {
        rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_SESSION, NULL, 0);
    }
    if (pair->finished < goal && policy->triggers != 0) {
        rk_pair_run_renewals(pair, 1, RK_NEVER_ns - 1);
    }
    return pair->finished >= goal;
}

bool rk_pair_renew(struct rk_pair *pair)
{
    if (provoke(pair)) {
        return true;
    }
    uint32_t goal = pair->finished + 1;
    rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    if (pair->finished < goal) {
        rk_pair_run_renewals(pair, 1, RK_NEVER_ns - 1);
    }
    return pair->finished >= goal;
}

static void talk(struct rk_pair *pair, uint16_t text_bytes)
{
    for (unsigned i = 0; i < TEXTS; i++) {
        rk_pair_send(pair, RK_ROLE_DEVICE, text_bytes);
        if (i % 2 == 0) {
            rk_pair_send(pair, RK_ROLE_SERVER, 16);
        }
        rk_pair_run(pair, pair->now_ns + S_ns / 100);
    }
}

static void begin(struct rk_case *c, enum rk_chapter chapter)
{
    c->chapter[chapter] = c->story->log.entries;
}

static void lose(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_pair *pair = c->story;
    for (int kind = RK_FRAME_R1; kind <= RK_FRAME_R3; kind++) {
        pair->lose_kind = kind;
        rk_pair_renew(pair);
        talk(pair, text_bytes);
        pair->lose_kind = RK_PAIR_NO_FRAME;
    }
}

/* Once in the middle of a key's life, and once while its predecessor may still process. */
static void restart(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_pair *pair = c->story;
    for (unsigned i = 0; i < 2; i++) {
        rk_pair_restart(pair);
        talk(pair, text_bytes);
        if (i == 0) {
            rk_pair_renew(pair);
        }
    }
}

static void suspend(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_pair *pair = c->story;
    rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_SUSPEND, NULL, 0);
    talk(pair, text_bytes);
    rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_RESUME, NULL, 0);
    talk(pair, text_bytes);
}

/* The backup leaves, the store is lost, the device restarts without it and asks for the backup. */
static void backup(struct rk_case *c, uint16_t text_bytes)
{
    struct rk_pair *pair = c->story;
    rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_BACKUP, NULL, 0);
    const struct rk_log *log = &pair->log;
    bool left = log->frames > 0 && log->frame[log->frames - 1].kind == RK_FRAME_BACKUP;
    struct rk_log_frame copy = left ? log->frame[log->frames - 1] : (struct rk_log_frame){0};
    memset(pair->image, 0xff, sizeof pair->image);
    rk_pair_restart(pair);
    if (left) {
        rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_RESTORE, copy.data, copy.bytes);
    }
    talk(pair, text_bytes);
}

void rk_story_run(struct rk_case *c)
{
    struct rk_pair *pair = c->story = rk_case_pair(c, 0);
    uint16_t text_bytes = c->trial->message_bytes;
    begin(c, RK_CHAPTER_ESTABLISH);
    rk_pair_start(pair);
    begin(c, RK_CHAPTER_DATA);
    talk(pair, text_bytes);
    begin(c, RK_CHAPTER_RENEW);
    for (unsigned i = 0; i < RENEWALS; i++) {
        rk_pair_renew(pair);
        talk(pair, text_bytes);
    }
    begin(c, RK_CHAPTER_LOSS);
    lose(c, text_bytes);
    begin(c, RK_CHAPTER_RESTART);
    restart(c, text_bytes);
    begin(c, RK_CHAPTER_SUSPEND);
    suspend(c, text_bytes);
    begin(c, RK_CHAPTER_COMPROMISE);
    rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_COMPROMISE, NULL, 0);
    talk(pair, text_bytes);
    begin(c, RK_CHAPTER_BACKUP);
    backup(c, text_bytes);
    begin(c, RK_CHAPTER_END);
    rk_pair_event(pair, RK_ROLE_DEVICE, RK_EVENT_ZEROISE, NULL, 0);
    rk_pair_event(pair, RK_ROLE_SERVER, RK_EVENT_ZEROISE, NULL, 0);
    rk_pair_send(pair, RK_ROLE_DEVICE, text_bytes);
    c->chapter[RK_CHAPTER_COUNT] = pair->log.entries;
}
