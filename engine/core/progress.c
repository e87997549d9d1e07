#include "engine/core/progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

enum { BAR_characters = 30 };
#define REFRESH_ns ((uint64_t)100000000)
#define SECOND_ns  ((uint64_t)1000000000)

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_ns + (uint64_t)now.tv_nsec;
}

void rk_progress_init(struct rk_progress *progress, const char *label, bool quiet)
{
    *progress = (struct rk_progress){.out = stderr, .terminal = isatty(STDERR_FILENO) == 1, .quiet = quiet};
    snprintf(progress->label, sizeof progress->label, "%s", label);
    progress->begin_ns = now_ns();
    pthread_mutex_init(&progress->lock, NULL);
}

static void print_left(FILE *out, uint64_t elapsed_ns, unsigned done, unsigned total)
{
    uint64_t left_s = (uint64_t)((double)elapsed_ns / done * (total - done) / (double)SECOND_ns + 0.5);
    fprintf(out, "%" PRIu64 ":%02" PRIu64 " left", left_s / 60, left_s % 60);
}

static void show_bar(struct rk_progress *progress, unsigned done, unsigned total, uint64_t now)
{
    char bar[BAR_characters + 1];
    unsigned filled = (unsigned)((uint64_t)done * BAR_characters / total);
    for (unsigned i = 0; i < BAR_characters; i++) {
        bar[i] = i < filled ? '#' : '.';
    }
    bar[BAR_characters] = '\0';
    fprintf(progress->out, "\r%s [%s] %u/%u ", progress->label, bar, done, total);
    if (done > 0 && done < total) {
        print_left(progress->out, now - progress->begin_ns, done, total);
    }
    fprintf(progress->out, "\x1b[K");
    fflush(progress->out);
    progress->open = true;
    progress->shown_ns = now;
}

static void show_line(struct rk_progress *progress, unsigned done, unsigned total, uint64_t now)
{
    fprintf(progress->out, "%s: %u of %u", progress->label, done, total);
    if (done < total) {
        fprintf(progress->out, ", ");
        print_left(progress->out, now - progress->begin_ns, done, total);
    }
    fprintf(progress->out, "\n");
}

void rk_progress_update(void *context, unsigned done, unsigned total)
{
    struct rk_progress *progress = context;
    if (progress->quiet || total == 0) {
        return;
    }
    pthread_mutex_lock(&progress->lock);
    uint64_t now = now_ns();
    unsigned tenths = (unsigned)((uint64_t)done * 10 / total);
    if (progress->terminal && (done == total || now - progress->shown_ns >= REFRESH_ns)) {
        show_bar(progress, done, total, now);
    } else if (!progress->terminal && tenths > progress->tenths) {
        progress->tenths = tenths;
        show_line(progress, done, total, now);
    }
    pthread_mutex_unlock(&progress->lock);
}

void rk_progress_fini(struct rk_progress *progress)
{
    if (progress->open) {
        fprintf(progress->out, "\n");
    }
    pthread_mutex_destroy(&progress->lock);
}
