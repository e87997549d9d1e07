/* bench/audit/look.h - what the device itself shows: one look a device and library of the study
 *
 * Model:  an agent's life on the emulated device, its memory searched after each event (bench/zeroise.h), and the image
 *         in which single steps can be tried (engine/model/twin.h).
 * Error:  what zeroise.h states. Where the device cannot be looked into, the reason stands in the verdict's evidence.
 */
#ifndef BENCH_AUDIT_LOOK_H
#define BENCH_AUDIT_LOOK_H

#include "bench/audit/audit.h"
#include "bench/zeroise.h"

struct rk_look {
    struct rk_zeroise_row *row; /* a row an event */
    size_t rows;
    char image[1024]; /* with the lifecycle's steps; "": none */
    char reason[200]; /* why there are no rows, or no image; "" */
};

/* memory: search the life; else the image alone. */
void rk_look_at(struct rk_look *look, const struct rk_sweep_cell *cell, const struct rk_study_environment *environment,
                bool memory);
void rk_look_fini(struct rk_look *look);

/* A residue that a judge asks about. */
typedef bool rk_look_fn(const struct rk_zeroise_row *row, const struct rk_zeroise_residue *residue);

/* Looks for such residues: the first is a counter-example of row. in: NULL where the device was not looked into.
 * out: text, the end of a sentence on what was looked at. Returns the events searched. */
uint64_t rk_look_judge(const struct rk_look *look, rk_look_fn *asked, struct rk_audit_row *row, char text[256]);

#endif
