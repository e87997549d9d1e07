/* bench/engine/state.h - state and random numbers of the models of work.h
 *
 * Units:  ns, nJ.
 * Source: exponential draws by the ziggurat: Marsaglia and Tsang, Journal of Statistical Software 5 (2000), with 256
 *         layers and 56 bits; splitmix64: Steele, Lea and Flood, OOPSLA 2014.
 */
#ifndef BENCH_ENGINE_STATE_H
#define BENCH_ENGINE_STATE_H

#include <math.h>
#include <string.h>

#include "bench/engine/work.h"

enum { WORK_TICK, WORK_ACKNOWLEDGED, WORK_REKEY, WORK_TIMEOUT, WORK_KINDS };

struct work_device {
    uint64_t random, sum, last_ns, energy_nJ;
    uint32_t events, losses, key;
    uint32_t mark; /* for the scheduler: which timeout is pending */
    uint64_t unused[2];
};

struct work_model {
    enum rk_work work;
    uint32_t n;
    struct work_device *device;
    uint64_t events;
};

enum { LAYERS = 256 };
extern double rki_work_width[LAYERS], rki_work_height[LAYERS];
extern uint64_t rki_work_inside[LAYERS];
#define WORK_TAIL 7.69711747013104972

static inline uint64_t work_draw(struct work_device *device)
{
    uint64_t z = device->random += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline double work_unit(struct work_device *device)
{
    return (double)(work_draw(device) >> 11) * 0x1p-53;
}

/* Mean 1 s. */
static inline rk_ns work_exponential_ns(struct work_device *device)
{
    for (;;) {
        uint64_t draw = work_draw(device);
        unsigned layer = draw & (LAYERS - 1);
        double x = (double)(draw >> 8) * rki_work_width[layer];
        if (draw >> 8 < rki_work_inside[layer]) {
            return (rk_ns)(x * 1e9);
        }
        if (layer == 0) {
            return (rk_ns)((WORK_TAIL - log(1 - work_unit(device))) * 1e9);
        }
        double low = rki_work_height[layer], high = rki_work_height[layer - 1];
        if (low + work_unit(device) * (high - low) < exp(-x)) {
            return (rk_ns)(x * 1e9);
        }
    }
}

/* Prepares the tables, and the devices' memory, on huge pages where the system has them. */
void rki_work_open(struct work_model *model);
uint64_t rki_work_close(struct work_model *model); /* out: the checksum */

#endif
