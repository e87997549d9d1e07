#include "devices/emulators/qemu/machine.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define KiB 1024ull
#define MiB (1024ull * KiB)

/* The MPS2 boards: 4 MiB of code, 4 MiB of data, 16 MiB of PSRAM, which is the one that can be a file. The AN505 starts
 * in the secure state, whose view of the code memory is at 0x10000000; its PSRAM is secure where nothing is set up. */
static const struct rk_machine machines[] = {
    {
        .name = "mps2-an385",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .ram_base = 0x21000000,
        .ram_bytes = 16 * MiB,
        .memory = {{0x00000000, 4 * MiB}, {0x20000000, 4 * MiB}, {0x21000000, 16 * MiB}},
    },
    {
        .name = "mps2-an386",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .ram_base = 0x21000000,
        .ram_bytes = 16 * MiB,
        .memory = {{0x00000000, 4 * MiB}, {0x20000000, 4 * MiB}, {0x21000000, 16 * MiB}},
    },
    {
        .name = "mps2-an505",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .ram_base = 0x80000000,
        .ram_bytes = 16 * MiB,
        .memory = {{0x10000000, 4 * MiB}, {0x30000000, 128 * KiB}, {0x38000000, 4 * MiB}, {0x80000000, 16 * MiB}},
    },
    /* Any size of RAM, which also holds the code: devices/firmware/cortex-a/cortex-a.ld. */
    {
        .name = "virt",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .takes_cpu = true,
        .runs_from_ram = true,
        .ram_base = 0x40000000,
        .ram_bytes = 16 * MiB,
        .window_bytes = 512 * KiB,
        .memory = {{0x40000000, 16 * MiB}},
    },
    {
        .name = "virt-aarch64",
        .board = "virt",
        .program = "qemu-system-aarch64",
        .isa = RK_ISA_A64,
        .elf_machine = EM_AARCH64,
        .takes_cpu = true,
        .runs_from_ram = true,
        .ram_base = 0x40000000,
        .ram_bytes = 16 * MiB,
        .window_bytes = 512 * KiB,
        .memory = {{0x40000000, 16 * MiB}},
    },
    /* The only ARMv6-M of this QEMU. The real nRF51 has 16 KiB of RAM; here as much as a program may want. */
    {
        .name = "microbit",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .options = "-global nrf51-soc.sram-size=262144",
        .memory = {{0x00000000, 256 * KiB}, {0x20000000, 256 * KiB}},
    },
    {
        .name = "netduino2",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .memory = {{0x08000000, MiB}, {0x20000000, 128 * KiB}},
    },
    {
        .name = "netduinoplus2",
        .program = "qemu-system-arm",
        .isa = RK_ISA_THUMB,
        .elf_machine = EM_ARM,
        .memory = {{0x08000000, MiB}, {0x20000000, 128 * KiB}},
    },
};

/* For `measure`, in order of preference: the core itself first, then one that executes its programs too. */
static const struct {
    const char *core, *machine;
} for_core[] = {
    {"cortex-m0", "microbit"},      {"cortex-m0", "mps2-an385"},     {"cortex-m0", "netduino2"},
    {"cortex-m0plus", "microbit"},  {"cortex-m0plus", "mps2-an385"}, {"cortex-m0plus", "netduino2"},
    {"cortex-m3", "mps2-an385"},    {"cortex-m3", "netduino2"},      {"cortex-m4", "mps2-an386"},
    {"cortex-m4", "netduinoplus2"}, {"cortex-m33", "mps2-an505"},    {"cortex-a7", "virt"},
    {"cortex-a53", "virt-aarch64"},
};

const struct rk_machine *rk_machine_find(const char *name)
{
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        if (strcmp(machines[i].name, name) == 0) {
            return &machines[i];
        }
    }
    return NULL;
}

void rk_machine_names(char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof machines / sizeof *machines && used < room; i++) {
        if (machines[i].ram_bytes != 0) {
            used += (size_t)snprintf(text + used, room - used, "%s%s", used > 0 ? ", " : "", machines[i].name);
        }
    }
}

bool rk_machine_holds(const struct rk_machine *machine, uint64_t base, uint64_t bytes)
{
    for (int i = 0; i < RK_MACHINE_MEMORIES_MAX; i++) {
        const struct rk_machine_memory *memory = &machine->memory[i];
        if (base >= memory->base && bytes <= memory->bytes && base - memory->base <= memory->bytes - bytes) {
            return true;
        }
    }
    return false;
}

const struct rk_machine *rk_machine_for_core(const char *core, const struct rk_machine *after)
{
    bool found = after == NULL;

    for (size_t i = 0; i < sizeof for_core / sizeof *for_core; i++) {
        if (strcmp(for_core[i].core, core) != 0) {
            continue;
        }
        const struct rk_machine *machine = rk_machine_find(for_core[i].machine);
        if (found) {
            return machine;
        }
        found = machine == after;
    }
    return NULL;
}
