/* bench/zeroise.c - operations: run, search, go on until what is left is gone */
#include "bench/zeroise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dlfcn.h>

#include "backends/operation_info.h"
#include "bench/zeroise_internal.h"
#include "engine/core/object.h"

/* One call of more is repeated once only, to see how long its residues stay. */
#define LONG_CALL_cycles 50000000u

static const char lifecycle_name[] = "lifecycle";

/* --- one operation --- */

static enum rk_err ask(const struct rki_zeroise_device *device, int operation, uint32_t size, unsigned index,
                       const struct rk_bench_peer *peer, struct rk_call *request, struct rk_call *reply,
                       struct rk_zeroise_row *row, struct rk_diag *diag)
{
    char buffer[96];
    const char *status;
    enum rk_err err = rk_bench_inputs(operation, size, index, 0, peer, request, diag);
    if (err) {
        return err;
    }
    *reply = *request;
    enum rk_call_status came = device->bench->driver->call(device->emulator, reply);
    err = rki_bench_call_status(device->bench, device->emulator, came, buffer, &status, diag);
    if (!err && status == NULL && reply->result != RK_CRYPTO_OK) {
        status = reply->result == RK_CRYPTO_UNSUPPORTED ? "not provided by the library"
                                                        : "crashed: the library reported a failure";
    }
    snprintf(row->status, sizeof row->status, "%s", status != NULL ? status : "ok");
    return err;
}

static enum rk_err go_on(struct rki_zeroise_device *device, int operation, uint32_t size,
                         const struct rk_bench_peer *peer, struct rk_zeroise_set *set,
                         struct rk_zeroise_residue *residue, unsigned residues, unsigned repeats, struct rk_diag *diag)
{
    static _Thread_local struct rk_call request, reply;
    static _Thread_local struct rk_zeroise_residue now[RK_ZEROISE_RESIDUES_MAX];
    uint32_t left[RK_ZEROISE_RESIDUES_MAX];
    struct rk_zeroise_row ignored = {0};
    for (unsigned i = 0; i < residues; i++) {
        left[i] = residue[i].bytes;
    }
    for (unsigned repeat = 1; repeat <= repeats; repeat++) {
        enum rk_err err = ask(device, operation, size, repeat, peer, &request, &reply, &ignored, diag);
        if (err) {
            return err;
        }
        unsigned count = rki_zeroise_search(device, set, reply.cost.heap_bytes, now);
        rki_zeroise_dwell(residue, residues, left, now, count, RK_ZEROISE_PERIOD_s);
    }
    for (unsigned i = 0; i < residues; i++) {
        residue[i].for_ever = left[i] != 0;
    }
    return RK_OK;
}

/* Schedules of keys that nobody gave are secrets with a name from now on: the next ones at their place are others. */
static void name_schedules(const struct rki_zeroise_device *device, struct rk_zeroise_set *set,
                           struct rk_zeroise_residue *residue, unsigned residues)
{
    uint64_t ram = rk_zeroise_image_ram(device->image);
    for (unsigned i = 0; i < residues; i++) {
        if (strcmp(residue[i].what, RK_ZEROISE_ANY_SCHEDULE) == 0 && residue[i].address >= ram) {
            snprintf(residue[i].what, sizeof residue[i].what, "AES key schedule of a derived key");
            rk_zeroise_add(set, residue[i].what, device->memory + (residue[i].address - ram), residue[i].bytes,
                           RK_ZEROISE_DEAD);
        }
    }
}

static uint32_t first_size(const struct rk_operation_info *info)
{
    return (uint32_t)strtoul(info->sizes, NULL, 10);
}

static enum rk_err look_at(struct rki_zeroise_device *device, int operation, uint8_t drbg_alg,
                           const struct rk_bench_peer *peer, struct rk_zeroise_row *row, struct rk_diag *diag)
{
    static _Thread_local struct rk_call request, reply;
    static _Thread_local struct rk_zeroise_residue residue[RK_ZEROISE_RESIDUES_MAX];
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    uint32_t size = first_size(info);
    enum rk_err err = ask(device, operation, size, 0, peer, &request, &reply, row, diag);
    if (err || strcmp(row->status, "ok") != 0) {
        return err;
    }
    row->cycles = reply.cost.has_cycles ? reply.cost.cycles : RK_NONE;
    struct rk_zeroise_set set;
    rk_zeroise_set_init(&set);
    rki_zeroise_secrets(&set, info, drbg_alg, &request, &reply);
    unsigned residues = rki_zeroise_search(device, &set, reply.cost.heap_bytes, residue);
    row->expected_false = rk_zeroise_expected_false(&set, device->ram_bytes);
    name_schedules(device, &set, residue, residues);
    const struct rki_zeroise_wait first = {0};
    err = rki_zeroise_settle(device, residue, residues, &first, &request, diag);
    if (residues > 0 && !err) {
        unsigned repeats = reply.cost.cycles > LONG_CALL_cycles ? 1 : RK_ZEROISE_REPEATS;
        err = go_on(device, operation, size, peer, &set, residue, residues, repeats, diag);
    }
    rki_zeroise_fill(row, residue, residues);
    rk_zeroise_set_free(&set);
    return err;
}

static enum rk_err run_operation(const struct rki_bench *bench, int operation, uint8_t drbg_alg,
                                 const struct rk_bench_peer *peer, struct rk_zeroise_row *row, struct rk_diag *diag)
{
    char buffer[96];
    struct rki_zeroise_device device;
    const char *reason = rki_bench_not_here(bench, operation, buffer);
    snprintf(row->op, sizeof row->op, "%s", rk_operation_info((unsigned)operation)->name);
    if (reason != NULL) {
        snprintf(row->status, sizeof row->status, "%s", reason);
        return RK_OK;
    }
    enum rk_err err = rki_zeroise_open(bench, rk_firmware_image(&bench->firmware, (unsigned)operation), &device, diag);
    if (!err) {
        err = look_at(&device, operation, drbg_alg, peer, row, diag);
    }
    rki_zeroise_close(&device);
    return err;
}

/* --- which --- */

static bool names(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',') {
        if (strcspn(at, ",") == length && strncmp(at, name, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_lifecycle(const struct rk_operation_info *info)
{
    return info->shape == RK_SHAPE_LIFECYCLE || info->shape == RK_SHAPE_LIFECYCLE_BY;
}

/* Steps of the lifecycle are looked at in an agent's life. The default leaves out what repeats another row: longer keys,
 * shorter tags, the legacy RSA. */
static bool is_asked(const char *ops, const struct rk_operation_info *info)
{
    if (is_lifecycle(info) || !rki_zeroise_has_secret(info)) {
        return false;
    }
    if (ops != NULL) {
        return strcmp(ops, "all") == 0 || names(ops, info->name);
    }
    bool rsa = info->alg == RK_ALG_RSA1024 || info->alg == RK_ALG_RSA2048;
    bool variant = info->key == 24 || (info->shape == RK_SHAPE_SEAL && info->variant < 16) ||
                   (info->shape == RK_SHAPE_OPEN && info->variant < 16) ||
                   (info->key == 32 && (info->alg == RK_ALG_AES_CCM || info->alg == RK_ALG_AES_GCM));
    return !rsa && !variant;
}

static bool is_life_asked(const char *ops)
{
    return ops == NULL || strcmp(ops, "all") == 0 || names(ops, lifecycle_name);
}

static enum rk_err check_ops(const char *ops, struct rk_diag *diag)
{
    for (const char *at = ops; at != NULL && *at && strcmp(ops, "all") != 0; at += strcspn(at, ","), at += *at == ',') {
        char name[48];
        int operation;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        if (strcmp(name, lifecycle_name) == 0) {
            continue;
        }
        enum rk_err err = rk_bench_find_operation(name, &operation, diag);
        if (err) {
            return err;
        }
        const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
        if (is_lifecycle(info)) {
            return rk_fail(diag, RK_ERR_INPUT, "operation '%s' is a step of the lifecycle: --op lifecycle looks at it",
                           name);
        }
        if (!rki_zeroise_has_secret(info)) {
            return rk_fail(diag, RK_ERR_INPUT, "operation '%s' has no secret", name);
        }
    }
    return RK_OK;
}

/* --- all --- */

/* A backend's own default generator. */
static enum rk_err default_drbg(const struct rki_bench *bench, uint8_t *alg, struct rk_diag *diag)
{
    struct rk_object object = RK_OBJECT_NONE;
    enum rk_err err = rk_object_load(&object, rk_firmware_image(&bench->host, RK_OP_empty), diag);
    if (err) {
        return err;
    }
    const struct rk_backend *(*get)(void) = (const struct rk_backend *(*)(void))dlsym(object.handle, "rk_backend_get");
    RK_REQUIRE(get != NULL);
    *alg = get()->drbg_alg;
    rk_object_unload(&object);
    return RK_OK;
}

static enum rk_err open_bench(const struct rk_zeroise_request *request, struct rki_bench *bench, struct rk_diag *diag)
{
    enum rk_err err = rki_bench_open(request->device, request->backend, bench, diag);
    bool qemu = !err && strcmp(bench->driver->name, "qemu") == 0;
    const struct rk_firmware_options options = {
        .optimise = request->optimise, .inspect = qemu, .wipe_stack = request->wipe_stack};
    if (err || strcmp(bench->driver->name, "host") == 0 ||
        (request->optimise == NULL && !qemu && !request->wipe_stack)) {
        return err;
    }
    char version[16];
    snprintf(version, sizeof version, "%s", bench->firmware.version);
    char name[64];
    snprintf(name, sizeof name, "%s", bench->firmware.backend);
    char device[32];
    snprintf(device, sizeof device, "%s", bench->firmware.device);
    return rk_firmware_get_as(device, name, version[0] != '\0' ? version : NULL, &options, &bench->firmware, diag);
}

static void init_row(const struct rki_bench *bench, const struct rk_zeroise_request *request,
                     struct rk_zeroise_row *row)
{
    const char *level = strstr(bench->firmware.flags, "-O");
    *row = (struct rk_zeroise_row){.after = "return", .wipe_stack = request->wipe_stack, .cycles = RK_NONE};
    snprintf(row->device, sizeof row->device, "%s", bench->device.name);
    snprintf(row->backend, sizeof row->backend, "%s", bench->firmware.backend);
    snprintf(row->version, sizeof row->version, "%s", bench->firmware.version);
    snprintf(row->optimise, sizeof row->optimise, "%.2s", level != NULL ? level + 1 : "");
}

static enum rk_err look_at_all(const struct rki_bench *bench, const struct rk_zeroise_request *request,
                               struct rk_zeroise_row **rows, size_t *count, struct rk_diag *diag)
{
    const struct rk_device_profile host = {.name = "host", .emulator = "host", .nvm_bytes = bench->device.nvm_bytes};
    struct rk_bench_peer peer = {.driver = rk_emulator_driver_find("host")};
    struct rk_zeroise_row blank;
    uint8_t drbg_alg = RK_ALG_COUNT;
    init_row(bench, request, &blank);
    if (strcmp(bench->driver->name, "host") == 0) {
        *rows = malloc(sizeof **rows);
        RK_REQUIRE(*rows != NULL);
        (*rows)[(*count)++] = blank;
        snprintf((*rows)->op, sizeof(*rows)->op, "all");
        snprintf((*rows)->status, sizeof(*rows)->status, "not searched: the host's memory is that of the process");
        return RK_OK;
    }
    enum rk_err err = peer.driver->open(&peer.emulator, &host, rk_firmware_image(&bench->host, RK_OP_empty), diag);
    if (!err) {
        err = default_drbg(bench, &drbg_alg, diag);
    }
    unsigned total = is_life_asked(request->ops), done = 0;
    for (unsigned op = 0; rk_operation_info(op) != NULL; op++) {
        total += is_asked(request->ops, rk_operation_info(op));
    }
    *rows = calloc(total + 1, sizeof **rows);
    RK_REQUIRE(*rows != NULL);
    for (unsigned op = 0; rk_operation_info(op) != NULL && !err; op++) {
        if (is_asked(request->ops, rk_operation_info(op))) {
            struct rk_zeroise_row *row = &(*rows)[(*count)++];
            *row = blank;
            err = run_operation(bench, (int)op, drbg_alg, &peer, row, diag);
            if (request->progress != NULL) {
                request->progress(request->progress_context, ++done, total);
            }
        }
    }
    if (!err && is_life_asked(request->ops)) {
        err = rki_zeroise_life(bench, &blank, rows, count, diag);
    }
    if (peer.emulator != NULL) {
        peer.driver->close(peer.emulator);
    }
    return err;
}

enum rk_err rk_zeroise_look(const struct rk_zeroise_request *request, struct rk_zeroise_row **rows, size_t *count,
                            struct rk_diag *diag)
{
    static _Thread_local struct rki_bench bench;
    *rows = NULL;
    *count = 0;
    enum rk_err err = check_ops(request->ops, diag);
    if (!err) {
        err = open_bench(request, &bench, diag);
    }
    if (!err) {
        err = look_at_all(&bench, request, rows, count, diag);
    }
    if (err) {
        rk_zeroise_free(*rows, *count);
        *rows = NULL;
        *count = 0;
    }
    return err;
}

void rk_zeroise_free(struct rk_zeroise_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(rows[i].residue);
    }
    free(rows);
}
