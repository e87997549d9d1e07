#include "engine/model/trace.h"

#include <inttypes.h>

#include "engine/core/units.h"

/* A bijection of 64 bits in which every input bit moves about half of the output's (the finaliser of MurmurHash3). */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ull;
    x ^= x >> 33;
    return x;
}

void rk_trace_init(struct rk_trace *trace, uint32_t device)
{
    *trace = (struct rk_trace){.chain = mix((uint64_t)device + 1)};
}

void rk_trace_add(struct rk_trace *trace, uint8_t role, const struct rk_record *record)
{
    uint64_t what = (uint64_t)record->key_id << 32 | (uint64_t)role << 24 | (uint64_t)record->from << 16 |
                    (uint64_t)record->to << 8 | record->reason;
    trace->chain = mix(mix(trace->chain ^ record->time_ns) ^ what);
    trace->records++;
}

void rk_trace_print(FILE *out, uint32_t device, uint8_t role, const struct rk_record *record)
{
    uint64_t seconds = record->time_ns / RK_S;
    uint64_t rest_ns = record->time_ns % RK_S;
    const char *side = role == RK_ROLE_DEVICE ? "device" : "server";
    fprintf(out, "%" PRIu64 ".%09" PRIu64 " dev=%" PRIu32 " %s key=%" PRIu32 " %s -> %s (%s)\n", seconds, rest_ns,
            device, side, record->key_id, rk_key_state_name(record->from), rk_key_state_name(record->to),
            rk_reason_name(record->reason));
}
