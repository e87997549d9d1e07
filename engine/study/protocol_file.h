/* engine/study/protocol_file.h - scenarios/protocols/NAME.yaml: the flights of a protocol
 *
 * Units:  in the names.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`.
 * Source: beside each figure.
 */
#ifndef ENGINE_STUDY_PROTOCOL_FILE_H
#define ENGINE_STUDY_PROTOCOL_FILE_H

#include "engine/model/protocol.h"
#include "engine/study/profile_file.h"

extern const struct rk_field rk_protocol_fields[];
extern const struct rk_profile_kind rk_protocol_kind;

/* out: the names there are, sorted. */
RK_MUST_CHECK enum rk_err rk_protocol_list(const char *root, struct rk_names *names, struct rk_diag *diag);

#endif
