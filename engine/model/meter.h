/* engine/model/meter.h - a backend that forwards every call to another one and adds up what the calls cost
 *
 * Model:   cost of a lifecycle step = sum over its primitive calls of the cost row of that call, plus the NVM units
 *          it wrote and the blocks it erased. The lifecycle's own bookkeeping, wiping of keys and the release of a
 *          DRBG are not charged: an emulated run shows what they add (tests/sim/test_executions.c). HKDF is charged
 *          with its row for the first 32 bytes of output and with one HMAC of 32 + info + 1 bytes for each further 32
 *          (RFC 5869 2.3), SP 800-108 with one HMAC of label + context + 9 bytes for each 32. A library that draws
 *          random numbers inside a call is charged with that call's row only.
 * Units:   cycles; bytes; NVM units of the profile's nvm_write_unit_bytes, one for each unit a write touches.
 * Threads: the table of calls has no context argument, so the meter in use is a thread's own (rk_meter_use).
 */
#ifndef ENGINE_MODEL_METER_H
#define ENGINE_MODEL_METER_H

#include "backends/backend.h"
#include "engine/model/costs.h"

struct rk_usage {
    uint64_t cycles, cycles_low, cycles_high;
    uint64_t engine_ns;
    uint64_t nvm_bytes, nvm_units, nvm_erases;
};

struct rk_meter {
    struct rk_backend backend; /* give this one to the agent */
    const struct rk_backend *inner;
    struct rk_costs *costs;
    struct rk_usage usage; /* since the caller last cleared it */
    int missing;           /* first operation called that has no figure, or -1 */
    bool exchange_apart;   /* what an exchange calls costs nothing here: flights of a protocol charge for it */
};

/* in: inner and costs, which outlive the meter. */
void rk_meter_init(struct rk_meter *meter, const struct rk_backend *inner, struct rk_costs *costs);

/* Makes meter the one that this thread's calls go to. out: the one before. */
struct rk_meter *rk_meter_use(struct rk_meter *meter);

/* Names of the operations that a trial may charge, comma-separated: what has to be measured before one. */
extern const char rk_meter_operations[];

/* Operation whose row an AEAD call, a DRBG or a curve is charged with. */
enum rk_operation rk_operation_seal(uint8_t alg, uint8_t tag_bytes);
enum rk_operation rk_operation_open(uint8_t alg, uint8_t tag_bytes);
enum rk_operation rk_operation_agree(uint8_t curve);

/* What a group's member does with a frame. */
enum rk_operation rk_operation_group(uint8_t aead, enum rk_group_case what);

void rk_usage_add(struct rk_usage *sum, const struct rk_usage *each, uint64_t times);

#endif
