/* engine/model/trace.h - the lifecycle trace of a trial: as text, and as a checksum
 *
 * Model: each device has one chain over the records of both its parties, in the order of events. The trial's
 *        checksum is the sum of the chains (mod 2^64), so that it does not depend on the order in which devices
 *        were run.
 * Text:  `<seconds>.<9 digits> dev=<n> <device|server> key=<id> <from> -> <to> (<reason>)`, one record a line.
 * Units: ns.
 */
#ifndef ENGINE_MODEL_TRACE_H
#define ENGINE_MODEL_TRACE_H

#include <stdio.h>

#include "engine/lifecycle/agent.h"

struct rk_trace {
    uint64_t chain;
    uint64_t records;
};

/* The chain of a device before its first record. */
void rk_trace_init(struct rk_trace *trace, uint32_t device);

/* Adds a record of `role` (enum rk_role) to the chain. */
void rk_trace_add(struct rk_trace *trace, uint8_t role, const struct rk_record *record);

/* Prints one line. */
void rk_trace_print(FILE *out, uint32_t device, uint8_t role, const struct rk_record *record);

#endif
