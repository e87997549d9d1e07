/* bench/record.c - see record.h */
#include "bench/record.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/operation_info.h"

enum { PATH_bytes = 512 };

static void row_path(const char *root, const struct rk_cost_row *row, char path[PATH_bytes])
{
    snprintf(path, PATH_bytes, "%s/bench/measured/%s/%s@%s.json", root, row->device, row->backend, row->version);
}

static bool same_file(const struct rk_cost_row *a, const struct rk_cost_row *b)
{
    return strcmp(a->device, b->device) == 0 && strcmp(a->backend, b->backend) == 0 &&
           strcmp(a->version, b->version) == 0;
}

static bool same_row(const struct rk_cost_row *row, const json_t *recorded)
{
    const char *op = json_string_value(json_object_get(recorded, "op"));
    return op && strcmp(op, row->op) == 0 &&
           json_integer_value(json_object_get(recorded, "size_bytes")) == (json_int_t)row->size_bytes;
}

/* out: *file is a new array, empty when nothing is recorded yet. */
static enum rk_err load(const char *path, json_t **file, struct rk_diag *diag)
{
    if (access(path, F_OK) != 0) {
        *file = json_array();
        return RK_OK;
    }
    json_error_t error;
    *file = json_load_file(path, 0, &error);
    if (!*file) {
        return rk_fail(diag, RK_ERR_INPUT, "%s:%d:%d: %s, expected recorded cost rows", path, error.line, error.column,
                       error.text);
    }
    if (!json_is_array(*file)) {
        json_decref(*file);
        return rk_fail(diag, RK_ERR_INPUT, "%s:1:1: not an array, expected recorded cost rows", path);
    }
    size_t index;
    const json_t *row;
    json_array_foreach(*file, index, row)
    {
        if (!json_is_string(json_object_get(row, "op")) || !json_is_integer(json_object_get(row, "size_bytes")) ||
            !json_is_string(json_object_get(row, "compiler"))) {
            json_decref(*file);
            return rk_fail(diag, RK_ERR_INPUT,
                           "%s: element %zu has no op, size_bytes and compiler, expected a cost row", path, index);
        }
    }
    return RK_OK;
}

static json_t *find(json_t *file, const struct rk_cost_row *row, size_t *index)
{
    for (*index = 0; *index < json_array_size(file); (*index)++) {
        json_t *recorded = json_array_get(file, *index);
        if (same_row(row, recorded)) {
            return recorded;
        }
    }
    return NULL;
}

static enum rk_err make_folders(const char *path, struct rk_diag *diag)
{
    char folder[PATH_bytes];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a folder that can be made", folder, strerror(errno));
        }
        *slash = '/';
    }
    return RK_OK;
}

/* Place of a recorded row in the order of bench. Rows of an operation by mechanism carry its name in front. */
static unsigned rank(const json_t *row)
{
    const char *op = json_string_value(json_object_get(row, "op"));
    const char *const *names = rk_operation_names();
    unsigned best = 0;
    size_t longest = 0;
    for (unsigned i = 0; op && names[i]; i++) {
        size_t length = strlen(names[i]);
        if (length > longest && strncmp(op, names[i], length) == 0 && (op[length] == '\0' || op[length] == '_')) {
            longest = length;
            best = i;
        }
    }
    return best;
}

static int by_place(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    unsigned rank_x = rank(x), rank_y = rank(y);
    if (rank_x != rank_y) {
        return rank_x < rank_y ? -1 : 1;
    }
    int by_name = strcmp(json_string_value(json_object_get(x, "op")), json_string_value(json_object_get(y, "op")));
    json_int_t size_x = json_integer_value(json_object_get(x, "size_bytes"));
    json_int_t size_y = json_integer_value(json_object_get(y, "size_bytes"));
    return by_name != 0 ? by_name : (size_x > size_y) - (size_x < size_y);
}

static void print_rows(const json_t *file, FILE *out)
{
    size_t count = json_array_size(file);
    json_t **row = calloc(count, sizeof *row);
    RK_REQUIRE(row != NULL || count == 0);
    for (size_t i = 0; i < count; i++) {
        row[i] = json_array_get(file, i);
    }
    qsort(row, count, sizeof *row, by_place);
    fputs("[\n", out);
    for (size_t i = 0; i < count; i++) {
        json_dumpf(row[i], out, JSON_COMPACT | JSON_REAL_PRECISION(12));
        fputs(i + 1 < count ? ",\n" : "\n", out);
    }
    fputs("]\n", out);
    free(row);
}

/* One row a line. */
static enum rk_err save(const char *path, const json_t *file, struct rk_diag *diag)
{
    char temporary[PATH_bytes + 8];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *out = fopen(temporary, "w");
    if (!out) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a file that can be written", temporary, strerror(errno));
    }
    print_rows(file, out);
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (failed || rename(temporary, path) != 0) {
        int reason = errno;
        unlink(temporary);
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected the rows to be written", path, strerror(reason));
    }
    return RK_OK;
}

enum rk_err rk_bench_record(const char *root, const struct rk_cost_row *rows, size_t count, struct rk_diag *diag)
{
    for (size_t first = 0; first < count;) {
        char path[PATH_bytes];
        json_t *file;
        row_path(root, &rows[first], path);
        enum rk_err err = make_folders(path, diag);
        if (!err) {
            err = load(path, &file, diag);
        }
        if (err) {
            return err;
        }
        size_t next = first;
        for (; next < count && same_file(&rows[first], &rows[next]); next++) {
            size_t index;
            if (find(file, &rows[next], &index)) {
                json_array_set_new(file, index, rk_cost_row_to_json(&rows[next]));
            } else {
                json_array_append_new(file, rk_cost_row_to_json(&rows[next]));
            }
        }
        err = save(path, file, diag);
        json_decref(file);
        if (err) {
            return err;
        }
        first = next;
    }
    return RK_OK;
}

/* Prints what differs in one row. Text that reads the same is the same: both sides come from the same printer. */
static bool compare_row(const char *path, const struct rk_cost_row *row, const json_t *recorded, FILE *out)
{
    bool differs = false;
    json_t *fresh = rk_cost_row_to_json(row);
    const char *key;
    json_t *value;
    json_object_foreach(fresh, key, value)
    {
        char *now = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
        json_t *old_value = json_object_get(recorded, key);
        char *old = old_value ? json_dumps(old_value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) : NULL;
        if (strcmp(key, "firmware_sha256") != 0 && (!old || strcmp(now, old) != 0)) {
            fprintf(out, "%s: %s %u: %s is %s, recorded %s\n", path, row->op, row->size_bytes, key, now,
                    old ? old : "nothing");
            differs = true;
        }
        free(now);
        free(old);
    }
    json_decref(fresh);
    return differs;
}

/* Why rows like this one cannot be compared with the file. out: NULL when they can. */
static const char *incomparable(const json_t *file, const struct rk_cost_row *row, char *reason, size_t bytes)
{
    if (json_array_size(file) == 0) {
        snprintf(reason, bytes, "no rows are recorded for %s@%s on %s", row->backend, row->version, row->device);
        return reason;
    }
    const char *compiler = json_string_value(json_object_get(json_array_get(file, 0), "compiler"));
    if (strcmp(compiler, row->compiler) != 0) {
        snprintf(reason, bytes, "%s@%s on %s was recorded with %s, this is %s", row->backend, row->version, row->device,
                 compiler, row->compiler);
        return reason;
    }
    return NULL;
}

/* Compares rows of one file. */
static enum rk_err check_file(const char *root, const struct rk_cost_row *rows, size_t count, FILE *out,
                              struct rk_bench_check *check, struct rk_diag *diag)
{
    char path[PATH_bytes], reason[320];
    json_t *file;
    row_path(root, rows, path);
    enum rk_err err = load(path, &file, diag);
    if (err) {
        return err;
    }
    if (incomparable(file, rows, reason, sizeof reason)) {
        fprintf(out, "%s: %s: compares nothing\n", path, reason);
        check->incomparable += count;
        json_decref(file);
        return RK_OK;
    }
    for (size_t i = 0; i < count; i++) {
        size_t index;
        const json_t *recorded = find(file, &rows[i], &index);
        if (!recorded) {
            fprintf(out, "%s: %s %u: not recorded\n", path, rows[i].op, rows[i].size_bytes);
        }
        check->compared++;
        check->different += !recorded || compare_row(path, &rows[i], recorded, out);
    }
    json_decref(file);
    return RK_OK;
}

enum rk_err rk_bench_check(const char *root, const struct rk_cost_row *rows, size_t count, FILE *out,
                           struct rk_bench_check *check, struct rk_diag *diag)
{
    *check = (struct rk_bench_check){0};
    enum rk_err err = RK_OK;
    for (size_t first = 0, next; first < count && !err; first = next) {
        for (next = first + 1; next < count && same_file(&rows[first], &rows[next]);) {
            next++;
        }
        err = check_file(root, &rows[first], next - first, out, check, diag);
    }
    return err;
}
