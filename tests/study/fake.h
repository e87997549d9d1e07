/* tests/study/fake.h - an environment without bench and firmware: made-up cost rows and libraries
 *
 * Libraries: `alpha` can do everything; `beta` has no AES key wrap, so that transport cannot run with it. Devices,
 * radio and battery are those of tests/study/tree.
 */
#ifndef TESTS_STUDY_FAKE_H
#define TESTS_STUDY_FAKE_H

#include "engine/study/runner.h"
#include "engine/study/sweep.h"

struct fake {
    struct rk_study_environment study;
    struct rk_backend alpha, beta;
    unsigned cycles_factor; /* of every cost row; 1 unless a test changes it */
    size_t nudged;          /* offset of a 64-bit member of the first cost row that is one larger; 0: none */
    char folder[64];        /* a temporary folder, removed by fake_fini() */
    char database[128];     /* folder/results.db */
    char cache[128];        /* folder/cache */
};

void fake_init(struct fake *fake);
void fake_fini(struct fake *fake);

/* The same for cmocka: one fake a test, as its state. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* Loads tests/study/tiny.yaml with `set` (ended by NULL; may itself be NULL), runs it and fails
 * the test on an error. */
struct rk_run_counts fake_run(struct fake *fake, const char *const *set, const struct rk_run_options *options);

/* out: all rows of all tables, ordered, as text on the heap; of `provenance` only what does not name a revision of the
 * tree. */
char *fake_dump(const char *database);

/* out: the document of rk_study_json(), on the heap. */
char *fake_json(const char *database);

#endif
