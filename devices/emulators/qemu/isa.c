#include "devices/emulators/qemu/isa.h"

#include <stddef.h>

static const struct rk_isa *const isas[RK_ISA_COUNT] = {
    [RK_ISA_THUMB] = &rk_isa_thumb,
    [RK_ISA_A64] = &rk_isa_a64,
};

const struct rk_isa *rk_isa_find(enum rk_isa_id id)
{
    return id < RK_ISA_COUNT ? isas[id] : NULL;
}
