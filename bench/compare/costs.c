#include "bench/compare/compare.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/cost_csv.h"
#include "engine/core/program.h"

enum { PATH_bytes = 512, LISTING_bytes = 65536, FILE_bytes = 64 << 20 };

/* --- reading --- */

static enum rk_err read_file(const char *path, struct rk_cost_row **row, size_t *count, struct rk_diag *diag)
{
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected recorded rows", path, strerror(errno));
    }
    enum rk_err err = rki_cost_csv_read(in, path, row, count, diag);
    fclose(in);
    return err;
}

static int is_csv(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".csv") == 0;
}

static enum rk_err read_folder(const char *folder, struct rk_cost_row **row, size_t *count, struct rk_diag *diag)
{
    struct dirent **entry;
    int entries = scandir(folder, &entry, is_csv, alphasort);
    if (entries < 0) {
        return rk_fail(diag, RK_ERR_IO, "%s: %s, expected a folder of cost rows", folder, strerror(errno));
    }
    enum rk_err err =
        entries > 0 ? RK_OK : rk_fail(diag, RK_ERR_INPUT, "%s: no CSV file, expected a folder of cost rows", folder);
    for (int i = 0; i < entries; i++) {
        char path[PATH_bytes];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        err = err ? err : read_file(path, row, count, diag);
        free(entry[i]);
    }
    free(entry);
    return err;
}

/* What git prints, on the heap, or NULL. */
static char *from_git(const char *root, const char *verb, const char *option, const char *object, size_t bytes)
{
    const char *const argv[] = {"git", "-C", root, verb, option, object, NULL};
    char *text = malloc(bytes);
    RK_REQUIRE(text != NULL);
    if (rk_program_run(argv, (struct rk_program_text){text, bytes}, (struct rk_program_text){NULL, 0}) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static enum rk_err read_object(const char *root, const char *object, struct rk_cost_row **row, size_t *count,
                               struct rk_diag *diag)
{
    char *text = from_git(root, "show", "--no-textconv", object, FILE_bytes);
    if (text == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: git cannot show it", object);
    }
    FILE *in = fmemopen(text, strlen(text), "r");
    RK_REQUIRE(in != NULL);
    enum rk_err err = rki_cost_csv_read(in, object, row, count, diag);
    fclose(in);
    free(text);
    return err;
}

static enum rk_err read_revision(const char *root, const char *revision, struct rk_cost_row **row, size_t *count,
                                 struct rk_diag *diag)
{
    char object[PATH_bytes];
    snprintf(object, sizeof object, "%s:bench/measured", revision);
    char *names = from_git(root, "ls-tree", "--name-only", object, LISTING_bytes);
    if (names == NULL) {
        return rk_fail(diag, RK_ERR_INPUT,
                       "'%s', expected a results database, a file or folder of cost rows, or a git revision that has "
                       "bench/measured",
                       revision);
    }
    enum rk_err err = RK_OK;
    char *rest = names;
    for (char *name; !err && (name = strsep(&rest, "\n")) != NULL;) {
        const char *ends = strrchr(name, '.');
        if (ends != NULL && strcmp(ends, ".csv") == 0) {
            snprintf(object, sizeof object, "%s:bench/measured/%s", revision, name);
            err = read_object(root, object, row, count, diag);
        }
    }
    free(names);
    return err;
}

enum rk_err rk_compare_read_costs(const char *root, const char *source, struct rk_cost_row **row, size_t *count,
                                  struct rk_diag *diag)
{
    struct stat status;
    *row = NULL;
    *count = 0;
    if (stat(source, &status) != 0) {
        return read_revision(root, source, row, count, diag);
    }
    return S_ISDIR(status.st_mode) ? read_folder(source, row, count, diag) : read_file(source, row, count, diag);
}

/* --- matching --- */

static int by_library(const void *a, const void *b)
{
    const struct rk_cost_row *left = a, *right = b;
    int order = strcmp(left->device, right->device);
    order = order != 0 ? order : strcmp(left->backend, right->backend);
    return order != 0 ? order : strverscmp(left->version, right->version);
}

static int by_operation(const struct rk_cost_row *left, const struct rk_cost_row *right)
{
    int order = strcmp(left->op, right->op);
    return order != 0 ? order : (left->size_bytes > right->size_bytes) - (left->size_bytes < right->size_bytes);
}

static int by_all(const void *a, const void *b)
{
    int order = by_library(a, b);
    return order != 0 ? order : by_operation(a, b);
}

/* Rows of one device, backend and version. */
struct library {
    const struct rk_cost_row *row;
    size_t rows;
    bool matched;
};

struct side {
    struct library *library;
    size_t libraries;
};

static struct side side_of(struct rk_cost_row *row, size_t count)
{
    struct side side = {.library = calloc(count + 1, sizeof *side.library)};
    RK_REQUIRE(side.library != NULL);
    qsort(row, count, sizeof *row, by_all);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || by_library(&row[i - 1], &row[i]) != 0) {
            side.library[side.libraries++] = (struct library){.row = &row[i]};
        }
        side.library[side.libraries - 1].rows++;
    }
    return side;
}

/* Takes out the rows of other libraries. in: "mbedtls@2.28.3". */
static size_t keep(struct rk_cost_row *row, size_t count, const char *library)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        char name[sizeof row->backend + sizeof row->version + 2];
        snprintf(name, sizeof name, "%s@%s", row[i].backend, row[i].version);
        if (strcmp(name, library) == 0) {
            row[kept++] = row[i];
        }
    }
    return kept;
}

/* --- comparing --- */

static double value_of(const struct rki_cost_field *field, const struct rk_cost_row *row)
{
    const void *at = (const char *)row + field->offset;
    if (field->kind == RKI_COST_TRISTATE) {
        return *(const int *)at < 0 ? NAN : *(const int *)at;
    }
    if (field->kind == RKI_COST_FLAG) {
        return *(const bool *)at;
    }
    uint64_t value = *(const uint64_t *)at;
    return value == RK_NONE ? NAN : (double)value / pow(10, rki_cost_decimals(field->kind));
}

/* What stands for a row: bounds of the model's error and what follows from others is left out. */
static bool is_compared(const struct rki_cost_field *field)
{
    static const char *const keys[] = {"cycles_median", "cycles_max",       "instructions",     "stack_bytes",
                                       "heap_bytes",    "ram_static_bytes", "flash_bytes",      "nvm_write_bytes",
                                       "nvm_time_s",    "energy_J",         "secret_dependent", "known_answer"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(field->key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *unit_of(const char *key)
{
    size_t length = strlen(key);
    if (length > 6 && strcmp(key + length - 6, "_bytes") == 0) {
        return "B";
    }
    return strcmp(key, "energy_J") == 0 ? "J" : strcmp(key, "nvm_time_s") == 0 ? "s" : "";
}

static void name_row(const struct rk_cost_row *row, char name[128])
{
    if (row->size_bytes > 0) {
        snprintf(name, 128, "%s %u B", row->op, row->size_bytes);
    } else {
        snprintf(name, 128, "%s", row->op);
    }
}

/* in: one of them may be NULL. */
static void compare_rows(struct rk_comparison *comparison, const struct rk_gate *gate, const char *group,
                         const struct rk_cost_row *base, const struct rk_cost_row *current)
{
    char name[128];
    name_row(base != NULL ? base : current, name);
    rki_compare_subject(comparison, group, name);
    if (base == NULL || current == NULL) {
        struct rk_change_item item = {.metric = "row", .low = NAN, .high = NAN, .current = NAN, .base = NAN};
        *(base == NULL ? &item.current : &item.base) = 1;
        rki_compare_figure(comparison, gate, &item, false);
        return;
    }
    rki_compare_text(comparison, "status", base->status, current->status, "ok");
    if (strcmp(base->status, current->status) != 0 &&
        (base->cycles_median == RK_NONE || current->cycles_median == RK_NONE)) {
        return; /* one side has no figures, and the status said so */
    }
    for (const struct rki_cost_field *field = rki_cost_fields; field->key != NULL; field++) {
        if (is_compared(field)) {
            struct rk_change_item item = {
                .base = value_of(field, base), .current = value_of(field, current), .low = NAN, .high = NAN};
            snprintf(item.metric, sizeof item.metric, "%s", field->key);
            snprintf(item.unit, sizeof item.unit, "%s", unit_of(field->key));
            rki_compare_figure(comparison, gate, &item, false);
        }
    }
}

static void compare_libraries(struct rk_comparison *comparison, const struct rk_gate *gate, struct library *base,
                              struct library *current)
{
    const struct library none = {.rows = 0};
    const struct library *old = base != NULL ? base : &none, *new = current != NULL ? current : &none;
    const struct rk_cost_row *any = base != NULL ? base->row : current->row;
    char group[64];
    snprintf(group, sizeof group, "%s %s", any->device, any->backend);
    for (size_t i = 0, j = 0; i < old->rows || j < new->rows;) {
        int order = i == old->rows ? 1 : j == new->rows ? -1 : by_operation(&old->row[i], &new->row[j]);
        compare_rows(comparison, gate, group, order <= 0 ? &old->row[i] : NULL, order >= 0 ? &new->row[j] : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    if (base != NULL && current != NULL) {
        base->matched = current->matched = true;
        if (strcmp(base->row->version, current->row->version) != 0) {
            fprintf(comparison->note, "%s: %s %s -> %s\n", group, any->backend, base->row->version,
                    current->row->version);
        }
        if (strcmp(base->row->compiler, current->row->compiler) != 0) {
            fprintf(comparison->note, "%s: %s -> %s\n", group, base->row->compiler, current->row->compiler);
        }
    }
}

static bool same_pair(const struct library *a, const struct library *b)
{
    return strcmp(a->row->device, b->row->device) == 0 && strcmp(a->row->backend, b->row->backend) == 0;
}

/* The one library of a side that has no counterpart, of the same device and backend; NULL where there are none or more. */
static struct library *only_left(const struct side *side, const struct library *of)
{
    struct library *found = NULL;
    for (size_t i = 0; i < side->libraries; i++) {
        struct library *library = &side->library[i];
        if (!library->matched && same_pair(library, of)) {
            if (found != NULL) {
                return NULL;
            }
            found = library;
        }
    }
    return found;
}

/* in: all: what is only on the current side is told. */
static void compare_sides(struct rk_comparison *comparison, const struct rk_gate *gate, struct side *base,
                          struct side *current, bool all)
{
    for (size_t i = 0, j = 0; i < base->libraries && j < current->libraries;) {
        int order = by_library(base->library[i].row, current->library[j].row);
        if (order == 0) {
            compare_libraries(comparison, gate, &base->library[i], &current->library[j]);
        }
        i += order <= 0;
        j += order >= 0;
    }
    for (size_t i = 0; i < base->libraries; i++) {
        struct library *old = &base->library[i];
        if (!old->matched) {
            struct library *new = only_left(current, old);
            compare_libraries(comparison, gate, old, new != NULL &&only_left(base, old) == old ? new : NULL);
        }
    }
    for (size_t i = 0; all && i < current->libraries; i++) {
        if (!current->library[i].matched) {
            compare_libraries(comparison, gate, NULL, &current->library[i]);
        }
    }
}

enum rk_err rk_compare_costs(struct rk_comparison *comparison, const struct rk_gate *gate, struct rk_cost_row *base,
                             size_t base_count, struct rk_cost_row *current, size_t current_count,
                             const struct rk_upgrade *upgrade, struct rk_diag *diag)
{
    if (upgrade->from != NULL) {
        base_count = keep(base, base_count, upgrade->from);
        current_count = keep(current, current_count, upgrade->to);
        if (base_count == 0 || current_count == 0) {
            return rk_fail(diag, RK_ERR_INPUT, "no rows of %s on the %s side, expected NAME@VERSION as recorded",
                           base_count == 0 ? upgrade->from : upgrade->to, base_count == 0 ? "base" : "current");
        }
    }
    struct side old = side_of(base, base_count), new = side_of(current, current_count);
    compare_sides(comparison, gate, &old, &new, upgrade->from == NULL);
    free(old.library);
    free(new.library);
    return RK_OK;
}
