/* Writes a database that is no results database of this version. usage: cli_databases FILE foreign|newer */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "engine/study/store.h"

int main(int argc, char **argv)
{
    char newer[256];
    snprintf(newer, sizeof newer,
             "PRAGMA application_id=%d; PRAGMA user_version=99; CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);"
             "INSERT INTO meta VALUES('schema_version', '99')",
             RK_RESULTS_APPLICATION_ID);
    sqlite3 *db;
    if (argc != 3 || sqlite3_open(argv[1], &db) != SQLITE_OK) {
        return 1;
    }
    const char *sql = strcmp(argv[2], "newer") == 0 ? newer : "CREATE TABLE addresses(name TEXT, street TEXT)";
    int failed = sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK;
    sqlite3_close(db);
    return failed;
}
