/* engine/core/progress.h - how far long work is, on standard error
 *
 * Model:   on a terminal one line, rewritten at most ten times a second: bar, share, time left at the pace so far.
 *          Elsewhere a plain line each tenth of the work. Quiet: nothing. May be called from several threads.
 * Error:   the time left assumes equal steps. The wall clock is read here and reaches no result.
 */
#ifndef ENGINE_CORE_PROGRESS_H
#define ENGINE_CORE_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rk_progress {
    FILE *out;
    bool terminal, quiet;
    char label[48];
    unsigned tenths; /* plain lines written so far */
    bool open;       /* a rewritten line is not ended yet */
    uint64_t begin_ns, shown_ns;
    pthread_mutex_t lock;
};

void rk_progress_init(struct rk_progress *progress, const char *label, bool quiet);

/* Shows `done` of `total`. The signature suits callbacks: context is the struct rk_progress. */
void rk_progress_update(void *context, unsigned done, unsigned total);

/* Ends the line. */
void rk_progress_fini(struct rk_progress *progress);

#endif
