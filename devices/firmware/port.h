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

/* Non-volatile memory for key records. write returns when the last byte is durable.
 * in: address below nvm_bytes of device.yaml. out: 0, or -1 when outside. */
int rk_port_nvm_read(uint32_t address, void *out, uint16_t bytes);
int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes);

/* Measured region, see devices/firmware/region.h. */

#endif
