/* devices/emulators/qemu/fault.h - what a firmware's fault report means, and the emulator's log of one, in one line
 *
 * Source: ARM DDI 0403 B3.2.15, Configurable Fault Status Register.
 */
#ifndef DEVICES_EMULATORS_QEMU_FAULT_H
#define DEVICES_EMULATORS_QEMU_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "devices/firmware/guest.h"

/* in: guest may be NULL, for a firmware without a report. out: text, at most room bytes with its end. */
void rki_fault_explain(const struct rk_guest *guest, char *text, size_t room);

/* What QEMU's log (-d int) says of the first fault that a core of the M profile took: HardFault, MemManage, BusFault,
 * UsageFault, SecureFault. out: false when there was none. */
bool rki_fault_in_log(const char *log, char *text, size_t room);

#endif
