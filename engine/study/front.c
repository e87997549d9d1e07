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

/* A pair whose order matters: a is on the front, b is another point; either may be the better one. */
struct pair {
    size_t a, b;
    double cost, exposure; /* mean of a less that of b */
};

/* Two-sided p of no difference. */
static double p_same(const double *a, const double *b, size_t n)
{
    struct rk_stats pairs = rk_stats_paired(a, b, n);
    return pairs.n < 2 ? pairs.mean == 0 : rk_stats_paired_test(&pairs).p;
}

static size_t list_pairs(const struct rk_front_item *item, size_t count, struct pair *pair)
{
    size_t pairs = 0;
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count && item[a].on_front; b++) {
            if (a != b && (item[b].on_front || item[b].dominated_by == a)) {
                pair[pairs++] = (struct pair){a, b, item[a].cost_stats.mean - item[b].cost_stats.mean,
                                              item[a].exposure_stats.mean - item[b].exposure_stats.mean};
            }
        }
    }
    return pairs;
}

static void find_doubt(struct rk_front_item *item, size_t count)
{
    struct pair *pair = calloc(count * count + 1, sizeof *pair);
    RK_REQUIRE(pair != NULL);
    size_t pairs = list_pairs(item, count, pair);
    double *p = calloc(4 * pairs + 1, sizeof *p), *adjusted = p + 2 * pairs;
    RK_REQUIRE(p != NULL);
    for (size_t i = 0; i < pairs; i++) {
        const struct rk_front_item *a = &item[pair[i].a], *b = &item[pair[i].b];
        size_t common = a->count < b->count ? a->count : b->count;
        p[2 * i] = p_same(a->cost, b->cost, common);
        p[2 * i + 1] = p_same(a->exposure, b->exposure, common);
    }
    rk_stats_holm(p, 2 * pairs, level, adjusted, NULL);
    for (size_t i = 0; i < pairs; i++) {
        bool cost = adjusted[2 * i] < level, exposure = adjusted[2 * i + 1] < level;
        bool better = (cost && pair[i].cost < 0) || (exposure && pair[i].exposure < 0);
        size_t doubted = item[pair[i].b].on_front ? pair[i].a : pair[i].b;
        item[doubted].in_doubt = item[doubted].in_doubt || !better;
    }
    free(p);
    free(pair);
}

static double scaled(double value, double from, double to, bool logarithmic)
{
    return logarithmic ? log(value / from) / log(to / from) : (value - from) / (to - from);
}

static void find_knee(struct rk_front_item *item, size_t count)
{
    bool any_settled = false;
    for (size_t i = 0; i < count; i++) {
        any_settled = any_settled || (item[i].on_front && !item[i].in_doubt);
    }
    struct rk_front_item *cheap = NULL, *safe = NULL, *knee = NULL;
    size_t members = 0;
    bool positive = true;
    for (size_t i = 0; i < count; i++) {
        if (!item[i].on_front || (any_settled && item[i].in_doubt)) {
            continue;
        }
        members++;
        positive = positive && item[i].cost_stats.mean > 0 && item[i].exposure_stats.mean > 0;
        cheap = cheap == NULL || item[i].cost_stats.mean < cheap->cost_stats.mean ? &item[i] : cheap;
        safe = safe == NULL || item[i].exposure_stats.mean < safe->exposure_stats.mean ? &item[i] : safe;
    }
    if (members < 3 || cheap == safe) {
        return;
    }
    double least = 1 - 1e-9; /* the chord is where the two add up to 1 */
    for (size_t i = 0; i < count; i++) {
        if (!item[i].on_front || (any_settled && item[i].in_doubt)) {
            continue;
        }
        double cost = scaled(item[i].cost_stats.mean, cheap->cost_stats.mean, safe->cost_stats.mean, positive);
        double exposure =
            scaled(item[i].exposure_stats.mean, safe->exposure_stats.mean, cheap->exposure_stats.mean, positive);
        if (cost + exposure < least) {
            least = cost + exposure;
            knee = &item[i];
        }
    }
    if (knee != NULL) {
        knee->knee = true;
    }
}

void rk_front_find(struct rk_front_item *item, size_t count)
{
    find_means(item, count);
    find_doubt(item, count);
    find_knee(item, count);
}
