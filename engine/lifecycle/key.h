/* engine/lifecycle/key.h - a key, its state, and what each state permits
 *
 * Model:  the states of SP 800-57 Part 1 (Rev. 4/5) section 7, transitions by (from, to) and by the key's type; section
 *         5.3 cryptoperiods. There is no edge deactivated -> active, compromised -> active, deactivated -> suspended, or
 *         out of destroyed. Profile iso is ISO/IEC 11770-1: pending active, active and post active are our
 *         pre-activation, active and deactivated; it has neither suspended nor compromised, and it alone has the
 *         reactivation deactivated -> active. A compromised key keeps its flag there and is never reactivated.
 * Units:  ns since the start of the simulation (or of the device's clock), bytes, messages.
 * Memory: a plain struct in the caller's memory, 64 bytes; freestanding.
 * Source: SP 800-57 Part 1 section 7 (states), 8.2.3 (rekey), table 1 (cryptoperiods); ISO/IEC 11770-1 (profile iso).
 */
#ifndef ENGINE_LIFECYCLE_KEY_H
#define ENGINE_LIFECYCLE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/lifecycle/key_state.h"

/* Why a key changed its state; part of the trace. */
enum rk_reason {
    RK_REASON_GENERATED,
    RK_REASON_ESTABLISHED, /* derived, agreed or unwrapped */
    RK_REASON_CONFIRMED,
    RK_REASON_REPLACED,
    RK_REASON_EXPIRED,     /* end of the originator-usage period */
    RK_REASON_OVERLAP_END, /* recipient usage ended: all data under it was processed */
    RK_REASON_COMPROMISE,
    RK_REASON_SUSPENDED,
    RK_REASON_RESUMED,
    RK_REASON_ABANDONED, /* establishment failed, the key will not be needed */
    RK_REASON_RESTORED,  /* read back from NVM after a restart: a record with from == to, not a transition */
    RK_REASON_ZEROISED,  /* end of life: all keys of the party are destroyed */
    RK_REASON_EXHAUSTED, /* a usage limit of its algorithm was reached */
    RK_REASON_COUNT
};

enum rk_key_result {
    RK_KEY_OK = 0,
    RK_KEY_ILLEGAL = -1,   /* no such transition */
    RK_KEY_FORBIDDEN = -2, /* the state does not permit this use */
    RK_KEY_LATE = -3,      /* outside the originator- or recipient-usage period */
    RK_KEY_EXHAUSTED = -4, /* usage limit reached */
};

enum { RK_KEY_MAX_bytes = 32 };
#define RK_KEY_MESSAGES_MAX UINT32_MAX /* the message counter never wraps: then the key is exhausted */
#define RK_NEVER_ns         UINT64_MAX

struct rk_key {
    uint32_t id;                 /* epoch: 1 for the first key, successors count up */
    uint32_t protected_messages; /* q; also the counter of the next message */
    uint32_t receive_counter;    /* the peer's counters below this were seen: its frames with them are stale */
    uint8_t state;               /* enum rk_key_state */
    uint8_t type;                /* enum rk_key_type */
    uint8_t alg;                 /* enum rk_alg that uses it */
    uint8_t compromised;         /* flag that survives destruction (SP 800-57 7.6) */
    uint64_t activated_ns;
    uint64_t changed_ns; /* of the last transition: when it was suspended, deactivated, destroyed */
    uint8_t material[RK_KEY_MAX_bytes];
};

/* What bounds the use of a key, by its type and the policy. */
struct rk_key_rules {
    uint8_t profile;       /* enum rk_profile */
    uint32_t messages_max; /* q: the most that may be protected, RK_KEY_MESSAGES_MAX where only the counter bounds it */
    uint64_t originator_ns; /* originator-usage period from activation; RK_NEVER_ns: no end */
    uint64_t overlap_ns;    /* how much longer the recipient-usage period is; after a deactivation before the
                               originator-usage period's end it counts from then */
};

/* One entry of the lifecycle trace. */
struct rk_record {
    uint64_t time_ns;
    uint32_t key_id;
    uint8_t from; /* enum rk_key_state */
    uint8_t to;
    uint8_t reason; /* enum rk_reason */
};

/*@ logic integer never_after(integer ns) = ns < RK_NEVER_ns ? ns : RK_NEVER_ns;
  logic integer originator_end(struct rk_key k, struct rk_key_rules r) = never_after(k.activated_ns + r.originator_ns);
  logic integer processing_from(struct rk_key k, struct rk_key_rules r) =
    k.state == RK_STATE_DEACTIVATED && k.changed_ns < originator_end(k, r) ? k.changed_ns : originator_end(k, r);
  logic integer recipient_end(struct rk_key k, struct rk_key_rules r) =
    never_after(processing_from(k, r) + r.overlap_ns);

  // Back to active, from suspended or deactivated, needs time left and, in iso, a clean record.
  predicate resumes(struct rk_key k, integer to) = to == RK_STATE_ACTIVE && k.state != RK_STATE_PRE_ACTIVATION;
  predicate may_move(struct rk_key k, struct rk_key_rules r, integer to, integer now_ns) =
    edge(r.profile, k.type, k.state, to) && (resumes(k, to) ==> k.compromised == 0 && now_ns < originator_end(k, r));

  predicate may_use(struct rk_key k, struct rk_key_rules r, integer use, integer now_ns, integer data_ns) =
    state_permits(k.state, use) &&
    (use == RK_USE_PROTECT ==> now_ns < originator_end(k, r) && k.protected_messages < r.messages_max) &&
    (use == RK_USE_PROCESS ==> now_ns < recipient_end(k, r)) &&
    (k.state == RK_STATE_SUSPENDED ==> data_ns < k.changed_ns) &&
    (k.state == RK_STATE_DEACTIVATED ==> k.compromised == 0);
*/

/* out: whether the profile has the edge for a key of this type (enum rk_key_type). Types that the standard retains for
 * processing leave active and suspended for destroyed by way of deactivated only. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> edge(profile, type, from, to);
*/
bool rk_key_transition_legal(uint8_t profile, uint8_t type, uint8_t from, uint8_t to);

/* Moves key to `to` and fills record. An illegal move changes nothing. Destroyed: the caller has wiped the material.
 * Back to active, from suspended or (iso) deactivated, needs now before the end of the originator-usage period and, in
 * iso, no compromise. out: RK_KEY_OK, RK_KEY_ILLEGAL, RK_KEY_LATE. */
/*@ requires \valid(key) && \valid_read(rules) && \valid(record) && \separated(key, rules, record);
    terminates \true;
    assigns key->state, key->compromised, key->activated_ns, key->changed_ns, *record;
    behavior refused:
      assumes !may_move(*key, *rules, to, now_ns);
      assigns \nothing;
      ensures \result != RK_KEY_OK;
    behavior moved:
      assumes may_move(*key, *rules, to, now_ns);
      ensures \result == RK_KEY_OK && key->state == to && key->changed_ns == now_ns;
      ensures key->compromised != 0 <==> \old(key->compromised) != 0 || to == RK_STATE_COMPROMISED ||
        reason == RK_REASON_COMPROMISE;
      ensures key->activated_ns ==
        (\old(key->state) == RK_STATE_PRE_ACTIVATION && to == RK_STATE_ACTIVE ? now_ns : \old(key->activated_ns));
      ensures record->time_ns == now_ns && record->key_id == key->id && record->from == \old(key->state) &&
        record->to == to && record->reason == reason;
*/
enum rk_key_result rk_key_transition(struct rk_key *key, const struct rk_key_rules *rules, uint8_t to, uint8_t reason,
                                     uint64_t now_ns, struct rk_record *record);

/* May this key be used so, now? data_ns: when the data was protected (matters while suspended).
 * out: RK_KEY_OK or the reason why not. */
/*@ requires \valid_read(key) && \valid_read(rules);
    terminates \true;
    assigns \nothing;
    ensures \result == RK_KEY_OK <==> may_use(*key, *rules, use, now_ns, data_ns);
*/
enum rk_key_result rk_key_permits(const struct rk_key *key, const struct rk_key_rules *rules, uint8_t use,
                                  uint64_t now_ns, uint64_t data_ns);

/* Ends of the two usage periods of a key that is or was active. */
/*@ requires \valid_read(key) && \valid_read(rules);
    terminates \true;
    assigns \nothing;
    ensures \result == originator_end(*key, *rules);
*/
uint64_t rk_key_originator_end_ns(const struct rk_key *key, const struct rk_key_rules *rules);
/*@ requires \valid_read(key) && \valid_read(rules);
    terminates \true;
    assigns \nothing;
    ensures \result == recipient_end(*key, *rules);
*/
uint64_t rk_key_recipient_end_ns(const struct rk_key *key, const struct rk_key_rules *rules);

/* Lower-case field names: "pre-activation", "confirmed". NULL outside the enum. */
const char *rk_key_state_name(unsigned state);
const char *rk_reason_name(unsigned reason);

#endif
