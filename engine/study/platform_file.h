/* engine/study/platform_file.h - scenarios/platforms/NAME.yaml: a platform of key management, and what it allows
 *
 * Model:  a platform lays `defaults`, some of a scenario's own keys, under the scenario that names it (engine/study/
 *         layers.h), and refuses a scenario whose protocol, suite, mechanism or renewal interval it does not have.
 *         `renewals` says how its keys are renewed, and what the paper's rule for renewal (R23: no association with the
 *         existing key) makes of each: the class follows from the mechanism (engine/model/association.h).
 * Units:  in the names.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`.
 * Source: beside each figure.
 */
#ifndef ENGINE_STUDY_PLATFORM_FILE_H
#define ENGINE_STUDY_PLATFORM_FILE_H

#include "engine/study/claim.h"
#include "engine/study/profile_file.h"
#include "engine/study/scenario.h"

enum { RK_RENEWALS_max = 8 };

struct rk_platform_allows {
    struct rk_words protocols, mechanisms, aead, tags, curves;
    struct rk_coefficient renew_least_ns, renew_most_ns; /* between renewals; value 0: no bound */
};

struct rk_platform_renewal {
    char what[96];
    uint8_t mechanism; /* enum rk_mechanism */
    char association[4];
    char rule[RK_LINE_bytes]; /* how it stands to R23, and by which clause */
    uint8_t kind;
    char source[200];
};

struct rk_platform {
    char name[32];
    char title[128];
    char about[RK_LINE_bytes];
    struct rk_platform_allows allows;
    size_t renewals;
    struct rk_platform_renewal renewal[RK_RENEWALS_max];
    struct rk_claims figures;
    char path[256];
};

extern const struct rk_field rk_platform_fields[];
extern const struct rk_profile_kind rk_platform_kind;

/* What a scenario may have by the platform's lists and bounds. in: mark: where the value of a scenario's key stands.
 * Errors: RK_ERR_INPUT at the mark of the first key that the platform does not allow. */
RK_MUST_CHECK enum rk_err rk_platform_check(const struct rk_platform *platform, const struct rk_scenario *scenario,
                                            struct rk_mark (*mark)(const void *context, const char *key),
                                            const void *context, struct rk_diag *diag);

/* For files with `defaults`: refuses keys that name the study, or what it runs on, instead of what is simulated. */
RK_MUST_CHECK enum rk_err rki_defaults_check(const char *path, const struct rk_yaml *root, struct rk_diag *diag);

#endif
