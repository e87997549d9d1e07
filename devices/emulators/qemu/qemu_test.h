/* devices/emulators/qemu/qemu_test.h - knobs of the QEMU driver for its own tests
 *
 * They hold for emulators opened afterwards. No figure may depend on them: that is what the tests show.
 */
#ifndef DEVICES_EMULATORS_QEMU_QEMU_TEST_H
#define DEVICES_EMULATORS_QEMU_QEMU_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/emulators/qemu/child.h"

/* fine: the plugin makes every instruction a segment; single_step, icount: QEMU's -singlestep and -icount. */
void rki_qemu_test_modes(bool fine, bool single_step, bool icount);

/* What the two others have set, for the driver's own files. */
struct rki_child_setup rki_qemu_test_setup(void);

/* Instructions that a call or a measured program may execute; 0 restores the driver's own figure. */
void rki_qemu_test_budget(uint64_t instructions);

#endif
