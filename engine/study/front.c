#include "engine/study/front.h"

#include <math.h>
#include <stdlib.h>

#include "engine/core/err.h"

static const double level = 0.05;

static bool dominates(const struct rk_front_item *a, const struct rk_front_item *b)
{
    double cost = a->cost_stats.mean - b->cost_stats.mean, exposure = a->exposure_stats.mean - b->exposure_stats.mean;
    return cost <= 0 && exposure <= 0 && (cost < 0 || exposure < 0);
}

/* Off the front: by that point of the front which is nearest below in cost. */
static void find_means(struct rk_front_item *item, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        item[i].dominated_by = i;
        for (size_t j = 0; j < count; j++) {
            const struct rk_front_item *by = &item[item[i].dominated_by];
            bool better = item[i].dominated_by == i || dominates(&item[j], by);
            if (j != i && better && dominates(&item[j], &item[i])) {
                item[i].dominated_by = j;
            }
        }
        item[i].on_front = item[i].dominated_by == i;
        item[i].knee = item[i].in_doubt = false;
    }
}

/* Two-sided p of no difference. */
static double p_same(const double *a, const double *b, size_t n)
{
    struct rk_stats pairs = rk_stats_paired(a, b, n);
    return pairs.n < 2 ? pairs.mean == 0 : rk_stats_paired_test(&pairs).p;
}

static size_t common(const struct rk_front_item *a, const struct rk_front_item *b)
{
    return a->count < b->count ? a->count : b->count;
}

/* Off the front: against the one that dominates. */
static void find_doubt(struct rk_front_item *item, size_t count)
{
    double *p = calloc(4 * count + 1, sizeof *p), *adjusted = p + 2 * count;
    RK_REQUIRE(p != NULL);
    for (size_t i = 0; i < count; i++) {
        const struct rk_front_item *by = &item[item[i].dominated_by];
        size_t n = common(by, &item[i]);
        bool dearer = !item[i].on_front && item[i].cost_stats.mean > by->cost_stats.mean;
        bool riskier = !item[i].on_front && item[i].exposure_stats.mean > by->exposure_stats.mean;
        p[2 * i] = dearer ? p_same(by->cost, item[i].cost, n) : NAN;
        p[2 * i + 1] = riskier ? p_same(by->exposure, item[i].exposure, n) : NAN;
    }
    rk_stats_holm(p, 2 * count, level, adjusted, NULL);
    for (size_t i = 0; i < count; i++) {
        item[i].in_doubt = !item[i].on_front && !(adjusted[2 * i] < level) && !(adjusted[2 * i + 1] < level);
    }
    free(p);
}

static int cheap_first(const void *a, const void *b)
{
    const struct rk_front_item *left = *(struct rk_front_item *const *)a, *right = *(struct rk_front_item *const *)b;
    double difference = left->cost_stats.mean - right->cost_stats.mean;
    return difference != 0 ? (difference < 0 ? -1 : 1) : (left < right ? -1 : left > right);
}

/* out: the settled points, cheap ones first, in `settled`, which has room for all, and their number. */
static size_t settle(struct rk_front_item *item, size_t count, struct rk_front_item **settled)
{
    size_t members = 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (item[i].on_front) {
            settled[members++] = &item[i];
        }
    }
    qsort(settled, members, sizeof *settled, cheap_first);
    double each = members > 1 ? level / (2.0 * (double)(members - 1)) : level;
    for (size_t i = 0; i < members; i++) {
        struct rk_front_item *next = settled[i], *last = kept > 0 ? settled[kept - 1] : NULL;
        if (last != NULL && p_same(last->exposure, next->exposure, common(last, next)) >= each) {
            next->in_doubt = true;
            continue;
        }
        if (last != NULL && p_same(last->cost, next->cost, common(last, next)) >= each) {
            last->in_doubt = true;
            kept--;
        }
        settled[kept++] = next;
    }
    return kept;
}

static double scaled(double value, double from, double to, bool logarithmic)
{
    return logarithmic ? log(value / from) / log(to / from) : (value - from) / (to - from);
}

static void find_knee(struct rk_front_item **settled, size_t count)
{
    struct rk_front_item *knee = NULL;
    bool positive = true;
    double least = 1 - 1e-9; /* the chord is where the two add up to 1 */
    for (size_t i = 0; i < count; i++) {
        positive = positive && settled[i]->cost_stats.mean > 0 && settled[i]->exposure_stats.mean > 0;
    }
    for (size_t i = 1; i + 1 < count; i++) {
        const struct rk_front_item *cheap = settled[0], *safe = settled[count - 1], *here = settled[i];
        double cost = scaled(here->cost_stats.mean, cheap->cost_stats.mean, safe->cost_stats.mean, positive);
        double exposure =
            scaled(here->exposure_stats.mean, safe->exposure_stats.mean, cheap->exposure_stats.mean, positive);
        if (cost + exposure < least) {
            least = cost + exposure;
            knee = settled[i];
        }
    }
    if (knee != NULL) {
        knee->knee = true;
    }
}

void rk_front_find(struct rk_front_item *item, size_t count)
{
    struct rk_front_item **settled = calloc(count + 1, sizeof(struct rk_front_item *));
    RK_REQUIRE(settled != NULL);
    find_means(item, count);
    find_doubt(item, count);
    find_knee(settled, settle(item, count, settled));
    free(settled);
}
