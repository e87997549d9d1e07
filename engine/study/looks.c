/* How many replications each point has, by the rule of `stop`: raised as results come in, whoever computed them. A look
 * is judged when all replications before it are there, so that the order in which they came does not show. */
#include <stdlib.h>

#include "engine/study/runner_internal.h"

struct rki_look *rki_looks_new(const struct rki_run *run)
{
    struct rki_look *look = calloc(run->sweep->points + 1, sizeof *look);
    RK_REQUIRE(look != NULL);
    for (size_t i = 0; i < run->sweep->points; i++) {
        uint32_t first = rk_stop_next(&run->rules.stop, 0), few = run->sweep->point[i].replications;
        look[i].wanted = few < first ? few : first;
    }
    return look;
}

bool rki_task_wanted(const struct rki_run *run, const struct rki_task *task)
{
    return task->replication < run->look[task->point->index].wanted;
}

/* All that is wanted of a point is there. out: how much is wanted now. */
static uint32_t judge(const struct rki_run *run, const struct rki_look *look)
{
    double *value = malloc(look->wanted * sizeof *value);
    RK_REQUIRE(value != NULL);
    for (uint32_t i = 0; i < look->wanted; i++) {
        value[i] = run->task[look->first + i].result.metric[run->rules.stop_metric];
    }
    struct rk_stats stats = rk_stats_summary(value, look->wanted);
    free(value);
    return rk_stop_judge(&run->rules.stop, look->wanted, &stats) == RK_STOP_MORE
               ? rk_stop_next(&run->rules.stop, look->wanted)
               : look->wanted;
}

void rki_task_arrived(struct rki_run *run, const struct rki_task *task)
{
    struct rki_look *look = &run->look[task->point->index];
    look->arrived++;
    if (look->arrived < look->wanted || run->rules.stop.ci95_ppm == 0) {
        return;
    }
    uint32_t wanted = judge(run, look);
    if (wanted > look->wanted) {
        size_t next = look->first + look->wanted;
        run->next = next < run->next ? next : run->next;
        run->counts->trials += task->elsewhere ? 0 : wanted - look->wanted;
        look->wanted = wanted;
    }
}
