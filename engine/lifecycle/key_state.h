/* engine/lifecycle/key_state.h - the states of a key, and what the standards say about them
 *
 * Model:  besides the enumerations, the standards' tables as logic, which Frama-C reads and compilers do not: typed from
 *         the standards and not from key.c, which is proved to do the same (tests/proof).
 * Source: SP 800-57 Part 1 section 7: transitions (7.2 to 7.6), what each state permits; ISO/IEC 11770-1 clause 5:
 *         generation, activation, deactivation, reactivation, destruction.
 */
#ifndef ENGINE_LIFECYCLE_KEY_STATE_H
#define ENGINE_LIFECYCLE_KEY_STATE_H

#include "engine/lifecycle/key_type.h"

enum rk_key_state {
    RK_STATE_NONE = 0, /* the record holds no key */
    RK_STATE_PRE_ACTIVATION,
    RK_STATE_ACTIVE,
    RK_STATE_SUSPENDED,
    RK_STATE_DEACTIVATED,
    RK_STATE_COMPROMISED,
    RK_STATE_DESTROYED,
    RK_STATE_COUNT
};

enum rk_profile { RK_PROFILE_NIST, RK_PROFILE_ISO, RK_PROFILE_COUNT };

/* What a caller wants to do with a key. */
enum rk_key_use {
    RK_USE_PROTECT, /* encrypt, MAC, wrap, derive: originator usage */
    RK_USE_PROCESS, /* decrypt, verify, unwrap: recipient usage */
    RK_USE_CONFIRM, /* key confirmation, proof of possession */
    RK_USE_COUNT
};

/*@ // Numbers: SP 800-57's transitions. 5 and 9 are open to some types only.
  predicate edge_nist(integer type, integer from, integer to) =
    (from == RK_STATE_NONE           && to == RK_STATE_PRE_ACTIVATION) ||                       //  1
    (from == RK_STATE_PRE_ACTIVATION && to == RK_STATE_DESTROYED) ||                            //  2
    (from == RK_STATE_PRE_ACTIVATION && to == RK_STATE_COMPROMISED) ||                          //  3
    (from == RK_STATE_PRE_ACTIVATION && to == RK_STATE_ACTIVE) ||                               //  4
    (from == RK_STATE_ACTIVE         && to == RK_STATE_DESTROYED && destroyed_at_once(type)) || //  5
    (from == RK_STATE_ACTIVE         && to == RK_STATE_COMPROMISED) ||                          //  6
    (from == RK_STATE_ACTIVE         && to == RK_STATE_SUSPENDED) ||                            //  7
    (from == RK_STATE_ACTIVE         && to == RK_STATE_DEACTIVATED) ||                          //  8
    (from == RK_STATE_SUSPENDED      && to == RK_STATE_DESTROYED && destroyed_at_once(type)) || //  9
    (from == RK_STATE_SUSPENDED      && to == RK_STATE_ACTIVE) ||                               // 10
    (from == RK_STATE_SUSPENDED      && to == RK_STATE_COMPROMISED) ||                          // 11
    (from == RK_STATE_SUSPENDED      && to == RK_STATE_DEACTIVATED) ||                          // 12
    (from == RK_STATE_DEACTIVATED    && to == RK_STATE_COMPROMISED) ||                          // 13
    (from == RK_STATE_DEACTIVATED    && to == RK_STATE_DESTROYED) ||                            // 14
    (from == RK_STATE_COMPROMISED    && to == RK_STATE_DESTROYED);                              // 15

  predicate edge_iso(integer from, integer to) =
    (from == RK_STATE_NONE           && to == RK_STATE_PRE_ACTIVATION) || // generation
    (from == RK_STATE_PRE_ACTIVATION && to == RK_STATE_ACTIVE) ||         // activation
    (from == RK_STATE_ACTIVE         && to == RK_STATE_DEACTIVATED) ||    // deactivation
    (from == RK_STATE_DEACTIVATED    && to == RK_STATE_ACTIVE) ||         // reactivation
    (from == RK_STATE_DEACTIVATED    && to == RK_STATE_DESTROYED) ||      // destruction
    (from == RK_STATE_PRE_ACTIVATION && to == RK_STATE_DESTROYED);        // destruction of what is not needed

  predicate edge(integer profile, integer type, integer from, integer to) =
    (profile == RK_PROFILE_NIST && edge_nist(type, from, to)) || (profile == RK_PROFILE_ISO && edge_iso(from, to));

  // What a state permits at all; periods, usage limits and the time of the data come on top.
  predicate state_permits(integer state, integer use) =
    (state == RK_STATE_PRE_ACTIVATION && use == RK_USE_CONFIRM) ||
    (state == RK_STATE_ACTIVE && (use == RK_USE_PROTECT || use == RK_USE_PROCESS || use == RK_USE_CONFIRM)) ||
    (state == RK_STATE_SUSPENDED && use == RK_USE_PROCESS) ||
    (state == RK_STATE_DEACTIVATED && use == RK_USE_PROCESS);
*/

#endif
