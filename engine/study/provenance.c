#include "engine/study/provenance.h"

#include <stdio.h>
#include <string.h>

#include "devices/emulators/emulator.h"
#include "engine/core/program.h"
#include "engine/study/platform_file.h"
#include "engine/study/policy_file.h"
#include "engine/study/service_file.h"

struct writer {
    struct rk_store *store;
    const char *root;
    struct rk_diag *diag;
    enum rk_err err; /* the first one; nothing is written after it */
};

static void put(struct writer *writer, const char *item, const char *value, const char *sha256)
{
    if (writer->err == RK_OK) {
        writer->err = rk_store_put_provenance(writer->store, item, value, sha256, writer->diag);
    }
}

/* The first line that git prints. out: whether git succeeded. */
static bool ask_git(const char *root, const char *const *arguments, char *line, size_t size)
{
    const char *argv[8] = {"git", "-C", root};
    size_t count = 3;
    for (size_t i = 0; arguments[i] != NULL && count < 7; i++) {
        argv[count++] = arguments[i];
    }
    int status = rk_program_run(argv, (struct rk_program_text){line, size}, (struct rk_program_text){NULL, 0});
    line[strcspn(line, "\n")] = '\0';
    return status == 0;
}

static void put_tree(struct writer *writer)
{
    static const char *const revision_of[] = {"rev-parse", "HEAD", NULL};
    static const char *const changes_of[] = {"status", "--porcelain", "--untracked-files=no", NULL};
    char revision[128], changes[256];
    bool known = ask_git(writer->root, revision_of, revision, sizeof revision);
    put(writer, "git_revision", known ? revision : "unknown", NULL);
    known = known && ask_git(writer->root, changes_of, changes, sizeof changes);
    put(writer, "git_dirty", !known ? "unknown" : changes[0] == '\0' ? "0" : "1", NULL);
    put(writer, "model", "sources of engine/core, lifecycle, model, sim, of backends/modelled and devices/emulators",
        rk_model_revision);
    put(writer, "compiler", __VERSION__, NULL);
}

/* Paths below the root are written relative to it: results do not tell where a tree lies. */
static void put_file(struct writer *writer, const char *path, const char *what, const char *sha256)
{
    char item[300];
    size_t length = strlen(writer->root);
    bool below = strncmp(path, writer->root, length) == 0 && path[length] == '/';
    const char *base = strrchr(path, '/');
    const char *shown = below ? path + length + 1 : base != NULL && path[0] == '/' ? base + 1 : path;
    snprintf(item, sizeof item, "file:%s", shown);
    put(writer, item, what, sha256);
}

static void put_files(struct writer *writer, const struct rk_sweep *sweep)
{
    put_file(writer, sweep->study->path, "scenario", sweep->study->sha256);
    for (size_t i = 0; i < sweep->devices; i++) {
        const struct rk_sweep_device *device = sweep->device[i];
        put_file(writer, device->profile.path, "device", device->sha256);
        if (device->system_path[0] != '\0') {
            put_file(writer, device->system_path, "system", device->system_sha256);
        }
    }
    for (size_t i = 0; i < sweep->radios; i++) {
        put_file(writer, sweep->radio[i]->profile.path, "radio", sweep->radio[i]->sha256);
    }
    for (size_t i = 0; i < sweep->traces; i++) {
        put_file(writer, sweep->trace[i]->path, "trace", sweep->trace[i]->sha256);
    }
    for (size_t i = 0; i < sweep->study->bases; i++) {
        const struct rk_study_base *base = &sweep->study->base[i];
        if (base->platform != NULL) {
            put_file(writer, base->platform->path, "platform", base->platform_sha256);
        }
        if (base->service != NULL) {
            put_file(writer, base->service->path, "service", base->service_sha256);
        }
        if (base->policy != NULL) {
            put_file(writer, base->policy->path, "policy", base->policy_sha256);
        }
    }
    for (size_t i = 0; i < sweep->batteries; i++) {
        put_file(writer, sweep->battery[i]->profile.path, "battery", sweep->battery[i]->sha256);
    }
}

static void put_emulators(struct writer *writer, const struct rk_sweep *sweep)
{
    for (size_t i = 0; i < sweep->devices; i++) {
        const char *name = sweep->device[i]->profile.emulator;
        bool first = true;
        for (size_t j = 0; j < i; j++) {
            first = first && strcmp(sweep->device[j]->profile.emulator, name) != 0;
        }
        const struct rk_emulator_driver *driver = rk_emulator_driver_find(name);
        if (first && strcmp(name, "host") != 0) {
            put(writer, name, driver != NULL && driver->version != NULL ? driver->version() : "unknown", NULL);
        }
    }
}

static void put_cell(struct writer *writer, const struct rk_sweep *sweep, size_t index)
{
    const struct rk_sweep_cell *cell = sweep->cell[index];
    const char *device = cell->device->profile.name;
    char item[256];
    bool first = true;
    for (size_t i = 0; i < index; i++) {
        first = first && strcmp(sweep->cell[i]->backend, cell->backend) != 0;
    }
    if (first) {
        snprintf(item, sizeof item, "library:%s", cell->backend);
        char value[160];
        snprintf(value, sizeof value, "%s %s, host build %s", cell->library->name, cell->library->version,
                 cell->identity);
        put(writer, item, value, NULL);
    }
    snprintf(item, sizeof item, "costs:%s/%s", device, cell->backend);
    put(writer, item, "cost rows, measured", cell->rows_sha256);
    for (size_t i = 0; i < cell->row_count; i++) {
        const struct rk_cost_row *row = &cell->rows[i];
        bool again =
            i > 0 && strcmp(cell->rows[i - 1].op, row->op) == 0; /* one image an operation, whatever the size */
        if (row->firmware_sha256[0] != '\0' && !again) {
            snprintf(item, sizeof item, "firmware:%s/%s/%s", device, cell->backend, row->op);
            put(writer, item, row->compiler, row->firmware_sha256);
        }
    }
    if (cell->image[0] != '\0') {
        snprintf(item, sizeof item, "firmware:%s/%s/lifecycle", device, cell->backend);
        put(writer, item, "emulated execution", cell->image_sha256);
    }
}

enum rk_err rk_provenance_put(struct rk_store *store, const struct rk_sweep *sweep, const char *root,
                              struct rk_diag *diag)
{
    struct writer writer = {.store = store, .root = root, .diag = diag, .err = RK_OK};
    put_tree(&writer);
    put_files(&writer, sweep);
    put_emulators(&writer, sweep);
    for (size_t i = 0; i < sweep->cells; i++) {
        put_cell(&writer, sweep, i);
    }
    return writer.err;
}
