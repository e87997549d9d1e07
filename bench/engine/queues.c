#include <stdlib.h>

#include "bench/engine/model.inc"
#include "engine/core/err.h"

/* The models over our own queues. */
struct scheduler {
    struct rk_queue *queue;
    struct work_device *device;
    bool tickets;
    uint64_t pending; /* those handled not yet taken off */
};

static inline void schedule(struct scheduler *scheduler, rk_ns at_ns, uint32_t device, unsigned kind)
{
    scheduler->pending++;
    if (kind != WORK_TIMEOUT) {
        rk_queue_push(scheduler->queue, rk_sim_event_make(at_ns, device, (uint8_t)kind, 0));
        return;
    }
    uint32_t *mark = &scheduler->device[device].mark;
    uint32_t generation = scheduler->tickets ? 0 : ++*mark;
    uint32_t ticket = rk_queue_push(scheduler->queue, rk_sim_event_make(at_ns, device, (uint8_t)kind, generation));
    *mark = scheduler->tickets ? ticket : *mark;
}

static inline void cancel(struct scheduler *scheduler, uint32_t device)
{
    uint32_t *mark = &scheduler->device[device].mark;
    scheduler->pending--;
    if (scheduler->tickets) {
        rk_queue_cancel(scheduler->queue, *mark);
        *mark = 0;
    } else {
        ++*mark;
    }
}

/* out: whether the timeout that was popped still stands. */
static inline bool stands(struct scheduler *scheduler, uint32_t device, rk_sim_event event)
{
    uint32_t *mark = &scheduler->device[device].mark;
    if (scheduler->tickets) {
        *mark = 0;
        return true;
    }
    return (*mark & RK_SIM_GENERATION_MASK) == rk_sim_event_generation(event);
}

void rk_speed_queue(enum rk_work work, uint32_t n, rk_ns horizon_ns, enum rk_queue_kind kind, struct rk_speed *speed)
{
    struct work_model model = {.work = work, .n = n};
    struct rk_queue *queue = malloc(sizeof *queue);
    RK_REQUIRE(queue != NULL);
    rki_work_open(&model);
    rk_queue_init(queue, kind, model.device, sizeof *model.device);
    struct scheduler scheduler = {.queue = queue, .device = model.device, .tickets = kind == RK_QUEUE_WHEEL};
    for (uint32_t i = 0; i < n; i++) {
        work_start(&model, &scheduler, i);
    }
    rk_sim_event event;
    double start_s = rk_speed_cpu_s();
    while (rk_queue_pop(queue, &event) && rk_sim_event_ns(event) < horizon_ns) {
        uint32_t device = rk_sim_event_device(event);
        unsigned is = rk_sim_event_kind(event);
        if (is != WORK_TIMEOUT || stands(&scheduler, device, event)) {
            work_event(&model, &scheduler, device, is, rk_sim_event_ns(event));
        }
    }
    speed->seconds = rk_speed_cpu_s() - start_s;
    speed->events = model.events;
    speed->pending = scheduler.pending - model.events;
    speed->bytes = rk_queue_bytes(queue);
    speed->lifecycle_calls = 0;
    speed->checksum = rki_work_close(&model);
    rk_queue_fini(queue);
    free(queue);
}
