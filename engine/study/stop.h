/* engine/study/stop.h - when a point has had enough replications
 *
 * Model:  a point is looked at after fixed numbers of replications: the first, then half as many again each time, up to
 *         the last. It stops at the first look at which Student's 95 % half width of the metric is at most `ci95` of
 *         the mean's size. The rule sees the replications 0 .. n - 1 in their order and nothing else: threads, ranks,
 *         shards and a kill in between change neither where a point stops nor what it shows.
 * Units:  replications; ci95 in millionths.
 * Error:  whoever stops when the spread looks small stops early when it looks smaller than it is: the interval at the
 *         stop holds the mean less often than 95 %. Few looks, and some replications before the first, keep that loss
 *         small: from a first look at 30 on the interval holds normal values' mean 94.5 to 95.5 % and exponential
 *         ones' 93 to 94.5 % of the time (with a fixed number of 30: 95 and 92.7); from a first look at 10 on it is
 *         93.5 and 90.5; a rule that looks after every replication holds 88 and 85 % (tests/study/test_stop.c). For
 *         an interval without this loss fix `replications`.
 * Source: Chow and Robbins, Annals of Mathematical Statistics 36 (1965); Law, Simulation Modeling and Analysis, 9.4.1.
 */
#ifndef ENGINE_STUDY_STOP_H
#define ENGINE_STUDY_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/core/stats.h"

enum { RK_STOP_LEAST = 10 };

struct rk_stop {
    uint32_t ci95_ppm;    /* half width over the mean's size; 0: there is no rule, all points have `first` */
    uint32_t first, last; /* RK_STOP_LEAST <= first <= last where there is a rule */
};

/* out: the number of replications at the look after the one at `n`; 0 where `n` was the last. `n` 0: the first look. */
uint32_t rk_stop_next(const struct rk_stop *stop, uint32_t n);

enum rk_stop_verdict {
    RK_STOP_MORE,
    RK_STOP_REACHED, /* the interval is as narrow as was asked for */
    RK_STOP_LAST,    /* it is not, and there are no more replications */
};

/* in: stats of the metric's values of the first `n` replications, n a look. */
enum rk_stop_verdict rk_stop_judge(const struct rk_stop *stop, uint32_t n, const struct rk_stats *stats);

/* The whole rule over values that are there. in: values of replications 0 .. count - 1. out: how many of them count:
 * the look at which the point stops; the first look beyond `count` where more are needed. */
uint32_t rk_stop_at(const struct rk_stop *stop, const double *value, uint32_t count, enum rk_stop_verdict *verdict);

#endif
