#include "engine/model/trial.h"

#include <math.h>

/* With x = T/mu the first interval's future part is mu * (1 - (1 - exp(-x)) / x), which cancels for small x: there its
 * series T/2 - T^2/(6 mu) + T^3/(24 mu^2) is used. */
double rk_exposure_closed_form_s(double interval_s, double detection_mean_s, double follow)
{
    double past_s = interval_s / 2.0;
    if (detection_mean_s <= 0.0) {
        return past_s;
    }
    double x = interval_s / detection_mean_s;
    double detected = -expm1(-x); /* within one whole interval */
    double first_s = x < 1e-4 ? interval_s * (0.5 - x / 6.0 + x * x / 24.0) : detection_mean_s * (1.0 - detected / x);
    if (follow <= 0.0) {
        return past_s + first_s;
    }
    double ended = 1.0 - follow + follow * detected; /* the leak, within the next interval or at its end */
    return past_s + first_s + detected / x * follow * detection_mean_s * detected / ended;
}

double rk_exposure_follow(const struct rk_trial *trial)
{
    switch (rk_mechanism_class(trial->policy.mechanism)[1]) {
    case '3':
        return 1.0 - (double)trial->missed_ppm / 1e6;
    case '4':
        return 1.0;
    default:
        return 0.0;
    }
}
