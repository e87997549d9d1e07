#include "engine/study/estimate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/model/footprint.h"
#include "engine/model/node.h"
#include "engine/sim/tier.h"
#include "engine/study/renew.h"

/* Frames up and down, the server's work, timers of both parties, a leak's detection. */
static const double events_of_renewal = 8;

/* A message is sent and delivered. In lifetime mode messages take no time of their own: what bounds them is their count
 * of 64 bits, so that 10^18 of them are as much as 10^15 events. */
static const double events_of_message = 2, events_of_message_lifetime = 1e-3;

static double times(uint64_t horizon_ns, uint64_t period_ns)
{
    return period_ns == 0 || period_ns == RK_NEVER ? 0 : (double)horizon_ns / (double)period_ns;
}

/* Of a device that waits in a timeline, at the least: tests/sim/test_memory.c measures 304 with all that it has
 * around it. */
enum { WAITING_bytes = 256 };

static uint64_t fleet_bytes(const struct rk_trial *trial)
{
    struct rk_tier_choice choice;
    struct rk_diag diag;
    uint64_t each = rk_footprint_device_bytes(trial);
    if (rk_tier_choose(trial, &choice, &diag) != RK_OK || choice.tier != RK_TIER_TIMELINES) {
        return each * trial->devices;
    }
    return trial->server_time_ns == 0 ? each : each + (uint64_t)WAITING_bytes * trial->devices;
}

static double trial_events(const struct rk_trial *trial)
{
    uint64_t interval_ns = rk_renew_interval_ns(&trial->policy, trial->message_period_ns, trial->session_period_ns);
    double each = times(trial->horizon_ns, trial->message_period_ns) *
                      (trial->lifetime ? events_of_message_lifetime : events_of_message) +
                  times(trial->horizon_ns, trial->session_period_ns) +
                  (times(trial->horizon_ns, interval_ns) + 1) * events_of_renewal;
    return each * trial->devices;
}

struct rk_estimate rk_estimate_trial(const struct rk_trial *trial)
{
    return (struct rk_estimate){.bytes = sizeof(struct rk_fleet) + fleet_bytes(trial), .events = trial_events(trial)};
}

struct check {
    const struct rk_study *study;
    size_t point;
    uint32_t devices;
    struct rk_estimate estimate;
    unsigned jobs;
    uint64_t available_bytes; /* 0: unknown */
};

static enum rk_err check(const struct check *check, struct rk_diag *diag)
{
    const double GB = 1e9, events_per_y = 1e7 * 365.25 * 86400;
    uint64_t bytes = check->estimate.bytes, available_bytes = check->available_bytes;
    if (check->estimate.events > RK_ESTIMATE_EVENTS_max) {
        return rk_fail_at(diag, rk_study_mark(check->study, check->point, "horizon"),
                          "horizon: a trial of about %.2g events, %.2g years at ten million a second, expected at most "
                          "%.0g events: fewer devices, a longer traffic.period or a shorter horizon",
                          check->estimate.events, check->estimate.events / events_per_y, RK_ESTIMATE_EVENTS_max);
    }
    if (available_bytes == 0 || bytes <= available_bytes / check->jobs) {
        return RK_OK;
    }
    struct rk_mark mark = rk_study_mark(check->study, check->point, "fleet.devices");
    if (bytes <= available_bytes) {
        return rk_fail_at(diag, mark,
                          "devices: %" PRIu32
                          " take about %.2g GB a trial, %.2g GB in %u threads, expected at most %.2g "
                          "GB, the memory that is free: --jobs %u",
                          check->devices, (double)bytes / GB, (double)bytes * check->jobs / GB, check->jobs,
                          (double)available_bytes / GB, (unsigned)(available_bytes / bytes));
    }
    return rk_fail_at(diag, mark,
                      "devices: %" PRIu32
                      " take about %.2g GB, expected at most %.2g GB, the memory that is free: %.0f devices",
                      check->devices, (double)bytes / GB, (double)available_bytes / GB,
                      (double)check->devices / (double)bytes * (double)available_bytes);
}

enum rk_err rk_estimate_check(const struct rk_sweep *sweep, unsigned jobs, uint64_t available_bytes,
                              struct rk_diag *diag)
{
    size_t trials = sweep->points * sweep->study->scenario.replications;
    jobs = trials < jobs ? (unsigned)trials : jobs;
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sweep->points && err == RK_OK; i++) {
        const struct rk_trial *trial = &sweep->point[i].trial;
        const struct check point = {sweep->study, i, trial->devices, rk_estimate_trial(trial), jobs, available_bytes};
        err = check(&point, diag);
    }
    return err;
}

/* What is known without the device's and the library's files. */
static struct rk_estimate least(const struct rk_scenario *scenario)
{
    const struct rk_trial trial = {
        .devices = scenario->fleet.devices,
        .horizon_ns = scenario->horizon_ns,
        .message_period_ns = scenario->traffic.period_ns,
        .session_period_ns = scenario->traffic.session_ns,
        .lifetime = scenario->engine.lifetime,
        .policy = rk_scenario_policy(scenario),
    };
    bool all_at_once = scenario->engine.tier == RK_TIER_REFERENCE || scenario->engine.tier == RK_TIER_QUEUE;
    uint64_t each = all_at_once ? sizeof(struct rk_node) : scenario->server.time_ns > 0 ? WAITING_bytes : 0;
    return (struct rk_estimate){.bytes = each * trial.devices, .events = trial_events(&trial)};
}

enum rk_err rk_estimate_check_study(const struct rk_study *study, uint64_t available_bytes, struct rk_diag *diag)
{
    struct rk_scenario *scenario = malloc(sizeof *scenario);
    RK_REQUIRE(scenario != NULL);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < rk_study_points(study) && err == RK_OK; i++) {
        rk_study_point(study, i, scenario);
        const struct check point = {study, i, scenario->fleet.devices, least(scenario), 1, available_bytes};
        err = check(&point, diag);
    }
    free(scenario);
    return err;
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
