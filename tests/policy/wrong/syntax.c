/* Does not compile. */
#include "engine/lifecycle/policy.h"

uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    retrun facts->activated_ns + policy->interval_ns;
}
