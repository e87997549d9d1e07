/* bench/policy_check.h - does a policy of one's own hold what a policy promises, on the host and on devices?
 *
 * Model:  it is asked about random policies and facts, drawn from all magnitudes: edges, seconds to decades, fresh keys and
 *         worn ones. On the host it is asked twice, the second time backwards and in another copy of it. A key that has
 *         just become active is not renewed, else the device would never do anything else; a time that it gives is one
 *         at which, asked again, it renews, or after some delays. Then the same questions go to the policy compiled for
 *         each device (devices/firmware/policy), and the answers must be the same to the bit.
 * Units:  cycles of the device's clock, of one decision: measured on the first question of each request.
 * Error:  what a policy must not be at all (engine/study/policy_own.h) is refused before.
 */
#ifndef BENCH_POLICY_CHECK_H
#define BENCH_POLICY_CHECK_H

#include "engine/study/policy_own.h"

enum { RK_POLICY_QUESTIONS = 2048 };

struct rk_policy_answers {
    char device[32];
    unsigned questions; /* asked */
    bool has_cycles;
    uint64_t cycles_min, cycles_max;
    uint32_t stack_bytes;
};

/* Asks on the host alone. Errors: RK_ERR_CHECK with what it broke and the facts at which it did. */
RK_MUST_CHECK enum rk_err rk_policy_check_host(const char *root, const struct rk_policy_own *own, struct rk_diag *diag);

/* Asks on a device. Errors: RK_ERR_CHECK where an answer differs; those of firmware and emulator. */
RK_MUST_CHECK enum rk_err rk_policy_check_device(const struct rk_policy_own *own, const char *device,
                                                 struct rk_policy_answers *answers, struct rk_diag *diag);

#endif
