#include "bench/audit/audit.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/audit/case.h"

enum { JOBS_max = 64 };

static rk_judge_fn *const judges[RK_REQUIREMENTS] = {
    rk_judge_r1,  rk_judge_r2,  rk_judge_r3,  rk_judge_r4,  rk_judge_r5,  rk_judge_r6,  rk_judge_r7,
    rk_judge_r8,  rk_judge_r9,  rk_judge_r10, rk_judge_r11, rk_judge_r12, rk_judge_r13, rk_judge_r14,
    rk_judge_r15, rk_judge_r16, rk_judge_r17, rk_judge_r18, rk_judge_r19, rk_judge_r20, rk_judge_r21,
    rk_judge_r22, rk_judge_r23, rk_judge_r24, rk_judge_r25, rk_judge_r26, rk_judge_r27, rk_judge_r28,
};

enum { FITS = 25, SUITS = 26 }; /* R26 and R27: one of them says why a combination cannot run */

/* Verdicts of judges */

static void conclude(struct rk_audit_row *row, enum rk_verdict verdict, uint64_t observations, const char *format,
                     va_list arguments)
{
    row->verdict = verdict;
    row->observations = observations;
    vsnprintf(row->evidence, sizeof row->evidence, format, arguments);
}

void rk_not_applicable(struct rk_audit_row *row, const char *why, ...)
{
    va_list arguments;
    va_start(arguments, why);
    conclude(row, RK_VERDICT_NOT_APPLICABLE, 0, why, arguments);
    va_end(arguments);
}

void rk_pass(struct rk_audit_row *row, uint64_t observations, const char *evidence, ...)
{
    va_list arguments;
    va_start(arguments, evidence);
    conclude(row, RK_VERDICT_PASS, observations, evidence, arguments);
    va_end(arguments);
    row->counter_example[0] = '\0';
}

void rk_fail_requirement(struct rk_audit_row *row, uint64_t observations, const char *evidence, ...)
{
    va_list arguments;
    va_start(arguments, evidence);
    conclude(row, RK_VERDICT_FAIL, observations, evidence, arguments);
    va_end(arguments);
}

void rk_counter(struct rk_audit_row *row, const char *format, ...)
{
    va_list arguments;
    if (row->counter_example[0] != '\0') {
        return;
    }
    va_start(arguments, format);
    vsnprintf(row->counter_example, sizeof row->counter_example, format, arguments);
    va_end(arguments);
}

/* Judging */

struct work {
    const struct rk_sweep *sweep;
    const struct rk_audit_options *options;
    struct rk_audit_row (*row)[RK_REQUIREMENTS]; /* by point */
    const struct rk_backend **library;           /* by job and cell */
    struct rk_look *look;                        /* by cell; NULL: not asked for */
    const struct rk_study_environment *environment;
    void (*item)(struct work *work, unsigned number, unsigned job);
    unsigned items, of_all; /* items to be done now; those of all rounds */
    pthread_mutex_t lock;
    unsigned next, done;
};

static bool wanted(const struct rk_audit_options *options, unsigned requirement)
{
    return options->only == NULL || strcmp(options->only, rk_requirement[requirement].id) == 0;
}

/* out: the requirement that a combination that cannot run fails: by its algorithms' approval, or by its device. */
static unsigned prevented_by(const struct work *work, const struct rk_point *point)
{
    bool strict = work->sweep->study->scenario.approval == RK_SCENARIO_APPROVAL_REQUIRE && point->policy_date != 0;
    return strict && point->approval.worst.apply > RK_APPROVAL_DEPRECATED ? SUITS : FITS;
}

static void judge_point(struct work *work, unsigned number, unsigned job)
{
    const struct rk_point *point = &work->sweep->point[number];
    const struct rk_trial *trial = &point->trial;
    struct rk_case c = {.study = work->sweep->study, .point = point, .trial = trial};
    bool runs = strcmp(point->status, "ok") == 0;
    c.library = work->library[job * work->sweep->cells + point->cell->index];
    c.look = work->look != NULL ? &work->look[point->cell->index] : NULL;
    c.config = (struct rk_agent_config){.device_id = 7,
                                        .aead = trial->aead,
                                        .tag_bytes = trial->tag_bytes,
                                        .curve = trial->curve,
                                        .profile = trial->profile,
                                        .policy = trial->policy};
    if (runs) {
        rk_story_run(&c);
    }
    for (unsigned i = 0; i < RK_REQUIREMENTS; i++) {
        struct rk_audit_row *row = &work->row[number][i];
        if (judges[i] == NULL || !wanted(work->options, i)) {
            rk_not_applicable(row, "not asked for");
        } else if (runs || i == prevented_by(work, point)) {
            judges[i](&c, row);
        } else {
            rk_not_applicable(row, "this combination cannot run: %s", point->status);
        }
    }
    if (runs) {
        rk_duo_free(c.story);
    }
}

static void look_at_cell(struct work *work, unsigned number, unsigned job)
{
    const struct rk_audit_options *options = work->options;
    bool memory = wanted(options, 17) || wanted(options, 18) || wanted(options, 19);
    (void)job;
    rk_look_at(&work->look[number], work->sweep->cell[number], work->environment, memory);
}

struct worker {
    struct work *work;
    unsigned job;
    pthread_t thread;
};

static void *work_on(void *argument)
{
    const struct worker *worker = argument;
    struct work *work = worker->work;
    for (;;) {
        pthread_mutex_lock(&work->lock);
        unsigned number = work->next++;
        pthread_mutex_unlock(&work->lock);
        if (number >= work->items) {
            return NULL;
        }
        work->item(work, number, worker->job);
        pthread_mutex_lock(&work->lock);
        work->done++;
        if (work->options->progress != NULL) {
            work->options->progress(work->options->progress_context, work->done, work->of_all);
        }
        pthread_mutex_unlock(&work->lock);
    }
}

/* One round: each item once, by so many threads. */
static void run_all(struct work *work, unsigned jobs, size_t items,
                    void (*item)(struct work *work, unsigned number, unsigned job))
{
    struct worker worker[JOBS_max];
    work->next = 0;
    work->items = (unsigned)items;
    work->item = item;
    for (unsigned job = 0; job < jobs; job++) {
        worker[job] = (struct worker){.work = work, .job = job};
        RK_REQUIRE(pthread_create(&worker[job].thread, NULL, work_on, &worker[job]) == 0);
    }
    for (unsigned job = 0; job < jobs; job++) {
        pthread_join(worker[job].thread, NULL);
    }
}

/* Each thread has copies of the libraries of its own: they may hold static data. */
static enum rk_err load_libraries(struct work *work, const struct rk_study_environment *environment, unsigned jobs,
                                  struct rk_diag *diag)
{
    char identity[96];
    for (unsigned job = 0; job < jobs; job++) {
        for (size_t i = 0; i < work->sweep->cells; i++) {
            const struct rk_sweep_cell *cell = work->sweep->cell[i];
            enum rk_err err =
                environment->library(environment->context, cell->backend, job,
                                     &work->library[job * work->sweep->cells + cell->index], identity, diag);
            if (err != RK_OK) {
                return err;
            }
        }
    }
    return RK_OK;
}

/* The verdict of the study */

/* "policy.mechanism = derive; " for each axis of which the verdict takes some values but not all. */
static void where(const struct work *work, unsigned requirement, enum rk_verdict verdict, char *out, size_t room)
{
    const struct rk_study *study = work->sweep->study;
    const struct rk_axes *axes = &study->scenario.axes;
    size_t used = 0;
    out[0] = '\0';
    for (size_t axis = 0; axis < axes->count; axis++) {
        bool taken[RK_AXIS_VALUES_max] = {false};
        size_t values = 0;
        for (size_t p = 0; p < work->sweep->points; p++) {
            const char *text = rk_study_axis_value(study, p, axis);
            for (size_t v = 0; v < axes->axis[axis].count; v++) {
                bool hit = work->row[p][requirement].verdict == verdict && !taken[v] &&
                           strcmp(axes->axis[axis].values[v].text, text) == 0;
                taken[v] = taken[v] || hit;
                values += hit;
            }
        }
        if (values == axes->axis[axis].count) {
            continue;
        }
        const char *before = used == 0 ? "" : "; ";
        used += (size_t)snprintf(out + used, used < room ? room - used : 0, "%s%s =", before, axes->axis[axis].key);
        for (size_t v = 0; v < axes->axis[axis].count; v++) {
            if (taken[v] && used < room) {
                used += (size_t)snprintf(out + used, room - used, " %s,", axes->axis[axis].values[v].text);
            }
        }
        used = used < room ? used - 1 : used; /* the last comma */
    }
    out[used < room ? used : room - 1] = '\0';
}

static void join(const struct work *work, unsigned requirement, struct rk_audit_row *out)
{
    enum { PLACE_bytes = 400 };
    const struct rk_audit_row *first = NULL;
    size_t first_point = 0, same = 0;
    uint64_t observations = 0;
    for (size_t p = 0; p < work->sweep->points; p++) {
        const struct rk_audit_row *row = &work->row[p][requirement];
        observations += row->observations;
        same = first == NULL || row->verdict > first->verdict ? 1 : same + (row->verdict == first->verdict);
        if (first == NULL || row->verdict > first->verdict) {
            first = row;
            first_point = p;
        }
    }
    *out = *first;
    out->observations = observations;
    size_t points = work->sweep->points;
    if (points == 1) {
        return;
    }
    char place[PLACE_bytes];
    where(work, requirement, first->verdict, place, sizeof place);
    const char *open = place[0] != '\0' ? " (" : "", *close = place[0] != '\0' ? ")" : "";
    snprintf(out->evidence, sizeof out->evidence, "%zu of %zu combinations%s%s%s, as %.120s: %.400s", same, points,
             open, place, close, work->sweep->point[first_point].label, first->evidence);
    if (first->counter_example[0] != '\0') {
        snprintf(out->counter_example, sizeof out->counter_example, "%.200s: %.700s",
                 work->sweep->point[first_point].label, first->counter_example);
    }
}

enum rk_err rk_audit_sweep(const struct rk_sweep *sweep, const struct rk_study_environment *environment,
                           const struct rk_audit_options *options, struct rk_audit *audit, struct rk_diag *diag)
{
    unsigned jobs = options->jobs < JOBS_max ? options->jobs : JOBS_max;
    jobs = jobs < sweep->points ? jobs : (unsigned)sweep->points;
    struct work work = {
        .sweep = sweep, .options = options, .environment = environment, .lock = PTHREAD_MUTEX_INITIALIZER};
    work.row = calloc(sweep->points, sizeof *work.row);
    work.library = calloc(jobs * sweep->cells, sizeof(struct rk_backend *));
    RK_REQUIRE(work.row != NULL && work.library != NULL);
    enum rk_err err = load_libraries(&work, environment, jobs, diag);
    work.of_all = (unsigned)sweep->points;
    if (err == RK_OK && options->device) {
        work.look = calloc(sweep->cells, sizeof *work.look);
        RK_REQUIRE(work.look != NULL);
        work.of_all += (unsigned)sweep->cells;
        run_all(&work, jobs, sweep->cells, look_at_cell);
    }
    if (err == RK_OK) {
        run_all(&work, jobs, sweep->points, judge_point);
    }
    *audit = (struct rk_audit){.points = (unsigned)sweep->points};
    for (unsigned i = 0; err == RK_OK && i < RK_REQUIREMENTS; i++) {
        join(&work, i, &audit->row[i]);
    }
    for (size_t i = 0; work.look != NULL && i < sweep->cells; i++) {
        rk_look_fini(&work.look[i]);
    }
    free(work.look);
    free(work.row);
    free(work.library);
    return err;
}
