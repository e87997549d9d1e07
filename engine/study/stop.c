#include "engine/study/stop.h"

#include <math.h>

uint32_t rk_stop_next(const struct rk_stop *stop, uint32_t n)
{
    if (n == 0) {
        return stop->first;
    }
    if (stop->ci95_ppm == 0 || n >= stop->last) {
        return 0;
    }
    uint64_t next = n + ((uint64_t)n + 1) / 2;
    return next < stop->last ? (uint32_t)next : stop->last;
}

enum rk_stop_verdict rk_stop_judge(const struct rk_stop *stop, uint32_t n, const struct rk_stats *stats)
{
    /* A figure that most replications do not have is not known yet, however alike the others are. */
    bool narrow = stop->ci95_ppm == 0 ||
                  (stats->n >= RK_STOP_LEAST && stats->ci95 <= fabs(stats->mean) * (double)stop->ci95_ppm * 1e-6);
    if (narrow) {
        return RK_STOP_REACHED;
    }
    return rk_stop_next(stop, n) == 0 ? RK_STOP_LAST : RK_STOP_MORE;
}

uint32_t rk_stop_at(const struct rk_stop *stop, const double *value, uint32_t count, enum rk_stop_verdict *verdict)
{
    uint32_t look = rk_stop_next(stop, 0);
    *verdict = RK_STOP_MORE;
    while (look <= count) {
        struct rk_stats stats = rk_stats_summary(value, look);
        *verdict = rk_stop_judge(stop, look, &stats);
        if (*verdict != RK_STOP_MORE) {
            return look;
        }
        look = rk_stop_next(stop, look);
    }
    return look;
}
