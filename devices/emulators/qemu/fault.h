/* devices/emulators/qemu/fault.h - what a firmware's fault report means, in one line
 *
 * Source: ARM DDI 0403 B3.2.15, Configurable Fault Status Register.
 */
#ifndef DEVICES_EMULATORS_QEMU_FAULT_H
#define DEVICES_EMULATORS_QEMU_FAULT_H

#include <stddef.h>

#include "devices/firmware/guest.h"

/* in: guest may be NULL, for a firmware without a report. out: text, at most room bytes with its end. */
void rki_fault_explain(const struct rk_guest *guest, char *text, size_t room);

#endif
