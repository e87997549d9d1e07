/* devices/emulators/qemu.c - ARM devices in a kept-alive QEMU, counted by our plugin
 *
 * One child a device. Its RAM is a memory file that we map too: the mailbox, the NVM window and everything that is read
 * back are plain memory to us. The plugin blocks the child while the firmware waits, so nobody else writes then.
 * After a fault or a spent budget the child is gone and the RAM is as it was at that instruction: read() works, call()
 * does not until reset(). After a power cut the child is stopped there: reset() starts another one; rewind() and restore()
 * let it come to its next wait and put back the NVM that the cut left.
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/qemu/cost.h"
#include "devices/emulators/qemu/fault.h"
#include "devices/emulators/qemu/measure.h"
#include "devices/emulators/qemu/nvm.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "devices/emulators/qemu/release.h"
#include "devices/emulators/qemu_device.h"
#include "devices/firmware/elf_image.h"
#include "devices/firmware/region.h"

/* A call may execute this many instructions: twenty times a P-256 agreement of the slowest library on a Cortex-M4. */
#define BUDGET_INSTRUCTIONS 20000000000ull

/* A boot. */
#define BOOT_INSTRUCTIONS 100000000ull

enum { ERASED = 0xff };

/* --- opening ----------------------------------------------------------------------------------------------------- */

/* out: our pointer to `bytes` of guest RAM, or NULL when they are not all inside. */
static void *guest_memory(const struct rk_emulator *emulator, uint64_t address, uint64_t bytes)
{
    const struct rk_machine *machine = emulator->machine;
    if (address < machine->ram_base || bytes > machine->ram_bytes ||
        address - machine->ram_base > machine->ram_bytes - bytes) {
        return NULL;
    }
    return emulator->ram + (address - machine->ram_base);
}

/* Addresses of an image's symbols; 0 where it has none. */
struct symbols {
    uint64_t mailbox, mailbox_bytes, end, guest, nvm, registers, registers_bytes;
};

static enum rk_err read_symbols(const struct rk_emulator *emulator, struct symbols *symbols, struct rk_diag *diag)
{
    const char *path = emulator->image_path;
    struct rk_elf_image *image;
    enum rk_err err = rk_elf_open(&image, path, diag);

    *symbols = (struct symbols){0};
    if (err != RK_OK) {
        return err;
    }
    bool is_ours = rk_elf_machine(image) == emulator->machine->elf_machine;
    bool complete = rk_elf_symbol(image, "rk_mailbox", &symbols->mailbox, &symbols->mailbox_bytes) &&
                    rk_elf_symbol(image, "end", &symbols->end, NULL);
    rk_elf_symbol(image, "rk_guest", &symbols->guest, NULL);
    rk_elf_symbol(image, "rk_nvm", &symbols->nvm, NULL);
    rk_elf_symbol(image, "rk_registers", &symbols->registers, &symbols->registers_bytes);
    rk_elf_close(image);
    if (!is_ours) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: not a program for %s", path,
                       emulator->machine->elf_machine == EM_ARM ? "ARM" : "AArch64");
    }
    if (!complete || symbols->mailbox_bytes < RK_MAILBOX_HEADER_bytes) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no symbols 'rk_mailbox' and 'end', expected a firmware for this device",
                       path);
    }
    return RK_OK;
}

static enum rk_err find_symbols(struct rk_emulator *emulator, struct rk_diag *diag)
{
    struct symbols at;
    enum rk_err err = read_symbols(emulator, &at, diag);

    if (err != RK_OK) {
        return err;
    }
    emulator->mailbox = guest_memory(emulator, at.mailbox, at.mailbox_bytes);
    emulator->guest = guest_memory(emulator, at.guest, sizeof *emulator->guest);
    emulator->nvm = guest_memory(emulator, at.nvm, emulator->device.nvm_bytes);
    emulator->registers = guest_memory(emulator, at.registers, at.registers_bytes);
    emulator->registers_bytes = at.registers_bytes;
    emulator->setup.bare = emulator->registers != NULL;
    if (emulator->mailbox == NULL || (at.guest != 0 && emulator->guest == NULL) ||
        (at.nvm != 0 && emulator->nvm == NULL) || guest_memory(emulator, at.end, 0) == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: linked outside the RAM of machine '%s'", emulator->image_path,
                       emulator->machine->name);
    }
    emulator->mailbox_data_bytes = at.mailbox_bytes - offsetof(struct rk_mailbox, data);
    if (emulator->mailbox_data_bytes > sizeof emulator->mailbox->data) {
        emulator->mailbox_data_bytes = sizeof emulator->mailbox->data;
    }
    emulator->setup.stack_low = at.end;
    emulator->setup.guest = at.guest;
    emulator->setup.nvm = at.nvm;
    emulator->setup.nvm_bytes = at.nvm != 0 ? emulator->device.nvm_bytes : 0;
    emulator->setup.nvm_block = emulator->device.nvm_erase_block_bytes;
    return RK_OK;
}

static void explain_fault(struct rk_emulator *emulator)
{
    rki_fault_explain(emulator->guest, emulator->reason, sizeof emulator->reason);
}

/* The child ended without a last reply, or does not answer. */
static void explain_end(struct rk_emulator *emulator, enum rki_receive received)
{
    char message[160];

    if (received == RKI_CHILD_STUCK) {
        snprintf(emulator->reason, sizeof emulator->reason, "emulator error: no answer within %d s of real time",
                 RKI_QEMU_GUARD_ms / 1000);
    } else if (rki_child_said(&emulator->child, "Lockup", message, sizeof message)) {
        snprintf(emulator->reason, sizeof emulator->reason, "lockup: a fault inside the fault handler");
    } else {
        rki_child_last_message(&emulator->child, message, sizeof message);
        snprintf(emulator->reason, sizeof emulator->reason, "emulator error: %s",
                 message[0] != '\0' ? message : "it ended without a word");
    }
}

enum rk_err rki_qemu_boot(struct rk_emulator *emulator, struct rk_diag *diag)
{
    struct rki_reply reply;

    emulator->waits = false;
    emulator->paused = false;
    emulator->mailbox->magic = 0;
    enum rk_err err = rki_child_start(&emulator->child, &emulator->setup, diag);
    if (err != RK_OK) {
        return err;
    }
    enum rki_receive received = rki_child_receive(&emulator->child, &reply, RKI_QEMU_GUARD_ms);
    if (received != RKI_RECEIVED) {
        explain_end(emulator, received);
        err = rki_child_refused(&emulator->child, emulator->machine->program, diag);
        rki_child_stop(&emulator->child);
        return err != RK_OK ? err : rk_fail(diag, RK_ERR_EMULATOR, "%s: %s", emulator->image_path, emulator->reason);
    }
    if (reply.reason == RKI_EXIT) {
        explain_fault(emulator);
        rki_child_stop(&emulator->child);
        return rk_fail(diag, RK_ERR_INPUT, "%s: does not boot: %s", emulator->image_path, emulator->reason);
    }
    if (reply.reason != RKI_WAITING || emulator->mailbox->magic != RK_MAILBOX_MAGIC) {
        rki_child_stop(&emulator->child);
        return rk_fail(diag, RK_ERR_INPUT, "%s: does not boot: it never waits for a request", emulator->image_path);
    }
    memcpy(emulator->first_wait, emulator->ram, emulator->device.ram_bytes);
    emulator->waits = true;
    return RK_OK;
}

static void qemu_close(struct rk_emulator *emulator)
{
    if (emulator == NULL) {
        return;
    }
    rki_child_stop(&emulator->child);
    rki_memory_free(&emulator->ram_memory);
    rki_memory_free(&emulator->board_memory);
    rki_nvm_list_free(&emulator->list);
    free(emulator->nvm_before);
    free(emulator->first_wait);
    free(emulator->image_path);
    free(emulator);
}

static enum rk_err choose_machine(struct rk_emulator *emulator, struct rk_diag *diag)
{
    const struct rk_device_profile *device = &emulator->device;
    char names[160];

    emulator->machine = rk_machine_find(device->machine);
    if (emulator->machine == NULL || emulator->machine->ram_bytes == 0) {
        rk_machine_names(names, sizeof names);
        return rk_fail(diag, RK_ERR_INPUT, "%s: machine '%s', expected one of %s", device->path, device->machine,
                       names);
    }
    emulator->table = rk_cycle_table_find(device->core);
    if (emulator->table == NULL) {
        rk_cycle_table_names(names, sizeof names);
        return rk_fail(diag, RK_ERR_INPUT, "%s: no cycle table for core '%s', expected one of %s", device->path,
                       device->core, names);
    }
    if (emulator->machine->window_bytes != 0 && device->ram_bytes > emulator->machine->window_bytes) {
        emulator->device.ram_bytes = emulator->machine->window_bytes;
    }
    if (device->ram_bytes == 0 || device->ram_bytes > emulator->machine->ram_bytes) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: ram of %" PRIu64 " bytes, expected 1 to %" PRIu64 " of machine '%s'",
                       device->path, device->ram_bytes, emulator->machine->ram_bytes, device->machine);
    }
    return RK_OK;
}

static enum rk_err map_memories(struct rk_emulator *emulator, struct rk_diag *diag)
{
    enum rk_err err = rki_memory_make(&emulator->ram_memory, emulator->machine->ram_bytes, "the device's RAM", diag);

    if (err == RK_OK) {
        err = rki_memory_make(&emulator->board_memory, sizeof *emulator->board, "the emulator's board", diag);
    }
    emulator->ram = emulator->ram_memory.at;
    emulator->board = emulator->board_memory.at;
    emulator->first_wait = malloc(emulator->device.ram_bytes);
    emulator->nvm_before = malloc(emulator->device.nvm_bytes);
    if (err == RK_OK && (emulator->first_wait == NULL || emulator->nvm_before == NULL)) {
        err = rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulator");
    }
    return err;
}

static enum rk_err set_up(struct rk_emulator *emulator, struct rk_diag *diag)
{
    const struct rk_device_profile *device = &emulator->device;
    enum rk_err err = choose_machine(emulator, diag);

    if (err == RK_OK) {
        err = map_memories(emulator, diag);
    }
    if (err == RK_OK) {
        err = find_symbols(emulator, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    if (emulator->nvm != NULL) {
        memset(emulator->nvm, ERASED, device->nvm_bytes);
    }
    emulator->setup.machine = emulator->machine;
    emulator->setup.cpu = device->core;
    emulator->setup.image_path = emulator->image_path;
    emulator->setup.ram = &emulator->ram_memory;
    emulator->setup.board = &emulator->board_memory;
    emulator->setup.flash_bytes = device->flash_bytes;
    emulator->setup.data_lines = device->flash_data_lines;
    emulator->setup.line_bytes = device->flash_width_bytes;
    emulator->setup.budget_instructions = BOOT_INSTRUCTIONS;
    return rki_qemu_boot(emulator, diag);
}

static enum rk_err qemu_open(struct rk_emulator **out, const struct rk_device_profile *device, const char *image_path,
                             struct rk_diag *diag)
{
    struct rk_emulator *emulator = calloc(1, sizeof *emulator);

    *out = NULL;
    if (emulator == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulator");
    }
    emulator->device = *device;
    emulator->ram_memory.file = -1;
    emulator->board_memory.file = -1;
    emulator->child = (struct rki_child){.control = -1, .messages = -1};
    emulator->setup = rki_qemu_test_setup();
    emulator->cut_phase = RK_NVM_PHASES;
    emulator->budget_instructions = emulator->setup.budget_instructions;
    if (emulator->budget_instructions == 0) {
        emulator->budget_instructions = BUDGET_INSTRUCTIONS;
    }
    emulator->image_path = strdup(image_path);
    enum rk_err err = emulator->image_path != NULL ? set_up(emulator, diag) : rk_fail(diag, RK_ERR_MEMORY, "no memory");
    if (err != RK_OK) {
        qemu_close(emulator);
        return err;
    }
    *out = emulator;
    return RK_OK;
}

/* --- calling ----------------------------------------------------------------------------------------------------- */

static void put_request(struct rk_mailbox *mailbox, const struct rk_call *call)
{
    mailbox->operation = call->operation;
    mailbox->result = 0;
    mailbox->fields = call->fields;
    mailbox->data_bytes = call->data_bytes;
    memcpy(mailbox->data, call->data, call->data_bytes);
}

/* out: false when the firmware left nonsense in the mailbox. */
static bool get_reply(const struct rk_emulator *emulator, struct rk_call *call)
{
    const struct rk_mailbox *mailbox = emulator->mailbox;

    if (mailbox->data_bytes > emulator->mailbox_data_bytes) {
        return false;
    }
    call->result = mailbox->result;
    call->fields = mailbox->fields;
    call->data_bytes = mailbox->data_bytes;
    memcpy(call->data, mailbox->data, mailbox->data_bytes);
    return true;
}

/* The handler writes its report after the stack has run over everything else, so this holds even then. */
static bool stack_left_its_place(const struct rk_emulator *emulator)
{
    const struct rk_guest *guest = emulator->guest;
    return guest != NULL && guest->fault_kind == RK_GUEST_FAULT_EXCEPTION &&
           guest->fault_sp < emulator->setup.stack_low;
}

static bool stack_met_heap(const struct rk_emulator *emulator)
{
    const struct rki_region *region = &emulator->board->region[RK_REGION_OPERATION];
    bool entered = region->calls > 0 || emulator->board->in_region == RK_REGION_OPERATION + 1;
    return entered && region->stack_free == 0;
}

static bool heap_met_stack(const struct rk_emulator *emulator, uint32_t refused_before)
{
    return emulator->guest != NULL && emulator->guest->heap_refused != refused_before;
}

/* After the last word of a child. */
static enum rk_call_status stopped(struct rk_emulator *emulator, const struct rki_reply *reply)
{
    switch (reply->reason) {
    case RKI_BUDGET:
        snprintf(emulator->reason, sizeof emulator->reason, "more than %" PRIu64 " instructions",
                 emulator->budget_instructions);
        return RK_CALL_TIMEOUT;
    case RKI_POWER_CUT:
        snprintf(emulator->reason, sizeof emulator->reason, "power cut after %" PRIu64 " instructions", reply->steps);
        return RK_CALL_POWER_CUT;
    default:
        explain_fault(emulator);
        return stack_met_heap(emulator) || stack_left_its_place(emulator) ? RK_CALL_STACK_OVERFLOW : RK_CALL_CRASHED;
    }
}

static enum rk_call_status answered(struct rk_emulator *emulator, struct rk_call *call, uint32_t refused_before)
{
    if (stack_met_heap(emulator)) {
        snprintf(emulator->reason, sizeof emulator->reason, "the stack grew into the heap or static data");
        return RK_CALL_STACK_OVERFLOW;
    }
    if (!get_reply(emulator, call)) {
        snprintf(emulator->reason, sizeof emulator->reason, "the reply is longer than the mailbox");
        return RK_CALL_CRASHED;
    }
    call->heap_refused = heap_met_stack(emulator, refused_before);
    if (call->result != 0 && call->heap_refused) {
        snprintf(emulator->reason, sizeof emulator->reason, "the heap met the stack: an allocation was refused");
        return RK_CALL_STACK_OVERFLOW;
    }
    rki_cost(emulator->table, &emulator->device, &emulator->board->region[RK_REGION_OPERATION], &call->cost);
    return RK_CALL_OK;
}

static enum rk_call_status qemu_call(struct rk_emulator *emulator, struct rk_call *call)
{
    bool watch = emulator->list.on || (emulator->cut_at != 0 && emulator->cut_phase < RK_NVM_PHASES);
    struct rki_request request = {
        .budget_instructions = emulator->budget_instructions, .cut_at = emulator->cut_at, .watch = watch};
    struct rki_reply reply;

    memset(&call->cost, 0, sizeof call->cost);
    if (!emulator->waits) { /* the reason why it stopped still stands */
        return RK_CALL_CRASHED;
    }
    if (call->data_bytes > emulator->mailbox_data_bytes) {
        snprintf(emulator->reason, sizeof emulator->reason, "the request is longer than the mailbox");
        return RK_CALL_CRASHED;
    }
    emulator->cut_at = 0;
    emulator->reason[0] = '\0';
    if (emulator->nvm != NULL) {
        memcpy(emulator->nvm_before, emulator->nvm, emulator->device.nvm_bytes);
    }
    put_request(emulator->mailbox, call);
    uint32_t refused_before = emulator->guest != NULL ? emulator->guest->heap_refused : 0;
    rki_child_send(&emulator->child, &request);
    enum rki_receive received = rki_child_receive(&emulator->child, &reply, RKI_QEMU_GUARD_ms);
    while (received == RKI_RECEIVED && reply.reason == RKI_POWER_CUT && emulator->visit != NULL &&
           (request.cut_at = emulator->visit(emulator->visit_context, reply.steps)) != 0) {
        rki_child_send(&emulator->child, &request);
        received = rki_child_receive(&emulator->child, &reply, RKI_QEMU_GUARD_ms);
    }
    emulator->visit = NULL;
    if (received == RKI_RECEIVED && reply.reason == RKI_WAITING) {
        rki_nvm_list_board(&emulator->list, emulator->board, &emulator->device);
        emulator->list.steps = reply.steps;
        return answered(emulator, call, refused_before);
    }
    emulator->waits = false;
    if (received != RKI_RECEIVED) {
        explain_end(emulator, received);
    }
    emulator->paused = received == RKI_RECEIVED && reply.reason == RKI_POWER_CUT;
    if (emulator->paused) {
        rki_qemu_cut_nvm(emulator, reply.steps);
    } else {
        rki_child_stop(&emulator->child);
    }
    return received == RKI_RECEIVED ? stopped(emulator, &reply) : RK_CALL_CRASHED;
}

static const char *qemu_reason(const struct rk_emulator *emulator)
{
    return emulator->reason;
}

/* --- memory ------------------------------------------------------------------------------------------------------ */

static size_t copy_out(const uint8_t *memory, uint64_t size, uint64_t at, void *out, size_t bytes)
{
    if (memory == NULL || at >= size) {
        return 0;
    }
    if (bytes > size - at) {
        bytes = size - at;
    }
    memcpy(out, memory + at, bytes);
    return bytes;
}

/* Registers are out of reach of the plugin interface: those that the program kept. */
static size_t qemu_read(struct rk_emulator *emulator, enum rk_memory memory, uint32_t address, void *out, size_t bytes)
{
    switch (memory) {
    case RK_MEMORY_RAM:
        return copy_out(emulator->ram, emulator->device.ram_bytes, address, out, bytes);
    case RK_MEMORY_NVM:
        return copy_out(emulator->nvm, emulator->device.nvm_bytes, address, out, bytes);
    default:
        return copy_out(emulator->registers, emulator->registers_bytes, address, out, bytes);
    }
}

/* --- about ------------------------------------------------------------------------------------------------------- */

static const char *qemu_version(void)
{
    static _Thread_local struct rki_release release;
    rki_release_find(&release, "qemu-system-arm");
    return release.version;
}

const struct rk_emulator_driver rk_emulator_qemu = {
    .name = "qemu",
    .open = qemu_open,
    .call = qemu_call,
    .reason = qemu_reason,
    .power_cut_at = rki_qemu_power_cut_at,
    .power_cut_phase = rki_qemu_power_cut_phase,
    .visit = rki_qemu_visit,
    .open_calls = rki_qemu_open_calls,
    .nvm_watch = rki_qemu_nvm_watch,
    .nvm_log = rki_qemu_nvm_log,
    .keep = rki_qemu_keep,
    .restore = rki_qemu_restore,
    .reset = rki_qemu_reset,
    .rewind = rki_qemu_rewind,
    .measure = rki_qemu_measure,
    .read = qemu_read,
    .nvm_write = rki_qemu_nvm_write,
    .version = qemu_version,
    .class_name = rk_cycle_item_name,
    .close = qemu_close,
};
