/* devices/emulators/msp430_flash.c - the flash controller: registers, operations, time */
#include "devices/emulators/msp430_flash.h"

#include <string.h>

#include "devices/emulators/msp430_internal.h"

/* Cycles of the timing generator: data sheet SLAS368, flash memory. */
enum {
    WORD_ticks = 35,
    BLOCK_FIRST_ticks = 30,
    BLOCK_NEXT_ticks = 21,
    BLOCK_END_ticks = 6,
    MASS_ERASE_ticks = 5297,
    SEGMENT_ERASE_ticks = 4819,
    TICK_least_Hz = 257000,
    TICK_most_Hz = 476000,
};

enum {
    READ_KEY = 0x9600,
    WRITE_KEY = 0xa5,
    FCTL1_RESET = 0x00,
    FCTL2_RESET = 0x42, /* MCLK / 3 */
    FCTL3_RESET = RKI_FCTL3_WAIT | RKI_FCTL3_LOCK,
    FCTL1_BITS = RKI_FCTL1_BLKWRT | RKI_FCTL1_WRT | RKI_FCTL1_MERAS | RKI_FCTL1_ERASE,
    FCTL1_ERASES = RKI_FCTL1_MERAS | RKI_FCTL1_ERASE,
    FCTL3_WRITABLE = RKI_FCTL3_EMEX | RKI_FCTL3_LOCK | RKI_FCTL3_ACCVIFG | RKI_FCTL3_KEYV,
    FSSEL = 0xc0,
    FN = 0x3f,
    ACLK_Hz = 32768,
};

bool rki_flash_holds(uint16_t address)
{
    return address >= RKI_FLASH_at ||
           (address >= RKI_INFORMATION_at && address < RKI_INFORMATION_at + RKI_INFORMATION_bytes);
}

unsigned rki_flash_segment(uint16_t address)
{
    if (address >= RKI_FLASH_at) {
        return RKI_INFORMATION_bytes / RKI_INFORMATION_SEGMENT_bytes +
               (unsigned)(address - RKI_FLASH_at) / RKI_FLASH_SEGMENT_bytes;
    }
    return (unsigned)(address - RKI_INFORMATION_at) / RKI_INFORMATION_SEGMENT_bytes;
}

void rki_flash_reset(struct rki_flash *flash)
{
    flash->control1 = FCTL1_RESET;
    flash->control2 = FCTL2_RESET;
    flash->control3 = FCTL3_RESET;
    flash->block_started = false;
    flash->busy = false;
    flash->held = false;
}

/* ---- timing ---- */

static bool in_flash(const struct rki_msp430 *m)
{
    return rki_flash_holds(m->r[RKI_PC]);
}

/* out: cycles of MCLK that `ticks` of the timing generator take; 0, and a fault, when it runs at a wrong speed. */
static uint64_t ticks_to_cycles(struct rki_msp430 *m, unsigned ticks)
{
    const struct rki_flash *flash = &m->flash;
    uint64_t source_Hz = (flash->control2 & FSSEL) == 0 ? ACLK_Hz : m->clock_Hz;
    uint64_t divider = (flash->control2 & FN) + 1u;
    if (source_Hz < TICK_least_Hz * divider || source_Hz > TICK_most_Hz * divider) {
        rki_msp430_fault(m, "flash timing generator out of 257..476 kHz: FCTL2 is", flash->control2);
        return 0;
    }
    return (ticks * divider * m->clock_Hz + source_Hz - 1) / source_Hz;
}

/* Every page of flash answers, or none does. */
static void open_pages(struct rki_msp430 *m, bool open)
{
    rki_msp430_map(m, RKI_INFORMATION_at, RKI_INFORMATION_bytes, open, false);
    rki_msp430_map(m, RKI_FLASH_at, RKI_FLASH_bytes, open, false);
}

static void log_operation(struct rki_flash *flash)
{
    struct rk_nvm_event event = {
        .begin = flash->started_at - flash->call_at,
        .end = flash->busy_until - flash->call_at,
        .address = (uint32_t)flash->first - RKI_INFORMATION_at,
        .bytes = flash->bytes,
        .kind = flash->erasing ? RK_NVM_ERASE : RK_NVM_PROGRAM,
        .value = {(uint8_t)flash->new_value, (uint8_t)(flash->new_value >> 8)},
    };
    flash->number++;
    if (flash->first < RKI_INFORMATION_at + RKI_INFORMATION_bytes) {
        rki_nvm_list_add(&flash->nvm, &event);
    }
}

/* in: flash->first, bytes, erasing and values are set. */
static void start(struct rki_msp430 *m, uint64_t cycles)
{
    struct rki_flash *flash = &m->flash;
    flash->busy = true;
    flash->held = in_flash(m);
    flash->started_at = m->cycles;
    flash->busy_until = m->cycles + cycles;
    flash->busy_cycles += cycles;
    log_operation(flash);
    open_pages(m, false);
    m->attention |= RKI_ATTEND_FLASH;
    rki_flash_hold(m);
}

static void done(struct rki_msp430 *m)
{
    struct rki_flash *flash = &m->flash;
    flash->busy = false;
    flash->held = false;
    flash->control3 |= RKI_FCTL3_WAIT;
    if (flash->erasing) {
        memset(m->memory + flash->first, 0xff, flash->bytes);
        flash->control1 &= (uint8_t)~FCTL1_ERASES;
    } else {
        memcpy(m->memory + flash->first, &flash->new_value, flash->bytes);
    }
    rki_msp430_forget(m, flash->first, flash->bytes);
    open_pages(m, true);
    m->attention &= ~(uint32_t)RKI_ATTEND_FLASH;
}

void rki_flash_settle(struct rki_msp430 *m)
{
    struct rki_flash *flash = &m->flash;
    if (flash->busy && m->cycles >= flash->busy_until) {
        done(m);
    } else if (flash->busy && !flash->held && in_flash(m)) {
        rki_msp430_fault(m, "execution from flash while it is busy, at", m->r[RKI_PC]);
    }
}

void rki_flash_hold(struct rki_msp430 *m)
{
    struct rki_flash *flash = &m->flash;
    if (flash->busy && flash->held) {
        m->cycles = flash->busy_until < m->limit ? flash->busy_until : m->limit;
        rki_flash_settle(m);
    }
}

/* ---- erase and write ---- */

static void count_wear(struct rki_flash *flash, uint32_t first, uint32_t bytes, unsigned segment_bytes)
{
    for (uint32_t at = first; at < first + bytes; at += segment_bytes) {
        flash->wear[rki_flash_segment((uint16_t)at)]++;
    }
}

/* The segment that holds the address. */
static void erase_segment(struct rki_msp430 *m, uint16_t address)
{
    struct rki_flash *flash = &m->flash;
    unsigned size = address < RKI_FLASH_at ? RKI_INFORMATION_SEGMENT_bytes : RKI_FLASH_SEGMENT_bytes;
    uint64_t cycles = ticks_to_cycles(m, SEGMENT_ERASE_ticks);
    if (cycles == 0) {
        return;
    }
    flash->first = (uint16_t)(address - address % size);
    flash->bytes = size;
    flash->erasing = true;
    count_wear(flash, flash->first, flash->bytes, size);
    start(m, cycles);
}

/* Main memory; with ERASE set, information memory as well, which is blank from the start of the operation. */
static void erase_mass(struct rki_msp430 *m)
{
    struct rki_flash *flash = &m->flash;
    uint64_t cycles = ticks_to_cycles(m, MASS_ERASE_ticks);
    if (cycles == 0) {
        return;
    }
    if ((flash->control1 & RKI_FCTL1_ERASE) != 0) {
        memset(m->memory + RKI_INFORMATION_at, 0xff, RKI_INFORMATION_bytes);
        count_wear(flash, RKI_INFORMATION_at, RKI_INFORMATION_bytes, RKI_INFORMATION_SEGMENT_bytes);
    }
    flash->first = RKI_FLASH_at;
    flash->bytes = RKI_FLASH_bytes;
    flash->erasing = true;
    count_wear(flash, RKI_FLASH_at, RKI_FLASH_bytes, RKI_FLASH_SEGMENT_bytes);
    start(m, cycles);
}

static unsigned write_ticks(struct rki_flash *flash)
{
    if ((flash->control1 & RKI_FCTL1_BLKWRT) == 0) {
        return WORD_ticks;
    }
    unsigned ticks = flash->block_started ? BLOCK_NEXT_ticks : BLOCK_FIRST_ticks;
    flash->block_started = true;
    return ticks;
}

static void write_cells(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte)
{
    struct rki_flash *flash = &m->flash;
    if ((flash->control1 & RKI_FCTL1_BLKWRT) != 0 && in_flash(m)) {
        rki_msp430_fault(m, "block write by a program in flash, to", address);
        return;
    }
    uint64_t cycles = ticks_to_cycles(m, write_ticks(flash));
    if (cycles == 0) {
        return;
    }
    flash->first = address;
    flash->bytes = byte ? 1 : 2;
    flash->erasing = false;
    flash->old_value = 0;
    memcpy(&flash->old_value, m->memory + address, flash->bytes);
    flash->new_value = flash->old_value & value;
    flash->written_bytes += flash->bytes;
    if ((flash->control1 & RKI_FCTL1_BLKWRT) != 0) {
        flash->control3 &= (uint8_t)~RKI_FCTL3_WAIT;
    }
    start(m, cycles);
}

uint16_t rki_flash_load(struct rki_msp430 *m, uint16_t address, bool byte)
{
    rki_flash_settle(m);
    if (m->flash.busy) {
        rki_msp430_fault(m, "read of flash while it is busy, at", address);
        return 0;
    }
    return byte ? m->memory[address] : (uint16_t)(m->memory[address] | m->memory[address + 1] << 8);
}

void rki_flash_store(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte)
{
    struct rki_flash *flash = &m->flash;
    rki_flash_settle(m);
    if (flash->busy) {
        rki_msp430_fault(m, "write to flash while it is busy, at", address);
    } else if ((flash->control3 & RKI_FCTL3_LOCK) != 0) {
        rki_msp430_fault(m, "write to locked flash at", address);
    } else if ((flash->control1 & RKI_FCTL1_MERAS) != 0) {
        erase_mass(m);
    } else if ((flash->control1 & RKI_FCTL1_ERASE) != 0) {
        erase_segment(m, address);
    } else if ((flash->control1 & (RKI_FCTL1_WRT | RKI_FCTL1_BLKWRT)) != 0) {
        write_cells(m, address, value, byte);
    } else {
        rki_msp430_fault(m, "write to flash, and neither WRT nor ERASE is set, at", address);
    }
}

/* ---- registers ---- */

uint16_t rki_flash_register_load(struct rki_msp430 *m, uint16_t address)
{
    struct rki_flash *flash = &m->flash;
    rki_flash_settle(m);
    switch (address) {
    case RKI_FCTL1:
        return READ_KEY | flash->control1;
    case RKI_FCTL2:
        return READ_KEY | flash->control2;
    default:
        return (uint16_t)(READ_KEY | flash->control3 | (flash->busy ? RKI_FCTL3_BUSY : 0));
    }
}

/* Ends a block write: the program voltage is removed. */
static void end_block(struct rki_msp430 *m)
{
    struct rki_flash *flash = &m->flash;
    flash->block_started = false;
    flash->first = RKI_FLASH_at;
    flash->bytes = 0;
    flash->erasing = false;
    uint64_t cycles = ticks_to_cycles(m, BLOCK_END_ticks);
    if (cycles != 0) {
        start(m, cycles);
    }
}

void rki_flash_register_store(struct rki_msp430 *m, uint16_t address, uint16_t value)
{
    struct rki_flash *flash = &m->flash;
    uint8_t bits = (uint8_t)value;
    rki_flash_settle(m);
    if (value >> 8 != WRITE_KEY) {
        rki_msp430_fault(m, "wrong flash key", value);
    } else if (address == RKI_FCTL3) {
        flash->control3 = (uint8_t)((flash->control3 & ~FCTL3_WRITABLE) | (bits & FCTL3_WRITABLE));
    } else if (flash->busy) {
        rki_msp430_fault(m, "flash control written while flash is busy:", value);
    } else if (address == RKI_FCTL2) {
        flash->control2 = bits;
    } else {
        flash->control1 = bits & FCTL1_BITS;
        if (flash->block_started && (bits & RKI_FCTL1_BLKWRT) == 0) {
            end_block(m);
        }
    }
}

/* ---- power ---- */

void rki_flash_cut(struct rki_msp430 *m, uint64_t now)
{
    struct rki_flash *flash = &m->flash;
    if (!flash->busy) {
        return;
    }
    unsigned phase = rki_nvm_phase(flash->started_at, flash->busy_until, now);
    const uint8_t wanted[2] = {(uint8_t)flash->new_value, (uint8_t)(flash->new_value >> 8)};
    for (uint32_t i = 0; i < flash->bytes; i++) {
        uint8_t *cell = m->memory + flash->first + i;
        uint32_t address = flash->first + i - RKI_INFORMATION_at;
        *cell = rki_nvm_torn(flash->erasing ? RK_NVM_ERASE : RK_NVM_PROGRAM, phase, *cell,
                             flash->erasing ? 0xff : wanted[i], address, flash->number - 1);
    }
    rki_msp430_forget(m, flash->first, flash->bytes);
    flash->busy = false;
    flash->held = false;
    open_pages(m, true);
    m->attention &= ~(uint32_t)RKI_ATTEND_FLASH;
}
