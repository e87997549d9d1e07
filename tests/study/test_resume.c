/* A run killed at any commit leaves a valid database, and resuming it gives what an uninterrupted run gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/study/store.h"
#include "tests/study/fake.h"

enum { TRIALS = 48 };

static struct rk_run_options options_of(const struct fake *fake, bool resume)
{
    return (struct rk_run_options){.database = fake->database, .jobs = 2, .resume = resume, .commit_trials = 1};
}

struct fuse {
    unsigned commits;
};

static void burn(void *context, unsigned done, unsigned total)
{
    struct fuse *fuse = context;
    (void)done;
    (void)total;
    if (fuse->commits-- == 1) {
        kill(getpid(), SIGKILL);
    }
}

/* Runs in a child that dies after `commits` commits, or after `microseconds` at whatever it is doing then. */
static void run_and_die(struct fake *fake, bool resume, unsigned commits, unsigned microseconds)
{
    pid_t child = fork();
    if (child == 0) {
        struct fuse fuse = {.commits = commits};
        struct rk_run_options options = options_of(fake, resume);
        if (commits != 0) {
            options.progress = burn;
            options.progress_context = &fuse;
        }
        fake_run(fake, NULL, &options);
        _exit(0);
    }
    assert_true(child > 0);
    if (microseconds != 0) {
        usleep(microseconds);
        kill(child, SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
}

static char *uninterrupted(struct fake *fake)
{
    struct rk_run_options options = options_of(fake, false);
    fake_run(fake, NULL, &options);
    char *dump = fake_dump(fake->database);
    unlink(fake->database);
    return dump;
}

static size_t stored_trials(const struct fake *fake)
{
    char path[160];
    sqlite3 *db;
    sqlite3_stmt *statement;
    snprintf(path, sizeof path, "%s.partial", fake->database);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM trial", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    size_t count = (size_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void killed_at_a_commit(void **state)
{
    struct fake *fake = *state;
    char *expected = uninterrupted(fake);
    static const unsigned commits[] = {1, 2, 23, TRIALS - 1, TRIALS};
    for (size_t i = 0; i < sizeof commits / sizeof commits[0]; i++) {
        run_and_die(fake, false, commits[i], 0);
        assert_int_not_equal(access(fake->database, F_OK), 0);
        assert_int_equal(stored_trials(fake), commits[i]);
        struct rk_run_options options = options_of(fake, true);
        struct rk_run_counts counts = fake_run(fake, NULL, &options);
        assert_int_equal(counts.resumed, commits[i]);
        assert_int_equal(counts.computed, TRIALS - commits[i]);
        char *resumed = fake_dump(fake->database);
        assert_string_equal(resumed, expected);
        free(resumed);
        unlink(fake->database);
    }
    free(expected);
}

static void killed_at_any_instant(void **state)
{
    struct fake *fake = *state;
    char *expected = uninterrupted(fake);
    for (unsigned microseconds = 500; microseconds < 200000; microseconds = microseconds * 3) {
        run_and_die(fake, false, 0, microseconds);
        run_and_die(fake, true, 0, microseconds); /* the resuming run is killed, too */
        struct rk_run_options options = options_of(fake, true);
        fake_run(fake, NULL, &options);
        char *resumed = fake_dump(fake->database);
        assert_string_equal(resumed, expected);
        free(resumed);
        unlink(fake->database);
    }
    free(expected);
}

/* Trials of other inputs are not taken over, and a finished study can be widened. */
static void resuming_takes_only_what_is_the_same(void **state)
{
    struct fake *fake = *state;
    struct rk_run_options options = options_of(fake, false);
    fake_run(fake, NULL, &options);
    options.resume = true;
    static const char *const wider[] = {"replications=6", NULL};
    struct rk_run_counts counts = fake_run(fake, wider, &options);
    assert_int_equal(counts.resumed, TRIALS);
    assert_int_equal(counts.computed, TRIALS / 2);
    static const char *const other[] = {"link.loss=6 %", NULL};
    counts = fake_run(fake, other, &options);
    assert_int_equal(counts.resumed, 0);
    assert_int_equal(counts.computed, TRIALS);
    char *resumed = fake_dump(fake->database);
    options.resume = false;
    fake_run(fake, other, &options);
    char *anew = fake_dump(fake->database);
    assert_string_equal(resumed, anew);
    free(resumed);
    free(anew);
}

/* out: how resuming the study of a file ends, with its line. */
static enum rk_err resume(struct fake *fake, const char *path, const char *const *set, size_t sets,
                          struct rk_diag *diag)
{
    static struct rk_study study;
    struct rk_sweep sweep = {.points = 0};
    struct rk_run_counts counts;
    struct rk_run_options options = options_of(fake, true);
    enum rk_err err = rk_study_load(&study, "tests/study/tree", path, set, sets, diag);
    if (err == RK_OK) {
        err = rk_sweep_make(&sweep, &study, &fake->study, diag);
    }
    if (err == RK_OK) {
        err = rk_run(&sweep, &fake->study, &options, &counts, diag);
    }
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
    return err;
}

static void expect_refusal(struct fake *fake, const char *path, const char *const *set, size_t sets, const char *begin)
{
    static const char end[] = ", as the stored results have it, or a run without --resume";
    struct rk_diag diag = {""};
    assert_int_equal(resume(fake, path, set, sets, &diag), RK_ERR_INPUT);
    if (strncmp(diag.text, begin, strlen(begin)) != 0 || strstr(diag.text, end) == NULL) {
        fail_msg("'%s', expected '%s ...%s'", diag.text, begin, end);
    }
}

static void shell(const char *format, const char *folder)
{
    char command[256];
    snprintf(command, sizeof command, format, folder);
    assert_int_equal(system(command), 0);
}

/* Results are never mixed from different inputs: what changed is named, and what is stored stays as it is. */
static void changed_inputs_are_refused(void **state)
{
    struct fake *fake = *state;
    const char *tree = fake->study.root;
    char copy[96], scenario[128];
    shell("cp -r tests/study/tree tests/study/tiny.yaml %s", fake->folder);
    snprintf(copy, sizeof copy, "%s/tree", fake->folder);
    snprintf(scenario, sizeof scenario, "%s/tiny.yaml", fake->folder);
    fake->study.root = copy;
    struct rk_run_options options = options_of(fake, false);
    fake_run(fake, NULL, &options);
    char *before = fake_dump(fake->database);
    struct rk_diag diag = {""};
    assert_int_equal(resume(fake, scenario, NULL, 0, &diag), RK_OK); /* the same text at another place */
    free(before);
    before = fake_dump(fake->database);

    static const char *const seed[] = {"seed=8"};
    expect_refusal(fake, scenario, seed, 1, "seed: 8, expected 7");
    fake->cycles_factor = 2;
    expect_refusal(fake, scenario, NULL, 0, "costs:mote/alpha: its SHA-256 is ");
    fake->cycles_factor = 1;
    shell("echo '# changed' >>%s/tree/devices/mote/device.yaml", fake->folder);
    expect_refusal(fake, scenario, NULL, 0, "devices/mote/device.yaml: its SHA-256 is ");
    shell("cp tests/study/tree/devices/mote/device.yaml %s/tree/devices/mote/", fake->folder);
    shell("echo '# changed' >>%s/tiny.yaml", fake->folder);
    expect_refusal(fake, scenario, NULL, 0, "tiny.yaml: its SHA-256 is ");

    char *after = fake_dump(fake->database);
    assert_string_equal(after, before);
    free(before);
    free(after);
    fake->study.root = tree;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_a_commit),
        cmocka_unit_test(killed_at_any_instant),
        cmocka_unit_test(resuming_takes_only_what_is_the_same),
        cmocka_unit_test(changed_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}
