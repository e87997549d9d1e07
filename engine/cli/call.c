/* engine/cli/call.c - `rekeylab call`: one operation on an emulated device with the caller's inputs */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation_info.h"
#include "bench/bench.h"
#include "devices/emulators/emulator.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"

enum { INPUTS_MAX = 8 };

struct call_options {
    const char *device, *backend, *op;
    bool json, quiet;
};

struct inputs {
    unsigned count;
    char name[INPUTS_MAX][24];
    uint8_t data[INPUTS_MAX][RK_CALL_DATA_bytes];
    struct rk_bytes value[INPUTS_MAX];
    bool given[INPUTS_MAX];
};

/* Splits "key,nonce,aad" into names. */
static unsigned split_names(const char *text, char name[INPUTS_MAX][24])
{
    unsigned count = 0;
    for (const char *at = text; *at && count < INPUTS_MAX; at += *at == ',') {
        size_t length = strcspn(at, ",");
        snprintf(name[count++], 24, "%.*s", (int)length, at);
        at += length;
    }
    return count;
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

static enum rk_err parse_hex(const char *argument, const char *hex, struct inputs *inputs, unsigned index,
                             struct rk_diag *diag)
{
    size_t length = strlen(hex);
    if (length % 2 != 0 || length / 2 > RK_CALL_DATA_bytes) {
        return rk_fail(diag, RK_ERR_INPUT, "`%.80s`: %zu hexadecimal digits, expected an even number up to %d",
                       argument, length, 2 * RK_CALL_DATA_bytes);
    }
    for (size_t i = 0; i < length; i++) {
        int value = digit(hex[i]);
        if (value < 0) {
            return rk_fail(diag, RK_ERR_INPUT, "`%.80s`: `%c` is no hexadecimal digit, expected 0-9 and a-f", argument,
                           hex[i]);
        }
        uint8_t *at = &inputs->data[index][i / 2];
        *at = (uint8_t)(i % 2 ? *at | value : value << 4);
    }
    inputs->value[index] = (struct rk_bytes){inputs->data[index], (uint16_t)(length / 2)};
    inputs->given[index] = true;
    return RK_OK;
}

/* A count of 16 bits: 4 digits are two hexadecimal bytes, low byte first, as the mailbox has it; else it is decimal. */
static enum rk_err parse_count(const char *argument, const char *text, struct inputs *inputs, unsigned index,
                               struct rk_diag *diag)
{
    size_t digits = strlen(text);
    if (digits == 4) {
        return parse_hex(argument, text, inputs, index, diag);
    }
    unsigned long value =
        digits > 0 && digits < 8 && strspn(text, "0123456789") == digits ? strtoul(text, NULL, 10) : UINT16_MAX + 1ul;
    if (value > UINT16_MAX) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "`%.80s`: expected a decimal number up to %d, or 4 hexadecimal digits, low byte first", argument,
                       UINT16_MAX);
    }
    inputs->data[index][0] = (uint8_t)value;
    inputs->data[index][1] = (uint8_t)(value >> 8);
    inputs->value[index] = (struct rk_bytes){inputs->data[index], 2};
    inputs->given[index] = true;
    return RK_OK;
}

static bool is_count(const char *name)
{
    return strcmp(name, "length") == 0 || strcmp(name, "iterations") == 0;
}

static enum rk_err parse_input(const char *argument, const struct rk_operation_info *info, struct inputs *inputs,
                               struct rk_diag *diag)
{
    const char *equals = strchr(argument, '=');
    for (unsigned i = 0; equals && i < inputs->count; i++) {
        if (strlen(inputs->name[i]) == (size_t)(equals - argument) &&
            strncmp(inputs->name[i], argument, (size_t)(equals - argument)) == 0) {
            if (inputs->given[i]) {
                return rk_fail(diag, RK_ERR_INPUT, "`%.80s`: %s is there twice, expected each input once", argument,
                               inputs->name[i]);
            }
            return is_count(inputs->name[i]) ? parse_count(argument, equals + 1, inputs, i, diag)
                                             : parse_hex(argument, equals + 1, inputs, i, diag);
        }
    }
    return rk_fail(diag, RK_ERR_INPUT, "`%.80s` is no input of %s, expected NAME=HEX with NAME one of: %s", argument,
                   info->name, rk_operation_inputs(info));
}

static json_t *hex_json(const uint8_t *data, uint16_t bytes)
{
    char text[2 * RK_CALL_DATA_bytes + 1] = "";
    for (uint16_t i = 0; i < bytes; i++) {
        snprintf(text + 2 * i, 3, "%02x", data[i]);
    }
    return json_string(text);
}

static json_t *outputs_json(const struct rk_operation_info *info, const struct rk_call *call)
{
    char name[INPUTS_MAX][24];
    unsigned count = split_names(rk_operation_outputs(info), name);
    json_t *outputs = json_object();
    for (unsigned i = 0; i < count && call->result == RK_CRYPTO_OK; i++) {
        const uint8_t *value;
        uint16_t bytes;
        if (rk_call_field(call, i, &value, &bytes)) {
            json_object_set_new(outputs, name[i], hex_json(value, bytes));
        }
    }
    return outputs;
}

static enum rk_err print_result(const struct rk_operation_info *info, const struct rk_call *call,
                                const struct rk_cost_row *row, bool json, struct rk_diag *diag)
{
    json_t *outputs = outputs_json(info, call);
    if (json) {
        return rk_cli_print_json(
            json_pack("{s:o, s:o, s:s}", "outputs", outputs, "cost", rk_cost_row_to_json(row), "status", row->status),
            diag);
    }
    const char *key;
    json_t *value;
    json_object_foreach(outputs, key, value)
    {
        printf("%-12s %s\n", key, json_string_value(value));
    }
    json_decref(outputs);
    printf("%-12s %s\n", "status", row->status);
    if (row->cycles_median != RK_NONE) {
        printf("%-12s %llu (%llu .. %llu)\n", "cycles", (unsigned long long)row->cycles_median,
               (unsigned long long)row->cycles_low, (unsigned long long)row->cycles_high);
    }
    if (row->stack_bytes != RK_NONE) {
        printf("%-12s %llu bytes\n", "stack", (unsigned long long)row->stack_bytes);
    }
    return RK_OK;
}

static enum rk_err collect(const struct rk_operation_info *info, char **argument, size_t count, struct inputs *inputs,
                           struct rk_diag *diag)
{
    inputs->count = split_names(rk_operation_inputs(info), inputs->name);
    for (size_t i = 0; i < count; i++) {
        enum rk_err err = parse_input(argument[i], info, inputs, diag);
        if (err) {
            return err;
        }
    }
    for (unsigned i = 0; i < inputs->count; i++) {
        if (!inputs->given[i]) {
            return rk_fail(diag, RK_ERR_INPUT, "input `%s` of %s is missing, expected %s=HEX", inputs->name[i],
                           info->name, inputs->name[i]);
        }
    }
    return RK_OK;
}

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    const struct call_options *options = context;
    struct inputs inputs = {0};
    struct rk_call call = {0};
    struct rk_cost_row row;
    int operation;
    enum rk_err err = rk_bench_find_operation(options->op, &operation, diag);
    err = err ? err : rk_list_check_one(rk_cli_root(), options->device, options->backend, diag);
    if (err) {
        return err;
    }
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    err = collect(info, argument, count, &inputs, diag);
    err = err ? err
              : rk_bench_call(options->device, options->backend, options->op, inputs.value, inputs.count, &call, &row,
                              diag);
    return err ? err : print_result(info, &call, &row, options->json, diag);
}

int rk_cli_call(int argc, char **argv)
{
    struct call_options options = {0};
    const struct rk_option table[] = {
        RK_OPTION_DEVICE(&options.device),
        RK_OPTION_BACKEND(&options.backend),
        {"--op", NULL, "NAME", "operation (rekeylab describe operation)", RK_OPTION_NEEDED, &options.op},
        RK_OPTION_JSON(&options.json),
        RK_OPTION_QUIET(&options.quiet),
    };
    const struct rk_command command = {
        .name = "call",
        .arguments = "NAME=HEX...",
        .summary = "Runs one operation on the emulated device with your inputs: outputs and cost.\nlength and "
                   "iterations may be "
                   "decimal; 4 digits are hexadecimal, low byte first. Inputs: rekeylab describe operation NAME",
        .example = "rekeylab call --device cortex-m4 --backend mbedtls --op sha256 message=616263",
        .arguments_max = INPUTS_MAX,
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
