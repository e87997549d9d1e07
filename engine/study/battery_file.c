#include "engine/study/battery_file.h"

const struct rk_field rk_battery_fields[] = {
    {.key = "name",
     .type = RK_FIELD_NAME,
     RK_AT(struct rk_battery_profile, name),
     .min = 1,
     .help = "what it is called on the command line; the file's name"},
    {.key = "title",
     .type = RK_FIELD_TEXT,
     RK_AT(struct rk_battery_profile, title),
     .min = 1,
     .help = "what it is called in reports"},
    {.key = "voltage",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_VOLTAGE,
     RK_AT(struct rk_battery_profile, voltage_mV),
     .min = 500,
     .max = 60000,
     .help = "nominal, of all cells together"},
    {.key = "capacity",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_CHARGE,
     RK_AT(struct rk_battery_profile, capacity_nAh),
     .min = 1,
     .max = 1000000000000ull,
     .help = "nominal capacity at a low drain"},
    {.key = "usable",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_RATIO,
     RK_AT(struct rk_battery_profile, usable_ppm),
     .min = 1,
     .max = 1000000,
     .help = "share of the nominal capacity down to the cut-off"},
    {.key = "cutoff",
     .type = RK_FIELD_QUANTITY,
     .dimension = RK_DIM_VOLTAGE,
     RK_AT(struct rk_battery_profile, cutoff_mV),
     .min = 100,
     .max = 60000,
     .help = "voltage at which the device stops"},
    {.key = "self_discharge",
     .type = RK_FIELD_COEFFICIENT,
     .dimension = RK_DIM_RATIO_PER_YEAR,
     RK_AT(struct rk_battery_profile, self_discharge_ppm_per_year),
     .max = 1000000,
     .help = "share of the nominal capacity lost a year"},
    {.key = NULL},
};

static enum rk_err check(const void *profile, const char *path, const struct rk_yaml *root, struct rk_diag *diag)
{
    const struct rk_battery_profile *battery = profile;
    const struct rk_profile_kind *kind = &rk_battery_kind;
    if (battery->cutoff_mV >= battery->voltage_mV) {
        return rk_profile_refuse(kind, battery, path, root, "cutoff", "less than the voltage", diag);
    }
    return RK_OK;
}

const struct rk_profile_kind rk_battery_kind = {
    .what = "battery",
    .folder = "devices/batteries",
    .file = NULL,
    .fields = rk_battery_fields,
    .size = sizeof(struct rk_battery_profile),
    .path_offset = offsetof(struct rk_battery_profile, path),
    .check = check,
};

enum rk_err rk_battery_list(const char *root, struct rk_names *names, struct rk_diag *diag)
{
    return rk_profile_list(&rk_battery_kind, root, names, diag);
}

enum rk_err rk_battery_load(const char *root, const char *name, struct rk_battery_profile *battery,
                            struct rk_diag *diag)
{
    return rk_profile_load(&rk_battery_kind, root, name, battery, diag);
}
