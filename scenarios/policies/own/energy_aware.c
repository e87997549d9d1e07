/* Renews less often the emptier the battery is: the interval that `renew` says with a full one, STRETCH times as long with
 * an empty one, in a straight line between.
 *
 * After the idea to let what a node has left decide how much security it pays for: J. M. Kim et al., "Power Adaptive Data
 * Encryption for Energy-Efficient and Secure Communication in Solar-Powered Wireless Sensor Networks", Journal of Sensors
 * 2016, 2678269; X. He et al., "Energy-aware Key Management in Mobile Wireless Sensor Networks", Annales UMCS Informatica.
 * The straight line and STRETCH are ours.
 */
#include "engine/lifecycle/policy.h"

#ifndef STRETCH
#define STRETCH 4
#endif

uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    uint64_t longer_ns = policy->interval_ns / 255 * facts->drained * (STRETCH - 1);
    return facts->activated_ns + policy->interval_ns + longer_ns;
}
