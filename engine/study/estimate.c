#include "engine/study/estimate.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/model/footprint.h"
#include "engine/sim/tier.h"
#include "engine/study/renew.h"

/* Frames up and down, the server's work, timers of both parties, a leak's detection. */
static const double events_of_renewal = 8;

/* A message is sent and delivered. In lifetime mode messages take no time of their own: what bounds them is their count of
 * 64 bits, so that 10^18 of them are as much as 10^15 events. */
static const double events_of_message = 2, events_of_message_lifetime = 1e-3;

static double times(uint64_t horizon_ns, uint64_t period_ns)
{
    return period_ns == 0 || period_ns == RK_NEVER ? 0 : (double)horizon_ns / (double)period_ns;
}

/* Does the tier hold all devices at once? */
static bool holds_all(const struct rk_trial *trial)
{
    struct rk_tier_choice choice;
    struct rk_diag diag;
    bool chosen = rk_tier_choose(trial, &choice, &diag) == RK_OK;
    return !(chosen && choice.tier == RK_TIER_TIMELINES && trial->server_time_ns == 0);
}

struct rk_estimate rk_estimate_trial(const struct rk_trial *trial)
{
    uint64_t interval_ns = rk_renew_interval_ns(&trial->policy, trial->message_period_ns, trial->session_period_ns);
    double each = times(trial->horizon_ns, trial->message_period_ns) *
                      (trial->lifetime ? events_of_message_lifetime : events_of_message) +
                  times(trial->horizon_ns, trial->session_period_ns) +
                  (times(trial->horizon_ns, interval_ns) + 1) * events_of_renewal;
    return (struct rk_estimate){
        .bytes = sizeof(struct rk_fleet) + rk_footprint_device_bytes(trial) * (holds_all(trial) ? trial->devices : 1),
        .events = each * trial->devices,
    };
}

static enum rk_err check_point(const struct rk_study *study, const struct rk_point *point, unsigned jobs,
                               uint64_t available_bytes, struct rk_diag *diag)
{
    const double GB = 1e9, events_per_y = 1e7 * 365.25 * 86400;
    struct rk_estimate estimate = rk_estimate_trial(&point->trial);
    if (estimate.events > RK_ESTIMATE_EVENTS_max) {
        return rk_fail_at(diag, rk_study_mark(study, point->index, "horizon"),
                          "horizon: a trial of about %.2g events, %.2g years at ten million a second, expected at most "
                          "%.0g events: fewer devices, a longer traffic.period or a shorter horizon",
                          estimate.events, estimate.events / events_per_y, RK_ESTIMATE_EVENTS_max);
    }
    if (available_bytes == 0 || estimate.bytes <= available_bytes / jobs) {
        return RK_OK;
    }
    struct rk_mark mark = rk_study_mark(study, point->index, "fleet.devices");
    if (estimate.bytes <= available_bytes) {
        return rk_fail_at(diag, mark,
                          "devices: %" PRIu32
                          " take about %.2g GB a trial, %.2g GB in %u threads, expected at most %.2g "
                          "GB, the memory that is free: --jobs %u",
                          point->trial.devices, (double)estimate.bytes / GB, (double)estimate.bytes * jobs / GB, jobs,
                          (double)available_bytes / GB, (unsigned)(available_bytes / estimate.bytes));
    }
    return rk_fail_at(diag, mark,
                      "devices: %" PRIu32
                      " take about %.2g GB, expected at most %.2g GB, the memory that is free: %" PRIu64 " devices",
                      point->trial.devices, (double)estimate.bytes / GB, (double)available_bytes / GB,
                      available_bytes / rk_footprint_device_bytes(&point->trial));
}

enum rk_err rk_estimate_check(const struct rk_sweep *sweep, unsigned jobs, uint64_t available_bytes,
                              struct rk_diag *diag)
{
    size_t trials = sweep->points * sweep->study->scenario.replications;
    jobs = trials < jobs ? (unsigned)trials : jobs;
    for (size_t i = 0; i < sweep->points; i++) {
        enum rk_err err = check_point(sweep->study, &sweep->point[i], jobs, available_bytes, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

uint64_t rk_estimate_available_bytes(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    char line[128];
    uint64_t kib = 0;
    if (file == NULL) {
        return 0;
    }
    while (kib == 0 && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) != 1) {
            kib = 0;
        }
    }
    fclose(file);
    return kib * 1024;
}
