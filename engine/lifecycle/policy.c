#include "engine/lifecycle/policy.h"

#include <stddef.h>

#include "engine/lifecycle/key.h"

enum { MILLION = 1000000 };
#define TWO_32 0x100000000ull

/* interval * (jitter_ppm / 10^6) * (jitter / 2^32), in integers that never overflow: below interval * jitter_ppm /
 * 10^6. */
/*@ requires \valid_read(policy) && policy->jitter_ppm <= MILLION;
    terminates \true;
    assigns \nothing;
    ensures \result <= policy->interval_ns;
*/
static uint64_t earlier_by_ns(const struct rk_policy *policy, uint32_t jitter)
{
    uint64_t ppm = policy->jitter_ppm;
    uint64_t millions = policy->interval_ns / MILLION, rest = policy->interval_ns % MILLION;
    //@ assert millions * ppm <= millions * MILLION;
    //@ assert rest * ppm <= rest * MILLION;
    //@ assert rest * ppm / MILLION <= rest;
    uint64_t span = millions * ppm + rest * ppm / MILLION;
    uint64_t high = span / TWO_32, low = span % TWO_32;
    //@ assert high * jitter <= high * (TWO_32 - 1);
    //@ assert low * jitter <= low * (TWO_32 - 1);
    //@ assert low * jitter / TWO_32 <= low;
    return high * jitter + low * jitter / TWO_32;
}

uint64_t rk_policy_next_ns(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    if ((policy->triggers & RK_TRIGGER_INTERVAL) == 0)
        return RK_NEVER_ns;
    uint64_t after_ns = policy->interval_ns;
    if (policy->jitter_ppm != 0)
        after_ns -= earlier_by_ns(policy, facts->jitter);
    return after_ns < RK_NEVER_ns - facts->activated_ns ? facts->activated_ns + after_ns : RK_NEVER_ns;
}

bool rk_policy_due(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    if ((policy->triggers & RK_TRIGGER_MESSAGES) != 0 && facts->protected_messages >= policy->messages)
        return true;
    const uint8_t now = (uint8_t)(policy->triggers & facts->occasion);
    //@ assert facts->occasion == RK_TRIGGER_SESSION && (policy->triggers & RK_TRIGGER_SESSION) != 0 ==> now != 0;
    //@ assert facts->occasion == RK_TRIGGER_REBOOT && (policy->triggers & RK_TRIGGER_REBOOT) != 0 ==> now != 0;
    //@ assert facts->occasion == RK_TRIGGER_FIRMWARE && (policy->triggers & RK_TRIGGER_FIRMWARE) != 0 ==> now != 0;
    //@ assert facts->occasion == RK_TRIGGER_OWNER && (policy->triggers & RK_TRIGGER_OWNER) != 0 ==> now != 0;
    //@ assert facts->occasion == RK_TRIGGER_SUSPICION && (policy->triggers & RK_TRIGGER_SUSPICION) != 0 ==> now != 0;
    //@ assert facts->occasion == RK_TRIGGER_MEMBERSHIP && (policy->triggers & RK_TRIGGER_MEMBERSHIP) != 0 ==> now != 0;
    if (now != 0)
        return true;
    uint64_t next_ns = rk_policy_next_ns(policy, facts);
    return next_ns != RK_NEVER_ns && facts->now_ns >= next_ns;
}

const char *rk_mechanism_class(unsigned mechanism)
{
    switch (mechanism) {
    case RK_MECHANISM_ECDH:
        return "A1";
    case RK_MECHANISM_DERIVE:
        return "A2";
    case RK_MECHANISM_TRANSPORT:
    case RK_MECHANISM_STATIC:
        return "A0";
    case RK_MECHANISM_REFRESH:
        return "A3";
    case RK_MECHANISM_UPDATE:
        return "A4";
    case RK_MECHANISM_COUNTER:
        return "A5";
    default:
        return NULL;
    }
}

const char *rk_mechanism_name(unsigned mechanism)
{
    switch (mechanism) {
    case RK_MECHANISM_ECDH:
        return "ecdh";
    case RK_MECHANISM_DERIVE:
        return "derive";
    case RK_MECHANISM_TRANSPORT:
        return "transport";
    case RK_MECHANISM_REFRESH:
        return "refresh";
    case RK_MECHANISM_UPDATE:
        return "update";
    case RK_MECHANISM_COUNTER:
        return "counter";
    case RK_MECHANISM_STATIC:
        return "static";
    default:
        return NULL;
    }
}
