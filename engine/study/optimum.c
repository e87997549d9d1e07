#include "engine/study/optimum.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "engine/core/err.h"
#include "engine/core/stats.h"

enum { TERMS = 3 };

struct fit {
    double term[TERMS]; /* a, b / T, c * T */
};

static double mean_without(const double *value, size_t n, size_t left_out)
{
    double sum = 0;
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        if (i != left_out && !isnan(value[i])) {
            sum += value[i];
            taken++;
        }
    }
    return taken == 0 ? NAN : sum / (double)taken;
}

/* Weighed so that relative errors count. out: false when there is no answer. */
static bool fit(const double *interval_s, const double *value, size_t count, struct fit *found)
{
    gsl_matrix *x = gsl_matrix_alloc(count, TERMS), *covariance = gsl_matrix_alloc(TERMS, TERMS);
    gsl_vector *y = gsl_vector_alloc(count), *weight = gsl_vector_alloc(count), *c = gsl_vector_alloc(TERMS);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(count, TERMS);
    RK_REQUIRE(x != NULL && covariance != NULL && y != NULL && weight != NULL && c != NULL && work != NULL);
    double unit_s = interval_s[0], chi;
    bool finite = true;
    for (size_t i = 0; i < count; i++) {
        double t = interval_s[i] / unit_s;
        gsl_matrix_set(x, i, 0, 1);
        gsl_matrix_set(x, i, 1, 1 / t);
        gsl_matrix_set(x, i, 2, t);
        gsl_vector_set(y, i, value[i]);
        gsl_vector_set(weight, i, 1 / (value[i] * value[i]));
        finite = finite && isfinite(value[i]) && value[i] != 0;
    }
    finite = finite && gsl_multifit_wlinear(x, weight, y, c, covariance, &chi, work) == 0;
    for (int i = 0; i < TERMS; i++) {
        found->term[i] = finite ? gsl_vector_get(c, (size_t)i) : NAN;
    }
    found->term[1] *= unit_s;
    found->term[2] /= unit_s;
    gsl_multifit_linear_free(work);
    gsl_matrix_free(x);
    gsl_matrix_free(covariance);
    gsl_vector_free(y);
    gsl_vector_free(weight);
    gsl_vector_free(c);
    return finite;
}

/* T* of all replications but one. */
static double optimum_of(const struct rk_optimum_point *point, size_t count, size_t replications, double price,
                         size_t left_out, double *renewal)
{
    double *interval_s = malloc(2 * count * sizeof *interval_s), *value = interval_s + count;
    struct fit found;
    RK_REQUIRE(interval_s != NULL);
    for (size_t i = 0; i < count; i++) {
        interval_s[i] = point[i].interval_s;
        value[i] = mean_without(point[i].cost, replications, left_out) +
                   price * mean_without(point[i].exposure, replications, left_out);
    }
    bool bends = fit(interval_s, value, count, &found) && found.term[1] > 0 && found.term[2] > 0;
    free(interval_s);
    *renewal = bends ? found.term[1] : NAN;
    return bends ? sqrt(found.term[1] / found.term[2]) : NAN;
}

/* Those within a factor of 3 of the best. */
static size_t near(const struct rk_optimum_point *point, size_t count, size_t replications, double price,
                   struct rk_optimum_point *taken)
{
    double least = INFINITY, best_s = NAN;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        double value = mean_without(point[i].cost, replications, replications) +
                       price * mean_without(point[i].exposure, replications, replications);
        best_s = value < least ? point[i].interval_s : best_s;
        least = value < least ? value : least;
    }
    for (size_t i = 0; i < count; i++) {
        double ratio = point[i].interval_s / best_s;
        if (ratio >= 1 / 3.0 && ratio <= 3) {
            taken[n++] = point[i];
        }
    }
    return n;
}

struct rk_optimum rk_optimum_find(const struct rk_optimum_point *point, size_t count, size_t replications, double price)
{
    struct rk_optimum optimum = {.points = 0, .interval_s = NAN, .ci95_s = NAN, .renewal = NAN};
    struct rk_optimum_point *taken = malloc((count + 1) * sizeof *taken);
    RK_REQUIRE(taken != NULL);
    size_t n = near(point, count, replications, price, taken);
    if (n >= TERMS) {
        double renewal, mean = 0, square = 0, r = (double)replications;
        optimum.points = n;
        optimum.interval_s = optimum_of(taken, n, replications, price, replications, &optimum.renewal);
        for (size_t i = 0; i < replications && replications > 1; i++) {
            double without_s = optimum_of(taken, n, replications, price, i, &renewal);
            mean += without_s / r;
            square += without_s * without_s / r;
        }
        double error_s = replications > 1 ? sqrt((r - 1) * fmax(square - mean * mean, 0)) : NAN;
        optimum.ci95_s = replications > 1 ? error_s * rk_stats_t_quantile(0.975, replications) : NAN;
    }
    free(taken);
    return optimum;
}
