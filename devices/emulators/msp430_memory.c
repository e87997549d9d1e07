/* devices/emulators/msp430_memory.c - the memory map, and what an access finds that needs more than a look at its page */
#include "devices/emulators/msp430_internal.h"

#include <stddef.h>
#include <string.h>

enum { PAGE_bytes = 256, LONGEST_INSTRUCTION_bytes = 6 };

/* The RAM behind an address of its mirror; any other address is itself. */
static uint16_t behind_mirror(uint16_t address)
{
    bool mirrored = address >= RKI_MIRROR_at && address < RKI_MIRROR_at + RKI_MIRROR_bytes;
    return mirrored ? (uint16_t)(address - RKI_MIRROR_at + RKI_RAM_at) : address;
}

void rki_msp430_map(struct rki_msp430 *m, uint16_t address, unsigned bytes, bool read, bool write)
{
    for (unsigned at = address; at < address + bytes; at += PAGE_bytes) {
        uint8_t *page = m->memory + behind_mirror((uint16_t)at);
        m->readable[at / PAGE_bytes] = read ? page : NULL;
        m->writable[at / PAGE_bytes] = write ? page : NULL;
    }
}

void rki_msp430_guard(struct rki_msp430 *m, uint16_t address)
{
    uint16_t at = behind_mirror(address);
    unsigned page = at / PAGE_bytes;
    if (m->writable[page] == NULL) {
        return;
    }
    m->guarded[page] = 1;
    m->writable[page] = NULL;
    if (at < RKI_RAM_at + RKI_MIRROR_bytes) {
        m->writable[page - RKI_RAM_at / PAGE_bytes + RKI_MIRROR_at / PAGE_bytes] = NULL;
    }
}

void rki_msp430_watch(struct rki_msp430 *m, uint16_t address)
{
    m->watched = address;
    rki_msp430_guard(m, address);
}

/* Instructions that begin up to two words before the changed bytes may contain them. */
void rki_msp430_forget(struct rki_msp430 *m, uint16_t address, unsigned bytes)
{
    unsigned from = address > LONGEST_INSTRUCTION_bytes - 2 ? address - (LONGEST_INSTRUCTION_bytes - 2) : 0;
    for (unsigned at = from; at < address + bytes && at < RKI_MEMORY_bytes; at++) {
        m->ops[at / 2].execute = NULL;
    }
}

void rki_msp430_forget_ram(struct rki_msp430 *m)
{
    for (unsigned page = RKI_RAM_at / PAGE_bytes; page < RKI_RAM_end / PAGE_bytes; page++) {
        if (m->guarded[page]) {
            rki_msp430_forget(m, (uint16_t)(page * PAGE_bytes), PAGE_bytes);
        }
    }
    rki_msp430_forget(m, RKI_MIRROR_at, RKI_MIRROR_bytes);
}

static void store_guarded(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte)
{
    m->memory[address] = (uint8_t)value;
    if (!byte) {
        m->memory[address + 1] = (uint8_t)(value >> 8);
    }
    rki_msp430_forget(m, address, byte ? 1 : 2);
    if (address < RKI_RAM_at + RKI_MIRROR_bytes) {
        rki_msp430_forget(m, (uint16_t)(address - RKI_RAM_at + RKI_MIRROR_at), byte ? 1 : 2);
    }
    if (m->watched != 0 && (address & 0xfffe) == m->watched) {
        m->attention |= RKI_ATTEND_WATCHED;
    }
}

uint16_t rki_msp430_load_slow(struct rki_msp430 *m, uint16_t address, bool byte)
{
    if (!byte && (address & 1) != 0) {
        rki_msp430_fault(m, "word read at odd address", address);
    } else if (address < RKI_PERIPHERALS_end) {
        return rki_msp430_peripheral_load(m, address, byte);
    } else if (rki_flash_holds(address)) {
        return rki_flash_load(m, address, byte);
    } else {
        rki_msp430_fault(m, "read of unmapped address", address);
    }
    return 0;
}

void rki_msp430_store_slow(struct rki_msp430 *m, uint16_t address, uint16_t value, bool byte)
{
    uint16_t behind = behind_mirror(address);
    if (!byte && (address & 1) != 0) {
        rki_msp430_fault(m, "word write at odd address", address);
    } else if (address < RKI_PERIPHERALS_end) {
        rki_msp430_peripheral_store(m, address, value, byte);
    } else if (rki_flash_holds(address)) {
        rki_flash_store(m, address, value, byte);
    } else if (m->guarded[behind / PAGE_bytes]) {
        store_guarded(m, behind, value, byte);
    } else {
        rki_msp430_fault(m, "write to unmapped address", address);
    }
}
