#include "engine/sim/replication.h"

#include <pthread.h>
#include <stdatomic.h>

enum { JOBS_MAX = 256 };

struct batch {
    const struct rk_trial *trial;
    struct rk_trial_result *results;
    uint32_t count;
    atomic_uint next;
    pthread_mutex_t lock; /* of what follows */
    uint32_t failed;      /* lowest number that failed, count: none */
    enum rk_err error;
    struct rk_diag diag;
};

static void note_failure(struct batch *batch, uint32_t number, enum rk_err error, const struct rk_diag *diag)
{
    pthread_mutex_lock(&batch->lock);
    if (number < batch->failed) {
        batch->failed = number;
        batch->error = error;
        batch->diag = *diag;
    }
    pthread_mutex_unlock(&batch->lock);
}

static void *work(void *argument)
{
    struct batch *batch = argument;
    for (;;) {
        uint32_t number = atomic_fetch_add(&batch->next, 1);
        if (number >= batch->count) {
            return NULL;
        }
        struct rk_trial trial = *batch->trial;
        struct rk_diag diag = {""};
        trial.replication += number;
        enum rk_err error = rk_trial_run(&trial, &batch->results[number], &diag);
        if (error != RK_OK) {
            note_failure(batch, number, error, &diag);
        }
    }
}

enum rk_err rk_replications_run(const struct rk_trial *trial, uint32_t count, unsigned jobs,
                                struct rk_trial_result *results, struct rk_diag *diag)
{
    struct batch batch = {.trial = trial, .results = results, .count = count, .failed = count};
    pthread_mutex_init(&batch.lock, NULL);
    jobs = trial->trace != NULL ? 1 : jobs;
    jobs = jobs > count ? count : jobs;
    jobs = jobs > JOBS_MAX ? JOBS_MAX : jobs;

    /* This thread works too; where the system refuses a thread, the others do its share. */
    pthread_t thread[JOBS_MAX];
    unsigned started = 0;
    for (unsigned i = 1; i < jobs && pthread_create(&thread[started], NULL, work, &batch) == 0; i++) {
        started++;
    }
    work(&batch);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    pthread_mutex_destroy(&batch.lock);
    return batch.failed == count ? RK_OK : rk_fail(diag, batch.error, "%s", batch.diag.text);
}
