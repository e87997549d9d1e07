/* devices/emulators/qemu/measure.h - costs of the regions of any program for an M-profile core
 *
 * Model:  the program is its own master: its vectors, its memory, its start-up code. It is loaded as it is linked, into
 *         the first machine for the device's core that has memory where the program is, and runs from its reset until
 *         it marks its end, exits by semihosting, branches to itself outside of a region, sleeps with nothing to wake
 *         it, or has used the budget of instructions. Flash wait states and errors are those of the device.
 * Stack:  the deepest store below the stack pointer of the region's begin: of those whose address is made of the stack
 *         pointer, and of others within 1 KiB below the deepest so far. What is only reserved is not seen, nor is an
 *         array of more that nothing but a pointer reaches; a heap within 1 KiB of the stack is taken for it. A program
 *         with this project's start-up code has its stack measured as in calls.
 * Error:  as in calls. Semihosting gives the program the rights of its user: run what you would run.
 */
#ifndef DEVICES_EMULATORS_QEMU_MEASURE_H
#define DEVICES_EMULATORS_QEMU_MEASURE_H

#include "devices/emulators/emulator.h"

/* As `measure` of struct rk_emulator_driver. */
enum rk_err rki_qemu_measure(const struct rk_device_profile *device, const char *image_path,
                             struct rk_region regions[RK_REGIONS_MAX], unsigned *count, struct rk_diag *diag);

#endif
