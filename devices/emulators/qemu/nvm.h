/* devices/emulators/qemu/nvm.h - the plugin's log of stores to NVM, as operations of the part
 *
 * Model:  a store takes the emulator one instruction and the part the time of its device.yaml: an operation ends with its
 *         instruction and stalls. The stores that fill a block being erased are one erasure, at the last of them. Words of
 *         flash are programmed, those of a data EEPROM rewritten; a memory card's controller keeps a sector whole.
 */
#ifndef DEVICES_EMULATORS_QEMU_NVM_H
#define DEVICES_EMULATORS_QEMU_NVM_H

#include "devices/emulators/nvm.h"
#include "devices/emulators/qemu/protocol.h"

/* out: list, anew; false when the last erasure on the board is not complete: it is left out. */
bool rki_nvm_list_board(struct rki_nvm_list *list, const struct rki_board *board,
                        const struct rk_device_profile *device);

#endif
