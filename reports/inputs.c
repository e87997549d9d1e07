/* reports/inputs.c - what is no result of a study but was measured beside it: files that commands print, as tables */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/sha256.h"
#include "reports/report_internal.h"

/* measured/<name>.sql makes the tables of <name>.json, or of the lines of <name>.txt. */
static const struct input {
    const char *name, *file;
} inputs[] = {{"leak", "leak.json"},  {"powercut", "powercut.json"}, {"speed", "speed.json"},
              {"trace", "trace.txt"}, {"validate", "validate.json"}, {"zeroise", "zeroise.json"}};

/* An array of the lines of a text. Takes the text apart. */
static json_t *lines_of(char *text)
{
    json_t *array = json_array();
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (*line != '\0') {
            json_array_append_new(array, json_stringn_nocheck(line, strlen(line)));
        }
    }
    return array;
}

static void name_hash(const char *text, char hex[65])
{
    struct rk_sha256 hash;
    uint8_t digest[32];
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, strlen(text));
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
}

/* out: *document as JSON, NULL where there is no such file; its hash. */
static enum rk_err read_document(struct rki_report *report, const char *path, char **document, char hex[65])
{
    *document = NULL;
    if (access(path, F_OK) != 0) {
        return RK_OK;
    }
    char *text = rki_report_read(report, path);
    if (text == NULL) {
        return RK_ERR_IO;
    }
    json_error_t error;
    size_t length = strlen(path);
    name_hash(text, hex);
    bool lines = length > 4 && strcmp(path + length - 4, ".txt") == 0;
    json_t *json = lines ? lines_of(text) : json_loads(text, 0, &error);
    free(text);
    if (json == NULL) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s:%d:%d: %s, expected what a command prints with --json", path,
                       error.line, error.column, error.text);
    }
    *document = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return RK_OK;
}

/* Runs the statements of a file. in: document: bound to :document; NULL makes no rows. */
static enum rk_err run_statements(struct rki_report *report, const char *sql, const char *document, const char *path)
{
    for (const char *at = sql; *at != '\0';) {
        sqlite3_stmt *statement;
        enum rk_err err = RK_OK;
        if (sqlite3_prepare_v2(report->database, at, -1, &statement, &at) != SQLITE_OK) {
            return rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected statements on a document", path,
                           sqlite3_errmsg(report->database));
        }
        int parameter = statement != NULL ? sqlite3_bind_parameter_index(statement, ":document") : 0;
        if (parameter > 0 && document != NULL) {
            sqlite3_bind_text(statement, parameter, document, -1, SQLITE_STATIC);
        }
        if (statement != NULL && sqlite3_step(statement) != SQLITE_DONE) {
            err = rk_fail(report->diag, RK_ERR_INPUT, "%s: %s, expected what the command prints that it is named after",
                          path, sqlite3_errmsg(report->database));
        }
        sqlite3_finalize(statement);
        if (err) {
            return err;
        }
    }
    return RK_OK;
}

static enum rk_err note_input(struct rki_report *report, const struct input *input, const char *hex)
{
    sqlite3_stmt *statement;
    enum rk_err err = rki_prepare(report, "INSERT INTO input VALUES(?, ?, ?)", &statement);
    if (err) {
        return err;
    }
    sqlite3_bind_text(statement, 1, input->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, input->file, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, hex, -1, SQLITE_STATIC);
    return rki_finish(report, statement, sqlite3_step(statement), "the name of a file");
}

static enum rk_err load(struct rki_report *report, const char *folder, const struct input *input)
{
    char path[RKI_PATH_bytes], source[RKI_PATH_bytes], hex[65];
    char *document;
    snprintf(path, sizeof path, "%.900s/%s", folder, input->file);
    snprintf(source, sizeof source, "%.900s/reports/measured/%s.sql", report->options->root, input->name);
    enum rk_err err = read_document(report, path, &document, hex);
    char *sql = err ? NULL : rki_report_read(report, source);
    if (sql == NULL) {
        free(document);
        return err ? err : RK_ERR_IO;
    }
    err = run_statements(report, sql, document, document != NULL ? path : source);
    if (!err && document != NULL) {
        err = note_input(report, input, hex);
    }
    free(document);
    free(sql);
    return err;
}

enum rk_err rki_inputs_load(struct rki_report *report)
{
    char recorded[RKI_PATH_bytes];
    struct stat status;
    snprintf(recorded, sizeof recorded, "%.900s/bench/measured", report->options->root);
    const char *folder = report->options->measured;
    if (folder != NULL && (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))) {
        return rk_fail(report->diag, RK_ERR_INPUT, "%s: no folder, expected one with what commands print, such as %s",
                       folder, inputs[0].file);
    }
    enum rk_err err = run_statements(report,
                                     "PRAGMA temp_store = MEMORY;"
                                     "CREATE TEMP TABLE input(name TEXT PRIMARY KEY, file TEXT, sha256 TEXT)",
                                     NULL, recorded);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && !err; i++) {
        err = load(report, folder != NULL ? folder : recorded, &inputs[i]);
    }
    return err;
}
