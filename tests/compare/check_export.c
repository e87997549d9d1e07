/* usage: check_export FOLDER: are the exports there what their readers document, and what results.db says?
 * What is expected is a line; the first that is wrong ends with status 1. */
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static const char *folder;
static sqlite3 *database;

static FILE *open_export(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    EXPECT(file != NULL);
    return file;
}

static json_t *load(const char *name)
{
    FILE *file = open_export(name);
    json_error_t error;
    json_t *document = json_loadf(file, 0, &error);
    fclose(file);
    EXPECT(document != NULL);
    return document;
}

/* out: the mean of a metric at a point; NaN where it has none. */
static double stored(const char *label, const char *metric)
{
    sqlite3_stmt *row;
    EXPECT(sqlite3_prepare_v2(database,
                              "SELECT mean FROM summary JOIN point USING(point) WHERE label = ? AND metric = ?", -1,
                              &row, NULL) == SQLITE_OK);
    sqlite3_bind_text(row, 1, label, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, metric, -1, SQLITE_STATIC);
    EXPECT(sqlite3_step(row) == SQLITE_ROW);
    double mean = sqlite3_column_type(row, 0) == SQLITE_NULL ? NAN : sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    return mean;
}

static long counted(const char *sql)
{
    sqlite3_stmt *row;
    EXPECT(sqlite3_prepare_v2(database, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW);
    long count = (long)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return count;
}

static bool close_to(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

static void check_rows(void)
{
    json_t *rows = load("json"), *row, *mean;
    size_t i;
    FILE *lines = open_export("jsonl");
    char *line = NULL;
    size_t room = 0;
    EXPECT((long)json_array_size(rows) == counted("SELECT count(*) FROM summary"));
    json_array_foreach(rows, i, row)
    {
        EXPECT(getline(&line, &room, lines) > 0);
        json_t *same = json_loads(line, 0, NULL);
        EXPECT(same != NULL && json_equal(same, row));
        json_decref(same);
        mean = json_object_get(row, "mean");
        double there =
            stored(json_string_value(json_object_get(row, "label")), json_string_value(json_object_get(row, "metric")));
        EXPECT(json_is_null(mean) ? isnan(there) : close_to(json_number_value(mean), there));
    }
    EXPECT(getline(&line, &room, lines) < 0);
    free(line);
    fclose(lines);
    json_decref(rows);
}

static long lines_of(const char *name)
{
    FILE *file = open_export(name);
    long lines = 0;
    for (int c; (c = getc(file)) != EOF;) {
        lines += c == '\n';
    }
    fclose(file);
    return lines;
}

/* Bencher Metric Format: names to measures to numbers, of which `value` must be there. */
static long check_bmf(const char *name)
{
    json_t *document = load(name), *measures, *figure, *number;
    const char *label, *metric, *key;
    long count = 0;
    EXPECT(json_is_object(document));
    json_object_foreach(document, label, measures)
    {
        EXPECT(json_is_object(measures) && strlen(label) <= 1024);
        json_object_foreach(measures, metric, figure)
        {
            double value = json_number_value(json_object_get(figure, "value"));
            json_t *low = json_object_get(figure, "lower_value"), *high = json_object_get(figure, "upper_value");
            json_object_foreach(figure, key, number)
            {
                EXPECT(json_is_number(number));
                EXPECT(strcmp(key, "value") == 0 || strcmp(key, "lower_value") == 0 || strcmp(key, "upper_value") == 0);
            }
            EXPECT(strlen(metric) <= 64 && close_to(value, stored(label, metric)));
            EXPECT((low == NULL) == (high == NULL));
            EXPECT(low == NULL || (json_number_value(low) <= value && value <= json_number_value(high)));
            count++;
        }
    }
    json_decref(document);
    return count;
}

/* github-action-benchmark's custom tools: name, unit and value; range and extra as text. */
static long check_github(const char *name, bool more_is_better)
{
    json_t *document = load(name), *figure;
    size_t i;
    json_array_foreach(document, i, figure)
    {
        const char *label = json_string_value(json_object_get(figure, "name"));
        json_t *range = json_object_get(figure, "range"), *extra = json_object_get(figure, "extra");
        EXPECT(label != NULL && json_is_string(json_object_get(figure, "unit")));
        EXPECT(json_is_number(json_object_get(figure, "value")));
        EXPECT((range == NULL || json_is_string(range)) && (extra == NULL || json_is_string(extra)));
        EXPECT(json_object_size(figure) == 3u + (range != NULL) + (extra != NULL));
        EXPECT((strstr(label, "battery_life") != NULL || strstr(label, "nvm_life") != NULL) == more_is_better);
    }
    long count = (long)i;
    json_decref(document);
    return count;
}

int main(int argc, char **argv)
{
    char path[512];
    EXPECT(argc == 2);
    folder = argv[1];
    snprintf(path, sizeof path, "%s/results.db", folder);
    EXPECT(sqlite3_open(path, &database) == SQLITE_OK);
    check_rows();
    EXPECT(lines_of("csv") == 1 + counted("SELECT count(*) FROM summary"));
    EXPECT(lines_of("trial.csv") == 1 + counted("SELECT count(*) FROM trial"));
    EXPECT(check_bmf("bmf") == counted("SELECT count(*) FROM summary WHERE mean IS NOT NULL"));
    EXPECT(check_bmf("one") == counted("SELECT count(*) FROM point"));
    EXPECT(check_github("github", false) > 0 && check_github("bigger", true) > 0);
    sqlite3_close(database);
    return 0;
}
