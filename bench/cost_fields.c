/* bench/cost_fields.c - see cost_fields.h */
#include "bench/cost_fields.h"

const struct rki_cost_field rki_cost_fields[] = {
#define FIELD(key, kind, member)                                                                                       \
    {                                                                                                                  \
        key, kind, offsetof(struct rk_cost_row, member), sizeof(((struct rk_cost_row *)0)->member)                     \
    }
    FIELD("device", RKI_COST_TEXT, device),
    FIELD("backend", RKI_COST_TEXT, backend),
    FIELD("version", RKI_COST_TEXT, version),
    FIELD("compiler", RKI_COST_TEXT, compiler),
    FIELD("flags", RKI_COST_TEXT, flags),
    FIELD("op", RKI_COST_TEXT, op),
    FIELD("size_bytes", RKI_COST_COUNT32, size_bytes),
    FIELD("status", RKI_COST_TEXT, status),
    FIELD("cycles_min", RKI_COST_COUNT, cycles_min),
    FIELD("cycles_median", RKI_COST_COUNT, cycles_median),
    FIELD("cycles_max", RKI_COST_COUNT, cycles_max),
    FIELD("cycles_low", RKI_COST_COUNT, cycles_low),
    FIELD("cycles_high", RKI_COST_COUNT, cycles_high),
    FIELD("instructions", RKI_COST_COUNT, instructions),
    FIELD("stack_bytes", RKI_COST_COUNT, stack_bytes),
    FIELD("heap_bytes", RKI_COST_COUNT, heap_bytes),
    FIELD("ram_static_bytes", RKI_COST_COUNT, ram_static_bytes),
    FIELD("flash_bytes", RKI_COST_COUNT, flash_bytes),
    FIELD("nvm_write_bytes", RKI_COST_COUNT, nvm_write_bytes),
    FIELD("nvm_time_s", RKI_COST_SECONDS, nvm_time_ns),
    FIELD("time_s", RKI_COST_SECONDS, time_ns),
    FIELD("energy_J", RKI_COST_JOULES, energy_pJ),
    FIELD("energy_low_J", RKI_COST_JOULES, energy_low_pJ),
    FIELD("energy_high_J", RKI_COST_JOULES, energy_high_pJ),
    FIELD("secret_dependent", RKI_COST_TRISTATE, secret_dependent),
    FIELD("known_answer", RKI_COST_FLAG, known_answer),
    FIELD("firmware_sha256", RKI_COST_TEXT, firmware_sha256),
#undef FIELD
    {0},
};

unsigned rki_cost_decimals(enum rki_cost_kind kind)
{
    return kind == RKI_COST_SECONDS ? 9 : kind == RKI_COST_JOULES ? 12 : 0;
}
