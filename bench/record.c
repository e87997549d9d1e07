/* bench/record.c - see record.h */
#include "bench/record.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* One row a line. */
static enum rk_err save(const char *path, const json_t *file, struct rk_diag *diag)
{
    char temporary[PATH_bytes + 8];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *out = fopen(temporary, "w");
    if (!out) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a file that can be written", temporary, strerror(errno));
    }
    size_t count = json_array_size(file);
    fputs("[\n", out);
    for (size_t i = 0; i < count; i++) {
        json_dumpf(json_array_get(file, i), out, JSON_COMPACT | JSON_REAL_PRECISION(12));
        fputs(i + 1 < count ? ",\n" : "\n", out);
    }
    fputs("]\n", out);
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
static size_t compare_row(const char *path, const struct rk_cost_row *row, const json_t *recorded, FILE *out)
{
    size_t differences = 0;
    json_t *fresh = rk_cost_row_to_json(row);
    const char *key;
    json_t *value;
    json_object_foreach(fresh, key, value)
    {
        char *now = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
        json_t *old_value = json_object_get(recorded, key);
        char *old = old_value ? json_dumps(old_value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) : NULL;
        if (!old || strcmp(now, old) != 0) {
            fprintf(out, "%s: %s %u: %s is %s, recorded %s\n", path, row->op, row->size_bytes, key, now,
                    old ? old : "nothing");
            differences++;
        }
        free(now);
        free(old);
    }
    json_decref(fresh);
    return differences;
}

enum rk_err rk_bench_check(const char *root, const struct rk_cost_row *rows, size_t count, FILE *out,
                           size_t *differences, struct rk_diag *diag)
{
    *differences = 0;
    for (size_t i = 0; i < count; i++) {
        char path[PATH_bytes];
        json_t *file;
        row_path(root, &rows[i], path);
        enum rk_err err = load(path, &file, diag);
        if (err) {
            return err;
        }
        size_t index;
        const json_t *recorded = find(file, &rows[i], &index);
        if (recorded) {
            *differences += compare_row(path, &rows[i], recorded, out);
        } else {
            fprintf(out, "%s: %s %u: not recorded\n", path, rows[i].op, rows[i].size_bytes);
            *differences += 1;
        }
        json_decref(file);
    }
    return RK_OK;
}
