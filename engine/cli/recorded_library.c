#include "engine/cli/recorded_library.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation_info.h"
#include "bench/record.h"
#include "engine/study/device_file.h"

/* What `free()` takes as one: the texts stand behind what points to them. */
struct recorded {
    struct rk_backend library;
    char name[48], version[48];
};

static uint64_t capability_of(const struct rk_cost_row *row)
{
    int operation = rk_operation_find(row->op);
    const struct rk_operation_info *info = operation >= 0 ? rk_operation_info((unsigned)operation) : NULL;
    bool provided = strcmp(row->status, "not provided by the library") != 0;
    return info != NULL && info->alg != RK_ALG_COUNT && provided ? RK_CAP(info->alg) : 0;
}

static enum rk_err add_rows(const char *root, const char *device, const char *backend, struct recorded *recorded,
                            struct rk_diag *diag)
{
    struct rk_cost_row *rows;
    size_t count;
    enum rk_err err = rk_bench_recorded(root, device, backend, &rows, &count, diag);
    if (err == RK_OK && count > 0 && strverscmp(rows->version, recorded->version) >= 0) {
        if (strcmp(rows->version, recorded->version) != 0) {
            recorded->library.capabilities = 0;
        }
        snprintf(recorded->name, sizeof recorded->name, "%s", rows->backend);
        snprintf(recorded->version, sizeof recorded->version, "%s", rows->version);
        for (size_t i = 0; i < count; i++) {
            recorded->library.capabilities |= capability_of(&rows[i]);
        }
    }
    free(rows);
    return err;
}

/* The line `set(RK_BACKEND_DRBG RK_ALG_CTR_DRBG)`; a library without one has no generator. */
static uint8_t generator_of(const char *root, const char *name)
{
    static const char set[] = "set(RK_BACKEND_DRBG RK_ALG_";
    char path[4096], line[256], generator[64] = "";
    snprintf(path, sizeof path, "%s/backends/%s/backend.cmake", root, name);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, set, strlen(set)) == 0) {
            snprintf(generator, sizeof generator, "%.*s", (int)strcspn(line + strlen(set), ")"), line + strlen(set));
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    for (char *at = generator; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    unsigned alg = 0;
    while (alg < RK_ALG_COUNT && strcmp(rk_alg_name(alg), generator) != 0) {
        alg++;
    }
    return (uint8_t)alg;
}

enum rk_err rk_recorded_library(const char *root, const char *backend, struct rk_backend **library,
                                struct rk_diag *diag)
{
    struct rk_names devices;
    struct recorded *recorded = calloc(1, sizeof *recorded);
    RK_REQUIRE(recorded != NULL);
    *library = NULL;
    enum rk_err err = rk_device_list(root, &devices, diag);
    for (unsigned i = 0; i < devices.count && err == RK_OK; i++) {
        err = add_rows(root, devices.name[i], backend, recorded, diag);
    }
    if (err != RK_OK || recorded->version[0] == '\0') {
        free(recorded);
        return err;
    }
    recorded->library.name = recorded->name;
    recorded->library.version = recorded->version;
    recorded->library.drbg_alg = generator_of(root, recorded->name);
    *library = &recorded->library;
    return RK_OK;
}
