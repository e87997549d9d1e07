/* devices/firmware/host.h - how the host driver talks to a backend's shared object
 *
 * The object exports these three and rk_backend_get(). One loaded object is one device: its static data is the device's
 * RAM.
 */
#ifndef DEVICES_FIRMWARE_HOST_H
#define DEVICES_FIRMWARE_HOST_H

#include <stdint.h>

#include "devices/firmware/mailbox.h"

/* Non-volatile memory, owned by the driver. */
struct rk_host_nvm {
    uint8_t *cells;
    uint32_t bytes;
    uint32_t written_bytes; /* since the call's start */
    uint32_t cut_after;     /* power fails when this many bytes of a call are written; UINT32_MAX: never */
    void (*wrote)(struct rk_host_nvm *nvm, uint32_t address); /* told of each byte once it is there; NULL: nobody */
};

void rk_host_attach(struct rk_host_nvm *nvm);

/* Carries out the request. out: 0, or 1 when the power was cut; the object must then be loaded anew. */
int rk_host_call(struct rk_mailbox *mailbox);

/* out: the most heap that the last call had in use at once: devices/host/heap.h. */
uint32_t rk_host_heap_bytes(void);

typedef void rk_host_attach_fn(struct rk_host_nvm *nvm);
typedef int rk_host_call_fn(struct rk_mailbox *mailbox);
typedef uint32_t rk_host_heap_bytes_fn(void);

#endif
