#include "engine/model/adversary.h"

#include "engine/lifecycle/policy.h"

/* 10^6 years of 365.25 days. */
#define MILLION_YEARS_ms 31557600000000000ull

static void draw_next(struct rk_adversary *adversary, const struct rk_rng_key *rng, uint32_t device)
{
    uint64_t draw = rk_rng_draw(rng, device, RK_RNG_COMPROMISE, adversary->leaks);
    uint64_t gap_ms = rk_rng_exponential(draw, adversary->mean_ms);
    rk_ns gap_ns = gap_ms > UINT64_MAX / RK_MS ? RK_NEVER : gap_ms * RK_MS;
    adversary->next_leak_ns = rk_add_sat(adversary->next_leak_ns, gap_ns);
}

void rk_adversary_init(struct rk_adversary *adversary, const struct rk_rng_key *rng, uint32_t device, uint64_t per_1e6y,
                       rk_ns detection_ns, bool capture_is_past, bool server_is_past, rk_ns start_ns)
{
    *adversary = (struct rk_adversary){
        .mean_ms = per_1e6y == 0 ? UINT64_MAX : MILLION_YEARS_ms / per_1e6y,
        .detection_ns = detection_ns,
        .next_leak_ns = start_ns,
        .earliest_ns = RK_NEVER,
        .capture_is_past = capture_is_past,
        .server_is_past = server_is_past,
    };
    if (per_1e6y == 0) {
        adversary->next_leak_ns = RK_NEVER;
        return;
    }
    draw_next(adversary, rng, device);
}

struct rk_leak rk_adversary_leak(struct rk_adversary *adversary, const struct rk_rng_key *rng, uint32_t device,
                                 const struct rk_epoch *epoch, const struct rk_adversary_shape *shape, rk_ns horizon_ns)
{
    rk_ns now_ns = adversary->next_leak_ns;
    uint64_t draw = rk_rng_draw(rng, device, RK_RNG_DETECTION, adversary->leaks);
    rk_ns detected_ns = rk_add_sat(now_ns, rk_rng_exponential(draw, adversary->detection_ns));
    rk_ns ended_ns = rk_add_sat(detected_ns, shape->response_ns);
    bool recorded =
        shape->unrecorded_ppm == 0 ||
        !rk_rng_chance_ppm(rk_rng_draw(rng, device, RK_RNG_RECORDED, adversary->leaks), shape->unrecorded_ppm);
    adversary->leaks++;
    draw_next(adversary, rng, device);
    rk_ns end_ns = shape->response == RK_RESPONSE_REKEY || ended_ns > horizon_ns ? horizon_ns : ended_ns;
    const struct rk_leak leak = {.root_end_ns = end_ns, .recorded = recorded};
    if (epoch == NULL) {
        return leak;
    }
    struct rk_exposure *exposure = &adversary->exposure;
    exposure->leaks++;
    exposure->healing_ns -= now_ns;
    adversary->open++;
    adversary->earliest_ns = ended_ns < adversary->earliest_ns ? ended_ns : adversary->earliest_ns;
    if (!recorded) {
        exposure->time_ns -= now_ns - epoch->activated_ns;
        exposure->messages -= epoch->messages;
    }
    rk_wide root_ns = end_ns - (recorded ? epoch->start_ns : now_ns);
    rk_wide session_ns =
        recorded ? epoch->activated_ns - epoch->oldest_held_ns : (rk_wide)0 - (now_ns - epoch->activated_ns);
    exposure->capture_ns += adversary->capture_is_past ? root_ns : session_ns;
    exposure->server_ns += adversary->server_is_past ? root_ns : session_ns;
    return leak;
}

void rk_adversary_settle(struct rk_adversary *adversary, const struct rk_epoch *epoch, rk_ns end_ns)
{
    rk_wide time_ns = (rk_wide)adversary->open * (end_ns - epoch->activated_ns);
    adversary->exposure.time_ns += time_ns;
    adversary->exposure.messages += (rk_wide)adversary->open * epoch->messages;
    adversary->exposure.capture_ns += adversary->capture_is_past ? 0 : time_ns;
    adversary->exposure.server_ns += adversary->server_is_past ? 0 : time_ns;
}

bool rk_adversary_has_root(uint8_t mechanism)
{
    return mechanism != RK_MECHANISM_ECDH && mechanism != RK_MECHANISM_STATIC;
}

void rk_adversary_forget(struct rk_adversary *adversary, rk_ns now_ns)
{
    adversary->exposure.healing_ns += (rk_wide)adversary->open * now_ns;
    adversary->open = 0;
    adversary->earliest_ns = RK_NEVER;
}
