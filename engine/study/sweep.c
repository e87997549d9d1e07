#include "engine/study/sweep_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/emulator.h"
#include "engine/core/sha256.h"
#include "engine/model/fleet.h"
#include "engine/model/limits.h"
#include "engine/study/accelerator_file.h"
#include "engine/study/renew.h"
#include "engine/study/system_file.h"

/* From a scenario to a trial */

static void resolve_suite(const struct rk_scenario *scenario, const struct rk_backend *library, struct rk_trial *trial)
{
    bool ccm = scenario->suite.aead == RK_SCENARIO_AEAD_AES128_CCM ||
               (scenario->suite.aead == RK_SCENARIO_AEAD_AUTO && rk_backend_has(library, RK_ALG_AES_CCM));
    trial->aead = ccm ? RK_ALG_AES_CCM : RK_ALG_CHACHA20_POLY1305;
    trial->tag_bytes = ccm ? scenario->suite.tag_bytes : 16;
    trial->curve = scenario->suite.curve == RK_SCENARIO_CURVE_P256 ? RK_ALG_P256 : RK_ALG_X25519;
}

/* Limits of use, where the scenario wants them: the policy's messages of a key and failed tags of all. The count of keys
 * is that of the horizon's renewals. Errors: RK_ERR_CHECK where nothing can be permitted. */
static enum rk_err resolve_limits(const struct rk_scenario *scenario, struct rk_trial *trial, struct rk_diag *why)
{
    enum { DATA_HEADER_bytes = 9 }; /* is authenticated: engine/lifecycle/agent.h, Frames */
    struct rk_limits limits;
    struct rk_policy *policy = &trial->policy;
    uint64_t interval_ns = rk_renew_interval_ns(policy, trial->message_period_ns, trial->session_period_ns);
    const struct rk_limits_use use = {.alg = trial->aead,
                                      .tag_bytes = trial->tag_bytes,
                                      .key_bytes = trial->aead == RK_ALG_AES_CCM ? 16 : 32,
                                      .blocks = rk_limits_blocks(DATA_HEADER_bytes, trial->message_bytes),
                                      .advantage_log2 = -(double)scenario->suite.advantage,
                                      .offline_log2 = scenario->suite.offline};
    enum rk_err err;
    switch (scenario->suite.limits) {
    case RK_SCENARIO_LIMITS_NONE:
        return RK_OK;
    case RK_SCENARIO_LIMITS_ADVANTAGE:
        err = rk_limits_policy(&use, 1.0 + floor((double)trial->horizon_ns / (double)interval_ns), &limits, why);
        break;
    default:
        err = rk_limits_protocol(scenario->suite.limits == RK_SCENARIO_LIMITS_DTLS13 ? RK_LIMITS_DTLS13
                                                                                     : RK_LIMITS_OSCORE,
                                 &use, &limits, why);
        break;
    }
    if (err == RK_OK) {
        uint32_t failed_max = rk_limits_count(limits.failed_log2);
        policy->messages_max = rk_limits_count(limits.protected_log2);
        policy->failed_max =
            policy->failed_max != 0 && policy->failed_max < failed_max ? policy->failed_max : failed_max;
    }
    return err;
}

/* Of the trial: 0 for own channels. */
static uint32_t cell_devices(const struct rk_scenario *scenario)
{
    const struct rk_scenario_fleet *fleet = &scenario->fleet;
    if (scenario->link.channel == RK_CHANNEL_OWN) {
        return 0;
    }
    return fleet->cell == 0 || fleet->cell > fleet->devices ? fleet->devices : fleet->cell;
}

static void resolve_traffic(const struct rk_scenario_traffic *traffic, const struct rk_traffic_file *trace,
                            struct rk_trial *trial)
{
    trial->traffic.model = traffic->model;
    switch ((enum rk_traffic_model)traffic->model) {
    case RK_TRAFFIC_BURSTS:
        trial->traffic.burst = traffic->burst;
        trial->traffic.burst_gap_ns = traffic->burst_gap_ns;
        break;
    case RK_TRAFFIC_ALARMS:
        trial->traffic.alarm_every_ns = traffic->alarm_every_ns;
        trial->traffic.alarm_lasts_ns = traffic->alarm_lasts_ns;
        trial->traffic.alarm_period_ns = traffic->alarm_period_ns;
        trial->traffic.alarm_shared = traffic->alarm_shared;
        break;
    case RK_TRAFFIC_TRACE:
        trial->traffic.record = trace->record;
        trial->traffic.records = trace->records;
        trial->message_period_ns = trace->period_ns;
        trial->message_bytes = trace->bytes;
        break;
    case RK_TRAFFIC_PERIODIC:
    case RK_TRAFFIC_POISSON:
    case RK_TRAFFIC_COUNT:
        break;
    }
}

/* What does not happen leaves nothing, so that it is the same trial. */
static struct rk_fault_shape make_fault(const struct rk_scenario_fault *fault)
{
    bool weak = fault->weak_entropy_ppm != 0;
    return (struct rk_fault_shape){
        .reboot_per_1e6y = fault->reboots_per_1e9y / 1000,
        .bit_per_1e6y = fault->nvm_errors_per_1e9y / 1000,
        .jump_per_1e6y = fault->clock_jumps_per_1e9y / 1000,
        .off_ns = fault->reboots_per_1e9y != 0 ? fault->off_ns : 0,
        .jump_ns = fault->clock_jumps_per_1e9y != 0 ? fault->clock_jump_ns : 0,
        .drift_ppm = fault->clock_drift_ppm,
        .outage_per_1e6y = fault->outages_per_1e9y / 1000,
        .outage_ns = fault->outages_per_1e9y != 0 ? fault->outage_ns : 0,
        .weak_ppm = fault->weak_entropy_ppm,
        .weak_bits = weak ? fault->weak_bits : 0,
    };
}

/* Amounts of text, and shares of the limits. */
static void resolve_renewal(const struct rk_scenario *scenario, struct rk_trial *trial)
{
    struct rk_policy parsed = trial->policy;
    struct rk_renew more;
    RK_REQUIRE(rk_renew_parse(scenario->policy.renew, &parsed, &more, NULL) == RK_OK);
    rk_renew_resolve(&more, trial->message_bytes, &trial->policy);
}

/* What the trial does not look at is left out, so that it is the same trial. */
static struct rk_defer_shape make_deferral(const struct rk_scenario *scenario)
{
    const struct rk_scenario_policy *policy = &scenario->policy;
    bool looks = policy->defer_battery_ppm != 0 || policy->defer_link_ppm != 0;
    bool alarms = scenario->traffic.model == RK_TRAFFIC_ALARMS && policy->defer_alarm_ns != RK_NEVER;
    return (struct rk_defer_shape){
        .alarm_ns = alarms ? policy->defer_alarm_ns : 0,
        .most_ns = looks ? policy->defer_most_ns : 0,
        .charge_ppm = policy->defer_battery_ppm,
        .loss_ppm = policy->defer_link_ppm,
        .alarm_bounded = alarms,
    };
}

static struct rk_condition_shape make_condition(const struct rk_scenario *scenario)
{
    const struct rk_scenario_policy *policy = &scenario->policy;
    bool windows = policy->window_every_ns != 0;
    return (struct rk_condition_shape){
        .firmware_per_1e6y = scenario->events.firmware_per_1e9y / 1000,
        .owner_per_1e6y = scenario->events.owner_per_1e9y / 1000,
        .suspicion_per_1e6y = scenario->events.suspicion_per_1e9y / 1000,
        .window_every_ns = policy->window_every_ns,
        .window_at_ns = windows ? policy->window_at_ns : 0,
        .window_lasts_ns = windows ? policy->window_lasts_ns : 0,
        .guard_ns = policy->guard_ns,
        .defer = make_deferral(scenario),
    };
}

/* What no scheme looks at is left out, so that it is the same trial. */
static struct rk_group_shape make_group(const struct rk_scenario_group *group)
{
    if (group->scheme == RK_GROUP_NONE) {
        return (struct rk_group_shape){.scheme = RK_GROUP_NONE};
    }
    return (struct rk_group_shape){
        .scheme = group->scheme,
        .copies = group->copies,
        .captured_ppm = group->captured_ppm,
        .degree = group->scheme == RK_GROUP_LKH ? group->degree : 0,
        .cell_devices = group->scheme == RK_GROUP_CELL ? group->cell : 0,
        .joins_per_1e6y = group->joins_per_1e9y / 1000,
        .leaves_per_1e6y = group->leaves_per_1e9y / 1000,
        .batch_ns = group->batch_ns,
        .repair_ns = group->repair_ns,
        .window_ns = group->window_ns,
    };
}

static struct rk_trial make_trial(const struct rk_scenario *scenario, const struct rk_point *point)
{
    const struct rk_sweep_cell *cell = point->cell;
    bool real = scenario->execution != RK_EXECUTION_MODELLED;
    bool emulated = scenario->execution == RK_EXECUTION_EMULATED;
    struct rk_trial trial = {
        .seed = scenario->seed,
        .execution = (enum rk_execution)scenario->execution,
        .tier = (enum rk_tier)scenario->engine.tier,
        .lifetime = scenario->engine.lifetime,
        .device = &cell->device->profile,
        .radio = &point->radio->profile,
        .battery = &point->battery->profile,
        .accelerator = cell->accelerator != NULL ? &cell->accelerator->profile : NULL,
        .costs = {.row = cell->rows, .count = cell->row_count},
        .capabilities = cell->library->capabilities,
        .drbg_alg = cell->library->drbg_alg,
        .backend = real ? cell->library : NULL,
        .driver = emulated ? rk_emulator_driver_find(cell->device->profile.emulator) : NULL,
        .lifecycle_image = emulated ? cell->image : NULL,
        .devices = scenario->fleet.devices,
        .cell_devices = cell_devices(scenario),
        .batch_devices = scenario->fleet.batch > 1 ? scenario->fleet.batch : 0,
        .horizon_ns = scenario->horizon_ns,
        .warm_up_ns = scenario->warm_up_ns,
        .message_period_ns = scenario->traffic.period_ns,
        .message_jitter_ppm = scenario->traffic.jitter_ppm,
        .message_bytes = scenario->traffic.payload_bytes,
        .session_period_ns = scenario->traffic.session_ns,
        .frame_loss_ppm = scenario->link.loss_ppm,
        .burst_ns = scenario->link.burst_ns,
        .listen = scenario->link.listen,
        .listen_period_ns = scenario->link.listen_period_ns,
        .answer_period_ns = scenario->link.answer_period_ns,
        .spreading = scenario->link.spreading,
        .confirmed = scenario->link.confirmed,
        .power_spread_mdB = scenario->link.power_spread_mdB,
        .server_time_ns = scenario->server.time_ns,
        .servers = scenario->server.parallel,
        .server_service = scenario->server.distribution,
        .network_delay_ns = scenario->link.network_delay_ns,
        .compromise_per_1e6y = scenario->adversary.compromise_per_1e9y / 1000,
        .detection_mean_ns = scenario->adversary.detection_ns,
        .missed_ppm = scenario->adversary.misses_ppm,
        .profile = scenario->profile,
        .policy = rk_scenario_policy(scenario),
        .trace_device = -1,
    };
    trial.fault = make_fault(&scenario->fault);
    trial.adversary = (struct rk_adversary_shape){
        .forged_per_1e6y = scenario->adversary.forgeries_per_1e9y / 1000,
        .response_ns = scenario->adversary.response_delay_ns,
        .unrecorded_ppm = 1000000 - scenario->adversary.records_ppm,
        .captured = scenario->adversary.captured,
        .response = scenario->adversary.response,
        .tried = scenario->adversary.tried,
    };
    trial.condition = make_condition(scenario);
    trial.group = make_group(&scenario->group);
    if (point->protocol != NULL) {
        trial.protocol = &point->protocol->profile;
        rk_protocol_policy(trial.protocol, &trial.policy);
    }
    if (point->own != NULL) {
        trial.policy.own = point->own->rule;
    }
    if (point->own != NULL || trial.condition.defer.charge_ppm != 0) {
        trial.drained_ppm = 1000000 - scenario->charge_ppm;
    }
    resolve_suite(scenario, cell->library, &trial);
    resolve_traffic(&scenario->traffic, point->trace, &trial);
    return trial;
}

static void add_fault(struct rk_sha256 *hash, const struct rk_fault_shape *fault)
{
    char text[512];
    int bytes =
        snprintf(text, sizeof text,
                 "fault reboot %" PRIu64 " %" PRIu64 " bit %" PRIu64 " clock %" PRIu64 " %" PRIu64 " %" PRIu32
                 " outage %" PRIu64 " %" PRIu64 " weak %" PRIu32 " %u\n",
                 fault->reboot_per_1e6y, fault->off_ns, fault->bit_per_1e6y, fault->jump_per_1e6y, fault->jump_ns,
                 fault->drift_ppm, fault->outage_per_1e6y, fault->outage_ns, fault->weak_ppm, fault->weak_bits);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    rk_sha256_add(hash, text, (size_t)bytes);
}

/* Nothing where nothing is set. */
static void add_adversary(struct rk_sha256 *hash, const struct rk_adversary_shape *adversary, uint32_t batch)
{
    char text[192];
    if (adversary->forged_per_1e6y == 0 && adversary->response == 0 && adversary->response_ns == 0 &&
        adversary->unrecorded_ppm == 0 && !adversary->tried && adversary->captured == 0 && batch == 0) {
        return;
    }
    int bytes = snprintf(text, sizeof text,
                         "adversary forged %" PRIu64 " response %u %" PRIu64 " unrecorded %" PRIu32 " captured %" PRIu32
                         " batch %" PRIu32 "%s\n",
                         adversary->forged_per_1e6y, adversary->response, adversary->response_ns,
                         adversary->unrecorded_ppm, adversary->captured, batch, adversary->tried ? " tried" : "");
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    rk_sha256_add(hash, text, (size_t)bytes);
}

/* Nothing where nothing is set. */
static void add_condition(struct rk_sha256 *hash, const struct rk_condition_shape *condition)
{
    char text[256];
    if (!rk_condition_any(condition)) {
        return;
    }
    int bytes = snprintf(
        text, sizeof text,
        "condition %" PRIu64 " %" PRIu64 " %" PRIu64 " window %" PRIu64 " %" PRIu64 " %" PRIu64 " guard %" PRIu64 "\n",
        condition->firmware_per_1e6y, condition->owner_per_1e6y, condition->suspicion_per_1e6y,
        condition->window_every_ns, condition->window_at_ns, condition->window_lasts_ns, condition->guard_ns);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    rk_sha256_add(hash, text, (size_t)bytes);
}

/* Nothing where nothing is set; the battery's first charge where it is looked at. */
static void add_deferral(struct rk_sha256 *hash, const struct rk_trial *trial)
{
    char text[128];
    const struct rk_defer_shape *defer = &trial->condition.defer;
    if (!rk_defer_any(defer)) {
        return;
    }
    int bytes =
        snprintf(text, sizeof text, "defer %d %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu64 " drained %" PRIu32 "\n",
                 defer->alarm_bounded, defer->alarm_ns, defer->charge_ppm, defer->loss_ppm, defer->most_ns,
                 defer->charge_ppm != 0 ? trial->drained_ppm : 0);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    rk_sha256_add(hash, text, (size_t)bytes);
}

/* Nothing without a policy of one's own: others do not see the battery. */
static void add_own(struct rk_sha256 *hash, const struct rk_point *point)
{
    char text[128];
    if (point->own == NULL) {
        return;
    }
    int bytes =
        snprintf(text, sizeof text, "own %s drained %" PRIu32 "\n", point->own->sha256, point->trial.drained_ppm);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    rk_sha256_add(hash, text, (size_t)bytes);
}

/* Nothing where nothing is set. */
static void add_lora(struct rk_sha256 *hash, const struct rk_trial *trial)
{
    char text[64];
    if (trial->confirmed || trial->power_spread_mdB > 0) {
        int bytes = snprintf(text, sizeof text, "lora confirmed %d spread %" PRIu32 "\n", trial->confirmed,
                             trial->power_spread_mdB);
        rk_sha256_add(hash, text, (size_t)bytes);
    }
}

static void add_group(struct rk_sha256 *hash, const struct rk_group_shape *group)
{
    char text[256];
    if (group->scheme == RK_GROUP_NONE) {
        return;
    }
    int bytes =
        snprintf(text, sizeof text,
                 "group %u degree %" PRIu32 " cell %" PRIu32 " copies %u captured %" PRIu32 " changes %" PRIu64
                 " %" PRIu64 " batch %" PRIu64 " repair %" PRIu64 " window %" PRIu64 "\n",
                 group->scheme, group->degree, group->cell_devices, group->copies, group->captured_ppm,
                 group->joins_per_1e6y, group->leaves_per_1e6y, group->batch_ns, group->repair_ns, group->window_ns);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    rk_sha256_add(hash, text, (size_t)bytes);
}

/* The canonical text of a trial's inputs. Every member of struct rk_trial is in it, save replication,
 * trace, and tier and parts, on which no result depends. */
static void hash_inputs(struct rk_point *point)
{
    const struct rk_trial *trial = &point->trial;
    const struct rk_policy *policy = &trial->policy;
    const struct rk_traffic_shape *traffic = &trial->traffic;
    static const uint16_t no_size[RK_SIZES];
    const uint16_t *size = point->protocol != NULL ? point->protocol->size : no_size;
    char text[2048];
    int bytes = snprintf(
        text, sizeof text,
        "rekeylab trial 1\nmodel %s\nseed %" PRIu64 "\nexecution %d\ndevice %s %s %s\nradio %s %s\nbattery %s %s\n"
        "backend %s %s %" PRIx64 " %u %s\ncosts %s\nimage %s %s\ndevices %" PRIu32 "\nhorizon_ns %" PRIu64 "\n"
        "message %" PRIu64 " %" PRIu32 " %u\nsession_ns %" PRIu64 "\nloss_ppm %" PRIu32 "\n"
        "server %" PRIu64 " %" PRIu32 "\nnetwork_ns %" PRIu64 "\nadversary %" PRIu64 " %" PRIu64 "\nsuite %u %u %u\n"
        "policy %u %u %u %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n"
        "profile %u limits %" PRIu32 " %" PRIu32 " missed_ppm %" PRIu32 "\nlifetime %d\n"
        "warm_up_ns %" PRIu64 " service %u\ncell %" PRIu32 "\n"
        "traffic %s %" PRIu32 " %" PRIu64 " alarm %" PRIu64 " %" PRIu64 " %" PRIu64 " %d trace %s\n"
        "accelerator %s\nburst_ns %" PRIu64 " listen %u %" PRIu64 " %" PRIu64
        " spreading %u\nprotocol %s sizes %u %u %u %u\n",
        rk_model_revision, trial->seed, (int)trial->execution, trial->device->name, point->cell->device->sha256,
        point->cell->device->system_sha256, trial->radio->name, point->radio->sha256, trial->battery->name,
        point->battery->sha256, point->cell->library->name, point->cell->library->version, trial->capabilities,
        trial->drbg_alg, trial->backend != NULL ? point->cell->identity : "-", point->cell->rows_sha256,
        trial->lifecycle_image != NULL ? point->cell->image_sha256 : "-",
        trial->driver != NULL && trial->driver->version != NULL ? trial->driver->version() : "-", trial->devices,
        trial->horizon_ns, trial->message_period_ns, trial->message_jitter_ppm, trial->message_bytes,
        trial->session_period_ns, trial->frame_loss_ppm, trial->server_time_ns, trial->servers, trial->network_delay_ns,
        trial->compromise_per_1e6y, trial->detection_mean_ns, trial->aead, trial->tag_bytes, trial->curve,
        policy->triggers, policy->mechanism, policy->attempts, policy->messages, policy->jitter_ppm,
        policy->interval_ns, policy->retry_ns, policy->overlap_ns, policy->cryptoperiod_ns, trial->profile,
        policy->messages_max, policy->failed_max, trial->missed_ppm, trial->lifetime, trial->warm_up_ns,
        trial->server_service, trial->cell_devices, rk_traffic_name(traffic->model), traffic->burst,
        traffic->burst_gap_ns, traffic->alarm_every_ns, traffic->alarm_lasts_ns, traffic->alarm_period_ns,
        traffic->alarm_shared, point->trace != NULL ? point->trace->sha256 : "-",
        point->cell->accelerator != NULL ? point->cell->accelerator->sha256 : "-", trial->burst_ns, trial->listen,
        trial->listen_period_ns, trial->answer_period_ns, trial->spreading,
        point->protocol != NULL ? point->protocol->sha256 : "own", size[RK_SIZE_CERTIFICATE],
        size[RK_SIZE_CERTIFICATES], size[RK_SIZE_IDENTITY], size[RK_SIZE_CONNECTION]);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, (size_t)bytes);
    add_fault(&hash, &trial->fault);
    add_adversary(&hash, &trial->adversary, trial->batch_devices);
    add_condition(&hash, &trial->condition);
    add_deferral(&hash, trial);
    add_group(&hash, &trial->group);
    add_lora(&hash, trial);
    add_own(&hash, point);
    rki_hash_hex(&hash, point->inputs_sha256);
}

double rk_sweep_exposure_s(const struct rk_trial *trial)
{
    uint64_t interval_ns = rk_renew_interval_ns(&trial->policy, trial->message_period_ns, trial->session_period_ns);
    bool renews = interval_ns < trial->horizon_ns;
    uint64_t window_ns = renews ? interval_ns : trial->horizon_ns;
    return rk_exposure_closed_form_s((double)window_ns / 1e9, (double)trial->detection_mean_ns / 1e9,
                                     renews ? rk_exposure_follow(trial) : 0.0);
}

static void set_exposure(struct rk_point *point)
{
    const struct rk_trial *trial = &point->trial;
    uint64_t interval_ns = rk_renew_interval_ns(&trial->policy, trial->message_period_ns, trial->session_period_ns);
    point->interval_s = interval_ns == RK_NEVER ? NAN : (double)interval_ns / 1e9;
    point->exposure_closed_form_s = rk_sweep_exposure_s(trial);
    if (trial->policy.own != NULL) { /* its intervals are its own */
        point->interval_s = point->exposure_closed_form_s = NAN;
    }
}

/* Fewer where they would hold more renewals than `stop` allows. */
static void set_replications(const struct rk_scenario *scenario, struct rk_point *point)
{
    const struct rk_trial *trial = &point->trial;
    point->replications = scenario->replications;
    if (scenario->stop.renewals > 0 && !isnan(point->interval_s)) {
        double each = trial->devices * ((double)trial->horizon_ns / 1e9 / point->interval_s);
        double room = fmax((double)scenario->stop.renewals / each, RK_REPLICATIONS_least);
        point->replications = room < scenario->replications ? (uint32_t)room : scenario->replications;
    }
}

/* Approval at the scenario's date. Errors: RK_ERR_CHECK where the scenario requires what there is not. */
static enum rk_err judge(const struct rk_scenario *scenario, struct rk_point *point, struct rk_diag *why)
{
    if (scenario->policy_date[0] == '\0') {
        return RK_OK;
    }
    enum rk_err err = rk_date_parse(scenario->policy_date, &point->policy_date, why);
    RK_REQUIRE(err == RK_OK);
    rk_approval_chain(&point->trial, point->policy_date, &point->approval);
    const struct rk_approval_answer *worst = &point->approval.worst;
    if (scenario->approval == RK_SCENARIO_APPROVAL_REQUIRE && worst->apply > RK_APPROVAL_DEPRECATED) {
        return rk_fail(why, RK_ERR_CHECK, "%s: %s on %s: %s", rk_primitive_name(point->approval.worst_primitive),
                       rk_approval_name(worst->apply), scenario->policy_date, worst->clause);
    }
    return RK_OK;
}

/* Errors: RK_ERR_CHECK where the lifecycle's image does not fit beside the scenario's system. */
static enum rk_err fits_system(const struct rk_point *point, struct rk_diag *why)
{
    const struct rk_sweep_cell *cell = point->cell;
    const char *mechanism = rk_mechanism_name(point->trial.policy.mechanism);
    const char *misfit =
        cell->device->system_path[0] == '\0' ? NULL : rk_system_misfit(cell->rows, cell->row_count, mechanism);
    return misfit == NULL ? RK_OK : rk_fail(why, RK_ERR_CHECK, "lifecycle (%s): %s", mechanism, misfit);
}

/* Errors: RK_ERR_CHECK where the engine is a part of other devices. */
static enum rk_err suits_accelerator(const struct rk_point *point, struct rk_diag *why)
{
    const struct rk_sweep_cell *cell = point->cell;
    bool suits = cell->accelerator == NULL || rk_accelerator_suits(&cell->accelerator->profile, cell->device->plain);
    return suits ? RK_OK
                 : rk_fail(why, RK_ERR_CHECK, "accelerator %s: not a part of %s", cell->accelerator->profile.name,
                           cell->device->plain);
}

/* Can its radio be used so? */
static enum rk_err check_link(const struct rki_resolver *resolver)
{
    struct rk_link link;
    struct rk_diag why;
    const struct rk_trial *trial = &resolver->point->trial;
    enum rk_err err = rk_trial_link(&link, trial, &why);
    if (err != RK_OK) {
        return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "radio"), "%s", why.text);
    }
    err =
        rk_protocol_fits(trial->protocol, trial->message_bytes, link.datagram_max_bytes, trial->cell_devices > 0, &why);
    return err == RK_OK ? RK_OK : rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "protocol"), "%s", why.text);
}

static enum rk_err resolve_point(const struct rki_resolver *resolver)
{
    struct rk_point *point = resolver->point;
    enum rk_err err = rki_resolver_parts(resolver);
    if (err != RK_OK) {
        return err;
    }
    rk_study_label(resolver->sweep->study, point->index, point->label);
    snprintf(point->renew, sizeof point->renew, "%s", resolver->scenario->policy.renew);
    point->trial = make_trial(resolver->scenario, point);
    err = check_link(resolver);
    if (err != RK_OK) {
        return err;
    }
    struct rk_diag why = {""};
    err = resolve_limits(resolver->scenario, &point->trial, &why);
    resolve_renewal(resolver->scenario, &point->trial);
    set_exposure(point);
    set_replications(resolver->scenario, point);
    hash_inputs(point);
    if (err == RK_OK) {
        err = judge(resolver->scenario, point, &why);
    }
    if (err == RK_OK) {
        err = rk_trial_feasible(&point->trial, &why);
    }
    if (err == RK_OK) {
        err = fits_system(point, &why);
    }
    if (err == RK_OK) {
        err = rk_protocol_fits_memory(point->trial.protocol, point->cell->library->name, point->trial.device, &why);
    }
    if (err == RK_OK) {
        err = suits_accelerator(point, &why);
    }
    if (err != RK_OK && err != RK_ERR_CHECK) {
        return rk_fail(resolver->diag, err, "%s", why.text);
    }
    snprintf(point->status, sizeof point->status, "%s", err == RK_OK ? "ok" : why.text);
    return RK_OK;
}

static enum rk_err for_points(struct rk_sweep *sweep, const struct rk_study_environment *environment,
                              enum rk_err (*resolve)(const struct rki_resolver *), struct rk_diag *diag)
{
    struct rk_scenario *scenario = rk_arena_alloc(&sweep->arena, sizeof *scenario);
    enum rk_err err = RK_OK;
    for (size_t i = 0; i < sweep->points && err == RK_OK; i++) {
        sweep->point[i].index = (unsigned)i;
        rk_study_point(sweep->study, i, scenario);
        const struct rki_resolver resolver = {
            .sweep = sweep, .environment = environment, .diag = diag, .scenario = scenario, .point = &sweep->point[i]};
        err = resolve(&resolver);
    }
    return err;
}

enum rk_err rk_sweep_make(struct rk_sweep *sweep, const struct rk_study *study,
                          const struct rk_study_environment *environment, struct rk_diag *diag)
{
    memset(sweep, 0, sizeof *sweep);
    rk_arena_init(&sweep->arena);
    sweep->study = study;
    sweep->points = rk_study_points(study);
    sweep->point = rk_arena_array(&sweep->arena, sweep->points, sizeof *sweep->point);
    snprintf(sweep->operations, sizeof sweep->operations, "%s", rk_meter_operations);
    enum rk_err err = for_points(sweep, environment, rki_resolver_protocol, diag);
    return err == RK_OK ? for_points(sweep, environment, resolve_point, diag) : err;
}

void rk_sweep_fini(struct rk_sweep *sweep)
{
    for (size_t i = 0; i < sweep->cells; i++) {
        free(sweep->cell[i]->rows);
    }
    for (size_t i = 0; i < sweep->owns; i++) {
        rk_policy_own_close(sweep->own[i]);
    }
    rk_arena_fini(&sweep->arena);
}

void rk_point_trial_sha256(const struct rk_point *point, unsigned replication, char sha256[65])
{
    char text[96];
    int bytes = snprintf(text, sizeof text, "%s %u\n", point->inputs_sha256, replication);
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, (size_t)bytes);
    rki_hash_hex(&hash, sha256);
}
