#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "bench/engine/state.h"
#include "engine/core/err.h"

double rki_work_width[LAYERS], rki_work_height[LAYERS];
uint64_t rki_work_inside[LAYERS];

static const char *const names[RK_WORK_COUNT] = {"hold", "cancel", "phold", "fleet"};

const char *rk_work_name(enum rk_work work)
{
    return names[work];
}

static double clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double rk_speed_cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

double rk_speed_wall_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

/* Layers of equal area under exp(-x), from the tail inwards. */
static void make_tables(void)
{
    const double scale = 0x1p56, area = 3.949659822581572e-3;
    double x = WORK_TAIL, outer = x;
    double base = area / exp(-x);
    rki_work_inside[0] = (uint64_t)(x / base * scale);
    rki_work_inside[1] = 0;
    rki_work_width[0] = base / scale;
    rki_work_width[LAYERS - 1] = x / scale;
    rki_work_height[0] = 1;
    rki_work_height[LAYERS - 1] = exp(-x);
    for (unsigned layer = LAYERS - 2; layer >= 1; layer--) {
        x = -log(area / x + exp(-x));
        rki_work_inside[layer + 1] = (uint64_t)(x / outer * scale);
        outer = x;
        rki_work_height[layer] = exp(-x);
        rki_work_width[layer] = x / scale;
    }
}

void rki_work_open(struct work_model *model)
{
    size_t bytes = model->n * sizeof *model->device;
    make_tables();
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    RK_REQUIRE(memory != MAP_FAILED);
    madvise(memory, bytes, MADV_HUGEPAGE); /* a wish */
    model->device = memory;
    model->events = 0;
}

uint64_t rki_work_close(struct work_model *model)
{
    uint64_t checksum = 0;
    for (uint32_t i = 0; i < model->n; i++) {
        const struct work_device *device = &model->device[i];
        uint64_t mixed = (device->energy_nJ + device->sum) * 0x9e3779b97f4a7c15 ^ device->random ^
                         ((uint64_t)device->key << 32 | device->losses) ^ device->last_ns * 31 ^ device->events;
        checksum += mixed * (2 * (uint64_t)i + 1);
    }
    munmap(model->device, model->n * sizeof *model->device);
    return checksum;
}
