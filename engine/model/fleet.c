#include "engine/model/fleet.h"

#include <stddef.h>
#include <string.h>

#include "backends/modelled/modelled.h"
#include "engine/lifecycle/key.h"
#include "engine/model/spare.h"

/* First line of the check that fails. */
static enum rk_err check(bool good, const char *what, struct rk_diag *diag)
{
    return good ? RK_OK : rk_fail(diag, RK_ERR_INPUT, "trial: %s", what);
}

static enum rk_err check_parameters(const struct rk_trial *trial, struct rk_diag *diag)
{
    const struct rk_traffic_shape *shape = &trial->traffic;
    struct {
        bool good;
        const char *what;
    } const checks[] = {
        {trial->device && trial->radio && trial->battery, "no device, radio or battery, expected all three"},
        {trial->devices > 0, "0 devices, expected at least 1"},
        {trial->cell_devices <= UINT32_MAX / 2 && trial->devices <= UINT32_MAX / 2, "expected at most 2^31 devices"},
        {trial->horizon_ns > 0 && trial->horizon_ns < RK_NEVER / 2, "expected a horizon above 0 and below 292 years"},
        {trial->warm_up_ns < trial->horizon_ns, "expected a warm-up below the horizon"},
        {trial->warm_up_ns == 0 || !trial->lifetime, "a warm-up in lifetime mode, expected the exact mode"},
        {trial->message_period_ns > 0, "message period 0, expected above 0"},
        {trial->message_jitter_ppm <= 1000000, "message jitter above 1, expected at most the period"},
        {shape->model < RK_TRAFFIC_COUNT, "unknown model of traffic"},
        {shape->model == RK_TRAFFIC_PERIODIC || !trial->lifetime, "traffic in lifetime mode, expected periodic"},
        {shape->model != RK_TRAFFIC_BURSTS || (shape->burst > 0 && shape->burst_gap_ns < trial->message_period_ns),
         "expected bursts of at least 1 message with gaps below the period"},
        {shape->model != RK_TRAFFIC_ALARMS ||
             (shape->alarm_every_ns > 0 && shape->alarm_lasts_ns < shape->alarm_every_ns && shape->alarm_period_ns > 0),
         "expected alarms shorter than the time between them, with a period above 0"},
        {shape->model != RK_TRAFFIC_TRACE || shape->records > 0, "an empty trace, expected records"},
        {trial->message_bytes > 0 && trial->message_bytes <= RK_TEXT_MAX_bytes, "expected messages of 1 to 128 bytes"},
        {trial->frame_loss_ppm <= 1000000, "frame loss above 1, expected a probability"},
        {trial->missed_ppm <= 1000000, "missed nonces above 1, expected a probability"},
        {trial->servers > 0 && trial->servers <= 1000000, "expected 1 to 1000000 servers"},
        {trial->server_service < RK_SERVICE_COUNT, "expected constant or exponential service"},
        {trial->policy.attempts > 0, "policy with 0 attempts, expected at least 1"},
        {trial->policy.mechanism < RK_MECHANISM_COUNT, "unknown mechanism"},
        {trial->profile < RK_PROFILE_COUNT, "unknown profile"},
        {trial->policy.own == NULL || !trial->lifetime, "an own policy in lifetime mode, expected the exact mode"},
        {trial->drained_ppm <= 1000000, "a battery that has given more than it had"},
        {rk_kernel_present(trial->kernel), "a kernel that this machine does not have"},
        {trial->execution == RK_EXECUTION_MODELLED || trial->backend != NULL, "native execution without a library"},
        {trial->execution != RK_EXECUTION_EMULATED || (trial->driver != NULL && trial->lifecycle_image != NULL),
         "emulated execution without an emulator or image"},
        {rk_fault_refuses(trial) == NULL, rk_fault_refuses(trial)},
        {rk_adversary_refuses(trial) == NULL, rk_adversary_refuses(trial)},
        {rk_condition_refuses(trial) == NULL, rk_condition_refuses(trial)},
        {rk_group_refuses(trial) == NULL, rk_group_refuses(trial)},
        {trial->execution != RK_EXECUTION_EMULATED || trial->protocol == NULL,
         "a protocol in emulated execution, expected own: the agent on the device sends its own frames"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        enum rk_err err = check(checks[i].good, checks[i].what, diag);
        if (err != RK_OK) {
            return err;
        }
    }
    enum rk_err err = check(trial->device->clock_Hz > 0, "device with a clock of 0 Hz, expected above 0", diag);
    return err != RK_OK ? err : check(trial->battery->voltage_mV > 0, "battery of 0 mV, expected above 0", diag);
}

static enum rk_err link_at(struct rk_link *link, const struct rk_trial *trial, uint8_t spreading, struct rk_diag *diag)
{
    const struct rk_link_use use = {.loss_ppm = trial->frame_loss_ppm,
                                    .burst_ns = trial->burst_ns,
                                    .listen = trial->listen,
                                    .listen_period_ns = trial->listen_period_ns,
                                    .answer_period_ns = trial->answer_period_ns,
                                    .spreading = spreading,
                                    .confirmed = trial->confirmed,
                                    .power_spread_mdB = trial->power_spread_mdB};
    return rk_link_init(link, trial->radio, &use, diag);
}

enum rk_err rk_trial_link(struct rk_link *link, const struct rk_trial *trial, struct rk_diag *diag)
{
    const uint8_t slowest = RK_SPREADING_LEAST + RK_SPREADINGS - 1;
    bool each = trial->spreading == RK_SPREADING_EACH, lora = trial->confirmed || trial->power_spread_mdB > 0;
    enum rk_err err = link_at(link, trial, each ? slowest : trial->spreading, diag);
    if (err == RK_OK && lora && (trial->cell_devices == 0 || trial->radio->kind != RK_LINK_LORA)) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "confirmed messages or a spread of power, expected a shared channel of a radio of kind lora");
    }
    const char *alone = err == RK_OK && trial->cell_devices > 0 ? rk_link_alone(link) : NULL;
    return alone == NULL ? err : rk_fail(diag, RK_ERR_INPUT, "channel: shared: %s", alone);
}

/* Links of devices that have different spreading factors; that of the slowest is there already. */
static enum rk_err init_spread(struct rk_fleet *fleet, struct rk_diag *diag)
{
    enum rk_err err = RK_OK;
    if (fleet->trial->spreading == RK_SPREADING_EACH) {
        fleet->spread_link = rk_arena_array(&fleet->arena, RK_SPREADINGS, sizeof *fleet->spread_link);
        for (uint8_t i = 0; i < RK_SPREADINGS && err == RK_OK; i++) {
            err = link_at(&fleet->spread_link[i], fleet->trial, RK_SPREADING_LEAST + i, diag);
        }
    }
    return err;
}

enum rk_err rk_fleet_init(struct rk_fleet *fleet, const struct rk_trial *trial, struct rk_diag *diag)
{
    enum rk_err err = check_parameters(trial, diag);
    if (err != RK_OK) {
        return err;
    }
    memset(fleet, 0, sizeof *fleet);
    err = rk_trial_link(&fleet->link, trial, diag);
    if (err == RK_OK) {
        err = rk_protocol_fits(trial->protocol, trial->message_bytes, fleet->link.datagram_max_bytes,
                               trial->cell_devices > 0, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    fleet->trial = trial;
    fleet->rng = rk_rng_key_make(trial->seed, trial->replication);
    fleet->traffic = rk_traffic_make(trial->message_period_ns, trial->message_jitter_ppm);
    fleet->traffic.shape = trial->traffic;
    rk_arena_init(&fleet->arena);
    rk_costs_init(&fleet->costs, &trial->costs, &fleet->arena);
    err = rk_play_init(&fleet->play, trial->protocol, &fleet->costs, trial->tag_bytes, diag);
    if (err == RK_OK) {
        err = init_spread(fleet, diag);
    }
    if (err == RK_OK) {
        err = rk_group_init(fleet, diag);
    }
    if (err != RK_OK) {
        rk_arena_fini(&fleet->arena);
        return err;
    }
    fleet->inner = trial->backend;
    if (trial->execution == RK_EXECUTION_MODELLED) {
        rk_modelled_init(&fleet->modelled, trial->capabilities, trial->drbg_alg);
        fleet->inner = &fleet->modelled;
    }
    rk_meter_init(&fleet->meter, fleet->inner, &fleet->costs);
    fleet->meter.exchange_apart = trial->protocol != NULL;
    fleet->meter_before = rk_meter_use(&fleet->meter);
    fleet->server = &fleet->own_server;
    rk_server_init(fleet->server, trial->servers, trial->server_service, trial->server_time_ns, fleet->rng,
                   &fleet->arena);
    fleet->faults = rk_fault_any(&trial->fault);
    rk_fault_init(fleet);
    rk_forgery_init(fleet);
    rk_condition_init(fleet);
    for (unsigned which = 0; which < RK_OCCASION_COUNT; which++) {
        fleet->occasions = fleet->occasions || fleet->occasion[which] != NULL;
    }
    rk_stretch_init(&fleet->stretch, fleet);
    rk_spare_init(fleet);
    rk_histogram_init(&fleet->tally.rekey_ns);
    rk_histogram_init(&fleet->tally.delay_ns);
    rk_histogram_init(&fleet->tally.wait_ns);
    for (unsigned i = 0; i < RK_TEXT_MAX_bytes; i++) {
        fleet->text[i] = (uint8_t)i;
    }
    return RK_OK;
}

void rk_fleet_fini(struct rk_fleet *fleet)
{
    rk_meter_use(fleet->meter_before);
    rk_fault_fini(fleet);
    rk_group_fini(fleet);
    rk_arena_fini(&fleet->arena);
}
