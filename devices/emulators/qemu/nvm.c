#include "devices/emulators/qemu/nvm.h"

#include <string.h>

enum { LARGEST_CELL_bytes = 16 }; /* what is programmed in longer units has a controller of its own */

static uint64_t to_cycles(uint64_t ns, const struct rk_device_profile *device)
{
    return ns * (device->clock_Hz / 1000) / 1000000;
}

static void add(struct rki_nvm_list *list, const struct rki_nvm_store *store, const struct rk_device_profile *device)
{
    struct rk_nvm_event event = {
        .begin = store->step,
        .end = store->step,
        .address = store->offset,
        .bytes = store->bytes,
    };
    if (store->erases) {
        event.kind = RK_NVM_ERASE;
        event.stall = to_cycles(device->nvm_erase_ns, device);
    } else if (device->nvm_write_unit_bytes > LARGEST_CELL_bytes) {
        event.kind = RK_NVM_WHOLE;
    } else {
        event.kind = device->nvm_erase_block_bytes != 0 ? RK_NVM_PROGRAM : RK_NVM_REWRITE;
        event.stall = to_cycles(device->nvm_write_ns, device);
    }
    memcpy(event.value, store->value, sizeof event.value);
    rki_nvm_list_add(list, &event);
}

bool rki_nvm_list_board(struct rki_nvm_list *list, const struct rki_board *board,
                        const struct rk_device_profile *device)
{
    uint32_t stores = board->nvm_stores < RKI_NVM_STORES ? board->nvm_stores : RKI_NVM_STORES;
    const struct rki_nvm_store *last = stores > 0 ? &board->nvm_store[stores - 1] : NULL;
    bool watched = list->on;
    bool whole = last == NULL || !last->erases || last->bytes >= device->nvm_erase_block_bytes;

    list->on = true; /* the board has what was asked for */
    list->count = 0;
    list->full = board->nvm_stores > RKI_NVM_STORES;
    for (uint32_t i = 0; i < stores - !whole; i++) {
        add(list, &board->nvm_store[i], device);
    }
    list->on = watched;
    return whole;
}
