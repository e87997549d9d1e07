/* bench/zeroise_life.c - an agent's life on the device: what is left after each event
 *
 * The device gets the events of its twin on the host (bench/zeroise_twin.h), and each of its frames must be the twin's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/zeroise_internal.h"
#include "bench/zeroise_twin.h"

enum { STEPS_MAX = 24 };

#define SECOND_ns 1000000000ull

/* One device event. */
struct step {
    char name[24];
    uint64_t now_ns;
    struct rk_zeroise_residue *residue; /* of its row, with what is left of each */
    unsigned residues;
    uint32_t left[RK_ZEROISE_RESIDUES_MAX];
};

/* Rows that grow. */
struct rows {
    struct rk_zeroise_row *row;
    size_t count;
};

struct life {
    const struct rki_bench *bench;
    const struct rk_zeroise_row *blank;
    struct rows *rows;
    struct rki_zeroise_device device;
    uint8_t *before; /* RAM after the event before */
    struct rki_zeroise_twin *twin;
    const struct rk_actions *actions; /* of the twin's last event */
    struct step step[STEPS_MAX];
    unsigned steps;
    bool too_large; /* for the device's RAM: it ends there */
    uint64_t now_ns;
};

/* --- a step --- */

/* out: life->too_large where RAM did not suffice. */
static enum rk_err call_device(struct life *life, const struct rk_call *request, const char *name, struct rk_call *call,
                               struct rk_diag *diag)
{
    const struct rk_emulator_driver *driver = life->bench->driver;
    *call = *request;
    enum rk_call_status came = driver->call(life->device.emulator, call);
    life->too_large = came == RK_CALL_STACK_OVERFLOW || (came == RK_CALL_OK && call->heap_refused);
    return came == RK_CALL_OK || life->too_large
               ? RK_OK
               : rk_fail(diag, RK_ERR_EMULATOR, "%s at %s: %s", life->bench->device.name, name,
                         driver->reason(life->device.emulator));
}

/* out: *able false when the library lacks what the agent needs. */
static enum rk_err begin(struct life *life, bool *able, struct rk_diag *diag)
{
    static _Thread_local struct rk_call request, call;
    uint8_t message[RK_WIRE_INIT_bytes];
    request = (struct rk_call){.operation = RK_OP_lifecycle_step};
    rk_call_append(&request, message, rki_zeroise_twin_init(life->twin, message));
    enum rk_err err = call_device(life, &request, "its start", &call, diag);
    *able = !err && !life->too_large && call.result == RK_CRYPTO_OK;
    return err;
}

static enum rk_err compare(const struct life *life, const struct step *step, const struct rk_call *call,
                           struct rk_diag *diag)
{
    static _Thread_local struct rk_actions actions;
    const uint8_t *reply;
    uint16_t bytes;
    bool same = rk_call_field(call, 0, &reply, &bytes) && rk_wire_actions_decode(reply, bytes, &actions) &&
                actions.result == life->actions->result && actions.frame_bytes == life->actions->frame_bytes &&
                memcmp(actions.frame, life->actions->frame, actions.frame_bytes) == 0;
    return same ? RK_OK
                : rk_fail(diag, RK_ERR_CHECK, "%s differs from its twin at %s: results %d and %d, frames of %u and %u",
                          life->bench->device.name, step->name, actions.result, life->actions->result,
                          actions.frame_bytes, life->actions->frame_bytes);
}

static bool destroyed(const struct rk_actions *actions)
{
    for (unsigned i = 0; i < actions->record_count; i++) {
        if (actions->record[i].to == RK_STATE_DESTROYED) {
            return true;
        }
    }
    return false;
}

/* Is all that is left now in what was left then, byte for byte? */
static bool is_rest(const struct life *life, const struct rk_zeroise_residue *now,
                    const struct rk_zeroise_residue *then)
{
    size_t at = (size_t)(now->address - rk_zeroise_image_ram(life->device.image));
    return strcmp(then->where, now->where) == 0 && now->address >= then->address &&
           now->address + now->bytes <= then->address + then->bytes && at + now->bytes <= life->device.ram_bytes &&
           memcmp(life->device.memory + at, life->before + at, now->bytes) == 0;
}

/* What was there after the event before, whole or more of it, has the owner that it had then. */
static void inherit(const struct life *life, const struct step *before, struct rk_zeroise_residue *residue,
                    unsigned residues)
{
    for (unsigned i = 0; i < residues; i++) {
        for (unsigned j = 0; j < before->residues; j++) {
            const struct rk_zeroise_residue *old = &before->residue[j];
            if (is_rest(life, &residue[i], old)) {
                residue[i].traced = old->traced;
                residue[i].owner = old->owner;
                memcpy(residue[i].symbol, old->symbol, sizeof residue[i].symbol);
            }
        }
    }
}

static void go_on(struct life *life, const struct step *current, const struct rk_zeroise_residue *now, unsigned count)
{
    for (struct step *step = life->step; step < current; step++) {
        double seconds = (double)(current->now_ns - (current - 1)->now_ns) / (double)SECOND_ns;
        rki_zeroise_dwell(step->residue, step->residues, step->left, now, count, seconds);
    }
}

static void add_row(struct life *life, struct step *step, const struct rk_call *call, struct rk_zeroise_set *set,
                    const struct rk_zeroise_residue *residue, unsigned residues)
{
    struct rows *rows = life->rows;
    rows->row = realloc(rows->row, (rows->count + 1) * sizeof *rows->row);
    RK_REQUIRE(rows->row != NULL);
    struct rk_zeroise_row *row = &rows->row[rows->count++];
    *row = *life->blank;
    snprintf(row->op, sizeof row->op, "lifecycle: %s", step->name);
    row->after = destroyed(life->actions) ? "destroy" : "return";
    row->cycles = call->cost.has_cycles ? call->cost.cycles : RK_NONE;
    row->expected_false = rk_zeroise_expected_false(set, life->device.ram_bytes);
    rki_zeroise_fill(row, residue, residues);
    step->residue = row->residue;
    step->residues = row->residues;
    for (unsigned i = 0; i < row->residues; i++) {
        step->left[i] = row->residue[i].bytes;
    }
}

/* What the step left: searched, traced, and written into a row. in: before, the wait that the step met. */
static enum rk_err look(struct life *life, struct step *step, const struct rki_zeroise_wait *before,
                        const struct rk_call *request, const struct rk_call *call, struct rk_diag *diag)
{
    static _Thread_local struct rk_zeroise_residue residue[RK_ZEROISE_RESIDUES_MAX];
    struct rk_zeroise_set set;
    rki_zeroise_twin_secrets(life->twin, &set);
    memcpy(life->before, life->device.memory, life->device.ram_bytes);
    unsigned found = rki_zeroise_search(&life->device, &set, call->cost.heap_bytes, residue);
    if (step > life->step) {
        inherit(life, step - 1, residue, found);
    }
    enum rk_err err = rki_zeroise_settle(&life->device, residue, found, before, request, diag);
    go_on(life, step, residue, found);
    add_row(life, step, call, &set, residue, found);
    rk_zeroise_set_free(&set);
    return err;
}

/* One event into twin and device, and a search. */
static enum rk_err event(struct life *life, const char *name, uint8_t kind, const uint8_t *data, uint16_t bytes,
                         struct rk_diag *diag)
{
    static _Thread_local struct rk_call request, call;
    uint8_t message[RK_WIRE_EVENT_MAX_bytes];
    struct rki_zeroise_wait before;
    const struct rk_event happens = {
        .now_ns = life->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    RK_REQUIRE(life->steps < STEPS_MAX);
    struct step *step = &life->step[life->steps++];
    snprintf(step->name, sizeof step->name, "%s", name);
    step->now_ns = life->now_ns;
    request = (struct rk_call){.operation = RK_OP_lifecycle_step};
    rk_call_append(&request, message, rk_wire_event_encode(&happens, message));
    life->actions = rki_zeroise_twin_step(life->twin, &happens);
    enum rk_err err = rki_zeroise_keep(&life->device, &before, diag);
    if (!err) {
        err = call_device(life, &request, name, &call, diag);
    }
    if (!err && !life->too_large) {
        err = compare(life, step, &call, diag);
    }
    if (!err && !life->too_large) {
        err = look(life, step, &before, &request, &call, diag);
    }
    rki_zeroise_forget(&before);
    return err;
}

/* --- the story --- */

struct chapter {
    const char *name;
    uint8_t kind;
    uint32_t after_s; /* since the one before */
};

/* Overlap ends 60 s after a renewal. */
static const struct chapter story[] = {
    {"start", RK_EVENT_START, 1},
    {"send", RK_EVENT_SEND, 60},
    {"renew", RK_EVENT_SESSION, 60},
    {"send after renewal", RK_EVENT_SEND, 10},
    {"overlap end", RK_EVENT_TIMER, 60},
    {"compromise", RK_EVENT_COMPROMISE, 60},
    {"send after compromise", RK_EVENT_SEND, 120},
    {"zeroise", RK_EVENT_ZEROISE, 60},
};

static const struct rk_actions *serve(struct life *life, uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    const struct rk_event event = {
        .now_ns = life->now_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    return rki_zeroise_twin_serve(life->twin, &event);
}

/* An event, and the exchange that it starts. */
static enum rk_err chapter(struct life *life, const struct chapter *part, struct rk_diag *diag)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    static const uint8_t text[] = "21.5 C";
    const uint8_t *data = part->kind == RK_EVENT_START ? entropy : part->kind == RK_EVENT_SEND ? text : NULL;
    uint16_t bytes = part->kind == RK_EVENT_START ? sizeof entropy : part->kind == RK_EVENT_SEND ? sizeof text : 0;
    char name[24];
    rki_zeroise_seed(entropy, sizeof entropy, 21);
    life->now_ns += part->after_s * SECOND_ns;
    enum rk_err err = event(life, part->name, part->kind, data, bytes, diag);
    for (unsigned turn = 0; turn < 4 && !err && !life->too_large && life->actions->frame_bytes > 0; turn++) {
        const struct rk_actions *answer =
            serve(life, RK_EVENT_RECEIVE, life->actions->frame, life->actions->frame_bytes);
        if (answer->frame_bytes == 0) {
            break;
        }
        life->now_ns += SECOND_ns;
        snprintf(name, sizeof name, "%.14s, answer", part->name);
        err = event(life, name, RK_EVENT_RECEIVE, answer->frame, answer->frame_bytes, diag);
    }
    return err;
}

static enum rk_err live(struct life *life, struct rk_diag *diag)
{
    uint8_t seed[RK_ENTROPY_bytes];
    rki_zeroise_seed(seed, sizeof seed, 31);
    serve(life, RK_EVENT_START, seed, sizeof seed);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof story / sizeof story[0] && !err && !life->too_large; i++) {
        err = chapter(life, &story[i], diag);
    }
    for (unsigned i = 0; i < life->steps; i++) {
        for (unsigned j = 0; j < life->step[i].residues; j++) {
            life->step[i].residue[j].for_ever = life->step[i].left[j] != 0;
        }
    }
    return err;
}

/* out: *able false when the library lacks what the mechanism needs; *fits false when the device's RAM does. */
static enum rk_err one_life(const struct rki_bench *bench, uint8_t mechanism, const struct rk_zeroise_row *blank,
                            struct rows *rows, bool *able, bool *fits, struct rk_diag *diag)
{
    struct life *life = calloc(1, sizeof *life);
    size_t first = rows->count;
    RK_REQUIRE(life != NULL);
    life->bench = bench;
    life->blank = blank;
    life->rows = rows;
    enum rk_err err =
        rki_zeroise_open(bench, rk_firmware_image(&bench->firmware, RK_OP_lifecycle_step), &life->device, diag);
    if (!err) {
        life->before = calloc(1, life->device.ram_bytes);
        RK_REQUIRE(life->before != NULL);
        err = rki_zeroise_twin_open(bench, mechanism, &life->twin, able, diag);
    }
    if (!err && *able) {
        err = begin(life, able, diag);
    }
    if (!err && *able) {
        err = live(life, diag);
    }
    *fits = !life->too_large;
    while (!*fits && rows->count > first) {
        free(rows->row[--rows->count].residue);
    }
    rki_zeroise_twin_close(life->twin);
    rki_zeroise_close(&life->device);
    free(life->before);
    free(life);
    return err;
}

static void add_status(struct rows *rows, const struct rk_zeroise_row *blank, const char *status)
{
    rows->row = realloc(rows->row, (rows->count + 1) * sizeof *rows->row);
    RK_REQUIRE(rows->row != NULL);
    struct rk_zeroise_row *row = &rows->row[rows->count++];
    *row = *blank;
    snprintf(row->op, sizeof row->op, "lifecycle");
    snprintf(row->status, sizeof row->status, "%s", status);
}

enum rk_err rki_zeroise_life(const struct rki_bench *bench, const struct rk_zeroise_row *blank,
                             struct rk_zeroise_row **row, size_t *count, struct rk_diag *diag)
{
    static const uint8_t mechanisms[] = {RK_MECHANISM_ECDH, RK_MECHANISM_DERIVE};
    struct rows rows = {.row = *row, .count = *count};
    bool lived = false, large = false;
    const char *reason = rk_firmware_reason(&bench->firmware, RK_OP_lifecycle_step);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sizeof mechanisms && !lived && !err && reason == NULL; i++) {
        bool able = false, fits = true;
        err = one_life(bench, mechanisms[i], blank, &rows, &able, &fits, diag);
        lived = able && fits;
        large |= !fits;
    }
    if (!err && !lived) {
        const char *lacks = large ? "does not fit: ram" : "not provided by the library";
        add_status(&rows, blank, reason != NULL ? reason : lacks);
    }
    *row = rows.row;
    *count = rows.count;
    return err;
}
