#include "bench/engine/contest.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/core/stats.h"
#include "engine/sim/replication.h"

enum { THREADS_REPLICATIONS = 8 };

struct rk_contender *rk_contest_add(struct rk_contest *contest, const char *engine)
{
    RK_REQUIRE(contest->count < RK_CONTENDERS_MAX);
    struct rk_contender *contender = &contest->contender[contest->count++];
    snprintf(contender->engine, sizeof contender->engine, "%s", engine);
    strcpy(contender->status, "ok");
    return contender;
}

bool rk_contender_queue(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag)
{
    (void)diag;
    rk_speed_queue(contender->work, contender->trial.devices, contender->horizon_ns,
                   (enum rk_queue_kind)contender->variant, speed);
    return true;
}

bool rk_contender_peer(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag)
{
    (void)diag;
    rk_speed_peer(contender->work, contender->trial.devices, contender->horizon_ns, contender->peer, contender->variant,
                  speed);
    return true;
}

bool rk_contender_trial(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag)
{
    struct rk_trial_result result;
    double (*clock_s)(void) = contender->trial.threads > 0 ? rk_speed_wall_s : rk_speed_cpu_s;
    double start_s = clock_s();
    if (rk_trial_run(&contender->trial, &result, diag) != RK_OK) {
        return false;
    }
    *speed = (struct rk_speed){.events = result.events,
                               .checksum = result.trace_checksum,
                               .seconds = clock_s() - start_s,
                               .lifecycle_calls = result.lifecycle_calls,
                               .calls_spared = result.calls_spared,
                               .renewals_played = result.renewals_played,
                               .renewals_spared = result.renewals_spared};
    return true;
}

bool rk_contender_peer_trial(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag)
{
    return rk_speed_peer_trial(&contender->trial, contender->peer, contender->variant, speed, diag) == RK_OK;
}

bool rk_contender_threads(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag)
{
    struct rk_trial_result result[THREADS_REPLICATIONS];
    double start_s = rk_speed_wall_s();
    if (rk_replications_run(&contender->trial, THREADS_REPLICATIONS, contender->variant, result, diag) != RK_OK) {
        return false;
    }
    *speed = (struct rk_speed){.seconds = rk_speed_wall_s() - start_s};
    for (int i = 0; i < THREADS_REPLICATIONS; i++) {
        speed->events += result[i].events;
        speed->lifecycle_calls += result[i].lifecycle_calls;
        speed->checksum = speed->checksum * 31 + result[i].trace_checksum;
    }
    return true;
}

/* Peers keep static state, some run once only: the run happens in a child, its figures come through a pipe. */
static bool run_apart(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag)
{
    int pipes[2];
    snprintf(diag->text, sizeof diag->text, "its process failed");
    if (pipe(pipes) != 0) {
        return false;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rk_speed of_child;
        bool sent = contender->runs(contender, &of_child, diag) &&
                    write(pipes[1], &of_child, sizeof of_child) == (ssize_t)sizeof of_child;
        _exit(sent ? 0 : 1);
    }
    close(pipes[1]);
    bool got = child > 0 && read(pipes[0], speed, sizeof *speed) == (ssize_t)sizeof *speed;
    close(pipes[0]);
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0 && got;
}

static bool runs(const struct rk_contender *contender)
{
    return strcmp(contender->status, "ok") == 0;
}

/* Events that an engine does not count one by one are those of the base. */
static void run_one(struct rk_contest *contest, struct rk_contender *contender, unsigned round)
{
    struct rk_diag diag = {.text = ""};
    bool done = contender->apart ? run_apart(contender, &contender->speed, &diag)
                                 : contender->runs(contender, &contender->speed, &diag);
    if (!done) {
        snprintf(contender->status, sizeof contender->status, "%.*s", (int)sizeof contender->status - 1, diag.text);
        return;
    }
    if (contender->no_checksum) {
        contender->speed.events = contest->contender[contest->base].speed.events;
    }
    contender->rate[round] = (double)contender->speed.events / contender->speed.seconds;
}

enum rk_err rk_contest_run(struct rk_contest *contest, struct rk_diag *diag)
{
    for (unsigned round = 0; round < contest->rounds; round++) {
        for (size_t i = 0; i < contest->count; i++) {
            if (runs(&contest->contender[i])) {
                run_one(contest, &contest->contender[i], round);
            }
        }
    }
    const struct rk_contender *first = &contest->contender[0];
    for (size_t i = 1; i < contest->count; i++) {
        const struct rk_contender *other = &contest->contender[i];
        if (runs(first) && runs(other) && !other->no_checksum && other->speed.checksum != first->speed.checksum) {
            return rk_fail(diag, RK_ERR_CHECK, "%s of %" PRIu32 ": %s gives checksum %016" PRIx64 ", %s %016" PRIx64,
                           contest->work, contest->n, other->engine, other->speed.checksum, first->engine,
                           first->speed.checksum);
        }
    }
    return RK_OK;
}

struct spread {
    double median, low, high;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of rates, or of their ratios to those of another. */
static struct spread spread_of(const double *rate, const double *to, unsigned rounds)
{
    double value[RK_ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++) {
        value[i] = to == NULL ? rate[i] : rate[i] / to[i];
    }
    qsort(value, rounds, sizeof value[0], ascending);
    return (struct spread){rk_stats_quantile(value, rounds, 0.5), value[0], value[rounds - 1]};
}

static const struct rk_contender *base_of(const struct rk_contest *contest)
{
    const struct rk_contender *base = &contest->contender[contest->base];
    return runs(base) ? base : NULL;
}

static json_t *spread_json(struct spread spread)
{
    return json_pack("{s:f, s:f, s:f}", "median", spread.median, "min", spread.low, "max", spread.high);
}

/* Cimba is not here: its rate was measured once, on another machine. */
static json_t *published_json(const struct rk_contender *contender, double events_per_s)
{
    json_t *published = json_pack("{s:s, s:s, s:s, s:f, s:f}", "engine", "Cimba 3.0.0 RC1", "kind", "literature",
                                  "source", "bench/engine/README.md, Cimba", "events_per_s", contender->published,
                                  "ratio", events_per_s / contender->published);
    if (contender->published_target > 0) {
        json_object_set_new(published, "target", json_real(contender->published_target));
    }
    return published;
}

void rk_contest_json(const struct rk_contest *contest, json_t *rows)
{
    const unsigned rounds = contest->rounds;
    const struct rk_contender *base = base_of(contest);
    for (size_t i = 0; i < contest->count; i++) {
        const struct rk_contender *contender = &contest->contender[i];
        const struct rk_speed *speed = &contender->speed;
        json_t *row = json_pack("{s:s, s:s, s:I, s:s}", "work", contest->work, "engine", contender->engine, "n",
                                (json_int_t)contest->n, "status", contender->status);
        json_array_append_new(rows, row);
        if (!runs(contender)) {
            continue;
        }
        char checksum[17];
        snprintf(checksum, sizeof checksum, "%016" PRIx64, speed->checksum);
        struct spread rate = spread_of(contender->rate, NULL, rounds);
        json_object_set_new(row, "events", json_integer((json_int_t)speed->events));
        json_object_set_new(row, "events_per_s", spread_json(rate));
        json_object_set_new(row, "checksum", contender->no_checksum ? json_null() : json_string(checksum));
        if (speed->pending > 0) {
            json_object_set_new(row, "bytes_per_event", json_real((double)speed->bytes / (double)speed->pending));
        }
        if (speed->lifecycle_calls > 0) {
            json_object_set_new(row, "lifecycle_calls", json_integer((json_int_t)speed->lifecycle_calls));
        }
        if (speed->calls_spared > 0) {
            json_object_set_new(row, "calls_spared", json_integer((json_int_t)speed->calls_spared));
            json_object_set_new(row, "renewals_played", json_integer((json_int_t)speed->renewals_played));
            json_object_set_new(row, "renewals_spared", json_integer((json_int_t)speed->renewals_spared));
        }
        if (contender->target_s > 0) {
            double seconds = (double)speed->events / rate.median;
            json_object_set_new(row, "seconds", json_real(seconds));
            json_object_set_new(row, "seconds_target", json_real(contender->target_s));
            json_object_set_new(row, "target_met", json_boolean(seconds <= contender->target_s));
        }
        if (base != NULL) {
            struct spread ratio = spread_of(contender->rate, base->rate, rounds);
            json_object_set_new(row, "ratio_to", json_string(base->engine));
            json_object_set_new(row, "ratio", spread_json(ratio));
            if (contender->target > 0) {
                json_object_set_new(row, "target", json_real(contender->target));
                json_object_set_new(row, "target_met", json_boolean(ratio.median >= contender->target));
            }
        }
        if (contender->published > 0) {
            json_object_set_new(row, "published", published_json(contender, rate.median));
        }
    }
}

static void print_rest(const struct rk_contest *contest, const struct rk_contender *contender, FILE *out)
{
    const unsigned rounds = contest->rounds;
    const struct rk_contender *base = base_of(contest);
    const struct rk_speed *speed = &contender->speed;
    if (base != NULL) {
        struct spread ratio = spread_of(contender->rate, base->rate, rounds);
        fprintf(out, "%9.2f x %s [%.2f..%.2f]", ratio.median, base->engine, ratio.low, ratio.high);
        if (contender->target > 0) {
            fprintf(out, ", target %g: %s", contender->target, ratio.median >= contender->target ? "met" : "not met");
        }
    }
    if (speed->pending > 0) {
        fprintf(out, ", %.1f B a pending event", (double)speed->bytes / (double)speed->pending);
    }
    if (speed->lifecycle_calls > 0) {
        fprintf(out, ", %" PRIu64 " lifecycle calls", speed->lifecycle_calls);
    }
    if (speed->calls_spared > 0) {
        fprintf(out, ", %" PRIu64 " of them played; %" PRIu64 " renewals played, %" PRIu64 " spared",
                speed->lifecycle_calls - speed->calls_spared, speed->renewals_played, speed->renewals_spared);
    }
    if (contender->target_s > 0) {
        double seconds = (double)speed->events / spread_of(contender->rate, NULL, rounds).median;
        fprintf(out, "; %.1f s, target %g s: %s", seconds, contender->target_s,
                seconds <= contender->target_s ? "met" : "not met");
    }
    if (contender->published > 0) {
        fprintf(out, "; Cimba, published, another machine: %.2f M/s", contender->published / 1e6);
        if (contender->published_target > 0) {
            fprintf(out, ", wanted %g times that", contender->published_target);
        }
    }
}

void rk_contest_print(const struct rk_contest *contest, FILE *out)
{
    for (size_t i = 0; i < contest->count; i++) {
        const struct rk_contender *contender = &contest->contender[i];
        fprintf(out, "%-10s %9" PRIu32 "  %-24s ", contest->work, contest->n, contender->engine);
        if (!runs(contender)) {
            fprintf(out, "%s\n", contender->status);
            continue;
        }
        struct spread rate = spread_of(contender->rate, NULL, contest->rounds);
        fprintf(out, "%9.3f M/s [%.3f..%.3f] ", rate.median / 1e6, rate.low / 1e6, rate.high / 1e6);
        print_rest(contest, contender, out);
        fprintf(out, "\n");
    }
}
