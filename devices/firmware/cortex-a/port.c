/* devices/firmware/cortex-a/port.c - the wait marker, and blocks of a memory card kept for data
 *
 * A card writes whole blocks, and takes as long for one byte as for all of them: each block that a write touches counts
 * once. The bytes go into it in ascending order, so that a power cut leaves new bytes, then old ones; cards that write
 * a block at once are kinder.
 */
#include "devices/firmware/port.h"

#include <stdbool.h>

#include "devices/firmware/guest.h"
#include "devices/firmware/region.h"

extern volatile uint8_t rk_nvm[];
extern uint8_t rk_nvm_bytes[];

enum { BLOCK_bytes = 512 };

void rk_port_wait(void)
{
    RK_REGION_WAIT();
}

static bool inside(uint32_t address, uint16_t bytes)
{
    uint32_t size = (uint32_t)(uintptr_t)rk_nvm_bytes;
    return address <= size && bytes <= size - address;
}

uint16_t rk_port_nvm_erase_bytes(void)
{
    return 0;
}

/* Nothing to erase: a card does it by itself. */
int rk_port_nvm_erase(uint32_t address)
{
    (void)address;
    return -1;
}

int rk_port_nvm_read(uint32_t address, void *out, uint16_t bytes)
{
    uint8_t *to = out;

    if (!inside(address, bytes)) {
        return -1;
    }
    for (uint16_t i = 0; i < bytes; i++) {
        to[i] = rk_nvm[address + i];
    }
    return 0;
}

int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes)
{
    const uint8_t *from = in;

    if (!inside(address, bytes)) {
        return -1;
    }
    for (uint16_t i = 0; i < bytes; i++) {
        rk_nvm[address + i] = from[i];
        rk_guest.nvm_bytes++;
        if (i == 0 || (address + i) % BLOCK_bytes == 0) {
            rk_guest.nvm_units++;
        }
    }
    return 0;
}
