/* `rekeylab describe policy FILE.c`: a policy of one's own, and whether it is one. */
#include <stdio.h>
#include <string.h>

#include "bench/policy_check.h"
#include "engine/cli/describe_kinds.h"
#include "engine/cli/options.h"

bool rk_describe_is_own_policy(const char *name)
{
    size_t length = strlen(name);
    return rk_policy_own_is_source(name) || (length > 3 && strcmp(name + length - 3, ".so") == 0);
}

/* One device's row. */
static json_t *row_of(const struct rk_policy_answers *answers)
{
    json_t *row = json_pack("{s:s, s:s, s:i}", "device", answers->device, "answers", "the same", "questions",
                            (int)answers->questions);
    if (answers->has_cycles) {
        json_object_set_new(row, "cycles_min", json_integer((json_int_t)answers->cycles_min));
        json_object_set_new(row, "cycles_max", json_integer((json_int_t)answers->cycles_max));
        json_object_set_new(row, "stack_bytes", json_integer((json_int_t)answers->stack_bytes));
    }
    return row;
}

static enum rk_err check(const struct rk_policy_own *own, const char *devices, json_t *record, struct rk_diag *diag)
{
    char names[512], *save = NULL;
    json_t *rows = json_array();
    json_object_set_new(record, "devices", rows);
    enum rk_err err = rk_policy_check_host(rk_cli_root(), own, diag);
    snprintf(names, sizeof names, "%s", devices);
    for (char *name = strtok_r(names, ",", &save); name != NULL && err == RK_OK; name = strtok_r(NULL, ",", &save)) {
        struct rk_policy_answers answers;
        err = rk_policy_check_device(own, name, &answers, diag);
        if (err == RK_OK) {
            json_array_append_new(rows, row_of(&answers));
        }
    }
    return err;
}

static void print(const json_t *record)
{
    size_t index;
    json_t *row;
    printf("policy: %s\nparameters: %s\nsha256: %s\n", json_string_value(json_object_get(record, "name")),
           json_string_value(json_object_get(record, "parameters")),
           json_string_value(json_object_get(record, "sha256")));
    if (json_object_get(record, "devices") == NULL) {
        return;
    }
    printf("host: %d questions, the same answers each time\n", RK_POLICY_QUESTIONS);
    json_array_foreach(json_object_get(record, "devices"), index, row)
    {
        const json_t *cycles = json_object_get(row, "cycles_min");
        printf("%s: the same answers", json_string_value(json_object_get(row, "device")));
        if (cycles != NULL) {
            printf("; a decision takes %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                   " cycles and %" JSON_INTEGER_FORMAT " B of stack",
                   json_integer_value(cycles), json_integer_value(json_object_get(row, "cycles_max")),
                   json_integer_value(json_object_get(row, "stack_bytes")));
        }
        printf("\n");
    }
}

enum rk_err rk_describe_own_policy(const char *path, const struct rk_describe_own *asked, struct rk_diag *diag)
{
    struct rk_policy_own own;
    enum rk_err err = rk_policy_own_open(rk_cli_root(), path, asked->parameters, &own, diag);
    if (err != RK_OK) {
        return err;
    }
    json_t *record = json_pack("{s:s, s:s, s:s, s:s}", "kind", "policy", "name", path, "parameters", own.parameters,
                               "sha256", own.sha256);
    if (asked->check) {
        err = check(&own, rk_policy_own_is_source(path) ? asked->devices : "", record, diag);
    }
    rk_policy_own_close(&own);
    if (err == RK_OK && asked->json) {
        return rk_cli_print_json(record, diag);
    }
    if (err == RK_OK) {
        print(record);
    }
    json_decref(record);
    return err;
}
