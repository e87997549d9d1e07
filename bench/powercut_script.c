/* bench/powercut_script.c - a pair through the transitions of its keys' lives, recorded for going back to any step
 *
 * Moves of the peer, and loss of power while nothing is done, are between the steps: nothing can be cut there that a cut
 * after the step before does not do.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/powercut_internal.h"

enum what {
    DEVICE,       /* an event into the device; RECEIVE: of the peer's last frame */
    DEVICE_LATE,  /* the frame that was held back reaches it */
    DEVICE_WAITS, /* until its timer has come */
    REBOOT,       /* it loses its RAM */
    REPAIR,       /* and its NVM: the memory was exchanged */
    PEER_HEARS,   /* the device's last frame goes to the peer */
    PEER_SAYS,
    PEER_SAYS_LATE, /* its frame is held back */
};

struct move {
    const char *part;
    uint8_t what;
    uint8_t kind;
};

/* In the order in which they happen to one pair. */
static const struct move moves[] = {
    {.part = "establish", .what = DEVICE, .kind = RK_EVENT_START},
    {.part = "establish", .what = PEER_HEARS},
    {.part = "establish", .what = DEVICE, .kind = RK_EVENT_RECEIVE},
    {.part = "establish", .what = PEER_HEARS},
    {.part = "use", .what = DEVICE, .kind = RK_EVENT_SEND},
    {.part = "use", .what = PEER_HEARS},
    {.part = "use", .what = PEER_SAYS},
    {.part = "use", .what = DEVICE, .kind = RK_EVENT_RECEIVE},
    {.part = "renew", .what = PEER_SAYS_LATE},
    {.part = "renew", .what = DEVICE, .kind = RK_EVENT_SESSION},
    {.part = "renew", .what = PEER_HEARS},
    {.part = "renew", .what = DEVICE, .kind = RK_EVENT_RECEIVE},
    {.part = "renew", .what = PEER_HEARS},
    {.part = "overlap", .what = DEVICE_LATE, .kind = RK_EVENT_RECEIVE},
    {.part = "overlap", .what = DEVICE, .kind = RK_EVENT_SEND},
    {.part = "overlap", .what = PEER_HEARS},
    {.part = "overlap", .what = PEER_SAYS},
    {.part = "overlap", .what = DEVICE, .kind = RK_EVENT_RECEIVE},
    {.part = "overlap end", .what = DEVICE_WAITS, .kind = RK_EVENT_TIMER},
    {.part = "restart", .what = REBOOT},
    {.part = "restart", .what = DEVICE, .kind = RK_EVENT_START},
    {.part = "restart", .what = DEVICE, .kind = RK_EVENT_SEND},
    {.part = "restart", .what = PEER_HEARS},
    {.part = "suspend", .what = DEVICE, .kind = RK_EVENT_SUSPEND},
    {.part = "resume", .what = DEVICE, .kind = RK_EVENT_RESUME},
    {.part = "compromise", .what = DEVICE, .kind = RK_EVENT_COMPROMISE},
    {.part = "compromise", .what = PEER_HEARS},
    {.part = "compromise", .what = DEVICE, .kind = RK_EVENT_RECEIVE},
    {.part = "compromise", .what = PEER_HEARS},
    {.part = "compromise", .what = DEVICE, .kind = RK_EVENT_SEND},
    {.part = "compromise", .what = PEER_HEARS},
    {.part = "backup", .what = DEVICE, .kind = RK_EVENT_BACKUP},
    {.part = "restore", .what = REPAIR},
    {.part = "restore", .what = DEVICE, .kind = RK_EVENT_START},
    {.part = "restore", .what = DEVICE, .kind = RK_EVENT_RESTORE},
    {.part = "restore", .what = PEER_HEARS},
    {.part = "restore", .what = DEVICE, .kind = RK_EVENT_RECEIVE},
    {.part = "restore", .what = PEER_HEARS},
    {.part = "zeroise", .what = DEVICE, .kind = RK_EVENT_ZEROISE},
};

enum { MOVES = sizeof moves / sizeof moves[0] };

static void log_copy(struct rk_nvm_log *copy, struct rk_nvm_log log)
{
    struct rk_nvm_event *events = malloc((log.count + 1) * sizeof *events);
    RK_REQUIRE(events != NULL);
    memcpy(events, log.event, log.count * sizeof *events);
    *copy = log;
    copy->event = events;
}

/* What a move gives the device; a text counts as sent only in rki_pair_say(). */
static void fill_data(struct rki_step *step, const struct move *move, struct rki_pair *pair)
{
    const struct rki_side *side = &pair->side;
    const struct rki_frame *frame = NULL;
    if (move->what == DEVICE_LATE) {
        frame = &side->held;
    } else if (move->kind == RK_EVENT_RECEIVE) {
        frame = &side->down;
    } else if (move->kind == RK_EVENT_RESTORE) {
        frame = &side->backup;
    }
    if (frame != NULL) {
        step->data_bytes = frame->bytes;
        memcpy(step->data, frame->data, frame->bytes);
    }
}

static enum rk_err make_step(const struct rki_step *step, struct rki_pair *pair, struct rk_diag *diag)
{
    switch (step->kind) {
    case RK_EVENT_START:
        return rki_pair_start(pair, diag);
    case RK_EVENT_SEND:
        return rki_pair_say(pair, true, diag);
    default:
        return rki_pair_event(pair, step->kind, step->data, step->data_bytes, diag);
    }
}

/* Puts the step's event into the call, again. */
static void put_step(const struct rki_step *step, struct rki_pair *pair)
{
    rki_pair_put(pair, step->kind, step->data, step->data_bytes);
}

static enum rk_err record_step(struct rki_script *script, const struct move *move, bool boots, struct rki_pair *pair,
                               struct rk_diag *diag)
{
    const struct rki_bench *bench = pair->bench;
    RK_REQUIRE(script->steps < RKI_STEPS_MAX);
    struct rki_step *step = &script->step[script->steps++];
    if (move->what == DEVICE_WAITS) {
        RK_REQUIRE(pair->side.timer_ns[RK_ROLE_DEVICE] != RK_NEVER_ns);
        pair->side.now_ns = pair->side.timer_ns[RK_ROLE_DEVICE];
    }
    *step = (struct rki_step){.part = move->part, .kind = move->kind, .boots = boots, .before = pair->side};
    fill_data(step, move, pair);
    step->image = malloc(bench->device.nvm_bytes);
    RK_REQUIRE(step->image != NULL);
    bench->driver->read(pair->emulator, RK_MEMORY_NVM, 0, step->image, bench->device.nvm_bytes);
    if (bench->driver->keep != NULL) {
        step->kept = bench->driver->keep(pair->emulator);
        RK_REQUIRE(step->kept != NULL);
    }
    enum rk_err err = make_step(step, pair, diag);
    if (err || pair->status[0] != '\0') {
        return err;
    }
    step->data_bytes = pair->given.bytes;
    memcpy(step->data, pair->given.data, pair->given.bytes);
    step->after = pair->side.keys;
    log_copy(&step->log, bench->driver->nvm_log(pair->emulator));
    return RK_OK;
}

static void drop_step(struct rki_script *script)
{
    struct rki_step *step = &script->step[--script->steps];
    free(step->kept);
    free(step->image);
    free((void *)(uintptr_t)step->log.event);
}

/* out: whether the move came to what it is there for. */
static bool is_fine(const struct move *move, const struct rki_pair *pair)
{
    const struct rk_actions *actions = &pair->actions;
    bool data = pair->given.bytes > 0 && pair->given.data[0] == RK_FRAME_DATA;
    if (pair->side.reused) {
        return true; /* the peer may refuse it, and every verdict from here on says so */
    }
    if (actions->result != RK_AGENT_OK) {
        return false;
    }
    switch (move->what) {
    case PEER_SAYS:
    case PEER_SAYS_LATE:
        return actions->frame_bytes > 0;
    case PEER_HEARS:
        return pair->side.up.data[0] != RK_FRAME_DATA || rki_pair_heard(pair);
    case DEVICE:
        return move->kind != RK_EVENT_RECEIVE || !data || rki_pair_heard(pair);
    case DEVICE_LATE:
        return actions->delivered;
    default:
        return true;
    }
}

/* A blank NVM. Which of the peer's frames the device had taken is lost with it, and in no backup: known, see
 * engine/lifecycle/backup.h. */
static enum rk_err repair(struct rki_pair *pair, struct rk_diag *diag)
{
    const struct rki_bench *bench = pair->bench;
    uint8_t *blank = malloc(bench->device.nvm_bytes);
    RK_REQUIRE(blank != NULL);
    memset(blank, 0xff, bench->device.nvm_bytes);
    enum rk_err err = bench->driver->nvm_write(pair->emulator, 0, blank, bench->device.nvm_bytes);
    free(blank);
    pair->side.keys.id = 0;
    pair->side.keys.state = RK_STATE_NONE;
    memset(pair->side.delivered, 0, sizeof pair->side.delivered);
    pair->actions.result = RK_AGENT_OK;
    return err ? err : rki_pair_boot(pair, true, diag);
}

static enum rk_err make_move(struct rki_script *script, const struct move *move, bool boots, struct rki_pair *pair,
                             struct rk_diag *diag)
{
    struct rki_side *side = &pair->side;
    switch (move->what) {
    case REBOOT:
        pair->actions.result = RK_AGENT_OK;
        return rki_pair_boot(pair, true, diag);
    case REPAIR:
        return repair(pair, diag);
    case PEER_HEARS:
        rki_pair_peer(pair, RK_EVENT_RECEIVE, side->up.data, side->up.bytes);
        return RK_OK;
    case PEER_SAYS:
        return rki_pair_say(pair, false, diag);
    case PEER_SAYS_LATE: {
        enum rk_err err = rki_pair_say(pair, false, diag);
        side->held = side->down;
        return err;
    }
    default:
        return record_step(script, move, boots, pair, diag);
    }
}

/* An agent that takes no backup refuses the event, which changes nothing; then there is nothing to restore. */
static bool is_left_out(const struct move *move, const struct rki_pair *pair)
{
    return strcmp(move->part, "restore") == 0 && pair->side.backup.bytes == 0;
}

static bool is_not_provided(const struct move *move, const struct rki_pair *pair)
{
    return move->kind == RK_EVENT_BACKUP && pair->actions.result == RK_AGENT_ABSENT;
}

enum rk_err rki_script_record(struct rki_script *script, struct rki_pair *pair, struct rk_diag *diag)
{
    enum rk_err err = rki_pair_boot(pair, false, diag);
    bool boots = true;
    script->steps = 0;
    for (unsigned i = 0; i < MOVES && !err && pair->status[0] == '\0'; i++) {
        const struct move *move = &moves[i];
        if (is_left_out(move, pair)) {
            continue;
        }
        err = make_move(script, move, boots, pair, diag);
        if (err || pair->status[0] != '\0') {
            break;
        }
        if (is_not_provided(move, pair)) {
            drop_step(script);
            continue;
        }
        boots = move->what == REBOOT || move->what == REPAIR;
        if (move->kind == RK_EVENT_BACKUP) {
            pair->side.backup = pair->side.up;
        }
        if (!is_fine(move, pair)) {
            return rk_fail(diag, RK_ERR_CHECK, "%s with %s: move %u of the script, %s, came to result %d, uncut",
                           pair->bench->device.name, pair->bench->firmware.backend, i, move->part,
                           pair->actions.result);
        }
    }
    script->seen = pair->seen;
    return err;
}

void rki_script_free(struct rki_script *script)
{
    while (script->steps > 0) {
        drop_step(script);
    }
}

/* Where no state is kept, all steps since the last boot are made again. */
static enum rk_err repeat(const struct rki_script *script, unsigned step, struct rki_pair *pair, struct rk_diag *diag)
{
    const struct rki_bench *bench = pair->bench;
    unsigned first = step;
    while (!script->step[first].boots) {
        first--;
    }
    enum rk_err err = bench->driver->nvm_write(pair->emulator, 0, script->step[first].image, bench->device.nvm_bytes);
    if (!err) {
        err = rki_pair_boot(pair, true, diag);
    }
    for (unsigned i = first; i < step && !err; i++) {
        pair->side.now_ns = script->step[i].before.now_ns;
        put_step(&script->step[i], pair);
        err = rki_pair_device(pair, diag);
    }
    return err;
}

enum rk_err rki_script_set_back(const struct rki_script *script, unsigned number, struct rki_pair *pair,
                                struct rk_diag *diag)
{
    const struct rki_bench *bench = pair->bench;
    const struct rki_step *step = &script->step[number];
    enum rk_err err;
    if (step->kept != NULL) {
        err = bench->driver->restore(pair->emulator, step->kept);
    } else {
        err = repeat(script, number, pair, diag);
    }
    if (!err) {
        err = bench->driver->nvm_write(pair->emulator, 0, step->image, bench->device.nvm_bytes);
    }
    if (err) {
        return rk_fail(diag, RK_ERR_EMULATOR, "%s does not go back to a step: %s", bench->device.name,
                       bench->driver->reason(pair->emulator));
    }
    pair->side = step->before;
    pair->seen.count = step->before.seen;
    memcpy(pair->seen.item, script->seen.item, step->before.seen * sizeof script->seen.item[0]);
    pair->status[0] = '\0';
    put_step(step, pair);
    return RK_OK;
}
