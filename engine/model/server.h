/* engine/model/server.h - the key server: one first-come queue before `servers` equal servers
 *
 * Model:  requests are admitted in the order of their arrival and take the same time each. As service is constant
 *         and the queue first-come, servers become free in the order in which they were taken: a ring holds all
 *         there is to know.
 * Units:  ns.
 * Source: G/D/c queue; the tests hold M/D/1 against Pollaczek-Khinchine: W = rho * service / (2 * (1 - rho)).
 */
#ifndef ENGINE_MODEL_SERVER_H
#define ENGINE_MODEL_SERVER_H

#include <stdint.h>

#include "engine/core/arena.h"
#include "engine/core/units.h"

struct rk_server {
    rk_ns service_ns;
    rk_ns *free_ns; /* ring: when each server is free again */
    uint32_t servers, next;
};

/* in: servers >= 1. Memory comes from arena. */
void rk_server_init(struct rk_server *server, uint32_t servers, rk_ns service_ns, struct rk_arena *arena);

/* Admits a request that arrives at now_ns, no earlier than the one before. out: when it is served; its wait in
 * *wait_ns. */
rk_ns rk_server_admit(struct rk_server *server, rk_ns now_ns, rk_ns *wait_ns);

#endif
