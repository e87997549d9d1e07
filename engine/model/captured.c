#include "engine/model/captured.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/group_plan.h"
#include "engine/model/node_internal.h"

/* Probability that of c devices drawn from n none is among k. */
static double none_of(double n, double k, uint32_t c)
{
    double none = 1.0;
    for (uint32_t i = 0; i < c && none > 0.0; i++) {
        none *= fmax(0.0, n - k - i) / (n - i);
    }
    return none;
}

double rk_captured_closed_form(uint32_t n, uint32_t k, uint32_t c)
{
    return 1.0 - none_of(n, k, c);
}

double rk_captured_closed_form_others(uint32_t n, uint32_t k, uint32_t c)
{
    return c == n ? NAN : 1.0 - none_of(n - 1.0, k - 1.0, c);
}

/* --- who --- */

static void *array_of(size_t count, size_t bytes)
{
    void *array = calloc(count, bytes);
    RK_REQUIRE(array != NULL);
    return array;
}

/* The first `count` places of a shuffled list. */
static uint32_t *draw_captured(const struct rk_fleet *fleet)
{
    uint32_t devices = fleet->trial->devices;
    uint32_t *device = array_of(devices, sizeof *device);
    for (uint32_t i = 0; i < devices; i++) {
        device[i] = i;
    }
    for (uint32_t k = 0; k < fleet->trial->adversary.captured; k++) {
        uint64_t draw = rk_rng_draw(&fleet->rng, RK_OCCASION_FLEET, RK_RNG_CAPTURE, k);
        uint32_t other = k + (uint32_t)rk_rng_below(draw, devices - k), moved = device[k];
        device[k] = device[other];
        device[other] = moved;
    }
    return device;
}

/* Who has the group's key at the end: those of the last rekey. */
static uint8_t *members_of(const struct rk_fleet *fleet)
{
    const struct rk_group_plan *plan = fleet->group;
    uint8_t *member = array_of(fleet->trial->devices, 1);
    memset(member, 1, fleet->trial->devices);
    for (uint32_t i = 0; i < plan->rounds && plan->round[i].at_ns < fleet->trial->horizon_ns; i++) {
        const struct rk_group_change *change = plan->change + plan->round[i].first;
        for (uint32_t end = plan->round[i].changes; end > 0; end--, change++) {
            member[change->device] = change->joins;
        }
    }
    return member;
}

/* --- what is lost by the books --- */

/* Devices that share a key are neighbours: `each` has one. */
static uint8_t *hits_of(const struct rk_captured *captured, uint32_t devices, uint32_t each, bool members)
{
    uint8_t *hit = array_of(devices / each + 1, 1);
    for (uint32_t k = 0; k < captured->count; k++) {
        uint32_t device = captured->device[k];
        hit[device / each] |= !members || captured->member[device] != 0;
    }
    return hit;
}

/* out: by device: whether its link is lost. */
static uint8_t *lost_of(const struct rk_trial *trial, const struct rk_captured *captured)
{
    uint32_t batch =
        rk_adversary_has_root(trial->policy.mechanism) && trial->batch_devices > 1 ? trial->batch_devices : 1;
    uint8_t *lost = array_of(trial->devices, 1);
    uint8_t *pairs = hits_of(captured, trial->devices, batch, false);
    uint8_t *trees = captured->member == NULL ? NULL : hits_of(captured, trial->devices, captured->width, true);
    for (uint32_t i = 0; i < trial->devices; i++) {
        lost[i] = trees != NULL && captured->member[i] != 0 ? trees[i / captured->width] : pairs[i / batch];
    }
    free(trees);
    free(pairs);
    return lost;
}

/* --- metrics --- */

void rk_captured_metrics(const struct rk_fleet *fleet, double *metric)
{
    const struct rk_trial *trial = fleet->trial;
    metric[RK_METRIC_links_lost_share] = metric[RK_METRIC_links_lost_others_share] = NAN;
    metric[RK_METRIC_links_tried_share] = metric[RK_METRIC_links_tried_apart] = NAN;
    if (trial->adversary.captured == 0) {
        return;
    }
    uint8_t *member = fleet->group == NULL ? NULL : members_of(fleet);
    const struct rk_captured captured = {.count = trial->adversary.captured,
                                         .device = draw_captured(fleet),
                                         .member = member,
                                         .tree = member == NULL ? NULL : &fleet->group->tree,
                                         .width = member == NULL ? 0 : fleet->group->width};
    uint8_t *lost = lost_of(trial, &captured);
    double all = 0, own = captured.count, opened_links = 0, apart = 0, devices = trial->devices;
    for (uint32_t i = 0; i < trial->devices; i++) {
        all += lost[i];
    }
    metric[RK_METRIC_links_lost_share] = all / devices;
    metric[RK_METRIC_links_lost_others_share] = devices > own ? (all - own) / (devices - own) : NAN;
    if (trial->adversary.tried) {
        uint8_t *opened = array_of(trial->devices, 1);
        rk_captured_try(trial, &captured, opened);
        for (uint32_t i = 0; i < trial->devices; i++) {
            opened_links += opened[i];
            apart += opened[i] != lost[i];
        }
        metric[RK_METRIC_links_tried_share] = opened_links / devices;
        metric[RK_METRIC_links_tried_apart] = apart;
        free(opened);
    }
    free(lost);
    free(captured.device);
    free(member);
}
