/* engine/model/group.h - a group key that all devices share: who joins and leaves, what each rekey costs a member
 *
 * Model:  all devices are members at first. Joins and leaves come to the fleet as one Poisson process of their rates' sum;
 *         a member that leaves, and a device that joins as it is none, are drawn evenly; where there is none nothing
 *         happens. The key server rekeys at each change, or at the end of each batch that has one, with the tree of
 *         engine/lifecycle/group.h, which also says how many encryptions that takes: that is the code's count.
 *         star, network: one tree of height 1 over all; network gives a newcomer the key as it is. cell: one star for
 *         so many neighbours each, and no key over all. lkh: the lowest tree of that degree over all.
 *         A leave of a star, network or cell goes to each member in a datagram of its own, one after another in the order
 *         of their numbers; so does what a newcomer gets. All else is multicast, in frames of as many entries as fit one.
 *         A member opens an entry for each key that changed on its path, and passes by the others that it hears.
 * Cycles: those of its code on the device, from rows group_join and group_rekey at the tree's height (bench/README.md): keys as
 *         in a path as long; an entry of others a part of what a leave's frame takes beside its keys; a key next to the root as
 *         much more as the longer way to it takes. Where an engine has the AEAD: its opens, and as much as an entry of others
 *         around each. Beyond height 10, and between 1, 4 and 10: the line. Measured with tags of 16 bytes and two children a
 *         node; shorter tags take 1 % less.
 * Air:    devices know when to listen, and are paid for as while they wait for an answer. Multicast over an IEEE 802.15.4
 *         receiver that is always on has no acknowledgements: each frame is sent so many times, and lost each time with
 *         the link's probability, also where losses come in bursts; the entries that a member needs stand in frames apart. Other
 *         links have no such multicast: each device gets each datagram as its own. On a shared channel the group's frames
 *         have a time of their own, in which nobody contends.
 * Missed: a member that lacks a frame it needs has a stale key. It asks after `repair`, then again each time, and gets the
 *         keys of its path under its own; or a later change below what it lacks brings it. Group keys are in RAM: a restart is a
 *         miss of everything.
 * Window: of a trial that has one. New keys are kept for it for members that sleep (link mode poll, engine/model/radio_listen.c:
 *         each hears at its own polls, unicast, of what was sent before), and who lacks them when it is over has missed it,
 *         by sleep or by loss, once until it is healed. A sleeper that polls later finds that there was something and asks
 *         at once. A newcomer is awake. With Thread that is the delay of a pending dataset. A sleeper misses a rekey with
 *         probability 1 - window / period, and is then healed (period - window) / 2 later on average. Pairs have no such
 *         window: the device itself begins a renewal, and protects with the new key from then on.
 * Policy: members of a tree that was rekeyed hear of it as RK_TRIGGER_MEMBERSHIP, if their policy asks for it.
 * Error:  a frame that is lost counts as if all were, also to what is computed; sends of the server take it no time beyond
 *         those of the air.
 * Units:  ns, events a million years, bytes of frames without what radio and network add.
 * Capture: a part of the leavers was captured, and leaves when that is noticed, after the exponential delay of leaks that
 *         adversary.h has, but no longer than the trial has run: till the rekey the adversary reads what the group sends.
 * Draws:  RK_RNG_GROUP. Change n, of device RK_OCCASION_FLEET: draws 4n: gap, 4n + 1: kind, 4n + 2: who, 4n + 3: captured;
 *         delay: draw n of RK_RNG_DETECTION of that device. Rekey n at a device, frame i: block 32 n + i.
 */
#ifndef ENGINE_MODEL_GROUP_H
#define ENGINE_MODEL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"
#include "engine/core/units.h"

enum rk_group_scheme { RK_GROUP_NONE, RK_GROUP_STAR, RK_GROUP_LKH, RK_GROUP_NETWORK, RK_GROUP_CELL, RK_GROUP_SCHEMES };

/* Of a trial. All zero: no group. */
struct rk_group_shape {
    uint8_t scheme;                           /* enum rk_group_scheme */
    uint8_t copies;                           /* of each multicast frame, 1 to 4 */
    uint32_t captured_ppm;                    /* of the leaves */
    uint32_t degree;                          /* lkh */
    uint32_t cell_devices;                    /* cell */
    uint64_t joins_per_1e6y, leaves_per_1e6y; /* of the whole fleet */
    rk_ns batch_ns;                           /* 0: at once */
    rk_ns repair_ns;
    rk_ns window_ns; /* after which who lacks the new keys has missed them; 0: none */
};

/* Of a device. All zero: a member that has all keys. */
struct rk_group_state {
    bool outside, tells;
    uint8_t stale_level;   /* it lacks the keys of its path from this level on; 0: none */
    uint32_t round;        /* the next one that concerns it or not */
    uint32_t sent;         /* datagrams of its own so far */
    rk_ns stale_ns;        /* since when */
    rk_ns ask_ns, tell_ns; /* when it asks for its path; when its policy hears of a change */
};

/* Sums over devices. */
struct rk_group_tally {
    uint64_t heard; /* rekeys, by members whom they concerned */
    uint64_t bytes; /* in them */
    uint64_t repairs;
    uint64_t missed; /* windows */
    unsigned __int128 stale_ns, healing_ns;
};

struct rk_trial;
struct rk_fleet;
struct rk_node;
const char *rk_group_scheme_name(uint8_t scheme);

/* out: what is wrong with the trial's group, NULL if nothing. */
const char *rk_group_refuses(const struct rk_trial *trial);

/* Draws the plan. out: RK_OK, or RK_ERR_INPUT for more than can be drawn, or an operation without a figure. */
enum rk_err rk_group_init(struct rk_fleet *fleet, struct rk_diag *diag);
void rk_group_fini(struct rk_fleet *fleet);

/* A device has started again: its group keys are gone since it lost its power. */
void rk_group_restart(struct rk_node *node, rk_ns now_ns);

/* The trial ends. */
void rk_group_settle(struct rk_node *node, rk_ns horizon_ns);

void rk_group_subtract(struct rk_group_tally *tally, const struct rk_group_tally *before);
void rk_group_add(struct rk_group_tally *tally, const struct rk_group_tally *theirs);

/* The metrics that begin with group_. */
void rk_group_metrics(const struct rk_fleet *fleet, double *metric);

#endif
