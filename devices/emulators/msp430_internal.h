/* devices/emulators/msp430_internal.h - between the files of the MSP430 core
 *
 * Addressing modes are those that remain after decoding: absolute and symbolic addresses are an offset from the constant
 * generator's register, which holds 0; @Rn is an offset of 0; immediate values, the constant generator and PC as a source
 * are constants.
 */
#ifndef DEVICES_EMULATORS_MSP430_INTERNAL_H
#define DEVICES_EMULATORS_MSP430_INTERNAL_H

#include "devices/emulators/msp430_core.h"

enum rki_mode { RKI_MODE_CONSTANT, RKI_MODE_REGISTER, RKI_MODE_INDEXED, RKI_MODE_INCREMENTED, RKI_MODES };

/* Special: PC, SP, SR and the constant generator. */
enum rki_target { RKI_TARGET_GENERAL, RKI_TARGET_SPECIAL, RKI_TARGET_MEMORY, RKI_TARGETS };

/* in: address of an instruction. out: ops[address / 2] can be executed. */
void rki_msp430_decode(struct rki_msp430 *m, uint16_t address);

/* Functions that execute format I, II and III. */
rki_msp430_execute *rki_msp430_two_operands(unsigned opcode, unsigned source_mode, unsigned target_mode, bool byte);
rki_msp430_execute *rki_msp430_one_operand(unsigned opcode, unsigned mode, bool byte);
rki_msp430_execute *rki_msp430_jump(unsigned condition, bool to_itself);

/* The first one counts: `what` and the address are its message. */
void rki_msp430_fault(struct rki_msp430 *m, const char *what, uint16_t address);

/* Writes to the page of a RAM address take the slow path from now on. */
void rki_msp430_guard(struct rki_msp430 *m, uint16_t address);

/* Accesses that the page tables do not answer. */
uint16_t rki_msp430_load_slow(struct rki_msp430 *m, uint16_t address, bool byte);
void rki_msp430_store_slow(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte);
uint16_t rki_msp430_peripheral_load(struct rki_msp430 *m, uint16_t address, bool byte);
void rki_msp430_peripheral_store(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte);

/* Watchdog: the cycle at which its counter overflows, UINT64_MAX when it is held; and what then happens. */
uint64_t rki_watchdog_due(const struct rki_msp430 *m);
void rki_watchdog_overflow(struct rki_msp430 *m);

static inline uint16_t rki_msp430_load(struct rki_msp430 *m, uint16_t address, bool byte)
{
    const uint8_t *page = m->readable[address >> 8];
    if (__builtin_expect(page == NULL || (!byte && (address & 1) != 0), 0)) {
        return rki_msp430_load_slow(m, address, byte);
    }
    page += address & 0xff;
    return byte ? page[0] : (uint16_t)(page[0] | page[1] << 8);
}

static inline void rki_msp430_store(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte)
{
    uint8_t *page = m->writable[address >> 8];
    if (__builtin_expect(page == NULL || (!byte && (address & 1) != 0), 0)) {
        rki_msp430_store_slow(m, address, value, byte);
        return;
    }
    page += address & 0xff;
    page[0] = (uint8_t)value;
    if (!byte) {
        page[1] = (uint8_t)(value >> 8);
    }
}

#endif
