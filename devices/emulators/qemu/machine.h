/* devices/emulators/qemu/machine.h - machines of QEMU that can stand for a device
 *
 * Model:  a device names its machine in `machine:` of device.yaml. Such a machine can take its RAM from a file, which
 *         we map too: mailbox, NVM window and stack are then plain memory to us. A machine without that (ram_bytes 0)
 *         serves `measure` alone.
 * Source: QEMU 7.2, hw/arm/mps2.c, mps2-tz.c, netduinoplus2.c, microbit: memory maps of the boards.
 */
#ifndef DEVICES_EMULATORS_QEMU_MACHINE_H
#define DEVICES_EMULATORS_QEMU_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devices/emulators/qemu/isa.h"

enum { RK_MACHINE_MEMORIES_MAX = 4 };

struct rk_machine_memory {
    uint64_t base, bytes; /* bytes 0: no more of them */
};

struct rk_machine {
    const char *name;
    const char *board;   /* of -M, where it is not the name */
    const char *program; /* qemu-system-arm, qemu-system-aarch64 */
    enum rk_isa_id isa;
    unsigned elf_machine;         /* EM_ARM, EM_AARCH64 */
    bool takes_cpu;               /* `-cpu` is the core of device.yaml */
    bool runs_from_ram;           /* there is no flash that could be slow */
    const char *options;          /* after -M machine: NULL, or two words separated by a blank */
    uint64_t ram_base, ram_bytes; /* the RAM that is a file, of the size fixed by QEMU; bytes 0: none */
    uint64_t window_bytes; /* the beginning of it that a program has for data, where that is less; 0: all of it */
    struct rk_machine_memory memory[RK_MACHINE_MEMORIES_MAX]; /* where a program may be, RAM file included */
};

/* out: NULL when there is none of that name. */
const struct rk_machine *rk_machine_find(const char *name);

/* Names of all machines with a RAM file, for messages. out: text, at most room bytes with its end. */
void rk_machine_names(char *text, size_t room);

/* A machine whose memories hold bytes base..base + bytes - 1? */
bool rk_machine_holds(const struct rk_machine *machine, uint64_t base, uint64_t bytes);

/* The next machine that executes programs of `core` for `measure`, in order of preference. in: NULL for the first.
 * out: NULL past the last. */
const struct rk_machine *rk_machine_for_core(const char *core, const struct rk_machine *after);

#endif
