/* devices/firmware/cortex-m/port.c - Cortex-M: the wait marker, and pages of flash kept for data
 *
 * Model:  nvm_erase_block of device.yaml says what the memory is. Flash: it is programmed by words, in ascending order,
 *         and programming only clears bits; a page is erased as a whole. Data EEPROM (no erase block): words are
 *         replaced. Memory here is plain RAM, so an erasure is a loop, which rk_guest.nvm_erasing marks.
 */
#include "devices/firmware/port.h"

#include <stdbool.h>
#include <string.h>

#include "devices/firmware/guest.h"
#include "devices/firmware/region.h"

extern uint8_t rk_nvm[], rk_nvm_bytes[], rk_nvm_erase_bytes[];

enum { WORD_bytes = 4 };

void rk_port_wait(void)
{
    RK_REGION_WAIT();
}

static bool inside(uint32_t address, uint16_t bytes)
{
    uint32_t size = (uint32_t)(uintptr_t)rk_nvm_bytes;
    return address <= size && bytes <= size - address;
}

int rk_port_nvm_read(uint32_t address, void *out, uint16_t bytes)
{
    if (!inside(address, bytes)) {
        return -1;
    }
    memcpy(out, rk_nvm + address, bytes);
    return 0;
}

uint16_t rk_port_nvm_erase_bytes(void)
{
    return (uint16_t)(uintptr_t)rk_nvm_erase_bytes;
}

int rk_port_nvm_erase(uint32_t address)
{
    uint32_t block_bytes = rk_port_nvm_erase_bytes();

    if (block_bytes == 0 || address % block_bytes != 0 || !inside(address, (uint16_t)block_bytes)) {
        return -1;
    }
    volatile uint32_t *cells = (volatile uint32_t *)(rk_nvm + address);
    rk_guest.nvm_erasing = 1;
    for (uint32_t i = 0; i < block_bytes / WORD_bytes; i++) {
        cells[i] = UINT32_MAX;
    }
    rk_guest.nvm_erasing = 0;
    rk_guest.nvm_erases++;
    return 0;
}

/* What the word at cell holds after `part` bytes were written into it at offset. */
static uint32_t programmed(uint32_t cell, uint32_t offset, const uint8_t *from, uint32_t part)
{
    uint32_t word = cell;

    memcpy((uint8_t *)&word + offset, from, part);
    return rk_port_nvm_erase_bytes() != 0 ? cell & word : word;
}

int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes)
{
    const uint8_t *from = in;
    uint32_t left = bytes;

    if (!inside(address, bytes)) {
        return -1;
    }
    while (left > 0) {
        uint32_t offset = address % WORD_bytes;
        uint32_t part = WORD_bytes - offset < left ? WORD_bytes - offset : left;
        volatile uint32_t *cell = (volatile uint32_t *)(rk_nvm + (address - offset));

        *cell = programmed(*cell, offset, from, part);
        rk_guest.nvm_bytes += part;
        rk_guest.nvm_units++;
        address += part;
        from += part;
        left -= part;
    }
    return 0;
}
