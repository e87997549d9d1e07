#include "engine/model/cells.h"

#include <string.h>

/* out: the cell at the address, NULL when bytes from there on are not all kept. */
static uint8_t *cells_at(const struct rk_cells *nvm, uint32_t address, uint32_t bytes)
{
    uint32_t pitch_bytes = nvm->port.erase_bytes != 0 ? nvm->port.erase_bytes : nvm->block_bytes;
    uint32_t block = address / pitch_bytes;
    uint32_t offset = address % pitch_bytes;
    if (block > 1 || offset > nvm->block_bytes || bytes > nvm->block_bytes - offset) {
        return NULL;
    }
    return nvm->cells + block * nvm->block_bytes + offset;
}

static int cells_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    const uint8_t *cell = cells_at(context, address, bytes);
    if (cell == NULL) {
        return -1;
    }
    memcpy(out, cell, bytes);
    return 0;
}

static int cells_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    struct rk_cells *nvm = context;
    bool flash = nvm->port.erase_bytes != 0;
    const uint8_t *from = in;
    uint8_t *cell = cells_at(nvm, address, bytes);
    if (cell == NULL) {
        return -1;
    }
    if (bytes == 0) {
        return 0;
    }
    uint32_t first = address / nvm->unit_bytes;
    uint32_t last = (address + bytes - 1u) / nvm->unit_bytes;
    if (flash) {
        for (uint16_t i = 0; i < bytes; i++) {
            cell[i] &= from[i];
        }
    } else {
        uint32_t *wear = nvm->wear;
        memcpy(cell, from, bytes);
        for (uint32_t unit = first; unit <= last; unit++) {
            wear[unit]++;
        }
    }
    nvm->usage->nvm_bytes += bytes;
    nvm->usage->nvm_units += last - first + 1;
    return 0;
}

static int cells_erase(void *context, uint32_t address)
{
    struct rk_cells *nvm = context;
    uint8_t *cell = cells_at(nvm, address, nvm->block_bytes);
    if (cell == NULL) {
        return -1;
    }
    memset(cell, 0xff, nvm->block_bytes);
    nvm->wear[address / nvm->port.erase_bytes]++;
    nvm->usage->nvm_erases++;
    return 0;
}

static uint16_t kept_bytes(const struct rk_device_profile *device)
{
    enum { USED_bytes = RK_NVM_BLOCK_PLACES_MAX * RK_RECORD_bytes };
    uint64_t block_bytes = device->nvm_erase_block_bytes != 0 ? device->nvm_erase_block_bytes : RK_RECORD_bytes;
    return (uint16_t)(block_bytes < USED_bytes ? block_bytes : USED_bytes);
}

static uint16_t unit_bytes(const struct rk_device_profile *device)
{
    return (uint16_t)(device->nvm_write_unit_bytes == 0 ? 1 : device->nvm_write_unit_bytes);
}

static uint32_t wears(const struct rk_device_profile *device)
{
    uint32_t unit = unit_bytes(device);
    return device->nvm_erase_block_bytes != 0 ? 2 : (2u * kept_bytes(device) + unit - 1u) / unit;
}

size_t rk_cells_bytes(const struct rk_device_profile *device)
{
    return wears(device) * sizeof(uint32_t) + 2u * kept_bytes(device);
}

void rk_cells_init(struct rk_cells *nvm, const struct rk_device_profile *device, struct rk_usage *usage, void *memory)
{
    bool flash = device->nvm_erase_block_bytes != 0;
    *nvm = (struct rk_cells){
        .port = {.context = nvm,
                 .erase_bytes = (uint16_t)device->nvm_erase_block_bytes,
                 .erase = flash ? cells_erase : NULL,
                 .read = cells_read,
                 .write = cells_write},
        .usage = usage,
        .unit_bytes = unit_bytes(device),
        .block_bytes = kept_bytes(device),
        .wears = wears(device),
    };
    nvm->wear = memory;
    nvm->cells = (uint8_t *)(nvm->wear + nvm->wears);
    memset(nvm->cells, 0xff, 2u * nvm->block_bytes);
    memset(nvm->wear, 0, nvm->wears * sizeof *nvm->wear);
}

/* out: the place, NULL after the last. */
static uint8_t *place_at(const struct rk_cells *nvm, unsigned place)
{
    size_t at = (size_t)place * RK_RECORD_bytes;
    return at + RK_RECORD_bytes <= 2u * nvm->block_bytes ? nvm->cells + at : NULL;
}

static enum rk_cells_content content(const uint8_t *place, uint32_t key_id)
{
    uint32_t holder;
    memcpy(&holder, place, sizeof holder);
    return holder == UINT32_MAX ? RK_CELLS_BLANK
           : holder == 0        ? RK_CELLS_ZERO
           : holder == key_id   ? RK_CELLS_KEY
                                : RK_CELLS_OTHER;
}

uint32_t rk_cells_places(const struct rk_cells *nvm, uint32_t key_id)
{
    uint32_t places = 0;
    const uint8_t *place;
    for (unsigned i = 0; (place = place_at(nvm, i)) != NULL; i++) {
        places |= (uint32_t)content(place, key_id) << 2 * i;
    }
    return places;
}

void rk_cells_set_places(struct rk_cells *nvm, uint32_t places, uint32_t key_id)
{
    static const uint8_t fill[] = {[RK_CELLS_BLANK] = 0xff, [RK_CELLS_ZERO] = 0, [RK_CELLS_KEY] = 0x55};
    uint8_t *place;
    for (unsigned i = 0; (place = place_at(nvm, i)) != NULL; i++) {
        enum rk_cells_content now = (enum rk_cells_content)(places >> 2 * i & 3);
        memset(place, fill[now], RK_RECORD_bytes);
        if (now == RK_CELLS_KEY) {
            memcpy(place, &key_id, sizeof key_id);
        }
    }
}

uint32_t rk_cells_wear(const struct rk_cells *nvm)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < nvm->wears; i++) {
        most = nvm->wear[i] > most ? nvm->wear[i] : most;
    }
    return most;
}
