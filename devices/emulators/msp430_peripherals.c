/* devices/emulators/msp430_peripherals.c - hardware multiplier, watchdog, the markers of region.h, registers that only
 * keep what is written
 *
 * A peripheral that is not here is a fault: a program that waits for a timer shall not wait for ever without a reason.
 * Source: SLAU049F, chapter 7 (multiplier) and 10 (watchdog).
 */
#include "devices/emulators/msp430_internal.h"

enum {
    IE1 = 0x00,
    IFG1 = 0x02,
    WDTI = 0x01, /* WDTIE and WDTIFG */
    WDTCTL = 0x120,
    MPY = 0x130,
    MACS = 0x136,
    OP2 = 0x138,
    RESLO = 0x13a,
    RESHI = 0x13c,
    SUMEXT = 0x13e,
    MARKERS_at = 0x1f0, /* RK_REGION_MSP430_START and the two words behind it */
    MARKERS_end = 0x1f6,
};

/* ---- multiplier ---- */

static void multiply(struct rki_multiplier *unit, uint16_t second)
{
    bool is_signed = (unit->mode & 2) != 0;
    bool accumulates = (unit->mode & 4) != 0;
    uint32_t product =
        is_signed ? (uint32_t)((int32_t)(int16_t)unit->operand * (int16_t)second) : (uint32_t)unit->operand * second;
    uint64_t sum = (accumulates ? (uint64_t)unit->result : 0) + product;
    unit->result = (uint32_t)sum;
    if (is_signed) {
        unit->sum_extend = unit->result >> 31 != 0 ? 0xffff : 0;
    } else {
        unit->sum_extend = (uint16_t)(sum >> 32);
    }
}

static uint16_t multiplier_load(const struct rki_msp430 *m, uint16_t address)
{
    const struct rki_multiplier *unit = &m->multiplier;
    switch (address) {
    case OP2:
        return (uint16_t)(m->memory[OP2] | m->memory[OP2 + 1] << 8);
    case RESLO:
        return (uint16_t)unit->result;
    case RESHI:
        return (uint16_t)(unit->result >> 16);
    case SUMEXT:
        return unit->sum_extend;
    default:
        return unit->operand;
    }
}

static void multiplier_store(struct rki_msp430 *m, uint16_t address, uint16_t value)
{
    struct rki_multiplier *unit = &m->multiplier;
    switch (address) {
    case OP2:
        m->memory[OP2] = (uint8_t)value;
        m->memory[OP2 + 1] = (uint8_t)(value >> 8);
        multiply(unit, value);
        break;
    case RESLO:
        unit->result = (unit->result & 0xffff0000u) | value;
        break;
    case RESHI:
        unit->result = (unit->result & 0xffffu) | (uint32_t)value << 16;
        break;
    case SUMEXT:
        break; /* read only */
    default:
        unit->operand = value;
        unit->mode = (uint8_t)address;
        break;
    }
}

/* ---- watchdog ---- */

enum { WDT_HOLD = 0x80, WDT_INTERVAL = 0x10, WDT_CLEAR = 0x08, WDT_ACLK = 0x04, WDT_SELECT = 0x03, ACLK_Hz = 32768 };

static uint64_t watchdog_period(const struct rki_msp430 *m)
{
    static const uint16_t ticks[] = {32768, 8192, 512, 64};
    uint64_t period = ticks[m->watchdog.control & WDT_SELECT];
    return (m->watchdog.control & WDT_ACLK) != 0 ? period * m->clock_Hz / ACLK_Hz : period;
}

uint64_t rki_watchdog_due(const struct rki_msp430 *m)
{
    return (m->watchdog.control & WDT_HOLD) != 0 ? UINT64_MAX : m->watchdog.started_at + watchdog_period(m);
}

static void watchdog_request(struct rki_msp430 *m)
{
    m->requested &= (uint16_t) ~(1u << RKI_VECTOR_WATCHDOG);
    if ((m->memory[IE1] & m->memory[IFG1] & WDTI) != 0) {
        rki_msp430_interrupt(m, RKI_VECTOR_WATCHDOG);
    }
}

void rki_watchdog_overflow(struct rki_msp430 *m)
{
    m->watchdog.started_at += watchdog_period(m);
    if ((m->watchdog.control & WDT_INTERVAL) == 0) {
        rki_msp430_fault(m, "the watchdog expired at", m->r[RKI_PC]);
        return;
    }
    m->memory[IFG1] |= WDTI;
    watchdog_request(m);
}

static void watchdog_store(struct rki_msp430 *m, uint16_t value, bool byte)
{
    enum { PASSWORD = 0x5a };
    if (byte || value >> 8 != PASSWORD) {
        rki_msp430_fault(m, "wrong watchdog password", value);
        return;
    }
    bool held = (m->watchdog.control & WDT_HOLD) != 0;
    m->watchdog.control = (uint8_t)(value & ~WDT_CLEAR);
    if ((value & WDT_CLEAR) != 0 || held) {
        m->watchdog.started_at = m->cycles;
    }
    m->attention |= RKI_ATTEND_STATUS;
}

/* ---- the peripheral space ---- */

/* SFRs, ports, clock system: they keep what is written. */
static bool keeps(uint16_t address)
{
    return address < 0x06 || (address >= 0x18 && address < 0x38) || (address >= 0x56 && address < 0x59);
}

static bool is_multiplier(uint16_t address)
{
    return address >= MPY && address <= SUMEXT + 1;
}

static bool is_flash(uint16_t address)
{
    return address >= RKI_FCTL1 && address <= RKI_FCTL3 + 1;
}

static uint16_t load_word(struct rki_msp430 *m, uint16_t address)
{
    enum { READ_PASSWORD = 0x6900 };
    if (is_multiplier(address)) {
        return multiplier_load(m, address);
    }
    if (is_flash(address)) {
        return rki_flash_register_load(m, address);
    }
    if (address == WDTCTL) {
        return READ_PASSWORD | m->watchdog.control;
    }
    if (address < MARKERS_at || address >= MARKERS_end) {
        rki_msp430_fault(m, "no such peripheral in this model:", address);
    }
    return 0;
}

uint16_t rki_msp430_peripheral_load(struct rki_msp430 *m, uint16_t address, bool byte)
{
    if (keeps(address)) {
        return byte ? m->memory[address] : (uint16_t)(m->memory[address] | m->memory[address + 1] << 8);
    }
    uint16_t word = load_word(m, address & 0xfffe);
    return !byte ? word : (address & 1) != 0 ? word >> 8 : word & 0xff;
}

void rki_msp430_peripheral_store(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte)
{
    if (keeps(address)) {
        m->memory[address] = (uint8_t)value;
        if (!byte) {
            m->memory[address + 1] = (uint8_t)(value >> 8);
        }
        watchdog_request(m);
    } else if (is_multiplier(address)) {
        multiplier_store(m, address & 0xfffe, byte ? value & 0xff : value);
    } else if (is_flash(address)) {
        rki_flash_register_store(m, address & 0xfffe, byte ? value & 0xff : value);
    } else if ((address & 0xfffe) == WDTCTL) {
        watchdog_store(m, value, byte);
    } else if (address >= MARKERS_at && address < MARKERS_end) {
        m->marker_address = address & 0xfffe;
        m->marker_value = value;
        m->attention |= RKI_ATTEND_MARKER;
    } else {
        rki_msp430_fault(m, "no such peripheral in this model:", address);
    }
}
