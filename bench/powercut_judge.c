/* bench/powercut_judge.c - one cut: what it leaves, and what becomes of the device */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/powercut_internal.h"

/* A receiver that has restarted refuses up to 16 frames of its peer, and 16 more for each record that a cut has torn; a
 * renewal takes three moves. What does not work after so many tries needs a person. */
enum { TRIES = 80, FLOWS = 12, SECOND_CUTS = 2 };

#define TRY_ns 1000000000ull

/* ---- classes ---- */

struct classes {
    struct rki_class *item;
    unsigned count, room;
    struct rk_rng_key rng;
    uint32_t number;
};

/* Instants first..end - 1, one of which is drawn to stand for them. */
static void add(struct classes *classes, uint64_t first, uint64_t end, struct rki_class class)
{
    if (end <= first) {
        return;
    }
    if (classes->count == classes->room) {
        classes->room = classes->room != 0 ? 2 * classes->room : 64;
        classes->item = realloc(classes->item, classes->room * sizeof *classes->item);
        RK_REQUIRE(classes->item != NULL);
    }
    uint64_t drawn = rk_rng_draw(&classes->rng, classes->number, RK_RNG_FAULT, classes->count);
    class.at = first + rk_rng_below(drawn, end - first);
    class.instants = end - first;
    classes->item[classes->count++] = class;
}

/* The part of an operation that takes steps. */
static void add_phases(struct classes *classes, uint64_t begin, uint64_t end, size_t number)
{
    uint64_t width = end - begin;
    for (uint64_t phase = 0; phase < RK_NVM_PHASES; phase++) {
        uint64_t from = begin + (phase * width + RK_NVM_PHASES - 1) / RK_NVM_PHASES;
        uint64_t to = begin + ((phase + 1) * width + RK_NVM_PHASES - 1) / RK_NVM_PHASES;
        bool chosen = phase == number % RK_NVM_PHASES;
        add(classes, from, to, (struct rki_class){.phase = RK_NVM_PHASES, .torn = true, .chosen = chosen});
    }
}

/* The same of one that stalls at a step. */
static void add_stall(struct classes *classes, const struct rk_nvm_event *event, size_t number)
{
    uint64_t part = event->stall / RK_NVM_PHASES;
    for (unsigned phase = 0; phase < RK_NVM_PHASES && part > 0; phase++) {
        bool chosen = phase == number % RK_NVM_PHASES;
        add(classes, event->end, event->end + 1, (struct rki_class){.phase = phase, .torn = true, .chosen = chosen});
        classes->item[classes->count - 1].instants = part;
    }
}

struct rki_class *rki_classes_make(const struct rk_nvm_log *log, struct rk_rng_key rng, uint32_t number,
                                   unsigned *count)
{
    const struct rki_class whole = {.phase = RK_NVM_PHASES, .chosen = true};
    struct classes classes = {.rng = rng, .number = number};
    uint64_t next = 1; /* step 0 disarms a cut */
    for (size_t i = 0; i < log->count; i++) {
        const struct rk_nvm_event *event = &log->event[i];
        add(&classes, next, event->begin, whole);
        if (event->begin < event->end) {
            add_phases(&classes, event->begin, event->end, i);
        } else if (i + 1 == log->count || log->event[i + 1].begin > event->end) {
            add_stall(&classes, event, i);
        }
        next = event->end;
    }
    add(&classes, next, log->steps, whole);
    add(&classes, log->steps, log->steps + 1, (struct rki_class){.phase = RK_NVM_PHASES, .idle = true, .chosen = true});
    *count = classes.count;
    return classes.item;
}

/* ---- the cut ---- */

static void nvm_read(const struct rki_pair *pair, uint8_t *image)
{
    pair->bench->driver->read(pair->emulator, RK_MEMORY_NVM, 0, image, pair->bench->device.nvm_bytes);
}

/* The call in the pair, cut; the NVM must be what the log tells of a call over `before`. */
static enum rk_err cut_call(struct rki_judge *judge, const struct rk_nvm_log *log, const uint8_t *before,
                            const struct rki_class *class, const char *what, struct rk_diag *diag)
{
    struct rki_pair *pair = judge->pair;
    const struct rki_bench *bench = pair->bench;
    uint64_t nvm_bytes = bench->device.nvm_bytes;
    bench->driver->power_cut_at(pair->emulator, class->idle ? 0 : class->at);
    if (class->phase < RK_NVM_PHASES) {
        bench->driver->power_cut_phase(pair->emulator, class->phase);
    }
    enum rk_call_status came = bench->driver->call(pair->emulator, &pair->call);
    judge->executed++;
    if (came != (class->idle ? RK_CALL_OK : RK_CALL_POWER_CUT)) {
        return rk_fail(diag, RK_ERR_CHECK, "%s: a cut of %s at step %llu did not cut it: %s", bench->device.name, what,
                       (unsigned long long)class->at, bench->driver->reason(pair->emulator));
    }
    memcpy(judge->expected, before, nvm_bytes);
    rk_nvm_cut(log, class->at, class->phase, judge->expected);
    nvm_read(pair, judge->found);
    if (memcmp(judge->expected, judge->found, nvm_bytes) != 0) {
        return rk_fail(diag, RK_ERR_CHECK,
                       "%s: a cut of %s at step %llu left another NVM than its log tells: classes do not hold",
                       bench->device.name, what, (unsigned long long)class->at);
    }
    /* The word that a phase tears is not whole. */
    if (!rki_seen_records(&pair->seen, log, class->at - (class->phase < RK_NVM_PHASES))) {
        pair->side.reused = true;
    }
    return class->idle ? rki_pair_take(pair, diag) : RK_OK;
}

/* ---- what becomes of it ---- */

static void convict(struct rki_verdict *verdict, enum rki_outcome outcome, const char *why)
{
    if (verdict->outcome < RKI_LOST) {
        verdict->outcome = (uint8_t)outcome;
        snprintf(verdict->why, sizeof verdict->why, "%s", why);
    }
}

/* The key that came back with START; 0: none. */
static uint32_t restored_key(const struct rki_pair *pair, uint8_t *state)
{
    for (unsigned i = 0; i < pair->actions.record_count; i++) {
        const struct rk_record *record = &pair->actions.record[i];
        if (record->reason == RK_REASON_RESTORED) {
            *state = record->to;
            return record->key_id;
        }
    }
    *state = RK_STATE_NONE;
    return 0;
}

/* in: the device has just made START. */
static void judge_key(const struct rki_step *step, const struct rki_keys *before, const struct rki_pair *pair,
                      struct rki_verdict *verdict)
{
    uint8_t state;
    uint32_t id = restored_key(pair, &state);
    char why[96];
    if (id != 0 && rki_keys_destroyed(before, id)) {
        snprintf(why, sizeof why, "key %u is back, which was destroyed", (unsigned)id);
        convict(verdict, RKI_RESURRECTED, why);
    } else if (id == before->id && before->state == RK_STATE_SUSPENDED && state != RK_STATE_SUSPENDED &&
               step->kind != RK_EVENT_RESUME) {
        convict(verdict, RKI_RESURRECTED, "the key was suspended, and is not any more");
    } else if (id == 0 && (before->id == 0 || rki_keys_destroyed(&step->after, before->id))) {
        verdict->outcome = RKI_NONE;
    } else if (id == 0) {
        snprintf(why, sizeof why, "key %u is gone", (unsigned)before->id);
        convict(verdict, RKI_LOST, why);
    } else if (id == before->id) {
        verdict->outcome = RKI_OLD;
    } else if (id == step->after.id) {
        verdict->outcome = RKI_NEW;
    } else {
        snprintf(why, sizeof why, "key %u is back, and neither %u nor %u", (unsigned)id, (unsigned)before->id,
                 (unsigned)step->after.id);
        convict(verdict, RKI_LOST, why);
    }
}

/* Frames go to and fro until nobody has one. */
static enum rk_err flow(struct rki_pair *pair, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    struct rki_side *side = &pair->side;
    for (unsigned i = 0; i < FLOWS && (side->up.bytes > 0 || side->down.bytes > 0) && !err; i++) {
        struct rki_frame frame = side->up.bytes > 0 ? side->up : side->down;
        if (side->up.bytes > 0) {
            side->up.bytes = 0;
            rki_pair_peer(pair, RK_EVENT_RECEIVE, frame.data, frame.bytes);
        } else {
            side->down.bytes = 0;
            err = rki_pair_event(pair, RK_EVENT_RECEIVE, frame.data, frame.bytes, diag);
        }
    }
    return err;
}

static enum rk_err try_up(struct rki_pair *pair, const struct rki_keys *before, bool *heard,
                          struct rki_verdict *verdict, struct rk_diag *diag)
{
    struct rki_side *side = &pair->side;
    enum rk_err err = rki_pair_say(pair, true, diag);
    if (err || pair->status[0] != '\0' || side->up.bytes == 0) {
        return err;
    }
    uint32_t id = side->up.data[1] | (uint32_t)side->up.data[2] << 8 | (uint32_t)side->up.data[3] << 16 |
                  (uint32_t)side->up.data[4] << 24;
    if (side->up.data[0] == RK_FRAME_DATA && rki_keys_destroyed(before, id)) {
        convict(verdict, RKI_RESURRECTED, "the device sends under a key that was destroyed");
    }
    struct rki_frame frame = side->up;
    side->up.bytes = 0;
    rki_pair_peer(pair, RK_EVENT_RECEIVE, frame.data, frame.bytes);
    *heard = rki_pair_heard(pair);
    return RK_OK;
}

static enum rk_err try_down(struct rki_pair *pair, bool *heard, struct rk_diag *diag)
{
    struct rki_side *side = &pair->side;
    enum rk_err err = rki_pair_say(pair, false, diag);
    if (err || side->down.bytes == 0) {
        return err;
    }
    struct rki_frame frame = side->down;
    side->down.bytes = 0;
    err = rki_pair_event(pair, RK_EVENT_RECEIVE, frame.data, frame.bytes, diag);
    *heard = !err && pair->status[0] == '\0' && rki_pair_heard(pair);
    return err;
}

/* Time goes on to the device's timer, or by a little. */
static enum rk_err wait(struct rki_pair *pair, bool to_timer, struct rk_diag *diag)
{
    struct rki_side *side = &pair->side;
    uint64_t timer_ns = side->timer_ns[RK_ROLE_DEVICE];
    side->now_ns += TRY_ns / 1000;
    if (to_timer && timer_ns != RK_NEVER_ns && timer_ns > side->now_ns) {
        side->now_ns = timer_ns;
    }
    if (side->timer_ns[RK_ROLE_SERVER] <= side->now_ns) {
        rki_pair_peer(pair, RK_EVENT_TIMER, NULL, 0);
    }
    return timer_ns <= side->now_ns ? rki_pair_event(pair, RK_EVENT_TIMER, NULL, 0, diag) : RK_OK;
}

/* Messages both ways, by the device's and the peer's own doing; a key that is suspended is resumed. */
static enum rk_err agree_again(struct rki_pair *pair, const struct rki_keys *before, struct rki_verdict *verdict,
                               struct rk_diag *diag)
{
    bool up = false, down = false;
    enum rk_err err = flow(pair, diag);
    for (unsigned try = 0; try < TRIES && !(up && down) && !err && pair->status[0] == '\0'; try++) {
        const struct rki_keys *keys = &pair->side.keys;
        if (keys->state == RK_STATE_SUSPENDED) {
            err = rki_pair_event(pair, RK_EVENT_RESUME, NULL, 0, diag);
        } else if (keys->state != RK_STATE_ACTIVE) {
            err = wait(pair, true, diag);
        } else {
            err = up ? RK_OK : try_up(pair, before, &up, verdict, diag);
            err = err || down || pair->status[0] != '\0' ? err : try_down(pair, &down, diag);
            err = err || (up && down) || pair->status[0] != '\0' ? err : wait(pair, false, diag);
        }
        if (!err && pair->status[0] == '\0') {
            err = flow(pair, diag);
        }
    }
    if (!err && !(up && down)) {
        convict(verdict, RKI_LOST, up ? "the peer's messages do not arrive" : "no message reaches the peer");
    }
    return err;
}

/* All that the peer ever sent, again: what was taken before is not taken twice. */
static enum rk_err replay(struct rki_pair *pair, unsigned count, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    for (unsigned i = 0; i < count && !err && pair->status[0] == '\0'; i++) {
        const struct rki_seen_item *item = &pair->seen.item[i];
        bool taken = (pair->side.delivered[i / 64] >> i % 64 & 1) != 0;
        if (taken) {
            err = rki_pair_event(pair, RK_EVENT_RECEIVE, item->data, item->bytes, diag);
        }
    }
    return err;
}

/* What the officer wanted when the power failed, is asked for again. */
static enum rk_err insist(struct rki_pair *pair, const struct rki_step *step, struct rk_diag *diag)
{
    bool old = step->before.keys.id != 0 && pair->side.keys.id == step->before.keys.id;
    bool undone = step->kind == RK_EVENT_COMPROMISE || step->kind == RK_EVENT_ZEROISE;
    const struct rki_frame *backup = &step->before.backup;
    if (strcmp(step->part, "restore") == 0 && pair->side.keys.id == 0) {
        return rki_pair_event(pair, RK_EVENT_RESTORE, backup->data, backup->bytes, diag);
    }
    return old && undone ? rki_pair_event(pair, step->kind, NULL, 0, diag) : RK_OK;
}

/* A device at its end: the next boot finds no key. */
static enum rk_err judge_end(struct rki_pair *pair, struct rki_verdict *verdict, struct rk_diag *diag)
{
    uint8_t state;
    enum rk_err err = rki_pair_boot(pair, true, diag);
    if (!err && pair->status[0] == '\0') {
        err = rki_pair_start(pair, diag);
    }
    if (!err && restored_key(pair, &state) != 0) {
        convict(verdict, RKI_RESURRECTED, "a key is back after zeroise");
    }
    return err;
}

/* in: the NVM is as the cut left it, pair->side as before the step. out: *log of START, events for the caller to free;
 * where the caller wants none, NULL. */
static enum rk_err judge_reboot(struct rki_judge *judge, const struct rki_step *step, struct rk_nvm_log *log,
                                struct rki_verdict *verdict, struct rk_diag *diag)
{
    struct rki_pair *pair = judge->pair;
    unsigned seen = step->before.seen;
    pair->side.up.bytes = 0;
    pair->side.down.bytes = 0;
    enum rk_err err = rki_pair_boot(pair, true, diag);
    if (!err && pair->status[0] == '\0') {
        pair->side.keys.id = 0;
        pair->side.keys.state = RK_STATE_NONE;
        err = rki_pair_start(pair, diag);
    }
    if (err || pair->status[0] != '\0') {
        return err;
    }
    if (log != NULL) {
        *log = pair->bench->driver->nvm_log(pair->emulator);
        struct rk_nvm_event *events = malloc((log->count + 1) * sizeof *events);
        RK_REQUIRE(events != NULL);
        memcpy(events, log->event, log->count * sizeof *events);
        log->event = events;
    }
    judge_key(step, &judge->held, pair, verdict);
    err = insist(pair, step, diag);
    if (!err && step->kind == RK_EVENT_ZEROISE) {
        return judge_end(pair, verdict, diag);
    }
    if (!err) {
        err = replay(pair, seen, diag); /* before a fresh message makes them stale */
    }
    return err ? err : agree_again(pair, &judge->held, verdict, diag);
}

static void close_verdict(const struct rki_pair *pair, struct rki_verdict *verdict)
{
    if (pair->status[0] != '\0') {
        char why[160];
        snprintf(why, sizeof why, "after the reboot: %s", pair->status);
        convict(verdict, RKI_LOST, why);
    }
    verdict->reused |= pair->side.reused;
    verdict->replayed |= pair->side.replayed;
    if (verdict->why[0] == '\0' && (verdict->reused || verdict->replayed)) {
        snprintf(verdict->why, sizeof verdict->why, "%s",
                 verdict->reused ? "a nonce is used twice under one key" : "a text is taken twice");
    }
}

/* Cuts of START, which the device makes after the first cut. in: image: the NVM that this left. */
static enum rk_err cut_reboot(struct rki_judge *judge, const struct rki_step *step, uint32_t number,
                              const struct rk_nvm_log *log, const uint8_t *image, const struct rki_side *side,
                              struct rki_verdict *verdict, struct rk_diag *diag)
{
    struct rki_pair *pair = judge->pair;
    unsigned count;
    struct rki_class *class = rki_classes_make(log, pair->rng, number, &count);
    enum rk_err err = RK_OK;
    for (unsigned i = 0; i < SECOND_CUTS && log->count > 0 && !err && verdict->outcome < RKI_LOST; i++) {
        uint64_t drawn = rk_rng_draw(&pair->rng, number, RK_RNG_LATENCY, i);
        const struct rki_class *chosen = &class[rk_rng_below(drawn, count)];
        struct rki_verdict second = {0};
        uint8_t entropy[RK_ENTROPY_bytes];
        pair->side = *side;
        pair->seen.count = side->seen;
        pair->bench->driver->nvm_write(pair->emulator, 0, image, pair->bench->device.nvm_bytes);
        err = rki_pair_boot(pair, true, diag);
        if (err) {
            break;
        }
        rki_pair_entropy(pair, entropy);
        rki_pair_put(pair, RK_EVENT_START, entropy, sizeof entropy);
        err = cut_call(judge, log, image, chosen, "a reboot", diag);
        judge->second++;
        if (!err) {
            err = judge_reboot(judge, step, NULL, &second, diag);
        }
        close_verdict(pair, &second);
        if (second.outcome >= RKI_LOST || second.reused || second.replayed) {
            *verdict = second;
        }
    }
    free(class);
    return err;
}

enum rk_err rki_judge_cut(struct rki_judge *judge, unsigned number, const struct rki_class *class,
                          struct rki_verdict *verdict, struct rk_diag *diag)
{
    struct rki_pair *pair = judge->pair;
    const struct rki_step *step = &judge->script->step[number];
    struct rk_nvm_log log = {.event = NULL};
    *verdict = (struct rki_verdict){.outcome = RKI_OLD};
    enum rk_err err = rki_judge_sample(judge, number, class, diag);
    if (err) {
        return err;
    }
    size_t nvm_bytes = pair->bench->device.nvm_bytes;
    uint8_t *image = malloc(nvm_bytes);
    struct rki_side *side = malloc(sizeof *side);
    RK_REQUIRE(image != NULL && side != NULL);
    memcpy(image, judge->found, nvm_bytes);
    judge->held = pair->side.keys;
    pair->side.entropy += (uint32_t)(class->at * RK_NVM_PHASES + class->phase) << 8; /* fresh */
    pair->side.seen = pair->seen.count;
    *side = pair->side;
    err = judge_reboot(judge, step, judge->depth > 1 ? &log : NULL, verdict, diag);
    close_verdict(pair, verdict);
    if (!err && judge->depth > 1 && log.event != NULL) {
        err = cut_reboot(judge, step, (uint32_t) class->at, &log, image, side, verdict, diag);
    }
    free((void *)(uintptr_t)log.event);
    free(side);
    free(image);
    return err;
}

enum rk_err rki_judge_sample(struct rki_judge *judge, unsigned number, const struct rki_class *class,
                             struct rk_diag *diag)
{
    const struct rki_step *step = &judge->script->step[number];
    enum rk_err err = rki_script_set_back(judge->script, number, judge->pair, diag);
    return err ? err : cut_call(judge, &step->log, step->image, class, rk_event_name(step->kind), diag);
}
