#include "engine/cli/describe_kinds.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/operation_info.h"
#include "bench/lengths.h"
#include "devices/firmware/build.h"
#include "engine/cli/lists.h"
#include "engine/lifecycle/policy.h"
#include "engine/lifecycle/scheme.h"
#include "engine/study/accelerator_file.h"
#include "engine/study/battery_file.h"
#include "engine/study/device_file.h"
#include "engine/study/platform_file.h"
#include "engine/study/protocol_file.h"
#include "engine/study/radio_file.h"
#include "engine/study/scenario.h"
#include "engine/study/policy_file.h"
#include "engine/study/service_file.h"
#include "engine/study/system_file.h"

enum { PATH_bytes = 512 };

static void add_entry(json_t *entries, const char *name, const char *summary)
{
    json_array_append_new(entries, json_pack("{s:s, s:s}", "name", name, "summary", summary));
}

/* Comma-separated words as an array. */
static json_t *words(const char *text)
{
    json_t *array = json_array();
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        json_array_append_new(array, json_stringn(text, length));
        text += length + (text[length] == ',');
    }
    return array;
}

/* ---- fields ---- */

struct collector {
    json_t *array;
    const char *prefix;
};

static void collect(void *context, const struct rk_field_doc *doc)
{
    struct collector *collector = context;
    if (collector->prefix != NULL && strncmp(doc->key, collector->prefix, strlen(collector->prefix)) != 0) {
        return;
    }
    json_t *field =
        json_pack("{s:s, s:s, s:s, s:s}", "key", doc->key, "type", doc->type, "unit", doc->unit, "range", doc->range);
    json_object_set_new(field, "required", json_boolean(doc->required));
    json_object_set_new(field, "default", doc->fallback == NULL ? json_null() : json_string(doc->fallback));
    json_object_set_new(field, "help", json_string(doc->help));
    if (doc->value != NULL) {
        json_object_set_new(field, "value", json_string(doc->value));
    }
    json_array_append_new(collector->array, field);
}

json_t *rk_describe_fields(const struct rk_field *fields, const char *prefix, const void *profile)
{
    struct collector collector = {json_array(), prefix};
    rk_fields_visit(fields, profile, collect, &collector);
    return collector.array;
}

/* ---- devices, radios, batteries ---- */

union profile {
    struct rk_device_profile device;
    struct rk_radio_profile radio;
    struct rk_accelerator_profile accelerator;
    struct rk_battery_profile battery;
    struct rk_protocol protocol;
    struct rk_platform platform;
    struct rk_service_profile service;
    struct rk_policy_profile policy;
    struct rk_system_profile system;
};

/* A broken file does not hide the others: its complaint stands where its title would. */
static enum rk_err list_profiles(const struct rk_profile_kind *kind, const char *root, json_t *entries,
                                 struct rk_diag *diag)
{
    struct rk_names names;
    enum rk_err err = rk_profile_list(kind, root, &names, diag);
    for (size_t i = 0; err == RK_OK && i < names.count; i++) {
        union profile profile;
        struct rk_diag complaint;
        char title[128];
        if (rk_profile_load(kind, root, names.name[i], &profile, &complaint) != RK_OK) {
            add_entry(entries, names.name[i], complaint.text);
            continue;
        }
        err = rk_fields_format(kind->fields, "title", &profile, title, sizeof title, diag);
        add_entry(entries, names.name[i], title);
    }
    return err;
}

/* The single values below a mapping, by their dotted keys. */
static void flatten(const struct rk_yaml *map, const char *prefix, json_t *values)
{
    for (const struct rk_yaml *node = map->first; node != NULL; node = node->next) {
        char key[128];
        snprintf(key, sizeof key, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", node->key);
        if (node->kind == RK_YAML_MAP) {
            flatten(node, key, values);
        } else {
            json_object_set_new(values, key, json_string(node->text));
        }
    }
}

/* What a platform's or a service's file lays under a scenario: it is not in the record that the table loads. */
static enum rk_err add_defaults(const char *path, json_t *record, struct rk_diag *diag)
{
    struct rk_arena arena;
    struct rk_yaml *root;
    rk_arena_init(&arena);
    enum rk_err err = rk_yaml_load_file(path, &arena, &root, diag);
    const struct rk_yaml *defaults = err == RK_OK ? rk_yaml_get(root, "defaults") : NULL;
    if (defaults != NULL) {
        json_t *values = json_object();
        flatten(defaults, "", values);
        json_object_set_new(record, "defaults", values);
    }
    rk_arena_fini(&arena);
    return err;
}

static enum rk_err record_profile(const struct rk_profile_kind *kind, const char *root, const char *name,
                                  json_t *record, struct rk_diag *diag)
{
    union profile profile;
    enum rk_err err = rk_profile_load(kind, root, name, &profile, diag);
    if (err == RK_OK) {
        const char *path = (const char *)&profile + kind->path_offset;
        json_object_set_new(record, "file", json_string(path));
        json_object_set_new(record, "fields", rk_describe_fields(kind->fields, NULL, &profile));
        err = add_defaults(path, record, diag);
    }
    return err;
}

#define PROFILE_KIND(what)                                                                                             \
    static enum rk_err list_##what(const char *root, json_t *entries, struct rk_diag *diag)                            \
    {                                                                                                                  \
        return list_profiles(&rk_##what##_kind, root, entries, diag);                                                  \
    }                                                                                                                  \
    static enum rk_err record_##what(const char *root, const char *name, json_t *record, struct rk_diag *diag)         \
    {                                                                                                                  \
        return record_profile(&rk_##what##_kind, root, name, record, diag);                                            \
    }

/* Boards stand among the devices: their names are good in the same places. */
static enum rk_err list_device(const char *root, json_t *entries, struct rk_diag *diag)
{
    enum rk_err err = list_profiles(&rk_device_kind, root, entries, diag);
    return err != RK_OK ? err : list_profiles(&rk_board_kind, root, entries, diag);
}

static enum rk_err record_device(const char *root, const char *name, json_t *record, struct rk_diag *diag)
{
    bool board = rk_profile_exists(&rk_board_kind, root, name);
    return record_profile(board ? &rk_board_kind : &rk_device_kind, root, name, record, diag);
}

PROFILE_KIND(radio)
PROFILE_KIND(accelerator)
PROFILE_KIND(battery)
PROFILE_KIND(protocol)
PROFILE_KIND(platform)
PROFILE_KIND(service)
PROFILE_KIND(system)

/* ---- scenarios ---- */

static const struct rk_profile_kind scenario_files = {
    .what = "scenario", .folder = "scenarios", .fields = rk_scenario_fields, .size = sizeof(struct rk_scenario)};

static enum rk_err load_scenario(const char *root, const char *name, char path[PATH_bytes],
                                 struct rk_scenario *scenario, struct rk_diag *diag)
{
    static struct rk_study study;
    snprintf(path, PATH_bytes, "%.400s/%s/%.64s.yaml", root, scenario_files.folder, name);
    enum rk_err err = rk_study_load(&study, root, path, NULL, 0, diag);
    *scenario = study.scenario;
    rk_study_fini(&study);
    return err;
}

static enum rk_err list_scenarios(const char *root, json_t *entries, struct rk_diag *diag)
{
    static struct rk_scenario scenario;
    struct rk_names names;
    enum rk_err err = rk_profile_list(&scenario_files, root, &names, diag);
    for (size_t i = 0; err == RK_OK && i < names.count; i++) {
        char path[PATH_bytes];
        struct rk_diag complaint;
        bool loaded = load_scenario(root, names.name[i], path, &scenario, &complaint) == RK_OK;
        add_entry(entries, names.name[i], loaded ? scenario.title : complaint.text);
    }
    return err;
}

static enum rk_err record_scenario(const char *root, const char *name, json_t *record, struct rk_diag *diag)
{
    static struct rk_scenario scenario;
    char path[PATH_bytes];
    enum rk_err err = load_scenario(root, name, path, &scenario, diag);
    if (err != RK_OK) {
        return err;
    }
    json_t *axes = json_object();
    for (size_t i = 0; i < scenario.axes.count; i++) {
        const struct rk_axis *axis = &scenario.axes.axis[i];
        json_t *values = json_array();
        for (size_t k = 0; k < axis->count; k++) {
            json_array_append_new(values, json_string(axis->values[k].text));
        }
        json_object_set_new(axes, axis->key, values);
    }
    json_object_set_new(record, "file", json_string(path));
    json_object_set_new(record, "axes", axes);
    json_object_set_new(record, "fields", rk_describe_fields(rk_scenario_fields, NULL, &scenario));
    return RK_OK;
}

/* ---- operations ---- */

static enum rk_err list_operations(const char *root, json_t *entries, struct rk_diag *diag)
{
    (void)root;
    (void)diag;
    const struct rk_operation_info *info;
    for (unsigned i = 0; (info = rk_operation_info(i)) != NULL; i++) {
        char summary[200];
        snprintf(summary, sizeof summary, "(%s) -> (%s)%s%s", rk_operation_inputs(info), rk_operation_outputs(info),
                 info->help[0] == '\0' ? "" : "; ", info->help);
        add_entry(entries, info->name, summary);
    }
    return RK_OK;
}

static json_t *shape_json(uint8_t shape)
{
#define SHAPE_NAME(shape, inputs, outputs) #shape,
    static const char *const names[] = {RK_SHAPES(SHAPE_NAME)};
#undef SHAPE_NAME
    char name[16];
    size_t length = strlen(names[shape]);
    for (size_t i = 0; i <= length; i++) {
        name[i] = (char)tolower((unsigned char)names[shape][i]);
    }
    return json_string(name);
}

/* Bytes of each input, by its name. */
static json_t *lengths_json(const struct rk_operation_info *info)
{
    json_t *lengths = json_object();
    json_t *names = words(rk_operation_inputs(info));
    size_t index;
    json_t *name;
    json_array_foreach(names, index, name)
    {
        char text[RK_INPUT_LENGTH_TEXT_bytes];
        rk_input_length_text(rk_input_length(info, json_string_value(name)), text);
        json_object_set_new(lengths, json_string_value(name), json_string(text));
    }
    json_decref(names);
    return lengths;
}

static enum rk_err record_operation(const char *root, const char *name, json_t *record, struct rk_diag *diag)
{
    (void)root;
    (void)diag;
    const struct rk_operation_info *info = rk_operation_info((unsigned)rk_operation_find(name));
    json_t *sizes = json_array();
    for (const char *at = info->sizes; *at != '\0'; at += strspn(at, ",")) {
        char *end;
        json_array_append_new(sizes, json_integer(strtol(at, &end, 10)));
        at = end;
    }
    json_object_set_new(record, "algorithm",
                        info->alg < RK_ALG_COUNT ? json_string(rk_alg_name(info->alg)) : json_null());
    char classes[16];
    snprintf(classes, sizeof classes, info->least < 3 ? "C%u to C3" : "C%u", info->least);
    json_object_set_new(record, "shape", shape_json(info->shape));
    json_object_set_new(record, "inputs", words(rk_operation_inputs(info)));
    json_object_set_new(record, "input_bytes", lengths_json(info));
    json_object_set_new(record, "outputs", words(rk_operation_outputs(info)));
    json_object_set_new(record, "sizes_bytes", sizes);
    json_object_set_new(record, "measured_on_classes", json_string(classes));
    json_object_set_new(record, "help", json_string(info->help));
    return RK_OK;
}

/* ---- backends ---- */

static enum rk_err list_backends(const char *root, json_t *entries, struct rk_diag *diag)
{
    (void)root;
    struct rk_list names;
    enum rk_err err = rk_list_backends("all", &names, diag);
    for (size_t i = 0; err == RK_OK && i < names.count; i++) {
        add_entry(entries, names.item[i], "crypto library, from Debian's source package");
    }
    add_entry(entries, "modelled", "key identities instead of key bytes, for fleets; no cryptography");
    return err;
}

static json_t *capability_names(uint64_t capabilities, bool had)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < RK_ALG_COUNT; i++) {
        if (((capabilities & RK_CAP(i)) != 0) == had) {
            json_array_append_new(array, json_string(rk_alg_name(i)));
        }
    }
    return array;
}

/* What the library itself says, through its build for this machine. */
static enum rk_err record_backend(const char *root, const char *name, json_t *record, struct rk_diag *diag)
{
    (void)root;
    if (strcmp(name, "modelled") == 0) {
        json_object_set_new(record, "help", json_string("models any of the libraries: its algorithms are theirs"));
        return RK_OK;
    }
    static struct rk_firmware firmware;
    enum rk_err err = rk_firmware_get("host", name, NULL, &firmware, diag);
    if (err != RK_OK) {
        return err;
    }
    const char *image = rk_firmware_image(&firmware, RK_OP_empty);
    void *object = image == NULL ? NULL : dlopen(image, RTLD_NOW | RTLD_LOCAL);
    void *symbol = object == NULL ? NULL : dlsym(object, "rk_backend_get");
    if (symbol == NULL) {
        err = rk_fail(diag, RK_ERR_MISSING, "%s: cannot be loaded, expected a backend built for the host: %s", name,
                      object == NULL && image != NULL ? dlerror() : rk_firmware_reason(&firmware, RK_OP_empty));
    } else {
        const struct rk_backend *(*get)(void);
        memcpy(&get, &symbol, sizeof get);
        const struct rk_backend *backend = get();
        json_object_set_new(record, "version", json_string(backend->version));
        const char *generator = rk_alg_name(backend->drbg_alg); /* NULL: it has none */
        json_object_set_new(record, "generator", generator != NULL ? json_string(generator) : json_null());
        json_object_set_new(record, "provides", capability_names(backend->capabilities, true));
        json_object_set_new(record, "lacks", capability_names(backend->capabilities, false));
    }
    if (object != NULL) {
        dlclose(object);
    }
    return err;
}

/* ---- policies ---- */

static enum rk_err list_policies(const char *root, json_t *entries, struct rk_diag *diag)
{
    for (unsigned i = 0; i < RK_MECHANISM_COUNT; i++) {
        char summary[200];
        struct rk_scheme scheme;
        RK_REQUIRE(rk_scheme_of(i, &scheme));
        snprintf(summary, sizeof summary, "%s, association class %s: %s", scheme.term, rk_mechanism_class(i),
                 scheme.nist);
        add_entry(entries, rk_mechanism_name(i), summary);
    }
    return list_profiles(&rk_policy_kind, root, entries, diag);
}

static void describe_scheme(unsigned mechanism, json_t *record)
{
    struct rk_scheme scheme;
    char iso[160];
    RK_REQUIRE(rk_scheme_of(mechanism, &scheme));
    snprintf(iso, sizeof iso, "%s%s", scheme.iso, scheme.iso_assumed ? " (our reading)" : "");
    json_object_set_new(record, "renewal", json_string(scheme.term));
    json_object_set_new(record, "nist", json_string(scheme.nist));
    json_object_set_new(record, "iso", json_string(iso));
    json_object_set_new(record, "authentication", json_string(scheme.authentication));
    json_object_set_new(record, "freshness", json_string(scheme.freshness));
}

static enum rk_err record_policy(const char *root, const char *name, json_t *record, struct rk_diag *diag)
{
    if (rk_profile_exists(&rk_policy_kind, root, name)) {
        return record_profile(&rk_policy_kind, root, name, record, diag);
    }
    for (unsigned i = 0; i < RK_MECHANISM_COUNT; i++) {
        if (strcmp(name, rk_mechanism_name(i)) == 0) {
            json_object_set_new(record, "association", json_string(rk_mechanism_class(i)));
            describe_scheme(i, record);
        }
    }
    json_object_set_new(record, "fields", rk_describe_fields(rk_scenario_fields, "policy.", NULL));
    return RK_OK;
}

const struct rk_field *rk_describe_file_fields(const struct rk_describe_kind *kind)
{
    return kind->fields == rk_scenario_fields && kind->prefix != NULL ? rk_policy_fields : kind->fields;
}

const struct rk_describe_kind rk_describe_kinds[] = {
    {"device", "devices/NAME/device.yaml", list_device, record_device, rk_device_fields, NULL},
    {"backend", "crypto libraries", list_backends, record_backend, NULL, NULL},
    {"operation", "what can be called and measured", list_operations, record_operation, NULL, NULL},
    {"policy", "mechanisms, and scenarios/policies/NAME.yaml", list_policies, record_policy, rk_scenario_fields,
     "policy."},
    {"protocol", "scenarios/protocols/NAME.yaml", list_protocol, record_protocol, rk_protocol_fields, NULL},
    {"platform", "scenarios/platforms/NAME.yaml", list_platform, record_platform, rk_platform_fields, NULL},
    {"service", "scenarios/services/NAME.yaml", list_service, record_service, rk_service_fields, NULL},
    {"system", "devices/systems/NAME.yaml", list_system, record_system, rk_system_fields, NULL},
    {"radio", "devices/radios/NAME.yaml", list_radio, record_radio, rk_radio_fields, NULL},
    {"accelerator", "bench/datasheet/NAME.yaml", list_accelerator, record_accelerator, rk_accelerator_fields, NULL},
    {"battery", "devices/batteries/NAME.yaml", list_battery, record_battery, rk_battery_fields, NULL},
    {"scenario", "scenarios/NAME.yaml", list_scenarios, record_scenario, rk_scenario_fields, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};
