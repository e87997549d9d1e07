/* devices/emulators/qemu/program.h - a program of anybody's: what it says of itself, and a machine that can run it
 *
 * Model:  an ELF file that is loaded as it is linked. The machine is the first one for the device's core that has
 *         memory for all of it, and for the stack pointer that its vector table begins with.
 */
#ifndef DEVICES_EMULATORS_QEMU_PROGRAM_H
#define DEVICES_EMULATORS_QEMU_PROGRAM_H

#include <stdint.h>

#include "devices/emulators/qemu/child.h"
#include "engine/core/profile.h"

enum { RKI_SEGMENTS_MAX = 32 };

struct rki_program_segment {
    uint64_t address, load_address, bytes, load_bytes;
};

struct rki_program {
    const char *path;
    unsigned elf_machine;
    struct rki_program_segment segment[RKI_SEGMENTS_MAX];
    unsigned segments;
    uint64_t guest; /* address of rk_guest; 0: it has none */
    uint64_t end;   /* of static data, by the name that linker scripts give it; 0: they do not */
};

/* in: path, which must outlive the program. errors: RK_ERR_INPUT. */
RK_MUST_CHECK enum rk_err rki_program_read(struct rki_program *program, const char *path, struct rk_diag *diag);

/* out: of setup, the machine, where the stack lies, and the size of flash. errors: RK_ERR_INPUT, with the addresses
 * that would do. */
RK_MUST_CHECK enum rk_err rki_program_place(const struct rki_program *program, const struct rk_device_profile *device,
                                            struct rki_child_setup *setup, struct rk_diag *diag);

#endif
