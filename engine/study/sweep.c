#include "engine/study/sweep.h"

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
#include "engine/study/battery_file.h"
#include "engine/study/device_file.h"
#include "engine/study/radio_file.h"
#include "engine/study/renew.h"
#include "engine/study/system_file.h"

static const char own[] = "default";

/* A resolution under way: one point of the sweep and where its values stand. */
struct resolver {
    struct rk_sweep *sweep;
    const struct rk_study_environment *environment;
    struct rk_diag *diag;
    const struct rk_scenario *scenario;
    struct rk_point *point;
};

static void finish_hex(struct rk_sha256 *hash, char hex[65])
{
    uint8_t digest[32];
    rk_sha256_finish(hash, digest);
    rk_sha256_hex(digest, hex);
}

static enum rk_err hash_file(const char *path, char hex[65], struct rk_diag *diag)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path);
    }
    struct rk_sha256 hash;
    char block[4096];
    size_t bytes;
    rk_sha256_init(&hash);
    while ((bytes = fread(block, 1, sizeof block, file)) > 0) {
        rk_sha256_add(&hash, block, bytes);
    }
    bool failed = ferror(file) != 0;
    fclose(file);
    finish_hex(&hash, hex);
    return failed ? rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path) : RK_OK;
}

/* Names */

static struct rk_mark mark(const struct resolver *resolver, const char *key)
{
    return rk_study_mark(resolver->sweep->study, resolver->point->index, key);
}

static enum rk_err check_name(const struct resolver *resolver, const char *key, const char *name,
                              const char *const *candidates)
{
    char all[256] = "";
    for (size_t i = 0; candidates[i] != NULL; i++) {
        if (strcmp(candidates[i], name) == 0) {
            return RK_OK;
        }
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : ", ", candidates[i]);
    }
    const char *nearest = rk_nearest_name(name, candidates);
    if (nearest != NULL) {
        return rk_fail_at(resolver->diag, mark(resolver, key), "unknown %s '%s', expected '%s'", key, name, nearest);
    }
    return rk_fail_at(resolver->diag, mark(resolver, key), "unknown %s '%s', expected one of %s", key, name, all);
}

static enum rk_err check_file_name(const struct resolver *resolver, const char *key, const char *name,
                                   enum rk_err (*list)(const char *, struct rk_names *, struct rk_diag *))
{
    struct rk_names names;
    const char *candidates[RK_NAMES_max + 1] = {NULL};
    enum rk_err err = list(resolver->environment->root, &names, resolver->diag);
    if (err != RK_OK) {
        return err;
    }
    for (size_t i = 0; i < names.count; i++) {
        candidates[i] = names.name[i];
    }
    return check_name(resolver, key, name, candidates);
}

/* Files, each loaded once */

static enum rk_err list_systems(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_system_kind, root, names, diag);
}

/* Puts the scenario's system on the device. */
static enum rk_err put_system(const struct resolver *resolver, const char *name, struct rk_sweep_device *device)
{
    struct rk_system_profile system;
    struct rk_device_profile *profile = &device->profile;
    enum rk_err err = check_file_name(resolver, "system", name, list_systems);
    if (err == RK_OK) {
        err = rk_profile_load(&rk_system_kind, resolver->environment->root, name, &system, resolver->diag);
    }
    if (err == RK_OK) {
        err = hash_file(system.path, device->system_sha256, resolver->diag);
    }
    if (err != RK_OK) {
        return err;
    }
    rk_system_apply(&system, profile);
    snprintf(device->system_path, sizeof device->system_path, "%s", system.path);
    snprintf(profile->name, sizeof profile->name, "%.15s+%.15s", device->plain, name);
    return RK_OK;
}

static enum rk_err find_device(const struct resolver *resolver, const char *name, const struct rk_sweep_device **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    const char *system = resolver->scenario->system;
    for (size_t i = 0; i < sweep->devices; i++) {
        if (strcmp(sweep->device[i]->plain, name) == 0 && strcmp(sweep->device[i]->system, system) == 0) {
            *out = sweep->device[i];
            return RK_OK;
        }
    }
    enum rk_err err = check_file_name(resolver, "device", name, rk_device_and_board_list);
    RK_REQUIRE(sweep->devices < RK_SWEEP_DEVICES_max);
    struct rk_sweep_device *device = rk_arena_alloc(&sweep->arena, sizeof *device);
    snprintf(device->plain, sizeof device->plain, "%s", name);
    snprintf(device->system, sizeof device->system, "%s", system);
    if (err == RK_OK) {
        err = rk_device_load(resolver->environment->root, name, &device->profile, resolver->diag);
    }
    if (err == RK_OK) {
        err = rk_device_sha256(resolver->environment->root, &device->profile, device->sha256, resolver->diag);
    }
    if (err == RK_OK && strcmp(system, own) != 0) {
        err = put_system(resolver, system, device);
    }
    if (err == RK_OK) {
        sweep->device[sweep->devices++] = device;
        *out = device;
    }
    return err;
}

static enum rk_err find_radio(const struct resolver *resolver, const char *name, const struct rk_sweep_radio **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    for (size_t i = 0; i < sweep->radios; i++) {
        if (strcmp(sweep->radio[i]->profile.name, name) == 0) {
            *out = sweep->radio[i];
            return RK_OK;
        }
    }
    enum rk_err err = check_file_name(resolver, "radio", name, rk_radio_list);
    RK_REQUIRE(sweep->radios < RK_SWEEP_FILES_max);
    struct rk_sweep_radio *radio = rk_arena_alloc(&sweep->arena, sizeof *radio);
    if (err == RK_OK) {
        err = rk_radio_load(resolver->environment->root, name, &radio->profile, resolver->diag);
    }
    if (err == RK_OK) {
        err = hash_file(radio->profile.path, radio->sha256, resolver->diag);
    }
    if (err == RK_OK) {
        sweep->radio[sweep->radios++] = radio;
        *out = radio;
    }
    return err;
}

static enum rk_err find_battery(const struct resolver *resolver, const char *name, const struct rk_sweep_battery **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    for (size_t i = 0; i < sweep->batteries; i++) {
        if (strcmp(sweep->battery[i]->profile.name, name) == 0) {
            *out = sweep->battery[i];
            return RK_OK;
        }
    }
    enum rk_err err = check_file_name(resolver, "battery", name, rk_battery_list);
    RK_REQUIRE(sweep->batteries < RK_SWEEP_FILES_max);
    struct rk_sweep_battery *battery = rk_arena_alloc(&sweep->arena, sizeof *battery);
    if (err == RK_OK) {
        err = rk_battery_load(resolver->environment->root, name, &battery->profile, resolver->diag);
    }
    if (err == RK_OK) {
        err = hash_file(battery->profile.path, battery->sha256, resolver->diag);
    }
    if (err == RK_OK) {
        sweep->battery[sweep->batteries++] = battery;
        *out = battery;
    }
    return err;
}

/* A trace lies below the folder of the scenario's file. */
static enum rk_err find_trace(const struct resolver *resolver, const char *name, const struct rk_traffic_file **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    const char *study = sweep->study->path, *slash = strrchr(study, '/');
    char path[sizeof sweep->trace[0]->path];
    struct rk_diag why;
    bool whole = name[0] == '/' || slash == NULL;
    snprintf(path, sizeof path, "%.*s%s", whole ? 0 : (int)(slash - study) + 1, study, name);
    for (size_t i = 0; i < sweep->traces; i++) {
        if (strcmp(sweep->trace[i]->path, path) == 0) {
            *out = sweep->trace[i];
            return RK_OK;
        }
    }
    RK_REQUIRE(sweep->traces < RK_AXIS_VALUES_max);
    struct rk_traffic_file *trace = rk_arena_alloc(&sweep->arena, sizeof *trace);
    enum rk_err err = rk_traffic_load(path, &sweep->arena, trace, &why);
    if (err != RK_OK) {
        return strncmp(why.text, path, strlen(path)) == 0 && why.text[strlen(path) + 1] != ' '
                   ? rk_fail(resolver->diag, err, "%s", why.text)
                   : rk_fail_at(resolver->diag, mark(resolver, "traffic.trace"), "%s", why.text);
    }
    sweep->trace[sweep->traces++] = trace;
    *out = trace;
    return RK_OK;
}

/* out: NULL: none. */
static enum rk_err find_accelerator(const struct resolver *resolver, const struct rk_sweep_accelerator **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    const char *name = resolver->scenario->accelerator;
    *out = NULL;
    if (strcmp(name, "none") == 0) {
        return RK_OK;
    }
    if (resolver->scenario->execution == RK_EXECUTION_EMULATED) {
        return rk_fail_at(resolver->diag, mark(resolver, "accelerator"),
                          "accelerator: %s in emulated execution, expected modelled or native: no emulator has it",
                          name);
    }
    for (size_t i = 0; i < sweep->accelerators; i++) {
        if (strcmp(sweep->accelerator[i]->profile.name, name) == 0) {
            *out = sweep->accelerator[i];
            return RK_OK;
        }
    }
    enum rk_err err = check_file_name(resolver, "accelerator", name, rk_accelerator_list);
    RK_REQUIRE(sweep->accelerators < RK_SWEEP_FILES_max);
    struct rk_sweep_accelerator *made = rk_arena_alloc(&sweep->arena, sizeof *made);
    if (err == RK_OK) {
        err = rk_profile_load(&rk_accelerator_kind, resolver->environment->root, name, &made->profile, resolver->diag);
    }
    if (err == RK_OK) {
        err = hash_file(made->profile.path, made->sha256, resolver->diag);
    }
    if (err == RK_OK) {
        sweep->accelerator[sweep->accelerators++] = made;
        *out = made;
    }
    return err;
}

/* Cells: a device with a backend */

static void hash_rows(struct rk_sweep_cell *cell)
{
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    for (size_t i = 0; i < cell->row_count; i++) {
        const struct rk_cost_row *row = &cell->rows[i];
        char text[1024];
        int bytes = snprintf(text, sizeof text,
                             "%s %s %s %s %" PRIu32 " %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                             " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
                             row->device, row->backend, row->version, row->op, row->size_bytes, row->status,
                             row->cycles_min, row->cycles_median, row->cycles_max, row->cycles_low, row->cycles_high,
                             row->nvm_write_bytes, row->nvm_time_ns, row->time_ns, row->energy_pJ, row->energy_low_pJ,
                             row->energy_high_pJ, row->firmware_sha256);
        RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
        rk_sha256_add(&hash, text, (size_t)bytes);
    }
    finish_hex(&hash, cell->rows_sha256);
}

/* The name before the version must be a backend; the version is for the library to know. */
static enum rk_err check_backend(const struct resolver *resolver, const char *backend)
{
    char name[48];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(backend, "@"), backend);
    return check_name(resolver, "backend", name, resolver->environment->backends);
}

/* Whose rows: those of a board were judged beside its own system, and what did not fit there has no cycles. Where its
 * core runs as the plain device's does, the plain device's rows are good as well. */
static const char *measured_as(const struct resolver *resolver, const struct rk_sweep_device *device)
{
    struct rk_device_profile plain;
    const struct rk_device_profile *board = &device->profile;
    if (device->system_path[0] == '\0' || board->device[0] == '\0' || strcmp(board->device, device->plain) == 0 ||
        rk_device_load(resolver->environment->root, board->device, &plain, resolver->diag) != RK_OK) {
        return device->plain;
    }
    bool same = strcmp(plain.core, board->core) == 0 && plain.flash_wait_states == board->flash_wait_states &&
                plain.flash_width_bytes == board->flash_width_bytes && plain.flash_prefetch == board->flash_prefetch &&
                plain.multiply_cycles == board->multiply_cycles;
    return same ? board->device : device->plain;
}

/* The rows as those of the device under its system. */
static void put_rows_under_system(struct rk_sweep_cell *cell)
{
    for (size_t i = 0; i < cell->row_count; i++) {
        snprintf(cell->rows[i].device, sizeof cell->rows[i].device, "%s", cell->device->profile.name);
    }
    rk_system_judge(&cell->device->profile, cell->rows, cell->row_count);
}

static enum rk_err fill_cell(const struct resolver *resolver, struct rk_sweep_cell *cell)
{
    const struct rk_study_environment *environment = resolver->environment;
    struct rk_diag why = {""};
    enum rk_err err = check_backend(resolver, cell->backend);
    if (err != RK_OK) {
        return err;
    }
    err = environment->library(environment->context, cell->backend, 0, &cell->library, cell->identity, &why);
    if (err == RK_OK) {
        const char *device = cell->device->plain;
        err = environment->costs(environment->context, measured_as(resolver, cell->device), cell->backend, &cell->rows,
                                 &cell->row_count, &why);
        if (err == RK_OK && resolver->scenario->execution == RK_EXECUTION_EMULATED) {
            err =
                environment->image(environment->context, device, cell->backend, cell->image, cell->image_sha256, &why);
        }
    }
    if (err == RK_ERR_INPUT) {
        return rk_fail_at(resolver->diag, mark(resolver, "backend"), "%s", why.text);
    }
    if (err != RK_OK) {
        return rk_fail(resolver->diag, err, "%s", why.text);
    }
    if (cell->device->system_path[0] != '\0') {
        put_rows_under_system(cell);
    }
    if (cell->accelerator != NULL) {
        rk_accelerator_put_rows(&cell->accelerator->profile, &cell->device->profile, &cell->rows, &cell->row_count);
    }
    hash_rows(cell);
    return RK_OK;
}

static enum rk_err find_cell(const struct resolver *resolver, const struct rk_sweep_device *device,
                             const struct rk_sweep_cell **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    bool emulated = resolver->scenario->execution == RK_EXECUTION_EMULATED;
    const struct rk_sweep_accelerator *accelerator;
    enum rk_err err = find_accelerator(resolver, &accelerator);
    if (err != RK_OK) {
        return err;
    }
    for (size_t i = 0; i < sweep->cells; i++) {
        struct rk_sweep_cell *cell = sweep->cell[i];
        if (cell->device == device && cell->accelerator == accelerator &&
            strcmp(cell->backend, resolver->scenario->backend) == 0 && (cell->image[0] != '\0') == emulated) {
            *out = cell;
            return RK_OK;
        }
    }
    if (sweep->cells == RK_SWEEP_CELLS_max) {
        return rk_fail_at(resolver->diag, mark(resolver, "backend"),
                          "more than %d combinations of device and backend, expected fewer", RK_SWEEP_CELLS_max);
    }
    struct rk_sweep_cell *cell = rk_arena_alloc(&sweep->arena, sizeof *cell);
    cell->device = device;
    cell->accelerator = accelerator;
    snprintf(cell->backend, sizeof cell->backend, "%s", resolver->scenario->backend);
    cell->index = (unsigned)sweep->cells;
    sweep->cell[sweep->cells++] = cell;
    *out = cell;
    return fill_cell(resolver, cell);
}

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
        policy->messages_max = rk_limits_count(limits.protected_log2);
        policy->failed_max = rk_limits_count(limits.failed_log2);
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
    resolve_suite(scenario, cell->library, &trial);
    resolve_traffic(&scenario->traffic, point->trace, &trial);
    return trial;
}

/* The canonical text of a trial's inputs. Every member of struct rk_trial is in it, save replication,
 * trace, and tier and parts, on which no result depends. */
static void hash_inputs(struct rk_point *point)
{
    const struct rk_trial *trial = &point->trial;
    const struct rk_policy *policy = &trial->policy;
    const struct rk_traffic_shape *traffic = &trial->traffic;
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
        "accelerator %s\nburst_ns %" PRIu64 " listen %u %" PRIu64 " %" PRIu64 " spreading %u\n",
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
        trial->listen_period_ns, trial->answer_period_ns, trial->spreading);
    RK_REQUIRE(bytes > 0 && (size_t)bytes < sizeof text);
    struct rk_sha256 hash;
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, (size_t)bytes);
    finish_hex(&hash, point->inputs_sha256);
}

static void set_exposure(struct rk_point *point)
{
    const struct rk_trial *trial = &point->trial;
    uint64_t interval_ns = rk_renew_interval_ns(&trial->policy, trial->message_period_ns, trial->session_period_ns);
    bool renews = interval_ns < trial->horizon_ns;
    uint64_t window_ns = renews ? interval_ns : trial->horizon_ns;
    point->interval_s = interval_ns == RK_NEVER ? NAN : (double)interval_ns / 1e9;
    point->exposure_closed_form_s = rk_exposure_closed_form_s(
        (double)window_ns / 1e9, (double)trial->detection_mean_ns / 1e9, renews ? rk_exposure_follow(trial) : 0.0);
}

static enum rk_err find_parts(const struct resolver *resolver)
{
    const struct rk_scenario *scenario = resolver->scenario;
    const struct rk_sweep_device *device;
    enum rk_err err = find_device(resolver, scenario->device, &device);
    if (err != RK_OK) {
        return err;
    }
    const char *radio = strcmp(scenario->radio, own) == 0 ? device->profile.radio : scenario->radio;
    const char *battery = strcmp(scenario->battery, own) == 0 ? device->profile.battery : scenario->battery;
    err = find_radio(resolver, radio, &resolver->point->radio);
    if (err == RK_OK) {
        err = find_battery(resolver, battery, &resolver->point->battery);
    }
    if (err == RK_OK) {
        err = rk_device_check_radio(&device->profile, &resolver->point->radio->profile, resolver->diag);
    }
    if (err == RK_OK && scenario->traffic.model == RK_TRAFFIC_TRACE) {
        err = find_trace(resolver, scenario->traffic.trace, &resolver->point->trace);
    }
    return err == RK_OK ? find_cell(resolver, device, &resolver->point->cell) : err;
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

/* Can its radio be used so? */
static enum rk_err check_link(const struct resolver *resolver)
{
    struct rk_link link;
    struct rk_diag why;
    enum rk_err err = rk_trial_link(&link, &resolver->point->trial, &why);
    return err == RK_OK ? RK_OK : rk_fail_at(resolver->diag, mark(resolver, "radio"), "%s", why.text);
}

static enum rk_err resolve_point(const struct resolver *resolver)
{
    struct rk_point *point = resolver->point;
    enum rk_err err = find_parts(resolver);
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
    set_exposure(point);
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
    if (err != RK_OK && err != RK_ERR_CHECK) {
        return rk_fail(resolver->diag, err, "%s", why.text);
    }
    snprintf(point->status, sizeof point->status, "%s", err == RK_OK ? "ok" : why.text);
    return RK_OK;
}

enum rk_err rk_sweep_make(struct rk_sweep *sweep, const struct rk_study *study,
                          const struct rk_study_environment *environment, struct rk_diag *diag)
{
    memset(sweep, 0, sizeof *sweep);
    rk_arena_init(&sweep->arena);
    sweep->study = study;
    sweep->points = rk_study_points(study);
    sweep->point = rk_arena_array(&sweep->arena, sweep->points, sizeof *sweep->point);
    struct rk_scenario *scenario = rk_arena_alloc(&sweep->arena, sizeof *scenario);
    for (size_t i = 0; i < sweep->points; i++) {
        sweep->point[i].index = (unsigned)i;
        rk_study_point(study, i, scenario);
        struct resolver resolver = {
            .sweep = sweep, .environment = environment, .diag = diag, .scenario = scenario, .point = &sweep->point[i]};
        enum rk_err err = resolve_point(&resolver);
        if (err != RK_OK) {
            return err;
        }
    }
    return RK_OK;
}

void rk_sweep_fini(struct rk_sweep *sweep)
{
    for (size_t i = 0; i < sweep->cells; i++) {
        free(sweep->cell[i]->rows);
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
    finish_hex(&hash, sha256);
}
