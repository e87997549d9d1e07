/* engine/model/fault.h - what goes wrong: power, non-volatile memory, clocks, boot entropy, the key server
 *
 * Model:  power cuts, bit errors and clock jumps come to each device as one Poisson process of their rates' sum.
 *         A power cut takes RAM, the exchange under way and what is sampled meanwhile; after an exponential time the
 *         agent starts again from its non-volatile memory. While off the device draws what it draws asleep.
 *         A bit error flips one bit of that memory, anywhere in it; it shows at the next start.
 *         The device's agent has a clock of its own: true time * (1 + drift), drift uniform in +- the largest of the
 *         device, plus its jumps, uniform in +- the largest; it runs on without power. The server's is right.
 *         A device of weak boot entropy has at each start one of 2^bits inputs for its generator, the same for all
 *         devices. Contributions of requests (a public value, a nonce) that the fleet has sent before are found and
 *         counted. While the key server is out, requests that reach it are lost; data is taken as before. Outages are
 *         the fleet's: exponential gaps and lengths.
 * Sums:   a device is out of step from the first of its messages that the server rejects to the next that it takes.
 *         It is locked out if it had a key, and at the end has had none for twice as long as a renewal tries and rests:
 *         somebody has to see to it.
 * Units:  ns, events a million device-years, parts per million.
 * Draws:  fault n: RK_RNG_FAULT 4n: gap, 4n + 1: kind, 4n + 2: time, bit or jump. Boot n: RK_RNG_WEAK n + 1, the
 *         device's kind 0; inputs and outages of the fleet: of device RK_OCCASION_FLEET.
 * Source: duplicate keys of devices without entropy at boot: Heninger et al., "Mining your Ps and Qs", USENIX Security
 *         2012.
 */
#ifndef ENGINE_MODEL_FAULT_H
#define ENGINE_MODEL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/histogram.h"
#include "engine/core/units.h"

/* Of a trial. All zero: nothing goes wrong. */
struct rk_fault_shape {
    uint64_t reboot_per_1e6y, bit_per_1e6y, jump_per_1e6y;
    rk_ns off_ns;  /* mean time without power */
    rk_ns jump_ns; /* largest */
    uint32_t drift_ppm;
    uint64_t outage_per_1e6y; /* of the server */
    rk_ns outage_ns;          /* mean */
    uint32_t weak_ppm;        /* share of the devices */
    uint8_t weak_bits;
};

/* Of a device. */
struct rk_fault_state {
    bool down;
    uint32_t boots;
    int32_t drift_ppb;
    int64_t clock_ns;     /* sum of its jumps */
    rk_ns cut_ns;         /* when it lost its power */
    rk_ns back_ns;        /* when it came back and had no key; 0: it has one, or never had */
    rk_ns out_of_step_ns; /* since when; 0: it is not */
    uint64_t outage;      /* the one that is over at outage_end_ns */
    rk_ns outage_from_ns, outage_end_ns;
};

/* out: whether its messages may be taken many at once: its clock is right, and the server takes them. */
static inline bool rk_fault_calm(const struct rk_fault_state *state)
{
    return state->clock_ns == 0 && state->drift_ppb == 0 && state->out_of_step_ns == 0;
}

/* Sums over devices. */
struct rk_fault_tally {
    uint64_t reboots, missed, refused, contributions, duplicates, lockouts;
    unsigned __int128 off_ns, out_of_step_ns;
    struct rk_histogram recovery_ns; /* from power to a key that protects */
};

/* Contributions of the fleet's requests; hash set. */
struct rk_fault_seen {
    uint64_t *slot; /* heap; 0: free */
    size_t room, count;
};

struct rk_trial;
struct rk_fleet;
struct rk_node;

/* out: what is wrong with the trial's faults, NULL if nothing. */
const char *rk_fault_refuses(const struct rk_trial *trial);

/* out: whether the trial has any. */
bool rk_fault_any(const struct rk_fault_shape *shape);

void rk_fault_init(struct rk_fleet *fleet);
void rk_fault_fini(struct rk_fleet *fleet);
void rk_fault_subtract(struct rk_fault_tally *tally, const struct rk_fault_tally *before);
void rk_fault_add(struct rk_fault_tally *tally, const struct rk_fault_tally *theirs);

/* The device begins: its clock, and what its generator gets if its entropy is weak. */
void rk_fault_boot(struct rk_node *node, uint8_t *entropy, size_t bytes);

/* Power is back. in: a device that is down and free. */
void rk_fault_restart(struct rk_node *node, rk_ns now_ns);

/* out: whether the key server is out. in: times of a device in order. */
bool rk_fault_outage(struct rk_node *node, rk_ns now_ns);

/* To the device's clock, and back to the first instant at which it shows as much. */
rk_ns rk_fault_clock_ns(const struct rk_node *node, rk_ns now_ns);
rk_ns rk_fault_true_ns(const struct rk_node *node, rk_ns clock_ns);

/* A request of the device begins a renewal. */
void rk_fault_request(struct rk_node *node, const uint8_t *frame, size_t bytes);

/* The server has taken or rejected a message; the device has a key that protects, from at_ns on; the trial ends. */
void rk_fault_heard(struct rk_node *node, bool taken, rk_ns now_ns);
void rk_fault_keyed(struct rk_node *node, rk_ns at_ns);
void rk_fault_settle(struct rk_node *node, rk_ns horizon_ns);

#endif
