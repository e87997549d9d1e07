/* devices/firmware/policy/record.h - a question to a policy of one's own, as bytes
 *
 * Layout: members of struct rk_policy, then those of struct rk_policy_facts, in their order, little endian, no padding.
 */
#ifndef DEVICES_FIRMWARE_POLICY_RECORD_H
#define DEVICES_FIRMWARE_POLICY_RECORD_H

#include <string.h>

#include "engine/lifecycle/policy.h"

#define RK_POLICY_RECORD(X, p, f)                                                                                      \
    X((p)->triggers)                                                                                                   \
    X((p)->mechanism)                                                                                                  \
    X((p)->attempts)                                                                                                   \
    X((p)->messages)                                                                                                   \
    X((p)->messages_max)                                                                                               \
    X((p)->failed_max)                                                                                                 \
    X((p)->jitter_ppm)                                                                                                 \
    X((p)->interval_ns)                                                                                                \
    X((p)->retry_ns)                                                                                                   \
    X((p)->overlap_ns)                                                                                                 \
    X((p)->cryptoperiod_ns)                                                                                            \
    X((f)->now_ns)                                                                                                     \
    X((f)->activated_ns)                                                                                               \
    X((f)->protected_messages)                                                                                         \
    X((f)->jitter)                                                                                                     \
    X((f)->failed_tags)                                                                                                \
    X((f)->occasion)                                                                                                   \
    X((f)->drained)                                                                                                    \
    X((f)->losses)

enum { RK_POLICY_RECORD_bytes = 82, RK_POLICY_ANSWER_bytes = 8 };

static inline void rk_policy_record_read(const uint8_t *at, struct rk_policy *policy, struct rk_policy_facts *facts)
{
    memset(policy, 0, sizeof *policy);
#define TAKE(member)                                                                                                   \
    memcpy(&(member), at, sizeof(member));                                                                             \
    at += sizeof(member);
    RK_POLICY_RECORD(TAKE, policy, facts)
#undef TAKE
}

static inline void rk_policy_record_write(uint8_t *at, const struct rk_policy *policy,
                                          const struct rk_policy_facts *facts)
{
#define PUT(member)                                                                                                    \
    memcpy(at, &(member), sizeof(member));                                                                             \
    at += sizeof(member);
    RK_POLICY_RECORD(PUT, policy, facts)
#undef PUT
}

#endif
