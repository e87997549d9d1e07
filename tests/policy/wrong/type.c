/* Another function than is called. */
#include "engine/lifecycle/policy.h"

bool rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    return rk_policy_due(policy, facts);
}
