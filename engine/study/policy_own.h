/* engine/study/policy_own.h - a policy of one's own: a C file, or a shared object made of one
 *
 * Model:  FILE.c defines rk_policy_own() against engine/lifecycle/policy.h. It is compiled once, by the system's cc, into
 *         ${XDG_CACHE_HOME:-~/.cache}/rekeylab/policies, under a hash over the file, its parameters (macros NAME=NUMBER,
 *         so that one file is many policies) and our headers; devices/firmware compiles the same file into an image.
 *         FILE.so is taken as it is, and only on the host.
 * Purity: a policy calls nothing but the two functions of engine/lifecycle/policy.h, includes no other file of ours or
 *         its author's, and has no data that can change: read from the object's symbols, refused otherwise.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`; RK_ERR_MISSING without a compiler.
 */
#ifndef ENGINE_STUDY_POLICY_OWN_H
#define ENGINE_STUDY_POLICY_OWN_H

#include "engine/core/object.h"
#include "engine/lifecycle/policy.h"

enum { RK_POLICY_PARAMETERS_bytes = 64 };

struct rk_policy_own {
    char path[512];
    char parameters[RK_POLICY_PARAMETERS_bytes]; /* "STRETCH=4 FLOOR=20" */
    char sha256[65];                             /* of the file and its parameters */
    struct rk_object object;
    rk_policy_rule *rule;
};

/* in: root of the tree; path of a .c or .so; parameters, "" for those that the file has. out: *own, to be given to
 * rk_policy_own_close() where it is RK_OK. */
RK_MUST_CHECK enum rk_err rk_policy_own_open(const char *root, const char *path, const char *parameters,
                                             struct rk_policy_own *own, struct rk_diag *diag);
void rk_policy_own_close(struct rk_policy_own *own);

/* out: whether the file is C, which a device can have, too. */
bool rk_policy_own_is_source(const char *path);

#endif
