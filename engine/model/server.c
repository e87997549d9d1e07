#include "engine/model/server.h"

#include "engine/core/err.h"

void rk_server_init(struct rk_server *server, uint32_t servers, rk_ns service_ns, struct rk_arena *arena)
{
    RK_REQUIRE(servers > 0);
    *server = (struct rk_server){.service_ns = service_ns, .servers = servers};
    server->free_ns = rk_arena_array(arena, servers, sizeof *server->free_ns);
}

rk_ns rk_server_admit(struct rk_server *server, rk_ns now_ns, rk_ns *wait_ns)
{
    rk_ns *free_ns = &server->free_ns[server->next];
    server->next = server->next + 1 == server->servers ? 0 : server->next + 1;
    rk_ns start_ns = *free_ns > now_ns ? *free_ns : now_ns;
    *wait_ns = start_ns - now_ns;
    *free_ns = rk_add_sat(start_ns, server->service_ns);
    return *free_ns;
}
