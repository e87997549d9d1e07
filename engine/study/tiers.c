#include "engine/study/tiers.h"

#include <string.h>

static void count(struct rk_sweep_tiers *tiers, const struct rk_tier_choice *choice)
{
    size_t at = 0;
    while (at < tiers->count &&
           (tiers->answer[at].choice.tier != choice->tier || strcmp(tiers->answer[at].choice.why, choice->why) != 0)) {
        at++;
    }
    if (at == tiers->count && at < RK_SWEEP_TIERS_max) {
        tiers->answer[tiers->count++].choice = *choice;
    }
    tiers->answer[at < RK_SWEEP_TIERS_max ? at : RK_SWEEP_TIERS_max - 1].points++;
}

enum rk_err rk_sweep_tiers(const struct rk_sweep *sweep, struct rk_sweep_tiers *tiers, struct rk_diag *diag)
{
    memset(tiers, 0, sizeof *tiers);
    for (size_t i = 0; i < sweep->points; i++) {
        const struct rk_point *point = &sweep->point[i];
        struct rk_tier_choice choice;
        struct rk_diag why = {""};
        if (strcmp(point->status, "ok") != 0) {
            continue;
        }
        enum rk_err err = rk_tier_choose(&point->trial, &choice, &why);
        if (err != RK_OK) {
            return rk_fail(diag, err, "%s: %s", point->label, why.text);
        }
        count(tiers, &choice);
    }
    return RK_OK;
}

const char *rk_sweep_tiers_name(const struct rk_sweep_tiers *tiers)
{
    for (size_t i = 1; i < tiers->count; i++) {
        if (tiers->answer[i].choice.tier != tiers->answer[0].choice.tier) {
            return "by point";
        }
    }
    return tiers->count == 0 ? "none" : rk_tier_name(tiers->answer[0].choice.tier);
}
