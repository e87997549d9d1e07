/* devices/firmware/msp430/port.c - the wait marker, and information memory for key records
 *
 * Flash is written by words and erased by segments of 128 bytes: segment B is address 0..127 of the NVM, segment A
 * 128..255. A write that only clears bits programs the words that change. Any other write erases the segment and
 * programs it anew from a copy in RAM: what lies in the same segment is lost when the power fails in between, the other
 * segment never is. A store that writes its two records in turn, one a segment, always keeps one of them.
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

enum { NVM_at = 0x1000, NVM_bytes = 256, SEGMENT_bytes = 128, SEGMENT_words = SEGMENT_bytes / 2 };

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

/* The CPU is held during each of these: the program is in flash, too. */
static void erase(volatile uint16_t *segment)
{
    FCTL1 = FWKEY | ERASE;
    *segment = 0;
}

static void program(volatile uint16_t *cells, const uint16_t *words)
{
    FCTL1 = FWKEY | WRT;
    for (unsigned i = 0; i < SEGMENT_words; i++) {
        if (cells[i] != words[i]) {
            cells[i] = words[i];
        }
    }
}

/* in: the segment's new contents. */
static void rewrite(volatile uint16_t *cells, const uint16_t *words)
{
    uint16_t sets = 0;
    for (unsigned i = 0; i < SEGMENT_words; i++) {
        sets |= words[i] & (uint16_t)~cells[i];
    }
    FCTL2 = FWKEY | FSSEL_MCLK | (DIVIDER - 1);
    FCTL3 = FWKEY;
    if (sets != 0) {
        erase(cells);
    }
    program(cells, words);
    FCTL1 = FWKEY;
    FCTL3 = FWKEY | LOCK;
}

int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes)
{
    const uint8_t *from = in;
    if (!inside(address, bytes)) {
        return -1;
    }
    uint16_t at = (uint16_t)address;
    while (bytes > 0) {
        uint16_t words[SEGMENT_words];
        uint16_t offset = at % SEGMENT_bytes;
        uint16_t part = SEGMENT_bytes - offset < bytes ? SEGMENT_bytes - offset : bytes;
        uint16_t segment = NVM_at + (at - offset);
        memcpy(words, (const void *)(uintptr_t)segment, sizeof words);
        memcpy((uint8_t *)words + offset, from, part);
        rewrite((volatile uint16_t *)(uintptr_t)segment, words);
        at += part;
        from += part;
        bytes -= part;
    }
    return 0;
}
