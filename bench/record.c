/* bench/record.c - see record.h */
#include "bench/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/operation_info.h"
#include "bench/cost_csv.h"
#include "engine/core/folder.h"

enum { PATH_bytes = 512 };

/* The rows of one file. */
struct table {
    char path[PATH_bytes];
    struct rk_cost_row *row;
    size_t count;
};

static void append(struct table *table, const struct rk_cost_row *row)
{
    table->row = realloc(table->row, (table->count + 1) * sizeof *table->row);
    RK_REQUIRE(table->row != NULL);
    table->row[table->count++] = *row;
}

/* out: *table is empty when nothing is recorded yet. */
static enum rk_err load(const char *root, const char *device, struct table *table, struct rk_diag *diag)
{
    *table = (struct table){.count = 0};
    snprintf(table->path, sizeof table->path, "%s/bench/measured/%s.csv", root, device);
    FILE *file = fopen(table->path, "r");
    if (file == NULL && errno == ENOENT) {
        return RK_OK;
    }
    if (file == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected recorded rows", table->path, strerror(errno));
    }
    enum rk_err err = rki_cost_csv_read(file, table->path, &table->row, &table->count, diag);
    fclose(file);
    return err;
}

/* Place of a row in the order of bench. Rows of an operation by mechanism carry its name in front. */
static unsigned rank(const struct rk_cost_row *row)
{
    const char *const *names = rk_operation_names();
    unsigned best = 0;
    size_t longest = 0;
    for (unsigned i = 0; names[i]; i++) {
        size_t length = strlen(names[i]);
        if (length > longest && strncmp(row->op, names[i], length) == 0 &&
            (row->op[length] == '\0' || row->op[length] == '_')) {
            longest = length;
            best = i;
        }
    }
    return best;
}

static int by_place(const void *a, const void *b)
{
    const struct rk_cost_row *x = a, *y = b;
    unsigned rank_x = rank(x), rank_y = rank(y);
    int order = strcmp(x->backend, y->backend);
    if (order == 0) {
        order = strverscmp(x->version, y->version);
    }
    if (order == 0) {
        order = (rank_x > rank_y) - (rank_x < rank_y);
    }
    if (order == 0) {
        order = strcmp(x->op, y->op);
    }
    return order != 0 ? order : (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

static struct rk_cost_row *find(const struct table *table, const struct rk_cost_row *row)
{
    for (size_t i = 0; i < table->count; i++) {
        if (by_place(&table->row[i], row) == 0) {
            return &table->row[i];
        }
    }
    return NULL;
}

static enum rk_err save(struct table *table, struct rk_diag *diag)
{
    char temporary[PATH_bytes + 8];
    snprintf(temporary, sizeof temporary, "%s.new", table->path);
    FILE *out = fopen(temporary, "w");
    if (!out) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a file that can be written", temporary, strerror(errno));
    }
    qsort(table->row, table->count, sizeof *table->row, by_place);
    rki_cost_csv_header(out);
    for (size_t i = 0; i < table->count; i++) {
        rki_cost_csv_row(&table->row[i], out);
    }
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (failed || rename(temporary, table->path) != 0) {
        int reason = errno;
        unlink(temporary);
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected the rows to be written", table->path, strerror(reason));
    }
    return RK_OK;
}

static size_t rows_of_device(const struct rk_cost_row *rows, size_t count)
{
    size_t same = 1;
    while (same < count && strcmp(rows[same].device, rows[0].device) == 0) {
        same++;
    }
    return same;
}

/* in: rows of one device. */
static enum rk_err record_device(const char *root, const struct rk_cost_row *rows, size_t count, struct rk_diag *diag)
{
    struct table table;
    enum rk_err err = load(root, rows[0].device, &table, diag);
    if (err) {
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        struct rk_cost_row *recorded = find(&table, &rows[i]);
        if (recorded != NULL) {
            *recorded = rows[i];
        } else {
            append(&table, &rows[i]);
        }
    }
    err = save(&table, diag);
    free(table.row);
    return err;
}

enum rk_err rk_bench_record(const char *root, const struct rk_cost_row *rows, size_t count, struct rk_diag *diag)
{
    char folder[PATH_bytes];
    snprintf(folder, sizeof folder, "%s/bench/measured", root);
    if (!rk_folder_make(folder)) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a folder that can be made", folder, strerror(errno));
    }
    enum rk_err err = RK_OK;
    for (size_t first = 0, same; first < count && !err; first += same) {
        same = rows_of_device(rows + first, count - first);
        err = record_device(root, rows + first, same, diag);
    }
    return err;
}

/* Prints what differs in one row. Text that reads the same is the same: both sides come from the same printer. */
static bool compare_row(const char *path, const struct rk_cost_row *row, const struct rk_cost_row *recorded, FILE *out)
{
    char now[RKI_COST_TEXT_bytes], old[RKI_COST_TEXT_bytes];
    bool differs = false;
    for (const struct rki_cost_field *field = rki_cost_fields; field->key != NULL; field++) {
        rki_cost_csv_value(field, row, now);
        rki_cost_csv_value(field, recorded, old);
        if (strcmp(field->key, "firmware_sha256") != 0 && strcmp(now, old) != 0) {
            fprintf(out, "%s: %s@%s %s %u: %s is %s, recorded %s\n", path, row->backend, row->version, row->op,
                    row->size_bytes, field->key, now[0] ? now : "nothing", old[0] ? old : "nothing");
            differs = true;
        }
    }
    return differs;
}

static bool same_library(const struct rk_cost_row *a, const struct rk_cost_row *b)
{
    return strcmp(a->backend, b->backend) == 0 && strcmp(a->version, b->version) == 0;
}

/* A recorded row of the same library and version. */
static const struct rk_cost_row *any_of_library(const struct table *table, const struct rk_cost_row *row)
{
    for (size_t i = 0; i < table->count; i++) {
        if (same_library(&table->row[i], row)) {
            return &table->row[i];
        }
    }
    return NULL;
}

/* Compares rows of one library on one device. */
static void check_library(const struct table *table, const struct rk_cost_row *rows, size_t count, FILE *out,
                          struct rk_bench_check *check)
{
    const struct rk_cost_row *recorded = any_of_library(table, rows);
    if (recorded == NULL) {
        fprintf(out, "%s: no rows are recorded for %s@%s on %s: compares nothing\n", table->path, rows->backend,
                rows->version, rows->device);
        check->incomparable += count;
        return;
    }
    if (strcmp(recorded->compiler, rows->compiler) != 0) {
        fprintf(out, "%s: %s@%s on %s was recorded with %s, this is %s: compares nothing\n", table->path, rows->backend,
                rows->version, rows->device, recorded->compiler, rows->compiler);
        check->incomparable += count;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        recorded = find(table, &rows[i]);
        if (recorded == NULL) {
            fprintf(out, "%s: %s@%s %s %u: not recorded\n", table->path, rows[i].backend, rows[i].version, rows[i].op,
                    rows[i].size_bytes);
        }
        check->compared++;
        check->different += recorded == NULL || compare_row(table->path, &rows[i], recorded, out);
    }
}

enum rk_err rk_bench_check(const char *root, const struct rk_cost_row *rows, size_t count, FILE *out,
                           struct rk_bench_check *check, struct rk_diag *diag)
{
    *check = (struct rk_bench_check){0};
    for (size_t first = 0, next; first < count; first = next) {
        struct table table;
        enum rk_err err = load(root, rows[first].device, &table, diag);
        if (err) {
            return err;
        }
        size_t end = first + rows_of_device(rows + first, count - first);
        for (size_t at = first; at < end; at = next) {
            for (next = at + 1; next < end && same_library(&rows[at], &rows[next]);) {
                next++;
            }
            check_library(&table, rows + at, next - at, out, check);
        }
        next = end;
        free(table.row);
    }
    return RK_OK;
}

/* Is version `have` what was asked for: the same, or its first fields? NULL asks for any. */
static bool is_version(const char *have, const char *asked)
{
    size_t length = asked != NULL ? strlen(asked) : 0;
    return asked == NULL || (strncmp(have, asked, length) == 0 && (have[length] == '\0' || have[length] == '.'));
}

enum rk_err rk_bench_recorded(const char *root, const char *device, const char *backend, struct rk_cost_row **rows,
                              size_t *count, struct rk_diag *diag)
{
    struct table table;
    size_t name = strcspn(backend, "@");
    const char *asked = backend[name] == '@' ? backend + name + 1 : NULL;
    char newest[sizeof table.row->version] = "";
    *rows = NULL;
    *count = 0;
    enum rk_err err = load(root, device, &table, diag);
    for (size_t i = 0; i < table.count; i++) {
        const struct rk_cost_row *row = &table.row[i];
        if (strlen(row->backend) == name && strncmp(row->backend, backend, name) == 0 &&
            is_version(row->version, asked) && strverscmp(row->version, newest) >= 0) {
            memcpy(newest, row->version, sizeof newest);
        }
    }
    for (size_t i = 0; i < table.count; i++) {
        const struct rk_cost_row *row = &table.row[i];
        if (strlen(row->backend) == name && strncmp(row->backend, backend, name) == 0 &&
            strcmp(row->version, newest) == 0) {
            table.row[(*count)++] = *row;
        }
    }
    *rows = table.row;
    return err;
}
