#include "devices/emulators/qemu/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/emulators/qemu/child.h"
#include "devices/emulators/qemu/cost.h"
#include "devices/emulators/qemu/fault.h"
#include "devices/emulators/qemu/qemu_test.h"
#include "devices/firmware/elf_image.h"
#include "devices/firmware/guest.h"

/* Instructions that a program may execute: some seconds. */
#define BUDGET_INSTRUCTIONS 4000000000ull

/* Real time: how often a silent child is looked after; asleep as long as that, nothing will wake it. No figure depends
 * on it. */
enum { LOOK_ms = 1000, LOOKS_MAX = 1800 };

enum { SEGMENTS_MAX = 32, VECTORS_bytes = 8 };

struct segment {
    uint64_t address, load_address, bytes, load_bytes;
};

/* What a program says of itself. */
struct program {
    const char *path;
    unsigned elf_machine;
    struct segment segment[SEGMENTS_MAX];
    unsigned segments;
    uint64_t guest; /* address of rk_guest; 0: it has none */
    uint64_t end;   /* of static data, by the name that linker scripts give it; 0: they do not */
};

struct run {
    const struct rk_device_profile *device;
    struct program program;
    struct rki_child_setup setup;
    struct rki_memory ram, board;
    struct rki_child child;
};

/* --- the program ------------------------------------------------------------------------------------------------- */

static void read_symbols(struct program *program)
{
    struct rk_elf_image *image;
    struct rk_diag ignored;

    if (rk_elf_open(&image, program->path, &ignored) != RK_OK) {
        return;
    }
    rk_elf_symbol(image, "rk_guest", &program->guest, NULL);
    if (!rk_elf_symbol(image, "end", &program->end, NULL) && !rk_elf_symbol(image, "_end", &program->end, NULL)) {
        rk_elf_symbol(image, "__bss_end__", &program->end, NULL);
    }
    rk_elf_close(image);
}

static bool read_segments(struct program *program, Elf *elf)
{
    GElf_Ehdr header;
    size_t count = 0;

    if (gelf_getehdr(elf, &header) == NULL || header.e_type != ET_EXEC || elf_getphdrnum(elf, &count) != 0) {
        return false;
    }
    program->elf_machine = header.e_machine;
    for (size_t i = 0; i < count && program->segments < SEGMENTS_MAX; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD && segment.p_memsz > 0) {
            program->segment[program->segments++] = (struct segment){
                segment.p_vaddr,
                segment.p_paddr,
                segment.p_memsz,
                segment.p_filesz,
            };
        }
    }
    return program->segments > 0;
}

static enum rk_err read_program(struct program *program, struct rk_diag *diag)
{
    int file = open(program->path, O_RDONLY | O_CLOEXEC);

    if (file < 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: %s", program->path, strerror(errno));
    }
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(file, ELF_C_READ, NULL);
    bool linked = elf != NULL && elf_kind(elf) == ELF_K_ELF && read_segments(program, elf);
    elf_end(elf);
    close(file);
    if (!linked) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: not a linked program, expected an ELF file with code", program->path);
    }
    read_symbols(program);
    return RK_OK;
}

/* out: the first segment, or part of one, that the machine has no memory for; NULL when all fits. */
static const struct segment *outside(const struct program *program, const struct rk_machine *machine)
{
    for (unsigned i = 0; i < program->segments; i++) {
        const struct segment *segment = &program->segment[i];
        if (!rk_machine_holds(machine, segment->address, segment->bytes) ||
            !rk_machine_holds(machine, segment->load_address, segment->load_bytes)) {
            return segment;
        }
    }
    return NULL;
}

/* The stack pointer that the vector table begins with. out: 0 when nothing is loaded there. */
static uint64_t initial_stack(const struct program *program, const struct rk_machine *machine)
{
    uint8_t vectors[VECTORS_bytes] = {0};
    struct rk_elf_image *image;
    struct rk_diag ignored;

    if (machine->takes_cpu) { /* no Cortex-M: it begins at the ELF file's entry and sets its stack itself */
        return machine->memory[0].base + machine->memory[0].bytes;
    }
    if (rk_elf_open(&image, program->path, &ignored) != RK_OK) {
        return 0;
    }
    size_t loaded = rk_elf_load(image, machine->memory[0].base, vectors, sizeof vectors);
    rk_elf_close(image);
    if (loaded < sizeof vectors) {
        return 0;
    }
    return vectors[0] | (uint64_t)vectors[1] << 8 | (uint64_t)vectors[2] << 16 | (uint64_t)vectors[3] << 24;
}

/* The memories of every machine for a core. out: text, cut to fit. */
static void list_memories(const char *core, char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (const struct rk_machine *machine = rk_machine_for_core(core, NULL); machine != NULL;
         machine = rk_machine_for_core(core, machine)) {
        for (int i = 0; i < RK_MACHINE_MEMORIES_MAX && machine->memory[i].bytes != 0 && used < room; i++) {
            const struct rk_machine_memory *memory = &machine->memory[i];
            const char *between = i > 0 ? ", " : used > 0 ? "; or " : "";
            used += (size_t)snprintf(text + used, room - used, "%s0x%08" PRIx64 "..0x%08" PRIx64, between, memory->base,
                                     memory->base + memory->bytes - 1);
        }
    }
}

static enum rk_err does_not_load(const struct run *run, struct rk_diag *diag)
{
    const char *core = run->device->core;
    const struct rk_machine *first = rk_machine_for_core(core, NULL);
    const struct rk_machine *machine = first;
    char memories[400];

    list_memories(core, memories, sizeof memories);
    while (machine != NULL && outside(&run->program, machine) != NULL) {
        machine = rk_machine_for_core(core, machine);
    }
    if (machine == NULL) {
        const struct segment *segment = outside(&run->program, first);
        return rk_fail(diag, RK_ERR_INPUT,
                       "%s: %" PRIu64 " bytes at 0x%08" PRIx64 " are outside the memory of %s, expected %s",
                       run->program.path, segment->bytes, segment->address, run->device->name, memories);
    }
    return rk_fail(diag, RK_ERR_INPUT,
                   "%s: no vector table with a stack pointer in memory at 0x%08" PRIx64 "; memory of %s: %s",
                   run->program.path, machine->memory[0].base, run->device->name, memories);
}

static bool suits(const struct program *program, const struct rk_machine *machine)
{
    uint64_t stack = initial_stack(program, machine);
    return outside(program, machine) == NULL && stack > 4 && rk_machine_holds(machine, stack - 4, 4);
}

/* Where the stack lies: from the end of what is linked below it in its memory, or the memory's begin, to the memory's
 * end: a start-up code may move it. */
static void find_stack(const struct program *program, struct rki_child_setup *setup, uint64_t stack)
{
    for (int i = 0; i < RK_MACHINE_MEMORIES_MAX; i++) {
        const struct rk_machine_memory *memory = &setup->machine->memory[i];
        if (stack > memory->base && stack - memory->base <= memory->bytes) {
            setup->stack_low = memory->base;
            setup->stack_top = memory->base + memory->bytes;
        }
    }
    if (program->end >= setup->stack_low && program->end < stack) {
        setup->stack_low = program->end;
        return;
    }
    for (unsigned i = 0; i < program->segments; i++) {
        uint64_t end = program->segment[i].address + program->segment[i].bytes;
        if (end > setup->stack_low && end < stack) {
            setup->stack_low = end;
        }
    }
}

static enum rk_err choose_machine(struct run *run, struct rk_diag *diag)
{
    const char *core = run->device->core;
    const struct rk_machine *first = rk_machine_for_core(core, NULL);
    const struct rk_machine *machine = first;

    if (first == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no machine to measure programs for core '%s'", run->device->path, core);
    }
    if (run->program.elf_machine != first->elf_machine) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: not a program for %s", run->program.path, run->device->name);
    }
    while (machine != NULL && !suits(&run->program, machine)) {
        machine = rk_machine_for_core(core, machine);
    }
    if (machine == NULL) {
        return does_not_load(run, diag);
    }
    run->setup.machine = machine;
    find_stack(&run->program, &run->setup, initial_stack(&run->program, machine));
    run->setup.flash_bytes = machine->memory[0].bytes;
    run->setup.v6m = strncmp(core, "cortex-m0", strlen("cortex-m0")) == 0;
    return RK_OK;
}

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
    enum rk_err err = read_program(&run->program, diag);

    if (table == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no cycle table for core '%s'", run->device->path, run->device->core);
    }
    if (err == RK_OK) {
        err = choose_machine(run, diag);
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
        .program = {.path = image_path},
        .setup = rki_qemu_test_setup(),
        .ram = {.file = -1},
        .board = {.file = -1},
        .child = {.control = -1, .messages = -1},
    };

    *count = 0;
    run.setup.image_path = image_path;
    run.setup.cpu = device->core;
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
