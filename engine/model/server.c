#include "engine/model/server.h"

#include "engine/core/err.h"

void rk_server_init(struct rk_server *server, uint32_t servers, enum rk_service service, rk_ns service_ns,
                    struct rk_rng_key rng, struct rk_arena *arena)
{
    RK_REQUIRE(servers > 0);
    *server = (struct rk_server){.service = service,
                                 .service_ns = service_ns,
                                 .servers = servers,
                                 .times = rk_rng_stream_make(rng, 0, RK_RNG_SERVICE)};
    server->free_ns = rk_arena_array(arena, servers, sizeof *server->free_ns);
}

static rk_ns service_time_ns(struct rk_server *server)
{
    if (server->service == RK_SERVICE_CONSTANT) {
        return server->service_ns;
    }
    return rk_rng_exponential(rk_rng_next(&server->times), server->service_ns);
}

/* The first of the heap becomes free at free_ns, no earlier than it was. */
static void replace_first(struct rk_server *server, rk_ns free_ns)
{
    rk_ns *heap = server->free_ns;
    uint32_t hole = 0;
    for (uint32_t child = 1; child < server->servers; child = 2 * hole + 1) {
        if (child + 1 < server->servers && heap[child + 1] < heap[child]) {
            child++;
        }
        if (heap[child] >= free_ns) {
            break;
        }
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = free_ns;
}

rk_ns rk_server_admit(struct rk_server *server, rk_ns now_ns, rk_ns *wait_ns)
{
    rk_ns start_ns = server->free_ns[0] > now_ns ? server->free_ns[0] : now_ns;
    rk_ns free_ns = rk_add_sat(start_ns, service_time_ns(server));
    *wait_ns = start_ns - now_ns;
    replace_first(server, free_ns);
    return free_ns;
}
