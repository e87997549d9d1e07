#include "engine/model/trial.h"

#include <math.h>

/* W(T) = T/2 + mu * (1 - mu * (1 - exp(-T/mu)) / T). With x = T/mu the future part is mu * (1 - (1 -
 * exp(-x)) / x), which cancels for small x: there its series T/2 - T^2/(6 mu) + T^3/(24 mu^2) is used. */
double rk_exposure_closed_form_s(double interval_s, double detection_mean_s)
{
    if (detection_mean_s <= 0.0) {
        return interval_s / 2.0;
    }
    double x = interval_s / detection_mean_s;
    if (x < 1e-4) {
        return interval_s / 2.0 + interval_s * (0.5 - x / 6.0 + x * x / 24.0);
    }
    return interval_s / 2.0 + detection_mean_s * (1.0 + expm1(-x) / x);
}
