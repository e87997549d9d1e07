/* bench/lengths.h - how long an input of an operation may be
 *
 * Model:  from its name, and the operation's shape and algorithm, as devices/firmware/payload.c checks it.
 * Units:  bytes.
 */
#ifndef BENCH_LENGTHS_H
#define BENCH_LENGTHS_H

#include "backends/operation_info.h"

enum { RK_INPUT_LENGTH_TEXT_bytes = 48 };

/* least, least + step, ... up to most; most is UINT16_MAX where anything goes that the mailbox holds. */
struct rk_input_length {
    uint16_t least, most, step;
};

/* in: one of the names of rk_operation_inputs(). */
struct rk_input_length rk_input_length(const struct rk_operation_info *info, const char *input);

/* out: "16", "any", "16, 24 or 32", "1 to 64", "16 to 72 in steps of 8". */
void rk_input_length_text(struct rk_input_length length, char text[RK_INPUT_LENGTH_TEXT_bytes]);

#endif
