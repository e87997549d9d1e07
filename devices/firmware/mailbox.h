/* devices/firmware/mailbox.h - how a request enters a device and its reply leaves
 *
 * The mailbox is a plain object `rk_mailbox` in RAM. The host finds its address in the ELF symbol table, fills it while
 * the firmware waits at RK_PORT_WAIT, and reads it when the firmware waits again. It belongs to the harness: its bytes
 * are not counted in any operation's RAM, and on an emulated device it lies in section .mailbox, which the linker script
 * places where the part has no memory: it takes nothing from the device's budget. The size of the symbol tells the host
 * how much a device's mailbox holds.
 * Fields: a request or reply is a list of `fields` values, each a 16-bit little-endian length and its bytes.
 */
#ifndef DEVICES_FIRMWARE_MAILBOX_H
#define DEVICES_FIRMWARE_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#if defined(__MSP430__)
enum { RK_MAILBOX_DATA_bytes = 1782 }; /* with the header, the hole between RAM and flash of an MSP430F1611 */
#else
enum { RK_MAILBOX_DATA_bytes = 4096 };
#endif

enum { RK_MAILBOX_MAGIC = 0x524b, RK_MAILBOX_HEADER_bytes = 8 };

/* All members little endian and naturally aligned, so that one layout serves 8-, 16-, 32- and 64-bit devices. */
struct rk_mailbox {
    uint16_t magic;      /* RK_MAILBOX_MAGIC once the firmware has booted */
    uint8_t operation;   /* enum rk_operation, set by the host */
    int8_t result;       /* enum rk_crypto, set by the firmware */
    uint16_t fields;     /* in: fields of the request; out: fields of the reply */
    uint16_t data_bytes; /* in: bytes of the request; out: bytes of the reply */
    uint8_t data[RK_MAILBOX_DATA_bytes];
};

_Static_assert(offsetof(struct rk_mailbox, data) == RK_MAILBOX_HEADER_bytes, "one layout on all devices");

extern struct rk_mailbox rk_mailbox;

#endif
