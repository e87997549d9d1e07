/* engine/study/policy_file.h - scenarios/policies/NAME.yaml: a policy by its name
 *
 * Model:  a scenario's `policy: {name: NAME}` takes what the file's `defaults` say, under its own values and over those of
 *         service and platform.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`.
 */
#ifndef ENGINE_STUDY_POLICY_FILE_H
#define ENGINE_STUDY_POLICY_FILE_H

#include "engine/study/claim.h"
#include "engine/study/profile_file.h"

struct rk_policy_profile {
    char name[RK_AXIS_TEXT_bytes];
    char title[RK_LINE_bytes];
    char about[RK_LINE_bytes];
    char source[RK_LINE_bytes];
    char path[256];
};

extern const struct rk_field rk_policy_fields[];
extern const struct rk_profile_kind rk_policy_kind;

#endif
