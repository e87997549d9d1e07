/* tests/sim/test_lifetime.c - lifetime mode against the exact mode: mean, variance and distribution of what they report
 *
 * Replications of the two modes have seeds of their own, so that the samples are independent. A metric passes when Welch's
 * t, the F ratio of variances and the Kolmogorov-Smirnov distance are all of a size that chance exceeds more than once in
 * 10^4 comparisons. What the modes must have equal is compared as such. Before a key server each renewal is played; where
 * it takes no time renewals are spared (engine/model/spare.h), and the share of them is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>

#include "engine/sim/replication.h"
#include "tests/model/fixture.h"

enum { SEEDS = 400 };

static const double least_p = 1e-4;

static void draw(const struct rk_trial *trial, bool lifetime, struct rk_trial_result result[SEEDS])
{
    struct rk_trial mode = *trial;
    mode.lifetime = lifetime;
    mode.seed = lifetime ? 2 : 1;
    assert_int_equal(rk_replications_run(&mode, SEEDS, 2, result, NULL), RK_OK);
}

static double welch_p(const double *a, const double *b)
{
    double va = gsl_stats_variance(a, 1, SEEDS) / SEEDS, vb = gsl_stats_variance(b, 1, SEEDS) / SEEDS;
    double difference = fabs(gsl_stats_mean(a, 1, SEEDS) - gsl_stats_mean(b, 1, SEEDS));
    if (va + vb == 0.0) {
        return difference == 0.0 ? 1.0 : 0.0;
    }
    double df = (va + vb) * (va + vb) * (SEEDS - 1) / (va * va + vb * vb);
    return 2 * gsl_cdf_tdist_Q(difference / sqrt(va + vb), df);
}

static bool scattered(const double *sorted)
{
    return sorted[SEEDS / 4] < sorted[3 * SEEDS / 4];
}

/* Of sorted samples near to normal. Heavier or lighter tails change the spread of the ratio by the root of (kurtosis -
 * 1) / 2, which is estimated. Where half the values are one and the same there is nothing near to normal; mean and
 * distribution then have to do. */
static double variance_p(const double *a, const double *b)
{
    if (!scattered(a) && !scattered(b)) {
        return 1.0;
    }
    double va = gsl_stats_variance(a, 1, SEEDS), vb = gsl_stats_variance(b, 1, SEEDS);
    if (va == 0.0 || vb == 0.0) {
        return va == vb ? 1.0 : 0.0;
    }
    double kurtosis = 3 + (gsl_stats_kurtosis(a, 1, SEEDS) + gsl_stats_kurtosis(b, 1, SEEDS)) / 2;
    double z = fabs(log(va / vb)) / sqrt(2 * (kurtosis - 1) / SEEDS);
    return 2 * gsl_cdf_ugaussian_Q(z);
}

/* Of sorted samples. Asymptotic, and conservative where values tie. */
static double ks_p(const double *a, const double *b)
{
    double distance = 0;
    for (int i = 0, j = 0; i < SEEDS && j < SEEDS;) {
        double x = fmin(a[i], b[j]);
        while (i < SEEDS && a[i] <= x) {
            i++;
        }
        while (j < SEEDS && b[j] <= x) {
            j++;
        }
        distance = fmax(distance, fabs((double)(i - j)) / SEEDS);
    }
    double lambda = distance * sqrt(SEEDS / 2.0), p = 0;
    for (int k = 1; k < 100; k++) {
        p += (k % 2 == 1 ? 2 : -2) * exp(-2.0 * k * k * lambda * lambda);
    }
    return lambda < 0.2 ? 1.0 : p;
}

/* *worst becomes the largest relative error of a mean. */
static int expect_metric(const char *scenario, enum rk_metric metric, const struct rk_trial_result *exact,
                         const struct rk_trial_result *closed, double *worst)
{
    double a[SEEDS], b[SEEDS];
    for (int i = 0; i < SEEDS; i++) {
        a[i] = exact[i].metric[metric];
        b[i] = closed[i].metric[metric];
        if (isnan(a[i]) || isnan(b[i])) { /* does not exist in some replication: no sample to compare */
            return 0;
        }
    }
    gsl_sort(a, 1, SEEDS);
    gsl_sort(b, 1, SEEDS);
    double mean = welch_p(a, b), variance = variance_p(a, b);
    double error = gsl_stats_mean(b, 1, SEEDS) / gsl_stats_mean(a, 1, SEEDS) - 1;
    double distribution = ks_p(a, b);
    *worst = isfinite(error) ? fmax(*worst, fabs(error)) : *worst;
    bool wrong = mean < least_p || variance < least_p || distribution < least_p;
    if (wrong) {
        printf("%s, %s: error of the mean %.2g; p of mean %.2g, variance %.2g, distribution %.2g\n", scenario,
               rk_metric_info[metric].name, error, mean, variance, distribution);
    }
    return wrong;
}

/* in: whether most renewals are to be spared; else none is. */
static void expect_spared(const char *scenario, const struct rk_trial_result *closed, bool most)
{
    uint64_t played = 0, spared = 0;
    for (int i = 0; i < SEEDS; i++) {
        played += closed[i].renewals_played;
        spared += closed[i].renewals_spared;
    }
    printf("%s: %.1f %% of the renewals spared\n", scenario, 100.0 * (double)spared / (double)(played + spared));
    assert_true(most ? spared > played : spared == 0);
}

static void expect_equal_distributions(const char *scenario, const struct rk_trial *trial)
{
    static struct rk_trial_result exact[SEEDS], closed[SEEDS];
    draw(trial, false, exact);
    draw(trial, true, closed);
    expect_spared(scenario, closed, trial->server_time_ns == 0);
    int wrong = 0;
    double worst = 0;
    for (int metric = 0; metric < RK_METRIC_COUNT; metric++) {
        wrong += expect_metric(scenario, (enum rk_metric)metric, exact, closed, &worst);
    }
    printf("%s: means are off by %.2g at most\n", scenario, worst);
    assert_int_equal(wrong, 0);
}

static struct rk_trial busy(void)
{
    struct rk_trial trial = rkt_trial();
    trial.devices = 2;
    trial.horizon_ns = 5 * RK_DAY;
    trial.message_period_ns = 30 * RK_S;
    trial.message_jitter_ppm = 100000;
    trial.policy.interval_ns = RK_DAY / 2;
    return trial;
}

static void test_no_loss(void **state)
{
    (void)state;
    struct rk_trial trial = busy();
    expect_equal_distributions("no loss", &trial);
}

static void test_loss(void **state)
{
    (void)state;
    struct rk_trial trial = busy();
    trial.frame_loss_ppm = 20000;
    expect_equal_distributions("2 % loss", &trial);
    trial.frame_loss_ppm = 300000;
    expect_equal_distributions("30 % loss", &trial);
}

static void test_wide_gaps(void **state)
{
    (void)state;
    struct rk_trial trial = busy();
    trial.frame_loss_ppm = 50000;
    trial.message_jitter_ppm = 990000;
    trial.policy.triggers = RK_TRIGGER_INTERVAL | RK_TRIGGER_SESSION;
    trial.session_period_ns = RK_DAY / 5;
    expect_equal_distributions("gaps from 1 % to 199 %", &trial);
}

static void test_messages_trigger(void **state)
{
    (void)state;
    struct rk_trial trial = busy();
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 777;
    trial.frame_loss_ppm = 100000;
    trial.policy.mechanism = RK_MECHANISM_TRANSPORT;
    expect_equal_distributions("renewal by messages", &trial);
}

static void test_leaks(void **state)
{
    (void)state;
    struct rk_trial trial = busy();
    trial.frame_loss_ppm = 50000;
    trial.policy.mechanism = RK_MECHANISM_REFRESH;
    trial.compromise_per_1e6y = 5 * 365250000ull; /* five a day */
    trial.detection_mean_ns = RK_DAY / 3;
    trial.missed_ppm = 300000;
    expect_equal_distributions("leaks", &trial);
}

/* Nobody waits for the key server, and devices live for 30 renewals. */
static struct rk_trial spared(void)
{
    struct rk_trial trial = busy();
    trial.server_time_ns = 0;
    trial.network_delay_ns = 20 * RK_MS;
    trial.horizon_ns = 15 * RK_DAY;
    trial.frame_loss_ppm = 50000;
    trial.policy.jitter_ppm = 100000;
    return trial;
}

static void test_spared_time(void **state)
{
    (void)state;
    struct rk_trial trial = spared();
    expect_equal_distributions("spared, by time", &trial);
    trial.frame_loss_ppm = 150000;
    trial.message_jitter_ppm = 900000;
    trial.policy.overlap_ns = 20 * 60 * RK_S;
    expect_equal_distributions("spared, 15 % loss, wide gaps, overlap of 20 min", &trial);
    trial.policy.mechanism = RK_MECHANISM_ECDH; /* computes for seconds: samples come in the way */
    trial.policy.interval_ns = RK_DAY / 6;
    expect_equal_distributions("spared, long renewals", &trial);
}

static void test_spared_use(void **state)
{
    (void)state;
    struct rk_trial trial = spared();
    trial.policy.triggers = RK_TRIGGER_MESSAGES;
    trial.policy.messages = 1500; /* more than a reserve */
    expect_equal_distributions("spared, by messages", &trial);
    trial.policy.triggers = RK_TRIGGER_MESSAGES | RK_TRIGGER_INTERVAL;
    trial.policy.jitter_ppm = 300000;
    trial.policy.messages = 1300;
    trial.policy.messages_max = 1400;
    expect_equal_distributions("spared, by what is first", &trial);
}

static void test_spared_flash(void **state)
{
    (void)state;
    struct rk_trial trial = spared();
    rkt_device()->nvm_erase_block_bytes = 1024;
    rkt_device()->nvm_erase_ns = 20 * RK_MS;
    trial.message_period_ns = 11 * RK_S;
    expect_equal_distributions("spared, flash", &trial);
}

static void test_spared_leaks(void **state)
{
    (void)state;
    struct rk_trial trial = spared();
    trial.compromise_per_1e6y = 365250000ull / 2; /* one in two days */
    trial.detection_mean_ns = RK_DAY / 2;
    expect_equal_distributions("spared, leaks", &trial);
    trial.policy.mechanism = RK_MECHANISM_REFRESH;
    trial.missed_ppm = 300000;
    expect_equal_distributions("spared, leaks that follow", &trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_loss),      cmocka_unit_test(test_loss),
        cmocka_unit_test(test_wide_gaps),    cmocka_unit_test(test_messages_trigger),
        cmocka_unit_test(test_leaks),        cmocka_unit_test(test_spared_time),
        cmocka_unit_test(test_spared_use),   cmocka_unit_test(test_spared_flash),
        cmocka_unit_test(test_spared_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
