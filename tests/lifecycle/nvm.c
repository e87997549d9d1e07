#include "tests/lifecycle/nvm.h"

#include <string.h>

/* Whether the memory is still powered after one more event; the last event is cut short. */
static bool event(struct nvm *nvm)
{
    if (nvm->events++ == nvm->cut_at)
        *nvm->powered = false;
    return *nvm->powered;
}

static uint8_t torn_byte(const struct nvm *nvm, uint8_t from, uint8_t to)
{
    enum { EVERY_OTHER_BIT = 0x55 };
    if (nvm->torn == NVM_TORN_HALF)
        return from ^ ((from ^ to) & EVERY_OTHER_BIT);
    return nvm->torn == NVM_TORN_BEFORE ? from : to;
}

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    const struct nvm *nvm = context;
    if (!*nvm->powered || address > nvm->bytes || bytes > nvm->bytes - address)
        return -1;
    memcpy(out, nvm->cells + address, bytes);
    return 0;
}

/* One unit; part of it may lie outside what is written, and keeps its bits. */
static int unit_write(struct nvm *nvm, uint32_t address, const uint8_t *wanted, uint16_t bytes)
{
    bool flash = nvm->port.erase_bytes != 0;
    uint32_t unit = address - address % nvm->unit_bytes;
    bool zeros = true;
    for (uint16_t i = 0; i < bytes; i++)
        zeros = zeros && wanted[i] == 0;
    if (flash && nvm->programmed[unit] >= (zeros ? 2 : 1))
        nvm->broken = zeros ? "a unit was programmed a third time" : "a unit was programmed again, not with zeros";
    bool powered = event(nvm);
    for (uint16_t i = 0; i < bytes; i++) {
        uint8_t *cell = nvm->cells + address + i;
        uint8_t to = flash ? *cell & wanted[i] : wanted[i];
        *cell = powered ? to : torn_byte(nvm, *cell, to);
    }
    nvm->programmed[unit] += powered;
    return powered ? 0 : -1;
}

static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    struct nvm *nvm = context;
    const uint8_t *from = in;
    if (!*nvm->powered || address > nvm->bytes || bytes > nvm->bytes - address)
        return -1;
    while (bytes > 0) {
        uint16_t room = (uint16_t)(nvm->unit_bytes - address % nvm->unit_bytes);
        uint16_t part = room < bytes ? room : bytes;
        if (unit_write(nvm, address, from, part) != 0)
            return -1;
        address += part;
        from += part;
        bytes = (uint16_t)(bytes - part);
    }
    return 0;
}

static int nvm_erase(void *context, uint32_t address)
{
    struct nvm *nvm = context;
    uint16_t bytes = nvm->port.erase_bytes;
    if (!*nvm->powered || address % bytes != 0 || address >= nvm->bytes)
        return -1;
    bool powered = event(nvm);
    for (uint16_t i = 0; i < bytes; i++) {
        uint8_t *cell = nvm->cells + address + i;
        *cell = powered ? 0xFF : torn_byte(nvm, *cell, 0xFF);
    }
    if (powered)
        memset(nvm->programmed + address, 0, bytes);
    nvm->erasures[address / bytes]++;
    return powered ? 0 : -1;
}

void nvm_init(struct nvm *nvm, enum nvm_geometry geometry, bool *powered)
{
    static const struct {
        uint16_t erase_bytes, unit_bytes, bytes;
    } shape[NVM_GEOMETRIES] = {{0, 1, 256}, {128, 2, 256}, {4096, 4, 8192}};
    memset(nvm, 0, sizeof *nvm);
    memset(nvm->cells, 0xFF, sizeof nvm->cells);
    nvm->bytes = shape[geometry].bytes;
    nvm->unit_bytes = shape[geometry].unit_bytes;
    nvm->powered = powered;
    nvm->cut_at = -1;
    nvm->port = (struct rk_nvm){.context = nvm,
                                .erase_bytes = shape[geometry].erase_bytes,
                                .erase = shape[geometry].erase_bytes != 0 ? nvm_erase : NULL,
                                .read = nvm_read,
                                .write = nvm_write};
}

static uint16_t block_places(const struct nvm *nvm)
{
    uint16_t places = nvm->port.erase_bytes / RK_RECORD_bytes;
    return places == 0 ? 1 : places > RK_NVM_BLOCK_PLACES_MAX ? RK_NVM_BLOCK_PLACES_MAX : places;
}

uint16_t nvm_places(const struct nvm *nvm)
{
    return (uint16_t)(2 * block_places(nvm));
}

uint16_t nvm_place_at(const struct nvm *nvm, uint16_t index)
{
    uint16_t places = block_places(nvm);
    uint16_t block_bytes = nvm->port.erase_bytes != 0 ? nvm->port.erase_bytes : RK_RECORD_bytes;
    return (uint16_t)(index / places * block_bytes + index % places * RK_RECORD_bytes);
}

static bool filled(const struct nvm *nvm, uint16_t index, uint8_t value)
{
    const uint8_t *at = nvm->cells + nvm_place_at(nvm, index);
    for (uint16_t i = 0; i < RK_RECORD_bytes; i++)
        if (at[i] != value && (value == 0xFF || i < 72)) /* the rest of a place is never written */
            return false;
    return true;
}

bool nvm_blank(const struct nvm *nvm, uint16_t index)
{
    return filled(nvm, index, 0xFF);
}

bool nvm_zero(const struct nvm *nvm, uint16_t index)
{
    return filled(nvm, index, 0);
}
