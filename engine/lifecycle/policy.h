/* engine/lifecycle/policy.h - when to renew a key, how, and how the old and new key overlap
 *
 * Model:  policy = trigger x mechanism x scope x overlap. The decision is a pure function of (policy, facts, event): no
 *         clock, no random number, no memory of its own, so the same object runs on an 8-bit device and in a fleet of
 *         a million.
 * Units:  ns, messages, parts per million.
 * Source: trigger and mechanism taxonomy: SP 800-57 Part 1 5.3 and 8.2.3; association classes are this project's.
 */
#ifndef ENGINE_LIFECYCLE_POLICY_H
#define ENGINE_LIFECYCLE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/* Triggers; a policy combines them and the first that fires wins. None: never. */
enum rk_trigger {
    RK_TRIGGER_INTERVAL = 1 << 0, /* interval_ns after activation, less jitter */
    RK_TRIGGER_MESSAGES = 1 << 1, /* after this many protected messages */
    /* Occasions: things that happen, and the device is told of (RK_EVENT_SESSION). */
    RK_TRIGGER_SESSION = 1 << 2,    /* at each session start */
    RK_TRIGGER_REBOOT = 1 << 3,     /* after the device lost its power and found its keys again */
    RK_TRIGGER_FIRMWARE = 1 << 4,   /* after an update of its firmware */
    RK_TRIGGER_OWNER = 1 << 5,      /* when it has another owner */
    RK_TRIGGER_SUSPICION = 1 << 6,  /* when something looks wrong; a known leak is RK_EVENT_COMPROMISE */
    RK_TRIGGER_MEMBERSHIP = 1 << 7, /* when somebody joins or leaves its group */
    RK_TRIGGER_OCCASIONS = 0xFC
};

enum rk_mechanism {
    RK_MECHANISM_ECDH,      /* fresh ephemeral agreement, authenticated by a long-term key: class A1 */
    RK_MECHANISM_DERIVE,    /* from a master key and both sides' nonces: class A2 */
    RK_MECHANISM_TRANSPORT, /* server's fresh key wrapped under a KEK: class A0 */
    RK_MECHANISM_REFRESH,   /* from the old key and both sides' nonces: class A3 */
    RK_MECHANISM_UPDATE,    /* from the old key alone, by a one-way function: class A4 */
    RK_MECHANISM_COUNTER,   /* from a master key and the key's id: class A5 */
    RK_MECHANISM_STATIC,    /* the device's ephemeral with the server's static key: class A0 */
    RK_MECHANISM_COUNT
};

struct rk_policy;
struct rk_policy_facts;

/* A device's program has room for a policy of its own where it has one (devices/firmware: RK_OWN_POLICY). */
#if defined(__linux__) || defined(RK_OWN_POLICY)
#define RK_POLICY_OWN 1
#else
#define RK_POLICY_OWN 0
#endif

/* A policy of one's own. out: the time at which the key is to be renewed as things stand, now or earlier: at once;
 * RK_NEVER_ns: no time. It is asked anew after each message, at each occasion, and when its time has come. A pure function:
 * scenarios/policies/README.md. */
typedef uint64_t rk_policy_rule(const struct rk_policy *policy, const struct rk_policy_facts *facts);

struct rk_policy {
    uint8_t triggers;  /* bits of enum rk_trigger */
    uint8_t mechanism; /* enum rk_mechanism */
    uint8_t attempts;  /* first try and retries of one renewal before it is given up until the next occasion; >= 1 */
    uint32_t messages; /* >= 1 where the trigger is set */
    uint32_t messages_max; /* q: no key protects more; 0: only its counter bounds it */
    uint32_t failed_max;   /* v: so many failed tags over all keys of the pair, and the key goes; 0: no bound */
    uint32_t jitter_ppm;   /* of the interval: renewal falls in (1 - jitter, 1] * interval; spreads a fleet */
    uint64_t interval_ns;
    uint64_t retry_ns;        /* wait for an answer before the next try; doubles each time */
    uint64_t overlap_ns;      /* the old key still processes (never protects) for so long after the new one is active */
    uint64_t cryptoperiod_ns; /* originator-usage period: a hard end, no protection afterwards; RK_NEVER_ns for none */
#if RK_POLICY_OWN
    rk_policy_rule *own; /* decides instead of the triggers, which are then its parameters; NULL: they do */
#endif
};

/* What a decision may look at. */
struct rk_policy_facts {
    uint64_t now_ns;
    uint64_t activated_ns; /* of the active key */
    uint32_t protected_messages;
    uint32_t jitter;  /* uniform 32-bit number, fixed for (device, key) */
    uint8_t occasion; /* what happens with this event: bits of RK_TRIGGER_OCCASIONS */
    /* For a policy of one's own; else 0. */
    uint32_t failed_tags; /* over all keys of the pair */
    uint8_t drained;      /* what the battery has given, of 255 */
    uint8_t losses;       /* of late: 0 when each frame went through at once, 255 when none did */
};

/*@ predicate due_at(struct rk_policy p, struct rk_policy_facts f) =
    (f.occasion == RK_TRIGGER_SESSION && (p.triggers & RK_TRIGGER_SESSION) != 0) ||
    (f.occasion == RK_TRIGGER_REBOOT && (p.triggers & RK_TRIGGER_REBOOT) != 0) ||
    (f.occasion == RK_TRIGGER_FIRMWARE && (p.triggers & RK_TRIGGER_FIRMWARE) != 0) ||
    (f.occasion == RK_TRIGGER_OWNER && (p.triggers & RK_TRIGGER_OWNER) != 0) ||
    (f.occasion == RK_TRIGGER_SUSPICION && (p.triggers & RK_TRIGGER_SUSPICION) != 0) ||
    (f.occasion == RK_TRIGGER_MEMBERSHIP && (p.triggers & RK_TRIGGER_MEMBERSHIP) != 0);

    predicate due_by_use(struct rk_policy p, struct rk_policy_facts f) =
    ((p.triggers & RK_TRIGGER_MESSAGES) != 0 && f.protected_messages >= p.messages) || due_at(p, f);
*/

/* out: renew now? */
/*@ requires \valid_read(policy) && \valid_read(facts) && policy->jitter_ppm <= 1000000;
    terminates \true;
    assigns \nothing;
    ensures due_by_use(*policy, *facts) ==> \result != 0;
    ensures policy->triggers == 0 ==> \result == 0;
*/
bool rk_policy_due(const struct rk_policy *policy, const struct rk_policy_facts *facts);

/* out: the time at which rk_policy_due() will turn true by time alone, RK_NEVER_ns if never. */
/*@ requires \valid_read(policy) && \valid_read(facts) && policy->jitter_ppm <= 1000000;
    terminates \true;
    assigns \nothing;
    ensures (policy->triggers & RK_TRIGGER_INTERVAL) == 0 ==> \result == 0xFFFFFFFFFFFFFFFF;
    ensures \result == 0xFFFFFFFFFFFFFFFF || facts->activated_ns <= \result <= facts->activated_ns + policy->interval_ns;
*/
uint64_t rk_policy_next_ns(const struct rk_policy *policy, const struct rk_policy_facts *facts);

/* out: association class of what the mechanism makes, "A0".."A5": what the new key depends on. */
const char *rk_mechanism_class(unsigned mechanism);
const char *rk_mechanism_name(unsigned mechanism); /* "ecdh", "derive", "transport"; NULL outside */

#endif
