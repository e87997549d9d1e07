/* devices/firmware/port.h - what a device provides to the firmware
 *
 * devices/<d>/port.c defines these; nothing else in the firmware knows the device.
 * Boot:  the device's start-up code calls main() of devices/firmware/main.c.
 */
#ifndef DEVICES_FIRMWARE_PORT_H
#define DEVICES_FIRMWARE_PORT_H

#include <stdint.h>

/* Waits until the host has put a request into the mailbox: a marker that the emulator stops at. */
void rk_port_wait(void);

/* Non-volatile memory for key records. Where erase_bytes is 0, write replaces bytes in place; else the memory is flash of
 * erase blocks of that length: write only clears bits, and erase sets all those of the block that begins at address.
 * write and erase return when all is durable.
 * in: address below nvm_bytes of device.yaml. out: 0, or -1 when outside, or not the beginning of a block. */
uint16_t rk_port_nvm_erase_bytes(void);
int rk_port_nvm_erase(uint32_t address);
int rk_port_nvm_read(uint32_t address, void *out, uint16_t bytes);
int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes);

/* Measured region, see devices/firmware/region.h. */

#endif
