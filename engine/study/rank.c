#include "engine/study/rank.h"

#include <math.h>
#include <stdlib.h>

#include "engine/core/err.h"

static const double level = 0.05;

/* A point on its way to its place. */
struct candidate {
    const struct rk_rank_item *item;
    struct rk_stats stats;
    double badness; /* the mean, or its negative where high is best */
};

static int better_first(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    bool none_left = isnan(left->badness), none_right = isnan(right->badness);
    if (none_left != none_right) {
        return none_left ? 1 : -1;
    }
    if (!none_left && left->badness != right->badness) {
        return left->badness < right->badness ? -1 : 1;
    }
    return left->item->point < right->item->point ? -1 : 1;
}

static struct candidate *order(const struct rk_rank_item *item, size_t count, bool best_high)
{
    struct candidate *candidate = calloc(count + 1, sizeof *candidate);
    RK_REQUIRE(candidate != NULL);
    for (size_t i = 0; i < count; i++) {
        struct rk_stats stats = rk_stats_summary(item[i].value, item[i].count);
        candidate[i] = (struct candidate){&item[i], stats, best_high ? -stats.mean : stats.mean};
    }
    qsort(candidate, count, sizeof *candidate, better_first);
    return candidate;
}

/* Differences of the replications that both points have; `memory` holds as many as either has. */
static struct rk_rank_pair compare(const struct rk_rank_item *a, const struct rk_rank_item *b, uint64_t seed,
                                   double *memory)
{
    size_t common = a->count < b->count ? a->count : b->count;
    for (size_t i = 0; i < common; i++) {
        memory[i] = a->value[i] - b->value[i];
    }
    struct rk_stats stats = rk_stats_summary(memory, common);
    return (struct rk_rank_pair){
        .a = a->point,
        .b = b->point,
        .n = stats.n,
        .difference = rk_stats_paired_test(&stats),
        .bootstrap = rk_bootstrap_mean(memory, common, 1 - level, seed),
    };
}

static void make_pairs(const struct candidate *candidate, size_t count, uint64_t seed, struct rk_ranking *ranking)
{
    size_t longest = 1;
    for (size_t i = 0; i < count; i++) {
        longest = candidate[i].item->count > longest ? candidate[i].item->count : longest;
    }
    double *memory = malloc(longest * sizeof *memory);
    RK_REQUIRE(memory != NULL);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            ranking->pair[ranking->pairs++] = compare(candidate[i].item, candidate[j].item, seed, memory);
        }
    }
    free(memory);
}

static void judge_pairs(struct rk_ranking *ranking)
{
    size_t pairs = ranking->pairs;
    double *memory = malloc((3 * pairs + 1) * sizeof *memory);
    RK_REQUIRE(memory != NULL);
    double *p = memory, *adjusted = p + pairs, *share = adjusted + pairs;
    for (size_t i = 0; i < pairs; i++) {
        p[i] = ranking->pair[i].difference.p;
    }
    rk_stats_holm(p, pairs, level, adjusted, share);
    for (size_t i = 0; i < pairs; i++) {
        struct rk_rank_pair *pair = &ranking->pair[i];
        double half = isnan(share[i]) ? NAN : rk_stats_half_width(&pair->difference, 1 - level * share[i]);
        pair->p_holm = adjusted[i];
        pair->interval = (struct rk_interval){pair->difference.mean - half, pair->difference.mean + half};
        pair->distinct = adjusted[i] < level;
    }
    free(memory);
}

/* By their numbers of betters. A pair's first point is better by its mean over all its replications, but where the two
 * have different ones the common ones decide. */
static void rank_places(struct rk_ranking *ranking, bool best_high)
{
    size_t pair = 0;
    for (size_t i = 0; i < ranking->places; i++) {
        for (size_t j = i + 1; j < ranking->places; j++, pair++) {
            double difference = ranking->pair[pair].difference.mean;
            bool first_wins = best_high ? difference > 0 : difference < 0;
            if (ranking->pair[pair].distinct) {
                ranking->place[first_wins ? j : i].rank++;
            }
        }
    }
}

static int by_rank(const void *a, const void *b)
{
    const struct rk_rank_place *left = a, *right = b;
    unsigned of_left = left->rank == 0 ? UINT32_MAX : left->rank;
    unsigned of_right = right->rank == 0 ? UINT32_MAX : right->rank;
    return of_left < of_right ? -1 : of_left > of_right;
}

/* Insertion keeps the order of the means among equal ranks. */
static void sort_places(struct rk_ranking *ranking)
{
    for (size_t i = 1; i < ranking->places; i++) {
        struct rk_rank_place place = ranking->place[i];
        size_t at = i;
        for (; at > 0 && by_rank(&place, &ranking->place[at - 1]) < 0; at--) {
            ranking->place[at] = ranking->place[at - 1];
        }
        ranking->place[at] = place;
    }
}

void rk_rank(const struct rk_rank_item *item, size_t count, bool best_high, uint64_t seed, struct rk_ranking *ranking)
{
    struct candidate *candidate = order(item, count, best_high);
    *ranking = (struct rk_ranking){
        .place = calloc(count + 1, sizeof *ranking->place),
        .pair = calloc(count * count / 2 + 1, sizeof *ranking->pair),
        .places = count,
    };
    RK_REQUIRE(ranking->place != NULL && ranking->pair != NULL);
    for (size_t i = 0; i < count; i++) {
        bool none = candidate[i].stats.n == 0;
        ranking->place[i] = (struct rk_rank_place){candidate[i].item->point, none ? 0 : 1, candidate[i].stats};
    }
    make_pairs(candidate, count, seed, ranking);
    free(candidate);
    judge_pairs(ranking);
    rank_places(ranking, best_high);
    sort_places(ranking);
}

void rk_ranking_fini(struct rk_ranking *ranking)
{
    free(ranking->place);
    free(ranking->pair);
    *ranking = (struct rk_ranking){.place = NULL};
}
