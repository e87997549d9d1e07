/* devices/firmware/cortex-m/port.c - Cortex-M: the wait marker, and pages of flash kept for data
 *
 * Flash is programmed by words. A word is written whole, in ascending order, so that a power cut leaves old words and
 * new words but no mixed one. Erasing is part of the time per word that device.yaml states.
 */
#include "devices/firmware/port.h"

#include <stdbool.h>
#include <string.h>

#include "devices/firmware/guest.h"
#include "devices/firmware/region.h"

extern uint8_t rk_nvm[], rk_nvm_bytes[];

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
        uint32_t word = *cell;

        memcpy((uint8_t *)&word + offset, from, part);
        *cell = word;
        rk_guest.nvm_bytes += part;
        rk_guest.nvm_units++;
        address += part;
        from += part;
        left -= part;
    }
    return 0;
}
