/* Is another on a device whose int has 16 bits. */
#include "engine/lifecycle/policy.h"

uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    unsigned longer = 300u * facts->drained;
    return facts->activated_ns + policy->interval_ns + longer;
}
