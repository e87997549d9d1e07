#include "devices/emulators/qemu/measure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/qemu/child.h"
#include "devices/emulators/qemu/cost.h"
#include "devices/emulators/qemu/fault.h"
#include "devices/emulators/qemu/program.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "devices/firmware/guest.h"

/* Instructions that a program may execute: some seconds. */
#define BUDGET_INSTRUCTIONS 4000000000ull

/* Real time: how often a silent child is looked after; asleep as long as that, nothing will wake it. No figure depends
 * on it. */
enum { LOOK_ms = 1000, LOOKS_MAX = 1800 };

struct run {
    const struct rk_device_profile *device;
    struct rki_program program;
    struct rki_child_setup setup;
    struct rki_memory ram, board;
    struct rki_child child;
};

/* A program of this project says where its heap ends, so that its stack can be painted, which needs its RAM. */
static enum rk_err make_memories(struct run *run, struct rk_diag *diag)
{
    const struct rk_machine *machine = run->setup.machine;
    uint64_t guest = run->program.guest;
    enum rk_err err = rki_memory_make(&run->board, sizeof(struct rki_board), "the emulator's board", diag);

    run->setup.board = &run->board;
    if (err == RK_OK && guest >= machine->ram_base && guest - machine->ram_base < machine->ram_bytes) {
        err = rki_memory_make(&run->ram, machine->ram_bytes, "the device's RAM", diag);
        run->setup.ram = &run->ram;
        run->setup.guest = guest;
    }
    return err;
}

/* --- the run ----------------------------------------------------------------------------------------------------- */

static const struct rki_board *board_of(const struct run *run)
{
    return run->board.at;
}

static bool faulted(const struct run *run, char *text, size_t room)
{
    char *log = rki_child_messages(&run->child);
    bool found = log != NULL && rki_fault_in_log(log, text, room);
    free(log);
    return found;
}

static enum rk_err wrong(const struct run *run, struct rk_diag *diag, const char *what)
{
    unsigned open = board_of(run)->in_region;
    char place[32] = "";

    if (open != 0) {
        snprintf(place, sizeof place, " in region %u", open - 1);
    }
    return rk_fail(diag, RK_ERR_INPUT, "%s: %s%s", run->program.path, what, place);
}

/* The child has ended by itself: the program's exit by semihosting, or an accident. */
static enum rk_err judge_exit(struct run *run, struct rk_diag *diag)
{
    char text[200];
    enum rk_err err = rki_child_refused(&run->child, run->setup.machine->program, diag);

    if (err != RK_OK) {
        return err;
    }
    int status = rki_child_exit_status(&run->child);
    if (status == 0) {
        return RK_OK;
    }
    if (rki_child_said(&run->child, "Lockup", text, sizeof text)) {
        return wrong(run, diag, "crashes: a fault without a handler for it (lockup)");
    }
    if (rki_child_said(&run->child, "handling as semihosting call 0x18\n", text, sizeof text) ||
        rki_child_said(&run->child, "handling as semihosting call 0x20\n", text, sizeof text)) {
        snprintf(text, sizeof text, "ends with exit status %d", status);
        return wrong(run, diag, text);
    }
    static const char plugin[] = "rekeylab-cycles: ";
    if (rki_child_said(&run->child, plugin, text, sizeof text)) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: %s", run->program.path, text + sizeof plugin - 1);
    }
    rki_child_last_message(&run->child, text, sizeof text);
    if (status == 127) {
        return rk_fail(diag, RK_ERR_MISSING, "%s", text);
    }
    return rk_fail(diag, RK_ERR_EMULATOR, "%s: emulator error: %s", run->program.path, text);
}

/* The end marker; a program with this project's start-up code says how it came there. */
static enum rk_err judge_end(const struct run *run, struct rk_diag *diag)
{
    const struct rk_machine *machine = run->setup.machine;
    char text[200], fault[160];

    if (run->setup.ram == NULL) {
        return RK_OK;
    }
    const struct rk_guest *guest =
        (const struct rk_guest *)((const uint8_t *)run->ram.at + (run->setup.guest - machine->ram_base));
    if (guest->fault_kind == RK_GUEST_FAULT_NONE ||
        (guest->fault_kind == RK_GUEST_FAULT_EXIT && guest->fault_status == 0)) {
        return RK_OK;
    }
    rki_fault_explain(guest, fault, sizeof fault);
    snprintf(text, sizeof text, "crashes: %s", fault);
    return wrong(run, diag, text);
}

static enum rk_err judge(struct run *run, enum rki_receive received, const struct rki_reply *reply,
                         struct rk_diag *diag)
{
    char text[256], fault[200];

    if (received == RKI_CHILD_ENDED) {
        enum rk_err err = judge_exit(run, diag);
        if (err != RK_OK) {
            return err;
        }
    } else if (received == RKI_RECEIVED && reply->reason == RKI_EXIT) {
        enum rk_err err = judge_end(run, diag);
        if (err != RK_OK) {
            return err;
        }
    } else if (received == RKI_RECEIVED && reply->reason == RKI_NOT_V6M) {
        snprintf(text, sizeof text, "the instruction at 0x%08" PRIx64 " is none of %s's", reply->address,
                 run->device->core);
        return wrong(run, diag, text);
    } else if (received == RKI_RECEIVED && reply->reason == RKI_BUDGET && board_of(run)->in_region != 0) {
        snprintf(text, sizeof text, "does not end within %" PRIu64 " instructions", run->setup.budget_instructions);
        return wrong(run, diag, text);
    }
    if (faulted(run, fault, sizeof fault)) {
        snprintf(text, sizeof text, "crashes: %s", fault);
        return wrong(run, diag, text);
    }
    if (board_of(run)->in_region != 0) {
        return wrong(run, diag, received == RKI_CHILD_STUCK ? "sleeps for ever" : "ends");
    }
    return RK_OK;
}

/* Runs to the program's end. */
static enum rk_err run_program(struct run *run, struct rk_diag *diag)
{
    struct rki_reply reply = {0};
    enum rki_receive received = RKI_CHILD_STUCK;
    enum rk_err err = rki_child_start(&run->child, &run->setup, diag);
    bool slept = false;

    if (err != RK_OK) {
        return err;
    }
    for (int looks = 0; received == RKI_CHILD_STUCK && looks < LOOKS_MAX; looks++) {
        received = rki_child_receive(&run->child, &reply, LOOK_ms);
        bool sleeps = board_of(run)->asleep != 0;
        if (received == RKI_CHILD_STUCK && sleeps && slept) {
            break;
        }
        slept = sleeps;
    }
    return judge(run, received, &reply, diag);
}

static unsigned take_regions(const struct run *run, const struct rk_cycle_table *table,
                             struct rk_region regions[RK_REGIONS_MAX])
{
    unsigned count = 0;

    for (unsigned id = 0; id < RKI_REGIONS; id++) {
        const struct rki_region *region = &board_of(run)->region[id];
        if (region->calls > 0) {
            regions[count].id = (uint8_t)id;
            regions[count].calls = region->calls;
            rki_cost(table, run->device, region, &regions[count].cost);
            count++;
        }
    }
    return count;
}

static enum rk_err measure(struct run *run, struct rk_region regions[RK_REGIONS_MAX], unsigned *count,
                           struct rk_diag *diag)
{
    const struct rk_cycle_table *table = rk_cycle_table_find(run->device->core);
    enum rk_err err = rki_program_read(&run->program, run->setup.image_path, diag);

    if (table == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no cycle table for core '%s'", run->device->path, run->device->core);
    }
    if (err == RK_OK) {
        err = rki_program_place(&run->program, run->device, &run->setup, diag);
    }
    if (err == RK_OK) {
        err = make_memories(run, diag);
    }
    if (err == RK_OK) {
        err = run_program(run, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    *count = take_regions(run, table, regions);
    if (*count == 0) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "%s: no region was measured, expected RK_REGION_START and RK_REGION_STOP of "
                       "devices/firmware/region.h",
                       run->program.path);
    }
    return RK_OK;
}

enum rk_err rki_qemu_measure(const struct rk_device_profile *device, const char *image_path,
                             struct rk_region regions[RK_REGIONS_MAX], unsigned *count, struct rk_diag *diag)
{
    struct run run = {
        .device = device,
        .setup = rki_qemu_test_setup(),
        .ram = {.file = -1},
        .board = {.file = -1},
        .child = {.control = -1, .messages = -1},
    };

    *count = 0;
    run.setup.image_path = image_path;
    run.setup.cpu = device->core;
    run.setup.data_lines = device->flash_data_lines;
    run.setup.line_bytes = device->flash_width_bytes;
    run.setup.measures = true;
    if (run.setup.budget_instructions == 0) {
        run.setup.budget_instructions = BUDGET_INSTRUCTIONS;
    }
    enum rk_err err = measure(&run, regions, count, diag);
    rki_child_stop(&run.child);
    rki_memory_free(&run.ram);
    rki_memory_free(&run.board);
    return err;
}
