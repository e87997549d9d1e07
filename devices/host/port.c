/* devices/host/port.c - the host as a device: calls instead of a boot loop, an array instead of flash */
#include "devices/firmware/host.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "devices/firmware/payload.h"
#include "devices/firmware/port.h"
#include "devices/host/heap.h"

static struct rk_host_nvm *nvm;
static jmp_buf power_cut;

void rk_host_attach(struct rk_host_nvm *memory)
{
    nvm = memory;
}

int rk_host_call(struct rk_mailbox *mailbox)
{
    nvm->written_bytes = 0;
    if (setjmp(power_cut) != 0) {
        return 1;
    }
    rk_mailbox = *mailbox;
    rk_heap_watch();
    rk_payload_call(&rk_mailbox);
    *mailbox = rk_mailbox;
    return 0;
}

uint32_t rk_host_heap_bytes(void)
{
    return rk_heap_peak();
}

/* The caller put the request in before it called. */
void rk_port_wait(void)
{
}

static bool inside(uint32_t address, uint16_t bytes)
{
    return address <= nvm->bytes && bytes <= nvm->bytes - address;
}

uint16_t rk_port_nvm_erase_bytes(void)
{
    return 0;
}

/* Nothing to erase: an array is written in place. */
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
    memcpy(out, nvm->cells + address, bytes);
    return 0;
}

static void look_at_power(void)
{
    if (nvm->written_bytes == nvm->cut_after) {
        longjmp(power_cut, 1);
    }
}

int rk_port_nvm_write(uint32_t address, const void *in, uint16_t bytes)
{
    const uint8_t *from = in;
    if (!inside(address, bytes)) {
        return -1;
    }
    for (uint16_t i = 0; i < bytes; i++) {
        look_at_power();
        nvm->cells[address + i] = from[i];
        nvm->written_bytes++;
        if (nvm->wrote != NULL) {
            nvm->wrote(nvm, address + i);
        }
    }
    look_at_power();
    return 0;
}
