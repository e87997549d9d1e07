/* A policy of your own: copy this file, and change what it decides. It renews after the interval that the scenario's `renew`
 * says, but not sooner than after FLOOR messages.
 *
 * It is asked after each message, at each occasion and when the time has come that it gave last. It must be a pure function:
 * the same facts, the same answer, on every device. `rekeylab describe policy FILE.c --check` tries that.
 */
#include "engine/lifecycle/key.h" /* RK_NEVER_ns */
#include "engine/lifecycle/policy.h"

#ifndef FLOOR /* parameters: `policy.parameters: FLOOR=50` */
#define FLOOR 20
#endif

/* out: the time in ns at which the key is to be renewed as things stand: now or earlier: at once; RK_NEVER_ns: no time. */
uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    if (facts->protected_messages < FLOOR)
        return RK_NEVER_ns;
    return facts->activated_ns + policy->interval_ns;
}
