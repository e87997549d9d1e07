/* engine/lifecycle/key.h - a key, its state, and what each state permits
 *
 * Model:  the six states of SP 800-57 Part 1 (Rev. 4/5) section 7, transitions by (from, to); section 5.3
 *         cryptoperiods. There is no edge deactivated -> active, compromised -> active, deactivated -> suspended, or
 *         out of destroyed.
 * Units:  ns since the start of the simulation (or of the device's clock), bytes, messages.
 * Memory: a plain struct in the caller's memory; freestanding.
 * Source: SP 800-57 Part 1 section 7 (states), 8.2.3 (rekey), table 1 (cryptoperiods).
 */
#ifndef ENGINE_LIFECYCLE_KEY_H
#define ENGINE_LIFECYCLE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* SP 800-57 Part 1 table 1; the numbers are the table's rows. */
enum rk_key_type {
    RK_KEY_AUTHENTICATION = 3,
    RK_KEY_DATA_ENCRYPTION = 6,
    RK_KEY_WRAPPING = 7,
    RK_KEY_DERIVATION = 9,
    RK_KEY_EPHEMERAL_AGREEMENT = 15,
};

/* What a caller wants to do with a key. */
enum rk_key_use {
    RK_USE_PROTECT, /* encrypt, MAC, wrap, derive: originator usage */
    RK_USE_PROCESS, /* decrypt, verify, unwrap: recipient usage */
    RK_USE_CONFIRM, /* key confirmation, proof of possession */
    RK_USE_COUNT
};

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

struct rk_key {
    uint32_t id;                 /* epoch: 1 for the first key, successors count up */
    uint32_t predecessor_id;     /* 0: none */
    uint8_t state;               /* enum rk_key_state */
    uint8_t type;                /* enum rk_key_type */
    uint8_t alg;                 /* enum rk_alg that uses it */
    uint8_t bytes;               /* of material */
    uint8_t compromised;         /* flag that survives destruction (SP 800-57 7.6) */
    uint32_t protected_messages; /* q; also the counter of the next message */
    uint32_t receive_counter;    /* the peer's counters below this were seen: its frames with them are stale */
    uint32_t failed_tags;        /* v */
    uint64_t protected_bytes;
    uint64_t generated_ns;
    uint64_t activated_ns;
    uint64_t originator_end_ns; /* RK_NEVER_ns: no end */
    uint64_t recipient_end_ns;
    uint64_t suspended_ns;
    uint64_t destroyed_ns;
    uint8_t material[RK_KEY_MAX_bytes];
};

#define RK_NEVER_ns UINT64_MAX

/* One entry of the lifecycle trace. */
struct rk_record {
    uint64_t time_ns;
    uint32_t key_id;
    uint8_t from; /* enum rk_key_state */
    uint8_t to;
    uint8_t reason; /* enum rk_reason */
};

/* out: whether SP 800-57 has the edge. */
bool rk_key_transition_legal(enum rk_key_state from, enum rk_key_state to);

/* Moves key to `to` and fills record. An illegal move changes nothing. Destroyed: the caller has wiped the material.
 * Resuming (suspended -> active) needs now < originator end. out: RK_KEY_OK, RK_KEY_ILLEGAL, RK_KEY_LATE. */
enum rk_key_result rk_key_transition(struct rk_key *key, enum rk_key_state to, enum rk_reason reason, uint64_t now_ns,
                                     struct rk_record *record);

/* May this key be used so, now? data_ns: when the data was protected (matters while suspended).
 * out: RK_KEY_OK or the reason why not. */
enum rk_key_result rk_key_permits(const struct rk_key *key, enum rk_key_use use, uint64_t now_ns, uint64_t data_ns);

/* Lower-case field names: "pre-activation", "confirmed". NULL outside the enum. */
const char *rk_key_state_name(unsigned state);
const char *rk_reason_name(unsigned reason);

#endif
