/* devices/firmware/avr/port.c - ATmega: EEPROM by avr-libc */
#include "devices/firmware/port.h"

#include <avr/eeprom.h>
#include <avr/io.h>
#include <stdbool.h>

#include "devices/firmware/region.h"

void rk_port_wait(void)
{
    RK_REGION_WAIT();
}

static bool inside(uint32_t address, uint16_t bytes)
{
    return address <= (uint32_t)E2END + 1 && bytes <= (uint32_t)E2END + 1 - address;
}

uint16_t rk_port_nvm_erase_bytes(void)
{
    return 0;
}

/* Nothing to erase: a write erases its byte. */
int rk_port_nvm_erase(uint32_t address)
{
    (void)address;
    return -1;
}

int rk_port_nvm_read(uint32_t address, void *out, uint16_t bytes)
{
    if (!inside(address, bytes)) {
        return -1;
    }
    eeprom_read_block(out, (const void *)(uint16_t)address, bytes);
    return 0;
}

/* eeprom_write_block returns while the last byte is still being programmed: wait, so that the caller may rely on it. */
int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes)
{
    if (!inside(address, bytes)) {
        return -1;
    }
    eeprom_write_block(in, (void *)(uint16_t)address, bytes);
    eeprom_busy_wait();
    return 0;
}
