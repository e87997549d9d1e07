/* engine/sim/cells.h - one cell, and many of them on several threads
 *
 * Model: a cell runs alone up to its next request at the key server. Where the server takes time, a request is admitted
 *        when no other cell can have an earlier one: each stands at its next, or is being gone on with and has its
 *        clock beyond. So one cell's way to its next request and the ways of those that ask soon after it are gone at
 *        the same time. Cells are in groups, each with a fleet of its own (meter, sums, memory), one cell of which moves
 *        at a time; the server is one.
 * Units: ns.
 * Error: none: requests are admitted in the order (time, device) and sums are integers.
 */
#ifndef ENGINE_SIM_CELLS_H
#define ENGINE_SIM_CELLS_H

#include <stdatomic.h>

#include "engine/model/plain.h"

struct rki_member {
    struct rk_node *node;
    rk_ns rare_ns;
    uint8_t rare, first; /* enum rk_node_event */
};

struct rki_cell {
    struct rk_gateway gateway;
    struct rki_member *member;
    struct rk_plain *plain; /* of each member */
    struct rk_node *node;   /* of each member */
    rk_ns *due_ns;          /* of each member, then of the gateway */
    uint32_t members;
    rk_ns start_ns, end_ns, width_ns; /* epoch */
    rk_ns later_ns;                   /* nobody who is due beyond the epoch is due before it */
    uint64_t *entry;                  /* the earliest is last */
    uint64_t *gathered;               /* room for as many as there are members, and the gateway */
    uint32_t entries, capacity;
};

/* Cells of one fleet; one at a time is gone on with. */
struct rki_cells {
    struct rk_fleet *fleet;
    bool coupled;     /* the order of requests matters */
    rk_ns longest_ns; /* of a plain message */
    uint64_t events;
    uint8_t *memory;        /* of the nodes beside themselves; NULL: from the arena */
    _Atomic(rk_ns) *clock;  /* of the cell that is gone on with: it asks for nothing before */
    _Atomic(rk_ns) a_clock; /* where nobody looks at it */
};

/* Ready to open cells, whose memory comes from the fleet's arena. */
void rki_cells_init(struct rki_cells *run, struct rk_fleet *fleet);

/* A cell of all zero bytes is made, with room for its nodes; the same once more after close takes no memory.
 * out: RK_OK, or the first error with its line; rki_cell_close() follows in any case. */
enum rk_err rki_cell_open(struct rki_cells *run, struct rki_cell *cell, uint32_t number, struct rk_diag *diag);

/* Goes on with a cell to its next request. out: whose it is, and when in *at_ns; NULL: there is none before the
 * horizon. */
struct rk_node *rki_cell_advance(struct rki_cells *run, struct rki_cell *cell, rk_ns *at_ns);

/* The request at which a cell stopped; it is the next of all. */
void rki_cell_admit(struct rki_cells *run, struct rki_cell *cell, rk_ns at_ns);

void rki_cell_close(struct rki_cells *run, struct rki_cell *cell);

/* Frees what no arena has. */
void rki_cell_fini(struct rki_cell *cell);

/* Cells whose number *next gives, one after the other in the same memory. out: RK_OK, or the first error with its line. */
enum rk_err rki_cells_run_apart(struct rki_cells *run, atomic_uint *next, uint32_t count, struct rk_diag *diag);

/* All cells of a fleet on several threads. out: RK_OK, or the first error with its line. */
enum rk_err rki_cells_run_threads(struct rk_fleet *fleet, unsigned threads, struct rk_diag *diag);

#endif
