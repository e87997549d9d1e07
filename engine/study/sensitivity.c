#include "engine/study/sensitivity.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/core/sha256.h"
#include "engine/study/constraints.h"
#include "engine/study/front.h"
#include "engine/study/needs.h"
#include "engine/study/sweep_internal.h"
#include "engine/study/trial_cache.h"

/* Replications of an input that chance does not touch, and of the others. */
enum { CERTAIN = 1, BY_CHANCE = 4, ENDS = 2 };
#define BASE RK_INPUT_COUNT

static const double step = 1e-3; /* relative, below which an input is not worth a row */

/* One trial that is to be run. */
struct job {
    const struct rk_point *point;
    enum rk_input input; /* BASE: as it is */
    bool high, done;
    uint32_t replication;
    struct rk_trial_result result;
};

struct work {
    struct job *job;
    size_t jobs, next, ended;
    double doubt;
    const struct rk_sensitivity_options *options;
    pthread_mutex_t lock;
    enum rk_err err; /* of the first that failed */
    size_t failed;
    struct rk_diag diag;
};

/* --- running --- */

static enum rk_err run_job(struct job *job, double doubt, struct rk_diag *diag)
{
    struct rk_perturbed perturbed = {.trial = job->point->trial, .rows = NULL};
    if (job->input != BASE) {
        rk_perturb(job->input, job->high, &job->point->trial, doubt, &perturbed);
    }
    perturbed.trial.execution = RK_EXECUTION_MODELLED;
    perturbed.trial.replication = job->replication;
    perturbed.trial.backend = NULL;
    perturbed.trial.driver = NULL;
    enum rk_err err = rk_trial_run(&perturbed.trial, &job->result, diag);
    rk_perturbed_fini(&perturbed);
    return err;
}

static void *labour(void *context)
{
    struct work *work = context;
    pthread_mutex_lock(&work->lock);
    while (work->next < work->jobs && work->err == RK_OK) {
        size_t index = work->next++;
        struct job *job = &work->job[index];
        if (!job->done) {
            struct rk_diag diag;
            pthread_mutex_unlock(&work->lock);
            enum rk_err err = run_job(job, work->doubt, &diag);
            pthread_mutex_lock(&work->lock);
            if (err != RK_OK && (work->err == RK_OK || index < work->failed)) {
                work->err = err;
                work->failed = index;
                work->diag = diag;
            }
        }
        work->ended++;
        if (work->options->progress != NULL) {
            work->options->progress(work->options->progress_context, (unsigned)work->ended, (unsigned)work->jobs);
        }
    }
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

/* The name of a job's result in the cache. */
static void job_sha256(const struct job *job, double doubt, char sha256[65])
{
    char text[192];
    struct rk_sha256 hash;
    rk_point_trial_sha256(job->point, job->replication, sha256);
    int bytes =
        snprintf(text, sizeof text, "rekeylab perturbed trial 1 %s %s %d %.9g\n", sha256,
                 job->input == BASE ? "base" : rk_input_name(job->input), job->high, job->input == BASE ? 0 : doubt);
    rk_sha256_init(&hash);
    rk_sha256_add(&hash, text, (size_t)bytes);
    rki_hash_hex(&hash, sha256);
}

static void look_up(struct work *work, struct rk_trial_cache *cache)
{
    for (size_t i = 0; i < work->jobs; i++) {
        char sha256[65];
        job_sha256(&work->job[i], work->doubt, sha256);
        work->job[i].done = rk_trial_cache_find(cache, sha256, &work->job[i].result);
    }
}

static void keep(const struct work *work, struct rk_trial_cache *cache)
{
    rk_trial_cache_begin(cache);
    for (size_t i = 0; i < work->jobs; i++) {
        char sha256[65];
        job_sha256(&work->job[i], work->doubt, sha256);
        if (!work->job[i].done) {
            rk_trial_cache_put(cache, sha256, &work->job[i].result);
        }
    }
    rk_trial_cache_commit(cache);
}

static enum rk_err run_all(struct work *work, struct rk_diag *diag)
{
    enum { THREADS_max = 64 };
    pthread_t thread[THREADS_max];
    unsigned threads = work->options->jobs < THREADS_max ? work->options->jobs : THREADS_max, started = 0;
    struct rk_trial_cache *cache = work->options->cached ? rk_trial_cache_open(work->options->cache_directory) : NULL;
    look_up(work, cache);
    pthread_mutex_init(&work->lock, NULL);
    for (; started + 1 < threads; started++) {
        if (pthread_create(&thread[started], NULL, labour, work) != 0) {
            break;
        }
    }
    labour(work);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    pthread_mutex_destroy(&work->lock);
    if (work->err == RK_OK) {
        keep(work, cache);
    } else {
        *diag = work->diag;
    }
    rk_trial_cache_close(cache);
    return work->err;
}

/* --- which points, which inputs --- */

/* Marks the front of all that ran, whatever the constraints say. */
static void mark_front(const struct rk_recommend_family *family, bool *marked)
{
    struct rk_front_item *item = calloc(family->points + 1, sizeof *item);
    size_t *of = calloc(family->points + 1, sizeof *of), count = 0;
    RK_REQUIRE(item != NULL && of != NULL);
    for (size_t i = 0; i < family->points; i++) {
        const struct rk_recommend_point *point = &family->point[i];
        const struct rk_stats *cost = &point->metric[family->weighed.cost];
        const struct rk_stats *exposure = &point->metric[family->weighed.exposure];
        if (point->replications > 0 && cost->n > 0 && exposure->n > 0) {
            of[count] = i;
            item[count++] = (struct rk_front_item){point->cost, point->exposure, point->replications,
                                                   .cost_stats = *cost, .exposure_stats = *exposure};
        }
    }
    rk_front_find(item, count);
    for (size_t i = 0; i < count; i++) {
        marked[of[i]] = marked[of[i]] || item[i].on_front || item[i].in_doubt;
    }
    free(of);
    free(item);
}

/* out: the points that might be recommended, on the heap, and their number. */
static const struct rk_recommend_point **list_candidates(const struct rk_recommend_family *family, size_t *count)
{
    const struct rk_recommend_point **candidate = calloc(family->points + 1, sizeof *candidate);
    bool *marked = calloc(family->points + 1, sizeof *marked);
    RK_REQUIRE(candidate != NULL && marked != NULL);
    mark_front(family, marked);
    *count = 0;
    for (size_t i = 0; i < family->points; i++) {
        const struct rk_recommend_point *point = &family->point[i];
        if (marked[i] || point->on_front || point->in_doubt) {
            candidate[(*count)++] = point;
        }
    }
    free(marked);
    return candidate;
}

static uint32_t replications_of(enum rk_input input, const struct rk_recommend_point *point)
{
    uint32_t wanted = input < RK_INPUT_SCENARIO ? CERTAIN : BY_CHANCE;
    return wanted < point->replications ? wanted : (uint32_t)point->replications;
}

/* Of one candidate: where the results of an input's end are. */
struct ends {
    const struct job *end[RK_INPUT_COUNT + 1][ENDS];
};

/* out: the jobs, and where those of each candidate are. */
static void list_jobs(struct work *work, const struct rk_recommend_point *const *candidate, size_t count,
                      const bool *counts, struct ends *where)
{
    size_t room = 0;
    for (size_t c = 0; c < count; c++) {
        for (int input = 0; input <= BASE; input++) {
            room += ENDS * replications_of((enum rk_input)input, candidate[c]);
        }
    }
    work->job = calloc(room + 1, sizeof *work->job);
    RK_REQUIRE(work->job != NULL);
    for (size_t c = 0; c < count; c++) {
        for (int input = 0; input <= BASE; input++) {
            for (int end = 0; end < (input == BASE ? 1 : ENDS) && (input == BASE || counts[input]); end++) {
                where[c].end[input][end] = &work->job[work->jobs];
                for (uint32_t r = 0; r < replications_of((enum rk_input)input, candidate[c]); r++) {
                    work->job[work->jobs++] = (struct job){.point = candidate[c]->point,
                                                           .input = (enum rk_input)input,
                                                           .high = end == 1,
                                                           .replication = r};
                }
            }
        }
    }
}

/* --- choosing anew --- */

/* A family, its candidates, and what became of each at the ends. */
struct asked {
    const struct rk_recommendation *found;
    const struct rk_recommend_family *family;
    const struct rk_recommend_point **candidate;
    size_t count;
    struct ends *where; /* of each candidate */
    double doubt;
};

static double mean_of(const struct job *job, uint32_t replications, int metric)
{
    double sum = 0;
    uint32_t taken = 0;
    for (uint32_t r = 0; r < replications; r++) {
        if (!isnan(job[r].result.metric[metric])) {
            sum += job[r].result.metric[metric];
            taken++;
        }
    }
    return taken == 0 ? NAN : sum / taken;
}

/* What a mean is multiplied by, at this end; 1 where there is nothing to compare. */
static double factor_of(const struct ends *where, enum rk_input input, int end, const struct rk_recommend_point *point,
                        int metric)
{
    uint32_t replications = replications_of(input, point);
    double base = mean_of(where->end[BASE][0], replications, metric);
    double there = mean_of(where->end[input][end], replications, metric);
    return isfinite(base) && isfinite(there) && base > 0 ? there / base : 1;
}

static double *scaled(const double *value, size_t count, double factor)
{
    double *copy = malloc((count + 1) * sizeof *copy);
    RK_REQUIRE(copy != NULL);
    for (size_t i = 0; i < count; i++) {
        copy[i] = value[i] * factor;
    }
    return copy;
}

/* The closed form has no trials to compare. */
static double closed_form_factor(const struct rk_recommend_point *point, enum rk_input input, int end, double doubt)
{
    struct rk_perturbed perturbed;
    rk_perturb(input, end == 1, &point->point->trial, doubt, &perturbed);
    double factor = rk_sweep_exposure_s(&perturbed.trial) / rk_sweep_exposure_s(&point->point->trial);
    rk_perturbed_fini(&perturbed);
    return factor;
}

static struct rk_recommend_point moved_point(const struct rk_recommend_point *point, const struct ends *where,
                                             enum rk_input input, int end, const struct rk_scenario_recommend *weighed,
                                             double doubt)
{
    struct rk_recommend_point moved = *point;
    double factor[RK_METRIC_COUNT];
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        factor[metric] = input == BASE ? 1 : factor_of(where, input, end, point, metric);
        if (input != BASE && metric == RK_METRIC_exposure_s && point->closed_form) {
            factor[metric] = closed_form_factor(point, input, end, doubt);
        }
        moved.metric[metric].mean *= factor[metric];
        moved.metric[metric].ci95 *= factor[metric];
    }
    moved.cost = scaled(point->cost, point->replications, factor[weighed->cost]);
    moved.exposure = scaled(point->exposure, point->replications, factor[weighed->exposure]);
    return moved;
}

/* out: which candidate is recommended at an end of an input, or with another price; NULL: none. */
static const struct rk_recommend_point *choose_at(const struct asked *asked, enum rk_input input, int end,
                                                  double price_factor)
{
    const struct rk_study *study = asked->found->sweep->study;
    struct rk_scenario *scenario = malloc(sizeof *scenario);
    struct rk_recommend_point *moved = calloc(asked->count + 1, sizeof *moved);
    RK_REQUIRE(scenario != NULL && moved != NULL);
    for (size_t c = 0; c < asked->count; c++) {
        const struct rk_recommend_point *point = asked->candidate[c];
        struct rk_diag why;
        moved[c] = moved_point(point, &asked->where[c], input, end, &asked->family->weighed, asked->doubt);
        rk_study_point(study, point->point->index, scenario);
        moved[c].feasible = rk_constraints_met(scenario, rk_needs_service(study, point->point->index, scenario),
                                               point->point, moved[c].metric, &why);
    }
    struct rk_recommend_family there = {.weighed = asked->family->weighed,
                                        .price = asked->family->price * price_factor,
                                        .point = moved,
                                        .points = asked->count};
    rk_recommend_choose(&there);
    const struct rk_recommend_point *chosen =
        there.recommended == NULL ? NULL : asked->candidate[there.recommended - moved];
    for (size_t c = 0; c < asked->count; c++) {
        free(moved[c].cost);
        free(moved[c].exposure);
    }
    free(moved);
    free(scenario);
    return chosen;
}

static double elasticity(double low, double high, double error)
{
    return log(high / low) / log((1 + error) / (1 - error));
}

static struct rk_sensitivity_row row_of(const struct asked *asked, enum rk_input input, double error)
{
    const struct rk_scenario_recommend *weighed = &asked->family->weighed;
    const struct rk_recommend_point *point = asked->family->recommended;
    size_t own = 0;
    double cost[ENDS], exposure[ENDS];
    while (asked->candidate[own] != point) {
        own++;
    }
    for (int end = 0; end < ENDS; end++) {
        cost[end] = factor_of(&asked->where[own], input, end, point, weighed->cost);
        exposure[end] = point->closed_form ? closed_form_factor(point, input, end, asked->doubt)
                                           : factor_of(&asked->where[own], input, end, point, weighed->exposure);
    }
    bool bundle = input == RK_INPUT_ENERGY_MODEL || input == RK_INPUT_CYCLES;
    return (struct rk_sensitivity_row){
        .input = rk_input_name(input),
        .error = error,
        .cost_elasticity = bundle ? NAN : elasticity(cost[0], cost[1], error),
        .exposure_elasticity = bundle ? NAN : elasticity(exposure[0], exposure[1], error),
        .low = choose_at(asked, input, 0, 1),
        .high = choose_at(asked, input, 1, 1),
    };
}

static struct rk_sensitivity_row price_row_of(const struct asked *asked)
{
    return (struct rk_sensitivity_row){.input = "recommend.price",
                                       .error = asked->doubt,
                                       .low = choose_at(asked, BASE, 0, 1 - asked->doubt),
                                       .high = choose_at(asked, BASE, 0, 1 + asked->doubt)};
}

static void compare_ends(const struct asked *asked, const double *error, const bool *counts,
                         struct rk_sensitivity *sensitivity)
{
    for (int input = 0; input < RK_INPUT_COUNT; input++) {
        if (counts[input]) {
            sensitivity->row[sensitivity->rows++] = row_of(asked, (enum rk_input)input, error[input]);
        }
    }
    if (isfinite(asked->family->price)) {
        sensitivity->row[sensitivity->rows++] = price_row_of(asked);
    }
    const struct rk_sensitivity_row *whole = &sensitivity->row[0];
    const struct rk_recommend_point *point = asked->family->recommended;
    sensitivity->robust = !counts[RK_INPUT_ENERGY_MODEL] || (whole->low == point && whole->high == point);
}

enum rk_err rk_sensitivity_find(const struct rk_recommendation *found, const struct rk_recommend_family *family,
                                const struct rk_sensitivity_options *options, struct rk_sensitivity *sensitivity,
                                struct rk_diag *diag)
{
    struct asked asked = {.found = found, .family = family, .doubt = family->weighed.doubt_ppm / 1e6};
    struct work work = {.doubt = asked.doubt, .options = options, .err = RK_OK};
    double error[RK_INPUT_COUNT];
    bool counts[RK_INPUT_COUNT];
    asked.candidate = list_candidates(family, &asked.count);
    asked.where = calloc(asked.count + 1, sizeof *asked.where);
    RK_REQUIRE(asked.where != NULL);
    *sensitivity = (struct rk_sensitivity){.rows = 0};
    for (int input = 0; input < RK_INPUT_COUNT; input++) {
        error[input] = rk_input_error((enum rk_input)input, &family->recommended->point->trial, asked.doubt);
        counts[input] = error[input] > step;
    }
    list_jobs(&work, asked.candidate, asked.count, counts, asked.where);
    enum rk_err err = run_all(&work, diag);
    if (err == RK_OK) {
        compare_ends(&asked, error, counts, sensitivity);
    }
    free(work.job);
    free(asked.where);
    free(asked.candidate);
    return err;
}
