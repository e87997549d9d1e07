#include "engine/model/captured.h"
#include "engine/model/fleet.h"
#include "engine/model/gateway.h"

#include <math.h>

const struct rk_metric_info rk_metric_info[RK_METRIC_COUNT] = {
#define RK_METRIC_INFO(name, unit, help) {#name, unit, help},
    RK_METRICS(RK_METRIC_INFO)
#undef RK_METRIC_INFO
};

static const double day_ns = 86400e9;
static const double year_ns = 365.25 * 86400e9;

static double quantile_s(const struct rk_histogram *histogram, uint32_t ppm)
{
    return histogram->total == 0 ? NAN : (double)rk_histogram_quantile(histogram, ppm) * 1e-9;
}

/* The time that the sums are of. */
static double counted_ns(const struct rk_fleet *fleet)
{
    return (double)(fleet->trial->horizon_ns - fleet->trial->warm_up_ns);
}

static double life_d(const struct rk_fleet *fleet, rk_wide energy_pJ, enum rk_end end)
{
    double device_s = (double)fleet->trial->devices * counted_ns(fleet) * 1e-9;
    return rk_battery_life_s(fleet->trial->battery, (double)energy_pJ / device_s, end) / 86400.0;
}

static void energy_metrics(const struct rk_fleet *fleet, double device_days, double *metric)
{
    const struct rk_tally *tally = &fleet->tally;
    static const enum rk_metric parts[RK_PART_COUNT] = {
        [RK_PART_CRYPTO_KEYS] = RK_METRIC_energy_crypto_keys_J_per_d,
        [RK_PART_CRYPTO_DATA] = RK_METRIC_energy_crypto_data_J_per_d,
        [RK_PART_RADIO_KEYS] = RK_METRIC_energy_radio_keys_J_per_d,
        [RK_PART_RADIO_DATA] = RK_METRIC_energy_radio_data_J_per_d,
        [RK_PART_NVM] = RK_METRIC_energy_nvm_J_per_d,
        [RK_PART_SLEEP] = RK_METRIC_energy_sleep_J_per_d,
    };
    for (int part = 0; part < RK_PART_COUNT; part++) {
        metric[parts[part]] = (double)tally->part_pJ[part] * 1e-12 / device_days;
    }
    metric[RK_METRIC_energy_J_per_d] = (double)tally->total_pJ * 1e-12 / device_days;
    metric[RK_METRIC_assumed_share] =
        tally->total_pJ == 0 ? NAN : (double)tally->kind_pJ[RK_KIND_ASSUMED] / (double)tally->total_pJ;
    metric[RK_METRIC_battery_life_d] = life_d(fleet, tally->total_pJ, RK_END_CENTRAL);
    metric[RK_METRIC_battery_life_low_d] = life_d(fleet, tally->high_pJ, RK_END_UNFAVOURABLE);
    metric[RK_METRIC_battery_life_high_d] = life_d(fleet, tally->low_pJ, RK_END_FAVOURABLE);
}

static void security_metrics(const struct rk_fleet *fleet, double *metric)
{
    const struct rk_exposure *exposure = &fleet->tally.exposure;
    double leaks = (double)exposure->leaks;
    bool any = exposure->leaks > 0;
    metric[RK_METRIC_compromises] = leaks;
    metric[RK_METRIC_exposure_s] = any ? (double)exposure->time_ns * 1e-9 / leaks : NAN;
    metric[RK_METRIC_exposure_messages] = any ? (double)exposure->messages / leaks : NAN;
    metric[RK_METRIC_exposure_capture_s] = any ? (double)exposure->capture_ns * 1e-9 / leaks : NAN;
    metric[RK_METRIC_exposure_server_s] = any ? (double)exposure->server_ns * 1e-9 / leaks : NAN;
    metric[RK_METRIC_healing_s] = any ? (double)exposure->healing_ns * 1e-9 / leaks : NAN;
}

static void tried_metrics(const struct rk_fleet *fleet, double *metric)
{
    const struct rk_tried *tried = &fleet->tally.tried;
    double leaks = (double)fleet->tally.exposure.leaks;
    bool any = fleet->trial->adversary.tried && leaks > 0;
    metric[RK_METRIC_tried_messages] = any ? (double)tried->session / leaks : NAN;
    metric[RK_METRIC_tried_capture_messages] = any ? (double)tried->capture / leaks : NAN;
    metric[RK_METRIC_tried_server_messages] = any ? (double)tried->server / leaks : NAN;
    metric[RK_METRIC_tried_past_share] = any && tried->past > 0 ? (double)tried->past_open / (double)tried->past : NAN;
    metric[RK_METRIC_tried_apart] = any ? (double)tried->apart : NAN;
}

static void forgery_metrics(const struct rk_fleet *fleet, double device_days, double *metric)
{
    const struct rk_trial *trial = fleet->trial;
    const struct rk_policy *policy = &trial->policy;
    const struct rk_tally *tally = &fleet->tally;
    double failed = (double)tally->failed_tags / trial->devices;
    bool forged = trial->adversary.forged_per_1e6y != 0;
    metric[RK_METRIC_forgeries_per_d] = forged ? (double)tally->forged / device_days : NAN;
    metric[RK_METRIC_forgery_bound] = forged ? fmin(1.0, ldexp(failed, -8 * trial->tag_bytes)) : NAN;
    metric[RK_METRIC_aead_v_share] = policy->failed_max != 0 ? failed / policy->failed_max : NAN;
    metric[RK_METRIC_aead_q_share] =
        policy->messages_max != 0 ? (double)tally->messages_most / policy->messages_max : NAN;
}

static double nvm_life_y(const struct rk_fleet *fleet)
{
    const double ceiling_y = 1e6;
    uint64_t endurance = fleet->trial->device->nvm_endurance;
    if (fleet->tally.nvm_wear == 0 || endurance == 0) {
        return ceiling_y;
    }
    double life_y = (double)endurance / (double)fleet->tally.nvm_wear * (double)fleet->trial->horizon_ns / year_ns;
    return fmin(life_y, ceiling_y);
}

void rk_tally_subtract(struct rk_tally *tally, const struct rk_tally *before)
{
    for (int part = 0; part < RK_PART_COUNT; part++) {
        tally->part_pJ[part] -= before->part_pJ[part];
    }
    for (int kind = 0; kind < RK_KIND_COUNT; kind++) {
        tally->kind_pJ[kind] -= before->kind_pJ[kind];
    }
    tally->total_pJ -= before->total_pJ;
    tally->low_pJ -= before->low_pJ;
    tally->high_pJ -= before->high_pJ;
    tally->renewals -= before->renewals;
    tally->renewals_failed -= before->renewals_failed;
    tally->keys -= before->keys;
    tally->messages -= before->messages;
    tally->messages_lost -= before->messages_lost;
    tally->messages_unprotected -= before->messages_unprotected;
    tally->messages_rejected -= before->messages_rejected;
    tally->no_key_ns -= before->no_key_ns;
    tally->stale_ns -= before->stale_ns;
    tally->nvm_bytes -= before->nvm_bytes;
    tally->collisions -= before->collisions;
    tally->refusals -= before->refusals;
    tally->busy_ns -= before->busy_ns;
    tally->exposure.leaks -= before->exposure.leaks;
    tally->exposure.time_ns -= before->exposure.time_ns;
    tally->exposure.messages -= before->exposure.messages;
    tally->exposure.capture_ns -= before->exposure.capture_ns;
    tally->exposure.server_ns -= before->exposure.server_ns;
    tally->exposure.healing_ns -= before->exposure.healing_ns;
    tally->forged -= before->forged;
    rk_histogram_subtract(&tally->rekey_ns, &before->rekey_ns);
    rk_histogram_subtract(&tally->delay_ns, &before->delay_ns);
    rk_histogram_subtract(&tally->wait_ns, &before->wait_ns);
    rk_fault_subtract(&tally->fault, &before->fault);
    rk_group_subtract(&tally->group, &before->group);
    tally->missed.windows -= before->missed.windows;
    tally->missed.keys -= before->missed.keys;
    tally->missed.healing_ns -= before->missed.healing_ns;
    tally->tried.session -= before->tried.session;
    tally->tried.capture -= before->tried.capture;
    tally->tried.server -= before->tried.server;
    tally->tried.past -= before->tried.past;
    tally->tried.past_open -= before->tried.past_open;
    tally->tried.apart -= before->tried.apart;
}

void rk_tally_add(struct rk_tally *tally, const struct rk_tally *theirs)
{
    for (int part = 0; part < RK_PART_COUNT; part++) {
        tally->part_pJ[part] += theirs->part_pJ[part];
    }
    for (int kind = 0; kind < RK_KIND_COUNT; kind++) {
        tally->kind_pJ[kind] += theirs->kind_pJ[kind];
    }
    tally->total_pJ += theirs->total_pJ;
    tally->low_pJ += theirs->low_pJ;
    tally->high_pJ += theirs->high_pJ;
    tally->renewals += theirs->renewals;
    tally->renewals_failed += theirs->renewals_failed;
    tally->keys += theirs->keys;
    tally->messages += theirs->messages;
    tally->messages_lost += theirs->messages_lost;
    tally->messages_unprotected += theirs->messages_unprotected;
    tally->messages_rejected += theirs->messages_rejected;
    tally->no_key_ns += theirs->no_key_ns;
    tally->stale_ns += theirs->stale_ns;
    tally->nvm_bytes += theirs->nvm_bytes;
    tally->collisions += theirs->collisions;
    tally->refusals += theirs->refusals;
    tally->busy_ns += theirs->busy_ns;
    tally->exposure.leaks += theirs->exposure.leaks;
    tally->exposure.time_ns += theirs->exposure.time_ns;
    tally->exposure.messages += theirs->exposure.messages;
    tally->exposure.capture_ns += theirs->exposure.capture_ns;
    tally->exposure.server_ns += theirs->exposure.server_ns;
    tally->exposure.healing_ns += theirs->exposure.healing_ns;
    tally->forged += theirs->forged;
    rk_histogram_merge(&tally->rekey_ns, &theirs->rekey_ns);
    rk_histogram_merge(&tally->delay_ns, &theirs->delay_ns);
    rk_histogram_merge(&tally->wait_ns, &theirs->wait_ns);
    rk_fault_add(&tally->fault, &theirs->fault);
    rk_group_add(&tally->group, &theirs->group);
    tally->missed.windows += theirs->missed.windows;
    tally->missed.keys += theirs->missed.keys;
    tally->missed.healing_ns += theirs->missed.healing_ns;
    tally->tried.session += theirs->tried.session;
    tally->tried.capture += theirs->tried.capture;
    tally->tried.server += theirs->tried.server;
    tally->tried.past += theirs->tried.past;
    tally->tried.past_open += theirs->tried.past_open;
    tally->tried.apart += theirs->tried.apart;
    tally->failed_tags += theirs->failed_tags;
    tally->messages_most = theirs->messages_most > tally->messages_most ? theirs->messages_most : tally->messages_most;
    tally->nvm_wear = theirs->nvm_wear > tally->nvm_wear ? theirs->nvm_wear : tally->nvm_wear;
    tally->trace_checksum += theirs->trace_checksum;
    tally->trace_records += theirs->trace_records;
    tally->events += theirs->events;
    tally->lifecycle_calls += theirs->lifecycle_calls;
    tally->calls_spared += theirs->calls_spared;
    tally->renewals_spared += theirs->renewals_spared;
}

static void channel_metrics(const struct rk_fleet *fleet, double device_days, double *metric)
{
    const struct rk_tally *tally = &fleet->tally;
    double cells = rk_gateways_count(fleet);
    bool shared = cells > 0;
    metric[RK_METRIC_collisions_per_d] = shared ? (double)tally->collisions / device_days : NAN;
    metric[RK_METRIC_refusals_per_d] = shared ? (double)tally->refusals / device_days : NAN;
    metric[RK_METRIC_channel_busy_share] = shared ? (double)tally->busy_ns / cells / counted_ns(fleet) : NAN;
}

static void window_metrics(const struct rk_fleet *fleet, double device_days, double *metric)
{
    const struct rk_missed *missed = &fleet->tally.missed;
    bool windows = fleet->trial->condition.window_every_ns != 0;
    metric[RK_METRIC_windows_missed_per_d] = windows ? (double)missed->windows / device_days : NAN;
    metric[RK_METRIC_windows_healing_s] =
        missed->keys > 0 ? (double)missed->healing_ns * 1e-9 / (double)missed->keys : NAN;
}

static void fault_metrics(const struct rk_fleet *fleet, double device_days, double *metric)
{
    const struct rk_fault_tally *fault = &fleet->tally.fault;
    bool any = fleet->faults, weak = fleet->trial->fault.weak_ppm != 0 && fault->contributions > 0;
    metric[RK_METRIC_reboots_per_d] = any ? (double)fault->reboots / device_days : NAN;
    metric[RK_METRIC_off_s_per_d] = any ? (double)fault->off_ns * 1e-9 / device_days : NAN;
    metric[RK_METRIC_messages_missed_per_d] = any ? (double)fault->missed / device_days : NAN;
    metric[RK_METRIC_recovery_p95_s] = any ? quantile_s(&fault->recovery_ns, 950000) : NAN;
    metric[RK_METRIC_out_of_step_s_per_d] = any ? (double)fault->out_of_step_ns * 1e-9 / device_days : NAN;
    metric[RK_METRIC_lockouts] = any ? (double)fault->lockouts / fleet->trial->devices : NAN;
    metric[RK_METRIC_requests_refused_per_d] = any ? (double)fault->refused / device_days : NAN;
    metric[RK_METRIC_duplicate_keys] = weak ? (double)fault->duplicates / (double)fault->contributions : NAN;
}

void rk_fleet_result(const struct rk_fleet *fleet, struct rk_trial_result *result)
{
    const struct rk_tally *tally = &fleet->tally;
    double devices = fleet->trial->devices;
    double device_days = devices * counted_ns(fleet) / day_ns;
    double *metric = result->metric;

    energy_metrics(fleet, device_days, metric);
    security_metrics(fleet, metric);
    channel_metrics(fleet, device_days, metric);
    fault_metrics(fleet, device_days, metric);
    window_metrics(fleet, device_days, metric);
    forgery_metrics(fleet, device_days, metric);
    tried_metrics(fleet, metric);
    rk_captured_metrics(fleet, metric);
    rk_group_metrics(fleet, metric);
    metric[RK_METRIC_renewals_per_d] = (double)tally->renewals / device_days;
    metric[RK_METRIC_renewals_failed_per_d] = (double)tally->renewals_failed / device_days;
    metric[RK_METRIC_rekey_latency_p50_s] = quantile_s(&tally->rekey_ns, 500000);
    metric[RK_METRIC_rekey_latency_p95_s] = quantile_s(&tally->rekey_ns, 950000);
    metric[RK_METRIC_rekey_latency_p99_s] = quantile_s(&tally->rekey_ns, 990000);
    metric[RK_METRIC_message_delay_p95_s] = quantile_s(&tally->delay_ns, 950000);
    metric[RK_METRIC_server_wait_p99_s] = quantile_s(&tally->wait_ns, 990000);
    metric[RK_METRIC_no_key_s_per_d] = (double)tally->no_key_ns * 1e-9 / device_days;
    metric[RK_METRIC_messages_per_d] = (double)tally->messages / device_days;
    metric[RK_METRIC_messages_lost_per_d] = (double)tally->messages_lost / device_days;
    metric[RK_METRIC_messages_unprotected_per_d] = (double)tally->messages_unprotected / device_days;
    metric[RK_METRIC_messages_rejected_per_d] = (double)tally->messages_rejected / device_days;
    metric[RK_METRIC_nvm_writes_per_d] = (double)tally->nvm_bytes / device_days;
    metric[RK_METRIC_nvm_life_y] = nvm_life_y(fleet);
    metric[RK_METRIC_keys_per_device] = (double)tally->keys / devices;
    metric[RK_METRIC_stale_key_share] = (double)tally->stale_ns / (devices * counted_ns(fleet));

    result->trace_checksum = tally->trace_checksum;
    result->trace_records = tally->trace_records;
    result->events = tally->events;
    result->lifecycle_calls = tally->lifecycle_calls;
    result->calls_spared = tally->calls_spared;
    result->renewals_spared = tally->renewals_spared;
    result->renewals_played = tally->renewals - tally->renewals_spared;
    rk_bins_of(&tally->rekey_ns, &result->rekey_ns);
}
