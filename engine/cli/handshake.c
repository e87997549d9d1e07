/* engine/cli/handshake.c - `rekeylab handshake`: what a library's own TLS or DTLS sends, computes and needs */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/handshake.h"
#include "bench/handshake_compare.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/fields.h"

struct options {
    const char *device, *backend, *peer, *protocol, *auth, *files;
    unsigned long seed;
    bool json, quiet;
};

static const char *const peers[] = {"self", "openssl", NULL};
static const char *const roles[] = {"client", "server"};

static enum rk_err find(const char *option, const char *name, const char *const *names, uint8_t *index,
                        struct rk_diag *diag)
{
    for (*index = 0; names[*index] != NULL; (*index)++) {
        if (strcmp(names[*index], name) == 0) {
            return RK_OK;
        }
    }
    const char *nearest = rk_nearest_name(name, names);
    return rk_fail(diag, RK_ERR_INPUT, "--%s %.40s, expected '%s'", option, name, nearest != NULL ? nearest : names[0]);
}

static json_t *flight_json(const struct rk_handshake_flight *flight)
{
    json_t *parts = json_array();
    for (unsigned i = 0; i < flight->parts; i++) {
        const struct rk_handshake_part *part = &flight->part[i];
        json_array_append_new(
            parts, json_pack("{s:i, s:s, s:i}", "level", part->level, "name", part->name, "bytes", part->bytes));
    }
    return json_pack("{s:s, s:i, s:i, s:o}", "from", roles[flight->from], "bytes", flight->bytes, "datagrams",
                     flight->datagrams, "parts", parts);
}

static json_t *step_json(const struct rk_handshake_step *step)
{
    json_t *object = json_pack("{s:i, s:i}", "in_bytes", step->in_bytes, "out_bytes", step->out_bytes);
    if (step->has_cycles) {
        json_object_set_new(object, "cycles", json_integer((json_int_t)step->cycles));
        json_object_set_new(object, "cycles_low", json_integer((json_int_t)step->cycles_low));
        json_object_set_new(object, "cycles_high", json_integer((json_int_t)step->cycles_high));
    }
    return object;
}

static json_t *counts_json(const uint16_t *count)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < RK_HANDSHAKE_COUNTS; i++) {
        json_object_set_new(object, rk_handshake_count_names[i], json_integer(count[i]));
    }
    return object;
}

static json_t *known(bool is_known, uint64_t value)
{
    return is_known ? json_integer((json_int_t)value) : json_null();
}

/* What stands beside the library's bytes: a protocol's file, or why there is none. */
struct beside {
    const char *file, *why;
    struct rk_protocol protocol;
    struct rk_handshake_comparison comparison;
};

static json_t *difference_json(const struct rk_handshake_difference *at, unsigned number)
{
    json_t *reasons = json_array();
    for (unsigned i = 0; i < at->reasons; i++) {
        json_array_append_new(reasons,
                              json_pack("{s:s, s:i}", "part", at->reason[i].part, "bytes", at->reason[i].bytes));
    }
    return json_pack("{s:i, s:s, s:i, s:i, s:i, s:o, s:i}", "flight", number, "from", roles[at->from], "bytes_real",
                     at->real_bytes, "bytes_file", at->file_bytes, "difference", at->real_bytes - at->file_bytes,
                     "explained", reasons, "unexplained", at->unexplained_bytes);
}

static json_t *beside_json(const struct beside *beside, const uint16_t *count)
{
    if (beside->file == NULL) {
        return json_pack("{s:n, s:s}", "file", "reason", beside->why);
    }
    json_t *flights = json_array(), *operations = json_array();
    for (unsigned i = 0; i < beside->comparison.flights; i++) {
        json_array_append_new(flights, difference_json(&beside->comparison.flight[i], i + 1));
    }
    for (unsigned i = 0; i < RK_COMPARED_OPERATIONS; i++) {
        json_array_append_new(operations,
                              json_pack("{s:s, s:i, s:i}", "operation", rk_handshake_count_names[i], "count_real",
                                        count[i], "count_file", beside->comparison.file_count[i]));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "file", beside->file, "is_explained", beside->comparison.is_explained,
                     "flights", flights, "operations", operations);
}

static void print_beside(const struct beside *beside, const uint16_t *count)
{
    if (beside->file == NULL) {
        printf("beside no protocol file: %s\n", beside->why);
        return;
    }
    printf("beside scenarios/protocols/%s.yaml:\n%-6s %-8s %6s %6s %6s %12s\n", beside->file, "flight", "from", "real",
           "file", "more", "unexplained");
    for (unsigned i = 0; i < beside->comparison.flights; i++) {
        const struct rk_handshake_difference *at = &beside->comparison.flight[i];
        printf("%-6u %-8s %6d %6d %+6d %12d ", i + 1, roles[at->from], at->real_bytes, at->file_bytes,
               at->real_bytes - at->file_bytes, at->unexplained_bytes);
        for (unsigned reason = 0; reason < at->reasons; reason++) {
            printf("%s %s %+d", reason > 0 ? "," : "", at->reason[reason].part, at->reason[reason].bytes);
        }
        printf("\n");
    }
    printf("the client's calls, real and by the file:");
    for (unsigned i = 0; i < RK_COMPARED_OPERATIONS; i++) {
        printf("%s %s %u %u", i > 0 ? "," : "", rk_handshake_count_names[i], count[i],
               beside->comparison.file_count[i]);
    }
    printf("\n");
}

static enum rk_err compare(const struct options *options, const struct rk_handshake_request *request,
                           const struct rk_handshake_outcome *outcome, struct beside *beside, struct rk_diag *diag)
{
    beside->file = rk_handshake_file(request->protocol, request->auth, &beside->why);
    if (strcmp(outcome->status, "ok") != 0) {
        beside->file = NULL;
        beside->why = "the handshake did not succeed";
    }
    if (beside->file == NULL) {
        return RK_OK;
    }
    const char *root = options->files != NULL ? options->files : rk_cli_root();
    enum rk_err err = rk_profile_load(&rk_protocol_kind, root, beside->file, &beside->protocol, diag);
    if (!err) {
        rk_handshake_compare(request, outcome, &beside->protocol, &beside->comparison);
    }
    return err;
}

static enum rk_err print_json(const struct options *options, const struct rk_handshake_outcome *outcome,
                              const struct beside *beside, struct rk_diag *diag)
{
    json_t *flights = json_array(), *steps = json_array(), *counts = json_object();
    bool host = strcmp(options->device, "host") == 0;
    for (unsigned i = 0; i < outcome->flights; i++) {
        json_array_append_new(flights, flight_json(&outcome->flight[i]));
    }
    for (unsigned i = 0; i < outcome->steps; i++) {
        json_array_append_new(steps, step_json(&outcome->step[i]));
    }
    for (unsigned role = 0; role < (outcome->compared_keys ? 2u : 1u); role++) {
        json_object_set_new(counts, roles[role], counts_json(outcome->count[role]));
    }
    json_t *document = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "device", options->device, "backend",
        options->backend, "version", outcome->version, "peer", options->peer, "peer_version", outcome->peer_version,
        "protocol", options->protocol, "auth", options->auth, "status", outcome->status, "flights", flights, "steps",
        steps, "counts", counts, "same_keys", outcome->compared_keys ? json_boolean(outcome->same_keys) : json_null());
    for (unsigned role = 0; role < 2; role++) {
        json_object_set_new(document, role == 0 ? "record_bytes_client" : "record_bytes_server",
                            known(outcome->record_bytes[role] > 0, outcome->record_bytes[role]));
    }
    json_object_set_new(document, "comparison", beside_json(beside, outcome->count[RK_HANDSHAKE_CLIENT]));
    json_object_set_new(document, "cycles", known(!host, outcome->cycles));
    json_object_set_new(document, "stack_bytes", known(outcome->has_stack, outcome->stack_bytes));
    json_object_set_new(document, "heap_bytes", json_integer((json_int_t)outcome->heap_bytes));
    json_object_set_new(document, "ram_static_bytes", known(!host, outcome->ram_static_bytes));
    json_object_set_new(document, "flash_bytes", known(!host, outcome->flash_bytes));
    return rk_cli_print_json(document, diag);
}

static void print_flights(const struct rk_handshake_outcome *outcome)
{
    for (unsigned i = 0; i < outcome->flights; i++) {
        const struct rk_handshake_flight *flight = &outcome->flight[i];
        printf("flight %u, %s: %u bytes in %u\n", i + 1, roles[flight->from], flight->bytes, flight->datagrams);
        for (unsigned part = 0; part < flight->parts; part++) {
            const struct rk_handshake_part *at = &flight->part[part];
            printf("  %*s%-*s %5u\n", 2 * at->level, "", 44 - 2 * at->level, at->name, at->bytes);
        }
    }
}

static void print_table(const struct options *options, const struct rk_handshake_outcome *outcome)
{
    printf("%s %s on %s, %s, %s, with %s: %s\n", options->backend, outcome->version, options->device, options->protocol,
           options->auth, outcome->peer_version, outcome->status);
    print_flights(outcome);
    printf("calls to primitives:");
    for (unsigned role = 0; role < (outcome->compared_keys ? 2u : 1u); role++) {
        printf("%s %s", role > 0 ? ";" : "", roles[role]);
        for (unsigned i = 0; i < RK_HANDSHAKE_COUNTS; i++) {
            printf(", %s %u", rk_handshake_count_names[i], outcome->count[role][i]);
        }
    }
    printf("\n");
    if (outcome->steps > 0 && outcome->step[0].has_cycles) {
        printf("%-6s %9s %9s %14s\n", "step", "in, bytes", "out", "cycles");
        for (unsigned i = 0; i < outcome->steps; i++) {
            const struct rk_handshake_step *step = &outcome->step[i];
            printf("%-6s %9u %9u %14llu\n", i == 0 ? "begin" : "", step->in_bytes, step->out_bytes,
                   (unsigned long long)step->cycles);
        }
        printf("client: %llu cycles, stack %llu, heap %llu, static RAM %llu, flash %llu bytes\n",
               (unsigned long long)outcome->cycles, (unsigned long long)outcome->stack_bytes,
               (unsigned long long)outcome->heap_bytes, (unsigned long long)outcome->ram_static_bytes,
               (unsigned long long)outcome->flash_bytes);
    }
    printf("a text of %d bytes each way: records of %u and %u bytes; keys: %s\n", RK_HANDSHAKE_TEXT_bytes,
           outcome->record_bytes[0], outcome->record_bytes[1],
           !outcome->compared_keys ? "not compared, the records show them"
           : outcome->same_keys    ? "the same"
                                   : "differ");
}

static enum rk_err run(void *context, char **argument, size_t count, struct rk_diag *diag)
{
    const struct options *options = context;
    struct rk_handshake_request request = {.device = options->device, .backend = options->backend};
    uint8_t peer = 0;
    (void)argument, (void)count;
    enum rk_err err = find("peer", options->peer, peers, &peer, diag);
    err = err ? err : find("protocol", options->protocol, rk_handshake_protocol_names, &request.protocol, diag);
    err = err ? err : find("auth", options->auth, rk_handshake_auth_names, &request.auth, diag);
    err = err ? err : rk_list_check_one(rk_cli_root(), options->device, options->backend, diag);
    if (!err && options->seed > 250) {
        err = rk_fail(diag, RK_ERR_INPUT, "--seed %lu, expected 0 to 250", options->seed);
    }
    struct rk_handshake_outcome *outcome = err ? NULL : malloc(sizeof *outcome);
    struct beside *beside = err ? NULL : calloc(1, sizeof *beside);
    if (outcome == NULL || beside == NULL) {
        free(outcome);
        free(beside);
        return err ? err : rk_fail(diag, RK_ERR_MEMORY, "no memory for a handshake");
    }
    request.openssl = peer == 1;
    request.seed = (uint8_t)options->seed;
    err = rk_handshake_run(&request, outcome, diag);
    err = err ? err : compare(options, &request, outcome, beside, diag);
    if (!err && options->json) {
        err = print_json(options, outcome, beside, diag);
    } else if (!err) {
        print_table(options, outcome);
        print_beside(beside, outcome->count[RK_HANDSHAKE_CLIENT]);
    }
    if (!err && (strcmp(outcome->status, "ok") != 0 || (beside->file != NULL && !beside->comparison.is_explained))) {
        err = RK_ERR_CHECK;
        diag->text[0] = '\0';
    }
    free(outcome);
    free(beside);
    return err;
}

int rk_cli_handshake(int argc, char **argv)
{
    struct options options = {.peer = "self", .protocol = "dtls1.2", .auth = "psk", .seed = 1};
    const struct rk_option table[] = {
        RK_OPTION_DEVICE(&options.device),
        RK_OPTION_BACKEND(&options.backend),
        {"--peer", NULL, "NAME", "self (default): the library's own server; openssl: s_server", RK_OPTION_TEXT,
         &options.peer},
        {"--protocol", NULL, "NAME", "dtls1.2 (default), tls1.2, dtls1.3 or tls1.3", RK_OPTION_TEXT, &options.protocol},
        {"--auth", NULL, "NAME", "psk (default), ecdhe-psk, certificate, raw-public-key, resumption, key-update",
         RK_OPTION_TEXT, &options.auth},
        {"--seed", NULL, "N", "of the client's random numbers; the server has the next (default 1)", RK_OPTION_NUMBER,
         &options.seed},
        {"--files", NULL, "DIR", "with scenarios/protocols/, to compare with (default: this tree)", RK_OPTION_TEXT,
         &options.files},
        RK_OPTION_JSON(&options.json),
        RK_OPTION_QUIET(&options.quiet),
    };
    const struct rk_command command = {
        .name = "handshake",
        .arguments = "",
        .summary =
            "A library's own TLS or DTLS client on an emulated device, against a real server: bytes of each\n"
            "flight by part, calls to primitives on each side, cycles of each step, memory; then a text each\n"
            "way; and the bytes that the protocol's file gives each flight, the difference explained by part. Exit\n"
            "status 1 when it does not succeed, with the reason, or a byte is unexplained. bench/README.md",
        .example = "rekeylab handshake --device cortex-m4 --backend mbedtls --protocol dtls1.2 --peer openssl",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &options);
}
