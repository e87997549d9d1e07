/* engine/model/captured.h - how many links of a fleet are lost when some of its devices are captured
 *
 * Model:  at the end of the trial so many devices, drawn evenly, are captured: the adversary has their memory, long-term
 *         keys included, and has recorded all exchanges. As many links as devices: what a device sends, under the
 *         group's key if it is a member of a group, else under its session key with the key server. A link is lost if
 *         what was captured has its key, or another from which it can be computed. So keys used again tie links
 *         together:
 *           a pair's session key: its own link alone.
 *           long-term keys that the devices of a batch share: the links of the batch, where the mechanism makes keys
 *           from them; not where an exchange is fresh (ecdh, static) and they only authenticate it.
 *           a group's key, whatever brings it (star, lkh, network): the links of all members; cell: of the cell's.
 *         Of n devices c are captured; expected part of the links lost, own ones included: pairs c / n; one key
 *         for all 1; keys for k devices each 1 - C(n - k, c) / C(n, c).
 * Tried:  in native execution, where the trial asks for it, pairs and groups are really made: agents exchange keys, the
 *         group's server rekeys and members open that, each device seals a frame; and all that the memory of those who
 *         were captured hold, or can derive over the transcripts, is tried on each frame.
 * Error:  members that lack the group's key at the end are counted as if they had it.
 * Memory: 4 bytes a device; tried: 4 KiB a device, so for fleets of some thousand.
 * Draws:  k-th captured: draw k of RK_RNG_CAPTURE, device RK_OCCASION_FLEET: more captured are the same and others.
 * Source: Eschenauer, Gligor, "A key-management scheme for distributed sensor networks", CCS 2002; Chan, Perrig, Song,
 *         "Random key predistribution schemes for sensor networks", IEEE S&P 2003 (fraction of links compromised).
 */
#ifndef ENGINE_MODEL_CAPTURED_H
#define ENGINE_MODEL_CAPTURED_H

#include <stdint.h>

struct rk_fleet;
struct rk_group_config;
struct rk_trial;

/* Who is captured, and who has which key. */
struct rk_captured {
    uint32_t count;
    uint32_t *device;                   /* the captured ones first */
    const uint8_t *member;              /* by device: whether it has its tree's group key; NULL: there is no group */
    const struct rk_group_config *tree; /* of each `width` devices */
    uint32_t width;
};

/* out: opened, by device: 1 if its frame could be opened. Nothing of the trial changes. */
void rk_captured_try(const struct rk_trial *trial, const struct rk_captured *captured, uint8_t *opened);

/* The metrics that begin with links_. */
void rk_captured_metrics(const struct rk_fleet *fleet, double *metric);

/* Expected part of n links that is lost when c of n devices are captured, and each k of them have a key together.
 * in: 1 <= k <= n, c <= n. out: own links included; of `others`, those of devices not captured, NaN for c = n. */
double rk_captured_closed_form(uint32_t n, uint32_t k, uint32_t c);
double rk_captured_closed_form_others(uint32_t n, uint32_t k, uint32_t c);

#endif
