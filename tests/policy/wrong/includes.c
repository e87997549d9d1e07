/* Is more than one file. */
#include "engine/core/units.h"
#include "engine/lifecycle/policy.h"

uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    return facts->activated_ns + policy->interval_ns;
}
