/* engine/study/traffic_file.h - a recorded trace of messages: CSV, one a line
 *
 * Model:  the first line is `time_s,bytes`; each other one a message: seconds since the recording began, not falling, with
 *         at most nine decimals, and the bytes of its text, 1 to 128. The trace is repeated one mean gap after its end.
 * Units:  in the names.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`; RK_ERR_IO.
 */
#ifndef ENGINE_STUDY_TRAFFIC_FILE_H
#define ENGINE_STUDY_TRAFFIC_FILE_H

#include "engine/core/arena.h"
#include "engine/core/err.h"
#include "engine/model/traffic.h"

struct rk_traffic_file {
    char path[512];
    char sha256[65];
    const struct rk_traffic_record *record; /* the first one's gap is the mean */
    uint32_t records;
    rk_ns period_ns; /* mean gap */
    uint16_t bytes;  /* of the longest text */
};

/* out: *file; its records are in the arena. */
RK_MUST_CHECK enum rk_err rk_traffic_load(const char *path, struct rk_arena *arena, struct rk_traffic_file *file,
                                          struct rk_diag *diag);

#endif
