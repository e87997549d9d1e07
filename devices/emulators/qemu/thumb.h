/* devices/emulators/qemu/thumb.h - Thumb instructions, as far as the cycle model needs them
 *
 * Model:  everything of ARMv7E-M and ARMv8-M with the single-precision FPU; ARMv6-M is a subset.
 * Error:  an undefined encoding decodes as `system`; it never completes, so it is never costed in a finished call.
 * Source: ARM DDI 0403 (ARMv7-M Architecture Reference Manual), chapter A5; ARM DDI 0553 (ARMv8-M).
 */
#ifndef DEVICES_EMULATORS_QEMU_THUMB_H
#define DEVICES_EMULATORS_QEMU_THUMB_H

#include <stdint.h>

#include "devices/emulators/qemu/isa.h"

/* in: second is ignored for 16-bit instructions. */
struct rk_insn rk_thumb_decode(uint16_t first, uint16_t second);

#endif
