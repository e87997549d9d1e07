/* devices/emulators/emulator.c - finds a driver; builds requests and reads replies */
#include "devices/emulators/emulator.h"

#include <string.h>

#include "devices/emulators/drivers.h"
#include "devices/firmware/mailbox.h"

_Static_assert((int)RK_CALL_DATA_bytes == (int)RK_MAILBOX_DATA_bytes, "a call must fit the mailbox");

static const struct rk_emulator_driver *const drivers[] = {
    &rk_emulator_simavr,
#ifdef RK_HAVE_QEMU_DRIVER
    &rk_emulator_qemu,
#endif
    &rk_emulator_msp430,
    &rk_emulator_host,
};

const struct rk_emulator_driver *rk_emulator_driver_find(const char *name)
{
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
        if (strcmp(drivers[i]->name, name) == 0) {
            return drivers[i];
        }
    }
    return NULL;
}

bool rk_call_append(struct rk_call *call, const void *value, uint16_t bytes)
{
    if ((size_t)call->data_bytes + 2 + bytes > sizeof call->data) {
        return false;
    }
    uint8_t *at = call->data + call->data_bytes;
    at[0] = (uint8_t)bytes;
    at[1] = (uint8_t)(bytes >> 8);
    if (bytes > 0) {
        memcpy(at + 2, value, bytes);
    }
    call->data_bytes = (uint16_t)(call->data_bytes + 2 + bytes);
    call->fields++;
    return true;
}

bool rk_call_field(const struct rk_call *call, unsigned index, const uint8_t **value, uint16_t *bytes)
{
    if (index >= call->fields) {
        return false;
    }
    size_t limit = call->data_bytes <= sizeof call->data ? call->data_bytes : sizeof call->data;
    size_t at = 0;
    for (unsigned i = 0;; i++) {
        if (at + 2 > limit) {
            return false;
        }
        size_t length = (size_t)call->data[at] | (size_t)call->data[at + 1] << 8;
        if (at + 2 + length > limit) {
            return false;
        }
        if (i == index) {
            *value = call->data + at + 2;
            *bytes = (uint16_t)length;
            return true;
        }
        at += 2 + length;
    }
}
