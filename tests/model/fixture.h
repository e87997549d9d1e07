/* tests/model/fixture.h - a small device, radio, battery and cost table with round figures
 *
 * Figures are chosen for arithmetic by hand, not taken from a device.
 * Units: in the names.
 */
#ifndef TESTS_MODEL_FIXTURE_H
#define TESTS_MODEL_FIXTURE_H

#include "engine/model/trial.h"

/* A trial of one device, one day, a 32-byte message every 300 s, no loss, renewal by derivation every hour. All parts
 * live in static memory that each call fills anew. */
struct rk_trial rkt_trial(void);

/* The same parts, to be changed by a test. */
struct rk_device_profile *rkt_device(void);
struct rk_radio_profile *rkt_radio(void);
struct rk_battery_profile *rkt_battery(void);

/* Makes that radio one of another kind, with settings of its own. */
void rkt_radio_of(enum rk_link_kind kind);

struct rk_cost_row *rkt_row(const char *op, uint32_t size_bytes);

/* Runs and requires success. */
struct rk_trial_result rkt_run(const struct rk_trial *trial);

#endif
