/* devices/emulators/msp430_modes.h - addressing modes as the MSP430 core executes them
 *
 * Absolute and symbolic addresses are an offset from the constant generator's register, which holds 0; @Rn is an offset
 * of 0; immediate values, the constant generator and PC as a source are constants.
 */
#ifndef DEVICES_EMULATORS_MSP430_MODES_H
#define DEVICES_EMULATORS_MSP430_MODES_H

enum rki_mode { RKI_MODE_CONSTANT, RKI_MODE_REGISTER, RKI_MODE_INDEXED, RKI_MODE_INCREMENTED, RKI_MODES };

/* Special: PC, SP, SR and the constant generator. */
enum rki_target { RKI_TARGET_GENERAL, RKI_TARGET_SPECIAL, RKI_TARGET_MEMORY, RKI_TARGETS };

#endif
