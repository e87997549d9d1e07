/* engine/study/sweep_internal.h - what the two halves of a sweep's resolution share: its parts (devices, files, cells), and the
 * trial that is made of them
 */
#ifndef ENGINE_STUDY_SWEEP_INTERNAL_H
#define ENGINE_STUDY_SWEEP_INTERNAL_H

#include "engine/core/sha256.h"
#include "engine/study/sweep.h"

/* A resolution under way: one point of the sweep and where its values stand. */
struct rki_resolver {
    struct rk_sweep *sweep;
    const struct rk_study_environment *environment;
    struct rk_diag *diag;
    const struct rk_scenario *scenario;
    struct rk_point *point;
};

/* out: where the value of a key stands, at the point. */
struct rk_mark rki_resolver_mark(const struct rki_resolver *resolver, const char *key);

/* Finds, and loads at their first use, all files, cost rows and libraries that the point needs. out: in the point. */
enum rk_err rki_resolver_parts(const struct rki_resolver *resolver);

/* Finds the point's protocol, and adds its operations to those of the sweep: for all points before any rows are asked for. */
enum rk_err rki_resolver_protocol(const struct rki_resolver *resolver);

/* Ends a hash. */
void rki_hash_hex(struct rk_sha256 *hash, char hex[65]);

#endif
