/* engine/model/stale.h - how long devices protect with a key that is due for replacement, or that the server left behind
 *
 * Model:  the key that a device protects with is stale from the first of
 *           its policy's interval after its activation, or the originator-usage period, by the right clock: jitter lets
 *           renewals begin earlier, windows, guard times, alarms, outages, loss and drift make them late;
 *           the message that is the last of its policy's number;
 *           an occasion that its policy renews at, deferred or not;
 *           the server's protecting with a later key, where the device has fallen back to an older one;
 *         until it stops protecting, by a successor or by its end. A device without power uses no key, nor does one
 *         without a key. A policy of one's own says itself when a key is due: of it the originator-usage period and
 *         the server alone count. A key that leaked unnoticed is not stale: that is exposure.
 * Windows: of maintenance (condition.h): one that begins and ends while a key is stale passed by its device: what it
 *         tried there failed, or it slept or had no power. Healing: from the end of the first to the end of that key.
 * Share:  of the time of all devices, stale or not, with a key or without. As many links are between a device and the
 *         server as there are devices: the share of the links is the same.
 * Units:  ns, by the right clock.
 * Source: originator-usage period, cryptoperiod: NIST SP 800-57 Part 1 r5, 5.3.4; what is due for replacement: 8.2.3.
 */
#ifndef ENGINE_MODEL_STALE_H
#define ENGINE_MODEL_STALE_H

#include <stdint.h>

#include "engine/core/units.h"

/* Of a device. RK_NEVER: it did not. */
struct rk_stale {
    rk_ns told_ns;   /* when messages or an occasion ended the key's life */
    rk_ns passed_ns; /* when the server protected with a later one */
    rk_ns from_ns;   /* the device had no power, or another key, before */
};

/* Sums over devices. */
struct rk_missed {
    uint64_t windows, keys; /* of maintenance, and keys that missed any */
    unsigned __int128 healing_ns;
};

struct rk_event;
struct rk_node;

/* The device protects with another key from now on. */
void rk_stale_begin(struct rk_node *node, rk_ns now_ns);

/* It was told of an event: is that the end of its key's life? Of an occasion that is put off: what it will be told. */
void rk_stale_told(struct rk_node *node, const struct rk_event *event, rk_ns now_ns);

/* The server's keys have changed. */
void rk_stale_passed(struct rk_node *node, rk_ns now_ns);

/* Counts up to until_ns: the key is left, power is gone, or the trial ends. */
void rk_stale_settle(struct rk_node *node, rk_ns until_ns);

/* Counts windows that the key has missed up to until_ns: it is left, or the trial ends. */
void rk_stale_windows(struct rk_node *node, rk_ns until_ns);

/* Power is back. */
void rk_stale_resume(struct rk_node *node, rk_ns now_ns);

#endif
