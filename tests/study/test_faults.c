/* The process is killed at a write, which is torn, or the disk is full from a write on: wherever that is, what is left can
 * be gone on with and ends as the uninterrupted run does. SQLite's system calls are replaced by ours, so each fault falls at
 * the same place every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/study/fake.h"

enum { KILLS = 24, FULL_DISKS = 8 };

static const char *const small[] = {"replications=2", NULL};

/* Changes of files count from 1; at the one that is due the fault happens. */
static struct {
    unsigned changes, due;
    bool full; /* the disk is full from then on; else the process is killed */
} fault;

static ssize_t faulty_pwrite(int file, const void *data, size_t bytes, off_t offset)
{
    bool happens = fault.due != 0 && ++fault.changes >= fault.due;
    if (happens && fault.full) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t written = pwrite(file, data, happens ? bytes / 2 : bytes, offset);
    if (happens) {
        kill(getpid(), SIGKILL);
    }
    fault.changes += fault.due == 0;
    return written;
}

static int faulty_unlink(const char *path)
{
    bool happens = fault.due != 0 && ++fault.changes >= fault.due;
    if (happens && !fault.full) {
        kill(getpid(), SIGKILL);
    }
    fault.changes += fault.due == 0;
    return unlink(path);
}

static int setup(void **state)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)faulty_pwrite), SQLITE_OK);
    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)faulty_pwrite), SQLITE_OK);
    assert_int_equal(vfs->xSetSystemCall(vfs, "unlink", (sqlite3_syscall_ptr)faulty_unlink), SQLITE_OK);
    return fake_setup(state);
}

static struct rk_run_options options_of(const struct fake *fake, bool resume)
{
    return (struct rk_run_options){.database = fake->database, .jobs = 1, .resume = resume, .commit_trials = 1};
}

/* out: the rows and the document of a whole run, on the heap; the changes of files that it took. */
static char *uninterrupted(struct fake *fake, char **json, unsigned *changes)
{
    struct rk_run_options options = options_of(fake, false);
    fault.due = fault.changes = 0;
    fake_run(fake, small, &options);
    *changes = fault.changes;
    char *dump = fake_dump(fake->database);
    *json = fake_json(fake->database);
    unlink(fake->database);
    return dump;
}

static void resume_and_compare(struct fake *fake, const char *dump, const char *json)
{
    struct rk_run_options options = options_of(fake, true);
    options.commit_trials = 0;
    fault.due = 0;
    fake_run(fake, small, &options);
    char *resumed = fake_dump(fake->database), *document = fake_json(fake->database);
    assert_string_equal(resumed, dump);
    assert_string_equal(document, json);
    free(resumed);
    free(document);
    unlink(fake->database);
}

static void killed_at_a_write(void **state)
{
    struct fake *fake = *state;
    unsigned changes;
    char *json, *dump = uninterrupted(fake, &json, &changes);
    assert_true(changes > 4 * KILLS);
    for (unsigned i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct rk_run_options options = options_of(fake, false);
            fault.changes = 0;
            fault.due = 1 + i * (changes - 1) / (KILLS - 1);
            fake_run(fake, small, &options);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_int_not_equal(access(fake->database, F_OK), 0);
        resume_and_compare(fake, dump, json);
    }
    free(dump);
    free(json);
}

/* out: how the run ended, with its line. */
static enum rk_err run_small(struct fake *fake, const struct rk_run_options *options, struct rk_diag *diag)
{
    static struct rk_study study;
    struct rk_sweep sweep;
    struct rk_run_counts counts;
    enum rk_err err = rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", small, 1, diag);
    assert_int_equal(err, RK_OK);
    err = rk_sweep_make(&sweep, &study, &fake->study, diag);
    assert_int_equal(err, RK_OK);
    err = rk_run(&sweep, &fake->study, options, &counts, diag);
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
    return err;
}

static void disk_full_from_a_write_on(void **state)
{
    struct fake *fake = *state;
    unsigned changes;
    char *json, *dump = uninterrupted(fake, &json, &changes);
    for (unsigned i = 0; i < FULL_DISKS; i++) {
        struct rk_run_options options = options_of(fake, false);
        struct rk_diag diag = {""};
        fault.changes = 0;
        fault.full = true;
        fault.due = 1 + i * (changes - 8) / (FULL_DISKS - 1);
        assert_int_equal(run_small(fake, &options, &diag), RK_ERR_IO);
        assert_non_null(strstr(diag.text, "results.db.partial: database or disk is full"));
        assert_int_not_equal(access(fake->database, F_OK), 0);
        fault.full = false;
        resume_and_compare(fake, dump, json);
    }
    free(dump);
    free(json);
}

/* The same by the kernel's own hand: no file may grow beyond a limit. */
static void files_may_not_grow(void **state)
{
    struct fake *fake = *state;
    unsigned changes;
    char *json, *dump = uninterrupted(fake, &json, &changes);
    struct rk_run_options options = options_of(fake, false);
    struct rk_diag diag = {""};
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    tight = before;
    tight.rlim_cur = 128 * 1024;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    fault.due = 0;
    enum rk_err err = run_small(fake, &options, &diag);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, RK_ERR_IO);
    resume_and_compare(fake, dump, json);
    free(dump);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_a_write),
        cmocka_unit_test(disk_full_from_a_write_on),
        cmocka_unit_test(files_may_not_grow),
    };
    return cmocka_run_group_tests(tests, setup, fake_teardown);
}
