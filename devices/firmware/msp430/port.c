/* devices/firmware/msp430/port.c - the wait marker, and information memory for key records
 *
 * Flash is written by words, which only clears bits, and erased by segments of 128 bytes: segment B is address 0..127
 * of the NVM, segment A 128..255.
 * Clock: the timing generator runs at MCLK / 10, within its 257..476 kHz for MCLK from 2.57 to 4.76 MHz.
 * Source: SLAU049F, chapter 5.
 */
#include "devices/firmware/port.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "devices/firmware/region.h"

#define REGISTER(address) (*(volatile uint16_t *)(address))
#define FCTL1             REGISTER(0x0128)
#define FCTL2             REGISTER(0x012a)
#define FCTL3             REGISTER(0x012c)

enum {
    FWKEY = 0xa500,
    ERASE = 0x0002,
    WRT = 0x0040,
    FSSEL_MCLK = 0x0040,
    LOCK = 0x0010,
    DIVIDER = 10,
};

enum { NVM_at = 0x1000, NVM_bytes = 256, SEGMENT_bytes = 128 };

void rk_port_wait(void)
{
    RK_REGION_WAIT();
}

static bool inside(uint32_t address, uint16_t bytes)
{
    return address <= NVM_bytes && bytes <= NVM_bytes - address;
}

int rk_port_nvm_read(uint32_t address, void *out, uint16_t bytes)
{
    if (!inside(address, bytes)) {
        return -1;
    }
    memcpy(out, (const void *)(uintptr_t)(NVM_at + (uint16_t)address), bytes);
    return 0;
}

uint16_t rk_port_nvm_erase_bytes(void)
{
    return SEGMENT_bytes;
}

static void unlock(uint16_t mode)
{
    FCTL2 = FWKEY | FSSEL_MCLK | (DIVIDER - 1);
    FCTL3 = FWKEY;
    FCTL1 = FWKEY | mode;
}

static void lock(void)
{
    FCTL1 = FWKEY;
    FCTL3 = FWKEY | LOCK;
}

/* The CPU is held during each erasure and each write: the program is in flash, too. */
int rk_port_nvm_erase(uint32_t address)
{
    if (address % SEGMENT_bytes != 0 || !inside(address, SEGMENT_bytes)) {
        return -1;
    }
    unlock(ERASE);
    *(volatile uint16_t *)(uintptr_t)(NVM_at + (uint16_t)address) = 0;
    lock();
    return 0;
}

/* A byte beside those written keeps its bits: ones clear none. */
int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes)
{
    const uint8_t *from = in;
    if (!inside(address, bytes)) {
        return -1;
    }
    unlock(WRT);
    uint16_t at = (uint16_t)address;
    while (bytes > 0) {
        uint16_t word = UINT16_MAX;
        uint16_t offset = at & 1;
        uint16_t part = offset == 0 && bytes > 1 ? 2 : 1;
        memcpy((uint8_t *)&word + offset, from, part);
        *(volatile uint16_t *)(uintptr_t)(NVM_at + (at - offset)) = word;
        at += part;
        from += part;
        bytes -= part;
    }
    lock();
    return 0;
}
