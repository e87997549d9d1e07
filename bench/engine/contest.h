/* bench/engine/contest.h - engines side by side on one workload
 *
 * Model:  every engine runs once, then all again: what disturbs the machine disturbs all of them. A rate is that of
 *         each run; a ratio compares the two runs of one round. Both are given as median, least and most. All checksums
 *         of a contest are equal, or it has failed; lifetime mode alone has none to compare.
 * Units:  in the names.
 */
#ifndef BENCH_ENGINE_CONTEST_H
#define BENCH_ENGINE_CONTEST_H

#include <jansson.h>

#include "bench/engine/work.h"

enum { RK_CONTENDERS_MAX = 20, RK_ROUNDS_MAX = 15 };

struct rk_contender {
    char engine[48];
    bool (*runs)(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag);
    enum rk_work work;
    rk_ns horizon_ns;
    unsigned variant; /* of the engine: a kind of queue, of a peer's scheduler, a number of threads */
    const struct rk_peer *peer;
    struct rk_trial trial;
    bool apart;              /* in a process of its own */
    bool no_checksum;        /* by its nature */
    double target;           /* its least ratio to the base; 0: none */
    double target_s;         /* the most seconds that it may take; 0: any */
    double published;        /* events a second of Cimba on another machine; 0: none */
    double published_target; /* the ratio wanted to it, which no run here can judge; 0: none */
    struct rk_speed speed;   /* of the last round */
    double rate[RK_ROUNDS_MAX];
    char status[160]; /* "ok", or why it did not run */
};

struct rk_contest {
    const char *work;
    uint32_t n;
    unsigned rounds;
    size_t base; /* whom the others are compared with */
    size_t count;
    struct rk_contender contender[RK_CONTENDERS_MAX];
};

/* out: a contender more, with status "ok". */
struct rk_contender *rk_contest_add(struct rk_contest *contest, const char *engine);

/* out: RK_OK, RK_ERR_CHECK where checksums differ, with a line. */
enum rk_err rk_contest_run(struct rk_contest *contest, struct rk_diag *diag);

/* Appends its rows. */
void rk_contest_json(const struct rk_contest *contest, json_t *rows);
void rk_contest_print(const struct rk_contest *contest, FILE *out);

/* --- what contenders run --- */

bool rk_contender_queue(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag);
bool rk_contender_peer(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag);
bool rk_contender_trial(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag);
bool rk_contender_peer_trial(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag);
bool rk_contender_threads(const struct rk_contender *contender, struct rk_speed *speed, struct rk_diag *diag);

#endif
