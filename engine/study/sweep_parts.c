/* What a point of a sweep is made of: each file, row and library is found by its name and loaded once. */
#include "engine/study/sweep_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/study/accelerator_file.h"
#include "engine/study/battery_file.h"
#include "engine/study/device_file.h"
#include "engine/study/protocol_file.h"
#include "engine/study/radio_file.h"
#include "engine/study/system_file.h"

static const char own[] = "default";

void rki_hash_hex(struct rk_sha256 *hash, char hex[65])
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
    rki_hash_hex(&hash, hex);
    return failed ? rk_fail(diag, RK_ERR_IO, "%s: cannot be read", path) : RK_OK;
}

/* Names */

struct rk_mark rki_resolver_mark(const struct rki_resolver *resolver, const char *key)
{
    return rk_study_mark(resolver->sweep->study, resolver->point->index, key);
}

static enum rk_err check_name(const struct rki_resolver *resolver, const char *key, const char *name,
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
        return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, key), "unknown %s '%s', expected '%s'", key, name,
                          nearest);
    }
    return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, key), "unknown %s '%s', expected one of %s", key,
                      name, all);
}

static enum rk_err check_file_name(const struct rki_resolver *resolver, const char *key, const char *name,
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
static enum rk_err put_system(const struct rki_resolver *resolver, const char *name, struct rk_sweep_device *device)
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

static enum rk_err find_device(const struct rki_resolver *resolver, const char *name,
                               const struct rk_sweep_device **out)
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

static enum rk_err find_radio(const struct rki_resolver *resolver, const char *name, const struct rk_sweep_radio **out)
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

static enum rk_err find_battery(const struct rki_resolver *resolver, const char *name,
                                const struct rk_sweep_battery **out)
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
static enum rk_err find_trace(const struct rki_resolver *resolver, const char *name, const struct rk_traffic_file **out)
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
                   : rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "traffic.trace"), "%s", why.text);
    }
    sweep->trace[sweep->traces++] = trace;
    *out = trace;
    return RK_OK;
}

/* A policy of one's own lies below the folder of the file that names it. out: NULL: none. */
static enum rk_err find_own(const struct rki_resolver *resolver, const struct rk_policy_own **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    const struct rk_scenario_policy *policy = &resolver->scenario->policy;
    const char *name = policy->own, *key = "policy.own";
    struct rk_mark mark = rki_resolver_mark(resolver, key);
    const char *from = mark.line > 0 ? mark.file : sweep->study->path, *slash = strrchr(from, '/');
    bool emulated = resolver->scenario->execution == RK_EXECUTION_EMULATED;
    char path[sizeof sweep->own[0]->path];
    struct rk_diag why;
    *out = NULL;
    if (strcmp(name, "none") == 0) {
        return policy->parameters[0] == '\0'
                   ? RK_OK
                   : rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "policy.parameters"),
                                "parameters: '%s' without a policy of one's own, expected policy.own",
                                policy->parameters);
    }
    if (emulated && !rk_policy_own_is_source(name)) {
        return rk_fail_at(resolver->diag, mark, "own: '%s' in emulated execution, expected a policy in C", name);
    }
    bool whole = name[0] == '/' || slash == NULL;
    snprintf(path, sizeof path, "%.*s%s", whole ? 0 : (int)(slash - from) + 1, from, name);
    for (size_t i = 0; i < sweep->owns; i++) {
        if (strcmp(sweep->own[i]->path, path) == 0 && strcmp(sweep->own[i]->parameters, policy->parameters) == 0) {
            *out = sweep->own[i];
            return RK_OK;
        }
    }
    if (sweep->owns == RK_SWEEP_FILES_max) {
        return rk_fail_at(resolver->diag, mark, "own: more than %d policies, expected fewer", RK_SWEEP_FILES_max);
    }
    struct rk_policy_own *made = rk_arena_alloc(&sweep->arena, sizeof *made);
    enum rk_err err = rk_policy_own_open(resolver->environment->root, path, policy->parameters, made, &why);
    if (err != RK_OK) {
        bool placed = strncmp(why.text, path, strlen(path)) == 0 && why.text[strlen(path) + 1] != ' ';
        key = strncmp(why.text, "parameters:", 11) == 0 ? "policy.parameters" : key;
        if (placed) {
            return rk_fail(resolver->diag, err, "%s", why.text);
        }
        (void)rk_fail_at(resolver->diag, rki_resolver_mark(resolver, key), "%s", why.text);
        return err;
    }
    sweep->own[sweep->owns++] = made;
    *out = made;
    return RK_OK;
}

/* out: NULL: none. */
static enum rk_err find_accelerator(const struct rki_resolver *resolver, const struct rk_sweep_accelerator **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    const char *name = resolver->scenario->accelerator;
    *out = NULL;
    if (strcmp(name, "none") == 0) {
        return RK_OK;
    }
    if (resolver->scenario->execution == RK_EXECUTION_EMULATED) {
        return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "accelerator"),
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

/* Adds those that are not there yet. */
static void add_operations(struct rk_sweep *sweep, const struct rk_protocol *protocol)
{
    char names[512], *save = NULL;
    rk_protocol_operations(protocol, names, sizeof names);
    for (const char *name = strtok_r(names, ",", &save); name != NULL; name = strtok_r(NULL, ",", &save)) {
        char listed[64], there[sizeof sweep->operations + 2];
        snprintf(listed, sizeof listed, ",%.60s,", name);
        snprintf(there, sizeof there, ",%s,", sweep->operations);
        if (strstr(there, listed) == NULL) {
            size_t used = strlen(sweep->operations);
            snprintf(sweep->operations + used, sizeof sweep->operations - used, ",%s", name);
        }
    }
}

static enum rk_err resize(const struct rki_resolver *resolver, struct rk_protocol *protocol,
                          const uint16_t size[RK_SIZES])
{
    struct rk_diag why;
    enum rk_protocol_size refused = RK_SIZE_NONE;
    enum rk_err err = rk_protocol_resize(protocol, size, &refused, &why);
    char key[40];
    snprintf(key, sizeof key, "sizes.%s", rk_protocol_size_names[refused]);
    return err == RK_OK ? RK_OK : rk_fail_at(resolver->diag, rki_resolver_mark(resolver, key), "%s", why.text);
}

enum rk_err rki_resolver_protocol(const struct rki_resolver *resolver)
{
    struct rk_sweep *sweep = resolver->sweep;
    const char *name = resolver->scenario->protocol;
    if (strcmp(name, "own") == 0) {
        return RK_OK;
    }
    if (resolver->scenario->execution == RK_EXECUTION_EMULATED) {
        return rk_fail_at(
            resolver->diag, rki_resolver_mark(resolver, "protocol"),
            "protocol: %s in emulated execution, expected own: the agent on the device sends its own frames", name);
    }
    const struct rk_scenario_sizes *sizes = &resolver->scenario->sizes;
    const uint16_t size[RK_SIZES] = {[RK_SIZE_CERTIFICATE] = sizes->certificate_bytes,
                                     [RK_SIZE_CERTIFICATES] = sizes->certificates,
                                     [RK_SIZE_IDENTITY] = sizes->identity_bytes,
                                     [RK_SIZE_CONNECTION] = sizes->connection_bytes};
    for (size_t i = 0; i < sweep->protocols; i++) {
        struct rk_sweep_protocol *there = sweep->protocol[i];
        if (strcmp(there->profile.name, name) == 0 && memcmp(there->size, size, sizeof size) == 0) {
            resolver->point->protocol = there;
            return RK_OK;
        }
    }
    enum rk_err err = check_file_name(resolver, "protocol", name, rk_protocol_list);
    if (err == RK_OK && sweep->protocols == RK_SWEEP_FILES_max) {
        return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "protocol"),
                          "protocol: more than %d of them by name and sizes, expected fewer axis values",
                          RK_SWEEP_FILES_max);
    }
    struct rk_sweep_protocol *made = rk_arena_alloc(&sweep->arena, sizeof *made);
    if (err == RK_OK) {
        err = rk_profile_load(&rk_protocol_kind, resolver->environment->root, name, &made->profile, resolver->diag);
    }
    if (err == RK_OK) {
        err = hash_file(made->profile.path, made->sha256, resolver->diag);
    }
    if (err == RK_OK) {
        memcpy(made->size, size, sizeof size);
        err = resize(resolver, &made->profile, size);
    }
    if (err == RK_OK) {
        sweep->protocol[sweep->protocols++] = made;
        resolver->point->protocol = made;
        add_operations(sweep, &made->profile);
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
    rki_hash_hex(&hash, cell->rows_sha256);
}

/* The name before the version must be a backend; the version is for the library to know. */
static enum rk_err check_backend(const struct rki_resolver *resolver, const char *backend)
{
    char name[48];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(backend, "@"), backend);
    return check_name(resolver, "backend", name, resolver->environment->backends);
}

/* Whose rows: those of a board were judged beside its own system, and what did not fit there has no cycles. Where its
 * core runs as the plain device's does, the plain device's rows are good as well. */
static const char *measured_as(const struct rki_resolver *resolver, const struct rk_sweep_device *device)
{
    struct rk_device_profile plain;
    const struct rk_device_profile *board = &device->profile;
    if (device->system_path[0] == '\0' || board->device[0] == '\0' || strcmp(board->device, device->plain) == 0 ||
        rk_device_load(resolver->environment->root, board->device, &plain, resolver->diag) != RK_OK) {
        return device->plain;
    }
    bool same = strcmp(plain.core, board->core) == 0 && plain.flash_wait_states == board->flash_wait_states &&
                plain.flash_width_bytes == board->flash_width_bytes && plain.flash_prefetch == board->flash_prefetch &&
                plain.flash_data_lines == board->flash_data_lines &&
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

static enum rk_err fill_cell(const struct rki_resolver *resolver, struct rk_sweep_cell *cell)
{
    const struct rk_study_environment *environment = resolver->environment;
    struct rk_diag why = {""};
    enum rk_err err = check_backend(resolver, cell->backend);
    if (err != RK_OK) {
        return err;
    }
    err = environment->library(environment->context, cell->backend, cell->facts ? RK_LIBRARY_FACTS : 0, &cell->library,
                               cell->identity, &why);
    if (err == RK_OK) {
        const char *device = cell->device->plain;
        err = environment->costs(environment->context, measured_as(resolver, cell->device), cell->backend,
                                 resolver->sweep->operations, &cell->rows, &cell->row_count, &why);
        if (err == RK_OK && resolver->scenario->execution == RK_EXECUTION_EMULATED) {
            err = environment->image(environment->context, device, cell->backend, cell->own, cell->image,
                                     cell->image_sha256, &why);
        }
    }
    if (err == RK_ERR_INPUT) {
        return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "backend"), "%s", why.text);
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

static enum rk_err find_cell(const struct rki_resolver *resolver, const struct rk_sweep_device *device,
                             const struct rk_sweep_cell **out)
{
    struct rk_sweep *sweep = resolver->sweep;
    bool emulated = resolver->scenario->execution == RK_EXECUTION_EMULATED;
    bool facts = resolver->scenario->execution == RK_EXECUTION_MODELLED;
    const struct rk_policy_own *own = emulated ? resolver->point->own : NULL;
    const struct rk_sweep_accelerator *accelerator;
    enum rk_err err = find_accelerator(resolver, &accelerator);
    if (err != RK_OK) {
        return err;
    }
    for (size_t i = 0; i < sweep->cells; i++) {
        struct rk_sweep_cell *cell = sweep->cell[i];
        if (cell->device == device && cell->accelerator == accelerator && cell->own == own && cell->facts == facts &&
            strcmp(cell->backend, resolver->scenario->backend) == 0 && (cell->image[0] != '\0') == emulated) {
            *out = cell;
            return RK_OK;
        }
    }
    if (sweep->cells == RK_SWEEP_CELLS_max) {
        return rk_fail_at(resolver->diag, rki_resolver_mark(resolver, "backend"),
                          "more than %d combinations of device and backend, expected fewer", RK_SWEEP_CELLS_max);
    }
    struct rk_sweep_cell *cell = rk_arena_alloc(&sweep->arena, sizeof *cell);
    cell->device = device;
    cell->accelerator = accelerator;
    cell->own = own;
    cell->facts = facts;
    snprintf(cell->backend, sizeof cell->backend, "%s", resolver->scenario->backend);
    cell->index = (unsigned)sweep->cells;
    sweep->cell[sweep->cells++] = cell;
    *out = cell;
    return fill_cell(resolver, cell);
}

enum rk_err rki_resolver_parts(const struct rki_resolver *resolver)
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
    if (err == RK_OK) {
        err = find_own(resolver, &resolver->point->own);
    }
    return err == RK_OK ? find_cell(resolver, device, &resolver->point->cell) : err;
}
