/* engine/model/adversary.h - leaks of session keys, and what each lets the adversary read
 *
 * Model: at each device leaks come as a Poisson process. A leak gives the session key that protects at that
 *        instant, and the adversary has recorded all traffic. It is noticed after an exponential delay; the key is
 *        then renewed at once if it still protects, which starts a new epoch. A leak while no key protects gives
 *        nothing and is not counted.
 *        Exposure of one leak, A: the session key alone leaks. Data from the key's activation (recorded) up to the
 *        earlier of the end of its protection and the detection: W(T) of rk_exposure_closed_form_s() when epochs
 *        have length T. Where the next key is made from the old one the leak goes on: by update (A4) every following
 *        key is open until the detection, by refresh (A3) until a renewal whose nonces the adversary missed. The keys
 *        before the leaked one stay closed: the step is one-way. After a detection, and after a renewal that was
 *        given up, the next key comes from the master key and ends the leak.
 *        Exposure, B: the device's whole memory leaks at the same instant, by the mechanism's association class
 *        (rk_mechanism_class()):
 *          ECDH (A1): the session keys in memory, that is the protecting one and, during the overlap, the one
 *          before. The long-term key only authenticates: it opens nothing recorded. (An active adversary could
 *          impersonate the device until detection; and in the instants of an exchange the ephemeral key is in
 *          memory too. Both are not counted.)
 *          static (A0): the device has the public half of the server's static key alone: as for ECDH. (A leak at the
 *          server, which opens all, is not modelled.)
 *          derivation (A2): the master key leaks, the nonces were recorded: every key of the past and of the
 *          future can be computed, so everything from the start of the device to the detection is open, whatever
 *          the interval.
 *          transport (A0): the KEK leaks from this very device, so every recorded key delivery opens: as for
 *          derivation.
 *          refresh, update, counter (A3 to A5): the master key that the first key comes from is in the same memory, and
 *          with it the whole chain: as for derivation.
 *        For B the adversary has missed nothing. All open leaks concern the protecting key and close together, so that
 *        a count and the earliest detection are the whole state.
 *        Exposure, C: the server's memory for this device leaks at the same instant. As B, but that a static pair's
 *        private half is there: it opens all that was recorded, so only ECDH keeps the past and the future closed.
 *        Recording: an adversary that has not recorded before a leak has none of the past: each part above begins at
 *        the leak then.
 *        Response: a detection is acted on after `response_ns`. All of them end A. B and C: reprovision (the default)
 *        ends them, new long-term keys being out of the adversary's reach; revoke does, as the device's keys are wiped
 *        and it stays without; rekey does not where a root key has leaked: then they last to the horizon.
 *        Healing: from a leak to the first moment at which A opens nothing any more.
 *        Forgeries: frames with the id of the device's active key, a counter that was not seen, and random text and tag
 *        reach the device as a Poisson process; the agent really opens them and counts the failed tag (v). At
 *        `failed_max` it gives up the key: denial of service by forced renewal. That one of v random tags of t bits
 *        passes has a probability of at most v / 2^t. The CPU is charged, the receiver is not: it is the adversary who
 *        waits until the device listens. Without an active key nothing is forged.
 * Units: ns; leak instants to the millisecond. A year is 365.25 days.
 * Draws: leak n: draw n of RK_RNG_COMPROMISE (gap since leak n - 1) and of RK_RNG_DETECTION. Renewal n: draw n of
 *        RK_RNG_MISSED. Forgery n: draws 2n (gap) and 2n + 1 (content) of RK_RNG_FORGERY.
 *        Leak n: draw n of RK_RNG_RECORDED.
 */
#ifndef ENGINE_MODEL_ADVERSARY_H
#define ENGINE_MODEL_ADVERSARY_H

#include <stdbool.h>

#include "engine/core/rng.h"
#include "engine/core/units.h"

typedef unsigned __int128 rk_wide;

enum rk_response { RK_RESPONSE_REPROVISION, RK_RESPONSE_REKEY, RK_RESPONSE_REVOKE, RK_RESPONSE_COUNT };

/* Of a trial; all zero: session keys leak at the trial's rate, all is recorded, and a detection ends all. */
struct rk_adversary_shape {
    uint64_t forged_per_1e6y; /* forged frames, a million device-years */
    rk_ns response_ns;        /* from a detection to the response */
    uint32_t unrecorded_ppm;  /* leaks whose past was not recorded */
    uint32_t captured;        /* devices at the end of the trial: engine/model/captured.h */
    uint8_t response;         /* enum rk_response */
    bool tried;               /* native: really decrypted as well (engine/model/recorder.h) */
};

/* Sums over leaks, of one device; between a leak and its end modulo 2^128. */
struct rk_exposure {
    uint64_t leaks;
    rk_wide time_ns;
    rk_wide messages;
    rk_wide capture_ns;
    rk_wide server_ns;
    rk_wide healing_ns;
};

struct rk_adversary {
    uint64_t mean_ms;   /* between leaks; UINT64_MAX: never */
    rk_ns detection_ns; /* mean */
    rk_ns next_leak_ns;
    rk_ns earliest_ns; /* detection of an open leak; RK_NEVER: none is open */
    uint64_t leaks;    /* drawn so far */
    uint64_t open;
    bool capture_is_past; /* a root key is in memory: B was settled when the leak happened */
    bool server_is_past;  /* the same of the server's, and C */
    struct rk_exposure exposure;
};

/* What the adversary finds. */
struct rk_epoch {
    rk_ns activated_ns;   /* of the key that protects */
    rk_ns oldest_held_ns; /* activation of the oldest session key still in memory */
    rk_ns start_ns;       /* of the device */
    uint64_t messages;    /* protected under the key so far */
};

/* in: leaks a million device-years, mean detection delay; leaks are drawn from start_ns on. */
void rk_adversary_init(struct rk_adversary *adversary, const struct rk_rng_key *rng, uint32_t device, uint64_t per_1e6y,
                       rk_ns detection_ns, bool capture_is_past, bool server_is_past, rk_ns start_ns);

/* Of one leak. */
struct rk_leak {
    rk_ns root_end_ns; /* until when a root key that leaked is good for anything */
    bool recorded;     /* there is a record of what was sent before */
};

/* The leak due at next_leak_ns happens; epoch NULL: no key protects. Draws the next one. */
struct rk_leak rk_adversary_leak(struct rk_adversary *adversary, const struct rk_rng_key *rng, uint32_t device,
                                 const struct rk_epoch *epoch, const struct rk_adversary_shape *shape,
                                 rk_ns horizon_ns);

/* The key stops protecting at end_ns: what the open leaks have read of it is settled. They stay open for a successor. */
void rk_adversary_settle(struct rk_adversary *adversary, const struct rk_epoch *epoch, rk_ns end_ns);

/* At now_ns the next key does not follow from the leaked one, or the leak was answered, or the trial ends: nothing is open
 * any more. */
void rk_adversary_forget(struct rk_adversary *adversary, rk_ns now_ns);

struct rk_fleet;

/* Sets the source of forged frames, where the trial has any. */
void rk_forgery_init(struct rk_fleet *fleet);

struct rk_trial;

/* Does the device's memory hold a key from which recorded keys can be computed? By agreement with fresh keys of its own it
 * holds none. */
bool rk_adversary_has_root(uint8_t mechanism);

/* out: why the trial cannot have this adversary, or NULL. */
const char *rk_adversary_refuses(const struct rk_trial *trial);

#endif
