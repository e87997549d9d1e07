#include "engine/model/footprint.h"

#include "backends/modelled/modelled.h"
#include "engine/model/node.h"

/* Of one event in a queue, with its generation, and half as much again for the room that a heap keeps. */
enum { QUEUED_bytes = 36, QUEUED_EVENTS = 4 };

uint64_t rk_footprint_device_bytes(const struct rk_trial *trial)
{
    struct rk_backend modelled;
    rk_modelled_init(&modelled, trial->capabilities, trial->drbg_alg);
    uint64_t drbg_bytes = trial->backend != NULL ? trial->backend->drbg_bytes : modelled.drbg_bytes;
    uint64_t air_bytes = trial->cell_devices > 0 ? sizeof(struct rk_air) : 0;
    return sizeof(struct rk_node) + air_bytes + 2 * drbg_bytes + rk_cells_bytes(trial->device) +
           3 * sizeof(struct rk_flight) + RK_NODE_EVENTS * sizeof(uint32_t) + QUEUED_EVENTS * QUEUED_bytes;
}
