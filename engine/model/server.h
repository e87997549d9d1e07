/* engine/model/server.h - the key server: one first-come queue before `servers` equal servers
 *
 * Model:  requests are admitted in the order of their arrival; each goes to the server that is free first. A heap of
 *         the times at which servers are free is all there is to know. The time of a request is constant, or
 *         exponential with that mean: request n of the trial takes draw n of RK_RNG_SERVICE, so that variants of a
 *         policy meet the same server. Exponential times let a later request be done earlier.
 * Units:  ns.
 * Source: G/D/c and G/M/c queue; the tests hold M/D/1 against Pollaczek and Khinchine, M/M/c against Erlang's C.
 */
#ifndef ENGINE_MODEL_SERVER_H
#define ENGINE_MODEL_SERVER_H

#include <stdint.h>

#include "engine/core/arena.h"
#include "engine/core/rng.h"
#include "engine/core/units.h"

enum rk_service { RK_SERVICE_CONSTANT, RK_SERVICE_EXPONENTIAL, RK_SERVICE_COUNT };

struct rk_server {
    enum rk_service service;
    rk_ns service_ns; /* mean */
    rk_ns *free_ns;   /* binary heap: when each server is free again */
    uint32_t servers;
    struct rk_rng_stream times;
};

/* in: servers >= 1. Memory comes from arena. */
void rk_server_init(struct rk_server *server, uint32_t servers, enum rk_service service, rk_ns service_ns,
                    struct rk_rng_key rng, struct rk_arena *arena);

/* Admits a request that arrives at now_ns, no earlier than the one before. out: when it is served; its wait in
 * *wait_ns. */
rk_ns rk_server_admit(struct rk_server *server, rk_ns now_ns, rk_ns *wait_ns);

#endif
