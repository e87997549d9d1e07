/* Renews as the triggers of `renew` say, but waits while more than LOSSES of 255 frames get lost or more than DRAINED of 255
 * of the battery are gone: it looks again after an eighth of MOST seconds, and does not wait for longer than MOST. What
 * happens to the device (reboot, new owner, ...) does not wait, nor do counts of messages.
 */
#include "engine/lifecycle/policy.h"

#ifndef LOSSES
#define LOSSES 64
#endif
#ifndef DRAINED
#define DRAINED 230
#endif
#ifndef MOST
#define MOST 86400
#endif

uint64_t rk_policy_own(const struct rk_policy *policy, const struct rk_policy_facts *facts)
{
    const uint64_t most_ns = MOST * 1000000000ull;
    uint64_t due_ns = rk_policy_next_ns(policy, facts);
    bool due = rk_policy_due(policy, facts), bad = facts->losses > LOSSES || facts->drained > DRAINED;
    if (facts->now_ns < due_ns || !bad || facts->now_ns - due_ns >= most_ns)
        return due ? 0 : due_ns;
    uint64_t look_ns = facts->now_ns + most_ns / 8;
    return look_ns - due_ns < most_ns ? look_ns : due_ns + most_ns;
}
