/* engine/study/renew.h - when to renew, as people write it
 *
 * Model: `never`, or triggers joined by ` or `, of which the first that fires wins:
 *          every message, every N messages, every session, a time such as `30 d`;
 *          `1 MiB`: so much application text, counted in messages of the traffic's length (the longest of a trace);
 *          `50 % of limit`: of the messages that `suite.limits` lets a key protect;
 *          `N failed`: so many failed tags over all keys of the pair, where `suite.limits` does not allow fewer;
 *          an occasion: reboot, firmware, owner, suspicion, membership.
 * Units: ns, messages, bytes, parts per million.
 * Error: each trigger at most once; a time of zero, an empty part and an unknown word are refused.
 */
#ifndef ENGINE_STUDY_RENEW_H
#define ENGINE_STUDY_RENEW_H

#include "engine/core/err.h"
#include "engine/lifecycle/policy.h"

#define RK_RENEW_EXPECTED                                                                                              \
    "never, every message, every N messages, every session, a time such as 30 d, an amount such as 1 MiB, 50 % of "    \
    "limit, N failed, reboot, firmware, owner, suspicion or membership, joined by ' or '"

/* What depends on more than the text. */
struct rk_renew {
    uint64_t bytes;     /* 0: no such trigger */
    uint32_t limit_ppm; /* 0: no such trigger */
};

/* in: text. out: policy's triggers, messages, interval_ns and failed_max; its other members are left alone; *more, unless
 * NULL, has what rk_renew_resolve() takes.
 * Errors: RK_ERR_INPUT with "what, expected what" in diag, no position; policy is then unchanged. */
RK_MUST_CHECK enum rk_err rk_renew_parse(const char *text, struct rk_policy *policy, struct rk_renew *more,
                                         struct rk_diag *diag);

/* Turns amounts into messages of so many bytes, and shares of policy->messages_max, which is set before; the fewest count. */
void rk_renew_resolve(const struct rk_renew *more, uint16_t message_bytes, struct rk_policy *policy);

/* out: the time between renewals in ns, given the periods of messages and sessions (0: none); the shortest of the
 * triggers; RK_NEVER when nothing ever fires. Occasions other than sessions are not counted. */
uint64_t rk_renew_interval_ns(const struct rk_policy *policy, uint64_t message_period_ns, uint64_t session_period_ns);

#endif
