/* engine/study/estimate.h - what a trial takes, before anything runs
 *
 * Model: memory: of every device its node, both generators, the accounts of its NVM and room for its events. Timelines
 *        put waiting devices away in few bytes, or run one after the other in the same memory. Events: messages and
 *        sessions by their periods, and of each renewal its frames, answers and timers.
 * Units: bytes, events.
 * Error: memory: within a factor of two of what a trial really takes, for timelines a lower bound: what can run is not
 *        refused (tests/study/test_estimate.c). Events: without retries; a factor of two.
 */
#ifndef ENGINE_STUDY_ESTIMATE_H
#define ENGINE_STUDY_ESTIMATE_H

#include "engine/study/sweep.h"

struct rk_estimate {
    uint64_t bytes;
    double events;
};

struct rk_estimate rk_estimate_trial(const struct rk_trial *trial);

/* More cannot be waited for: years at ten million events a second. */
#define RK_ESTIMATE_EVENTS_max 1e15

/* Refuses points that this machine cannot run. in: threads, each with a trial; bytes that are there, 0: unknown.
 * Errors: RK_ERR_INPUT at the place of the fleet's size or the horizon, with the estimate. */
RK_MUST_CHECK enum rk_err rk_estimate_check(const struct rk_sweep *sweep, unsigned jobs, uint64_t available_bytes,
                                            struct rk_diag *diag);

/* The same from the scenario alone, before devices and costs are looked up: a lower bound. jobs is 1. */
RK_MUST_CHECK enum rk_err rk_estimate_check_study(const struct rk_study *study, uint64_t available_bytes,
                                                  struct rk_diag *diag);

/* out: memory that processes may still take without others having to give way; 0: the system does not say. */
uint64_t rk_estimate_available_bytes(void);

#endif
