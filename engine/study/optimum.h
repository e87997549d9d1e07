/* engine/study/optimum.h - the renewal interval of least cost, between those that were run
 *
 * Model:  with a price w of exposure, J(T) = cost + w * exposure. Cost is a + C / T, C that of a renewal; exposure is
 *         proportional to T where leaks are noticed at once (T / 2) and where they never are (T), and between these
 *         within a factor of two of both. So J is fitted by least squares as a + b / T + c * T to the points within a
 *         factor of 3 of the best one, and T* = sqrt(b / c): sqrt(C / w) to sqrt(2 C / w).
 * Units:  s; J in cost's.
 * Error:  the interval is the jackknife's over replications, which share their random numbers between points. In
 *         between the two limits the form is not exact: T* is up to 2.5 % off (tests/study/test_recommend.c).
 * Source: jackknife: Efron and Tibshirani, An Introduction to the Bootstrap, 11. Least squares: GSL.
 */
#ifndef ENGINE_STUDY_OPTIMUM_H
#define ENGINE_STUDY_OPTIMUM_H

#include <stddef.h>

struct rk_optimum_point {
    double interval_s;
    const double *cost, *exposure; /* by replication */
};

struct rk_optimum {
    size_t points;     /* that the fit took; 0: there is none */
    double interval_s; /* T*; NaN: none, J falls or rises throughout */
    double ci95_s;
    double renewal; /* C: cost times seconds */
};

/* in: points in any order, replications of all in the same order, price above 0. */
struct rk_optimum rk_optimum_find(const struct rk_optimum_point *point, size_t count, size_t replications,
                                  double price);

#endif
