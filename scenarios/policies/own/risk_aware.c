/* Renews more often the more its device is under attack: each TAGS failed tags shorten the interval that `renew` says, to a
 * half, a third and so on, down to FLOOR seconds: who forges frames shall not empty the battery. A suspicion, the occasion,
 * renews at once.
 *
 * After the idea to renew as what is detected demands, not by the clock alone: D. Park and T. Cho, "A Fuzzy Rule-based Key
 * Re-Distribution Decision Scheme of Dynamic Filtering for Energy Saving in Wireless Sensor Networks", IJITCS 9(4), 2017;
 * J. M. Kim and H. Y. Lee, "An Adaptive Key Redistribution Method for Filtering-based Wireless Sensor Networks", KSII TIIS,
 * 2020. Failed tags as the measure, TAGS and FLOOR are ours.
 */
#include "engine/lifecycle/policy.h"

#ifndef TAGS
#define TAGS 4
#endif
#ifndef FLOOR
#define FLOOR 3600
#endif

uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    const uint64_t floor_ns = FLOOR * 1000000000ull;
    uint64_t interval_ns = policy->interval_ns / (1 + facts->failed_tags / TAGS);
    if ((facts->occasion & RK_TRIGGER_SUSPICION) != 0)
        return 0;
    if (interval_ns < floor_ns)
        interval_ns = floor_ns < policy->interval_ns ? floor_ns : policy->interval_ns;
    return facts->activated_ns + interval_ns;
}
