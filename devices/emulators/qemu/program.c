#include "devices/emulators/qemu/program.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/firmware/elf_image.h"

enum { VECTORS_bytes = 8 };

static void read_symbols(struct rki_program *program)
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

static bool read_segments(struct rki_program *program, Elf *elf)
{
    GElf_Ehdr header;
    size_t count = 0;

    if (gelf_getehdr(elf, &header) == NULL || header.e_type != ET_EXEC || elf_getphdrnum(elf, &count) != 0) {
        return false;
    }
    program->elf_machine = header.e_machine;
    for (size_t i = 0; i < count && program->segments < RKI_SEGMENTS_MAX; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD && segment.p_memsz > 0) {
            program->segment[program->segments++] = (struct rki_program_segment){
                segment.p_vaddr,
                segment.p_paddr,
                segment.p_memsz,
                segment.p_filesz,
            };
        }
    }
    return program->segments > 0;
}

enum rk_err rki_program_read(struct rki_program *program, const char *path, struct rk_diag *diag)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    *program = (struct rki_program){.path = path};
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
static const struct rki_program_segment *outside(const struct rki_program *program, const struct rk_machine *machine)
{
    for (unsigned i = 0; i < program->segments; i++) {
        const struct rki_program_segment *segment = &program->segment[i];
        if (!rk_machine_holds(machine, segment->address, segment->bytes) ||
            !rk_machine_holds(machine, segment->load_address, segment->load_bytes)) {
            return segment;
        }
    }
    return NULL;
}

/* The stack pointer that the vector table begins with. out: 0 when nothing is loaded there. */
static uint64_t initial_stack(const struct rki_program *program, const struct rk_machine *machine)
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

static enum rk_err does_not_load(const struct rki_program *program, const struct rk_device_profile *device,
                                 struct rk_diag *diag)
{
    const char *core = device->core;
    const struct rk_machine *first = rk_machine_for_core(core, NULL);
    const struct rk_machine *machine = first;
    char memories[400];

    list_memories(core, memories, sizeof memories);
    while (machine != NULL && outside(program, machine) != NULL) {
        machine = rk_machine_for_core(core, machine);
    }
    if (machine == NULL) {
        const struct rki_program_segment *segment = outside(program, first);
        return rk_fail(diag, RK_ERR_INPUT,
                       "%s: %" PRIu64 " bytes at 0x%08" PRIx64 " are outside the memory of %s, expected %s",
                       program->path, segment->bytes, segment->address, device->name, memories);
    }
    return rk_fail(diag, RK_ERR_INPUT,
                   "%s: no vector table with a stack pointer in memory at 0x%08" PRIx64 "; memory of %s: %s",
                   program->path, machine->memory[0].base, device->name, memories);
}

static bool suits(const struct rki_program *program, const struct rk_machine *machine)
{
    uint64_t stack = initial_stack(program, machine);
    return outside(program, machine) == NULL && stack > 4 && rk_machine_holds(machine, stack - 4, 4);
}

/* Where the stack lies: from the end of what is linked below it in its memory, or the memory's begin, to the memory's
 * end: a start-up code may move it. */
static void find_stack(const struct rki_program *program, struct rki_child_setup *setup, uint64_t stack)
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

enum rk_err rki_program_place(const struct rki_program *program, const struct rk_device_profile *device,
                              struct rki_child_setup *setup, struct rk_diag *diag)
{
    const char *core = device->core;
    const struct rk_machine *first = rk_machine_for_core(core, NULL);
    const struct rk_machine *machine = first;

    if (first == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no machine to measure programs for core '%s'", device->path, core);
    }
    if (program->elf_machine != first->elf_machine) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: not a program for %s", program->path, device->name);
    }
    while (machine != NULL && !suits(program, machine)) {
        machine = rk_machine_for_core(core, machine);
    }
    if (machine == NULL) {
        return does_not_load(program, device, diag);
    }
    setup->machine = machine;
    find_stack(program, setup, initial_stack(program, machine));
    setup->flash_bytes = machine->memory[0].bytes;
    setup->v6m = strncmp(core, "cortex-m0", strlen("cortex-m0")) == 0;
    return RK_OK;
}
