/* The made-up study of tests/study, alone or as a rank of several.
 * usage: mpi_study run|resume|spread DATABASE [KEY=VALUE...]
 * Standard output: the JSON document, of rank 0. Standard error: `rank R is process P`, then lines `N of TOTAL stored`, in
 * the end `K kept, C computed`. With HOLD_AT=N in the environment it stops at N stored, for somebody to kill a rank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/study/fake.h"

static void say(void *context, unsigned done, unsigned total)
{
    const char *hold = context;
    fprintf(stderr, "%u of %u stored\n", done, total);
    if (hold != NULL && done >= strtoul(hold, NULL, 10)) {
        pause(); /* a signal ends it, of mpirun when another rank is gone */
    }
}

static enum rk_err run(const struct fake *fake, const char *const *set, size_t sets,
                       const struct rk_run_options *options, struct rk_diag *diag)
{
    static struct rk_study study;
    struct rk_sweep sweep = {.points = 0};
    struct rk_run_counts counts;
    bool leads = options->ranks == NULL || options->ranks->rank == 0;
    enum rk_err err = rk_study_load(&study, "tests/study/tree", "tests/study/tiny.yaml", set, sets, diag);
    if (err == RK_OK) {
        err = rk_sweep_make(&sweep, &study, &fake->study, diag);
    }
    if (leads) {
        err = err == RK_OK ? rk_run(&sweep, &fake->study, options, &counts, diag) : err;
    } else {
        rk_run_assist(&sweep, &fake->study, options, err, diag);
    }
    if (leads && err == RK_OK) {
        char *json = fake_json(options->database);
        fprintf(stderr, "%u kept, %u computed\n", counts.resumed, counts.computed);
        fputs(json, stdout);
        free(json);
    }
    rk_sweep_fini(&sweep);
    rk_study_fini(&study);
    return err;
}

int main(int argc, char **argv)
{
    struct fake fake;
    struct rk_diag diag = {""};
    struct rk_run_options options = {.jobs = 1, .progress = say, .progress_context = getenv("HOLD_AT")};
    if (argc < 3) {
        return 2;
    }
    fake_init(&fake);
    /* Another rank's made-up rows differ: it must be found out. */
    const char *strange = getenv("STRANGE_RANK"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    fake.cycles_factor += strange != NULL && rank != NULL && strcmp(strange, rank) == 0;
    options.resume = strcmp(argv[1], "resume") == 0;
    options.spread = strcmp(argv[1], "spread") == 0;
    options.database = argv[2];
    enum rk_err err = rk_ranks_open(&options.ranks, &diag);
    if (err == RK_OK) {
        options.commit_trials = options.ranks != NULL; /* a kill finds some stored */
        fprintf(stderr, "rank %u is process %d\n", options.ranks != NULL ? options.ranks->rank : 0, (int)getpid());
        err = run(&fake, (const char *const *)argv + 3, (size_t)argc - 3, &options, &diag);
        rk_ranks_close(options.ranks);
    }
    fake_fini(&fake);
    if (err != RK_OK) {
        fprintf(stderr, "%s\n", diag.text);
    }
    return rk_err_exit_status(err);
}
