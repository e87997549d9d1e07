/* bench/engine/model.h - the models of work.h, over any scheduler
 *
 * Model:  whoever includes it has a struct scheduler and defines its own
 *         static inline void schedule(struct scheduler *, rk_ns at_ns, uint32_t device, unsigned kind) and
 *         static inline void cancel(struct scheduler *, uint32_t device), which takes out the device's timeout.
 * Units:  ns.
 */
#ifndef BENCH_ENGINE_MODEL_H
#define BENCH_ENGINE_MODEL_H

#include "bench/engine/state.h"

struct scheduler;
static inline void schedule(struct scheduler *scheduler, rk_ns at_ns, uint32_t device, unsigned kind);
static inline void cancel(struct scheduler *scheduler, uint32_t device);

static inline void work_start(struct work_model *model, struct scheduler *scheduler, uint32_t i)
{
    struct work_device *device = &model->device[i];
    memset(device, 0, sizeof *device);
    device->random = i * 0x9e3779b97f4a7c15 + 0x1234567;
    device->random = work_draw(device);
    switch (model->work) {
    case RK_WORK_CANCEL:
        schedule(scheduler, 10 * RK_S, i, WORK_TIMEOUT);
        schedule(scheduler, work_exponential_ns(device), i, WORK_TICK);
        break;
    case RK_WORK_PHOLD:
        schedule(scheduler, RK_S / 10 + work_exponential_ns(device), i, WORK_TICK);
        break;
    case RK_WORK_FLEET:
        schedule(scheduler, (rk_ns)(work_unit(device) * 60e9), i, WORK_TICK);
        schedule(scheduler, (rk_ns)(work_unit(device) * 86400e9), i, WORK_REKEY);
        break;
    default:
        schedule(scheduler, work_exponential_ns(device), i, WORK_TICK);
    }
}

static inline void work_fleet(struct scheduler *scheduler, struct work_device *device, uint32_t i, unsigned kind,
                              rk_ns now_ns)
{
    uint64_t draw;
    switch (kind) {
    case WORK_TICK:
        draw = work_draw(device);
        device->energy_nJ += 5200;
        schedule(scheduler, now_ns + 2 * RK_S, i, WORK_TIMEOUT);
        if ((draw & 0xffff) < 62259) {
            schedule(scheduler, now_ns + RK_S / 20 + (draw >> 16 & 0xffffff) * 64, i, WORK_ACKNOWLEDGED);
        }
        schedule(scheduler, now_ns + 55 * RK_S + ((draw >> 40) * (10 * RK_S) >> 24), i, WORK_TICK);
        break;
    case WORK_ACKNOWLEDGED:
        device->energy_nJ += 1800;
        device->last_ns = now_ns;
        cancel(scheduler, i);
        break;
    case WORK_TIMEOUT:
        device->energy_nJ += 5200;
        device->losses++;
        break;
    default:
        device->energy_nJ += 910000;
        device->key = (uint32_t)work_draw(device);
        schedule(scheduler, now_ns + 85968 * RK_S + (rk_ns)(work_unit(device) * 864e9), i, WORK_REKEY);
    }
}

static inline void work_event(struct work_model *model, struct scheduler *scheduler, uint32_t i, unsigned kind,
                              rk_ns now_ns)
{
    struct work_device *device = &model->device[i];
    model->events++;
    device->events++;
    if (model->work == RK_WORK_FLEET) {
        work_fleet(scheduler, device, i, kind, now_ns);
        return;
    }
    device->sum += now_ns - device->last_ns;
    device->last_ns = now_ns;
    if (model->work == RK_WORK_PHOLD) {
        uint32_t to = (uint32_t)((work_draw(device) >> 32) * model->n >> 32);
        schedule(scheduler, now_ns + RK_S / 10 + work_exponential_ns(device), to, WORK_TICK);
        return;
    }
    if (model->work == RK_WORK_CANCEL) {
        if (kind == WORK_TICK) {
            cancel(scheduler, i);
        }
        schedule(scheduler, now_ns + 10 * RK_S, i, WORK_TIMEOUT);
    }
    if (kind == WORK_TICK) {
        schedule(scheduler, now_ns + work_exponential_ns(device), i, WORK_TICK);
    }
}

#endif
