/* engine/sim/tier.h - what orders the events of a trial, and which of them suits
 *
 * Model: devices touch each other in two places only: the key server's queue (rk_server_admit, by frame R1) and, where
 *        a gateway's channel is shared, the air of their cell. What is not coupled needs no common order. A tier
 *        drives the nodes of engine/model/node.h; none of them knows the model, and the model does not know the tier.
 * Error: none: every tier gives the reference tier's result to the bit.
 */
#ifndef ENGINE_SIM_TIER_H
#define ENGINE_SIM_TIER_H

#include "engine/model/fleet.h"

struct rk_tier_choice {
    enum rk_tier tier; /* never RK_TIER_AUTO */
    char why[120];     /* "devices share nothing but the key server" */
};

/* "auto", "reference", ... out: NULL for a number that is none. */
const char *rk_tier_name(unsigned tier);

/* The tier that a trial runs on: trial->tier, or by the trial's couplings where that is RK_TIER_AUTO.
 * out: RK_OK, or RK_ERR_INPUT with a line where the wanted tier cannot run this trial. */
enum rk_err rk_tier_choose(const struct rk_trial *trial, struct rk_tier_choice *choice, struct rk_diag *diag);

/* --- within engine/sim --- */

/* A tier: initialises every node of a fleet that is ready, orders their events up to the horizon, and closes all that
 * it initialised, on errors too. out: RK_OK, or the first error with its line. */
typedef enum rk_err rki_tier_run(struct rk_fleet *fleet, struct rk_diag *diag);

rki_tier_run rki_reference_run, rki_cells_run, rki_timeline_run, rki_queue_run;

#endif
