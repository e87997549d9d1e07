#include "engine/sim/tier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/core/err.h"
#include "engine/model/spare.h"

struct tier {
    const char *name;
    rki_tier_run *run; /* NULL: is not there */
    /* out: why it cannot run the trial, NULL when it can. */
    const char *(*refuses)(const struct rk_trial *trial);
};

static const char *timelines_refuse(const struct rk_trial *trial)
{
    if (trial->cell_devices > 0) {
        return "devices share the channel of their gateway";
    }
    if (trial->trace != NULL && trial->trace_device < 0 && trial->devices > 1) {
        return "a trace of several devices is printed in the order of time";
    }
    return trial->execution == RK_EXECUTION_EMULATED ? "emulated devices run beside each other" : NULL;
}

static const char *cells_refuse(const struct rk_trial *trial)
{
    if (trial->cell_devices == 0) {
        return "each device has a channel of its own";
    }
    if (trial->trace != NULL && trial->trace_device < 0 && trial->devices > trial->cell_devices) {
        return "a trace of several cells is printed in the order of time";
    }
    return trial->execution == RK_EXECUTION_EMULATED ? "emulated devices run beside each other" : NULL;
}

static const struct tier tiers[RK_TIER_COUNT] = {
    [RK_TIER_AUTO] = {.name = "auto"},
    [RK_TIER_REFERENCE] = {.name = "reference", .run = rki_reference_run},
    [RK_TIER_TIMELINES] = {.name = "timelines", .run = rki_timeline_run, .refuses = timelines_refuse},
    [RK_TIER_CELLS] = {.name = "cells", .run = rki_cells_run, .refuses = cells_refuse},
    [RK_TIER_QUEUE] = {.name = "queue", .run = rki_queue_run},
};

const char *rk_tier_name(unsigned tier)
{
    return tier < RK_TIER_COUNT ? tiers[tier].name : NULL;
}

enum rk_err rk_tier_choose(const struct rk_trial *trial, struct rk_tier_choice *choice, struct rk_diag *diag)
{
    const char *why = timelines_refuse(trial);
    choice->tier = RK_TIER_REFERENCE;
    if (trial->tier != RK_TIER_AUTO) {
        choice->tier = trial->tier;
        why = "asked for";
    } else if (trial->cell_devices > 0) {
        why = cells_refuse(trial);
        choice->tier = why == NULL ? RK_TIER_CELLS : RK_TIER_REFERENCE;
        why = why == NULL ? "devices of a cell share its channel" : why;
    } else if (why == NULL) {
        choice->tier = RK_TIER_TIMELINES;
        why = trial->server_time_ns > 0 ? "devices share nothing but the key server" : "devices share nothing";
    }
    const char *played = trial->lifetime ? rk_spare_refuses(trial) : NULL;
    snprintf(choice->why, sizeof choice->why, played == NULL ? "%s" : "%s; each renewal is played: %s", why, played);
    if (trial->lifetime && (choice->tier != RK_TIER_TIMELINES || trial->execution != RK_EXECUTION_MODELLED)) {
        return rk_fail(diag, RK_ERR_INPUT, "lifetime mode takes modelled execution on tier timelines");
    }
    const struct tier *tier = &tiers[choice->tier];
    const char *refused = tier->run == NULL ? "it is not there" : tier->refuses != NULL ? tier->refuses(trial) : NULL;
    return refused == NULL ? RK_OK
                           : rk_fail(diag, RK_ERR_INPUT, "tier %s cannot run this trial: %s", tier->name, refused);
}

/* out: on RK_OK the fleet with its sums, to be given to rk_fleet_fini(). */
static enum rk_err run_fleet(const struct rk_trial *trial, enum rk_tier tier, struct rk_fleet *fleet,
                             struct rk_diag *diag)
{
    enum rk_err err = rk_fleet_init(fleet, trial, diag);
    if (err != RK_OK) {
        return err;
    }
    char context[96];
    snprintf(context, sizeof context, "trial with seed %" PRIu64 ", replication %" PRIu32, trial->seed,
             trial->replication);
    rk_panic_context(context);
    err = tiers[tier].run(fleet, diag);
    rk_panic_context(NULL);
    if (err != RK_OK) {
        rk_fleet_fini(fleet);
    }
    return err;
}

/* A trial's beginning is the same whatever its horizon, and sums are integers: what the trial up to the warm-up had
 * summed is what the whole one had at that time. */
static enum rk_err warm_up(const struct rk_trial *trial, enum rk_tier tier, struct rk_fleet *fleet,
                           struct rk_tally *before, struct rk_diag *diag)
{
    struct rk_trial beginning = *trial;
    beginning.horizon_ns = trial->warm_up_ns;
    beginning.warm_up_ns = 0;
    beginning.trace = NULL;
    enum rk_err err = run_fleet(&beginning, tier, fleet, diag);
    if (err == RK_OK) {
        *before = fleet->tally;
        rk_fleet_fini(fleet);
    }
    return err;
}

static enum rk_err run_trial(const struct rk_trial *trial, enum rk_tier tier, struct rk_fleet *fleet,
                             struct rk_tally *before, struct rk_trial_result *result, struct rk_diag *diag)
{
    enum rk_err err = trial->warm_up_ns == 0 ? RK_OK : warm_up(trial, tier, fleet, before, diag);
    if (err == RK_OK) {
        err = run_fleet(trial, tier, fleet, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    if (trial->warm_up_ns > 0) {
        rk_tally_subtract(&fleet->tally, before);
    }
    rk_fleet_result(fleet, result);
    rk_fleet_fini(fleet);
    return RK_OK;
}

enum rk_err rk_trial_run(const struct rk_trial *trial, struct rk_trial_result *result, struct rk_diag *diag)
{
    struct rk_tier_choice choice;
    enum rk_err err = rk_tier_choose(trial, &choice, diag);
    if (err != RK_OK) {
        return err;
    }
    struct memory {
        struct rk_fleet fleet;
        struct rk_tally before;
    } *memory = malloc(sizeof *memory);
    if (memory == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for a trial of %" PRIu32 " devices", trial->devices);
    }
    err = run_trial(trial, choice.tier, &memory->fleet, &memory->before, result, diag);
    free(memory);
    return err;
}
