/* engine/study/renew.h - when to renew, as people write it
 *
 * Model: `never`, or triggers joined by ` or `, of which the first that fires wins: `every message`, `every N
 *        messages`, `every session`, or a time such as `30 d`.
 * Units: ns, messages.
 * Error: each trigger at most once; a time of zero, an empty part and an unknown word are refused.
 */
#ifndef ENGINE_STUDY_RENEW_H
#define ENGINE_STUDY_RENEW_H

#include "engine/core/err.h"
#include "engine/lifecycle/policy.h"

#define RK_RENEW_EXPECTED                                                                                              \
    "never, every message, every N messages, every session, or a time such as 30 d, joined by ' or '"

/* in: text. out: policy's triggers, messages and interval_ns; its other members are left alone.
 * Errors: RK_ERR_INPUT with "what, expected what" in diag, no position; policy is then unchanged. */
RK_MUST_CHECK enum rk_err rk_renew_parse(const char *text, struct rk_policy *policy, struct rk_diag *diag);

/* out: the time between renewals in ns, given the periods of messages and sessions (0: none); the shortest of the
 * triggers; RK_NEVER when nothing ever fires. */
uint64_t rk_renew_interval_ns(const struct rk_policy *policy, uint64_t message_period_ns, uint64_t session_period_ns);

#endif
