/* engine/study/json.h - a stored study as one JSON document, and as a table for people
 *
 * Model: both are read from the results database, so what is shown is what is stored. {scenario, execution, tier,
 *        trace_checksum, points: [{point, label, axes, status, metrics: {name: {mean, ci95, bootstrap_low,
 *        bootstrap_high, unit, n}}, replications, stop_reached, exposure_closed_form_s, trace_checksum}], ranking (see
 *        ranking.h), manifest: {files: [{path, what, sha256}], sha256: {item: hash},
 *        versions: {item: version}, seed}}; of a part of the trials also `shard`. A figure that does not exist is null.
 *        trace_checksum covers the lifecycle traces of all trials of a point, or of the study: equal in every execution,
 *        tier and number of jobs.
 * Error: RK_ERR_IO when the database cannot be read. The same database gives the same bytes.
 */
#ifndef ENGINE_STUDY_JSON_H
#define ENGINE_STUDY_JSON_H

#include <stdio.h>

#include "engine/study/store.h"

RK_MUST_CHECK enum rk_err rk_study_json(struct rk_store *store, FILE *out, struct rk_diag *diag);

/* What `rank` gave (rk_ranking_answer()), then a line a point: its axes, and mean with 95 % half width of battery life, energy, rekey latency and exposure.
 * Then what `stop` gave. */
RK_MUST_CHECK enum rk_err rk_study_table(struct rk_store *store, FILE *out, struct rk_diag *diag);

#endif
