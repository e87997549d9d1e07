/* engine/study/service_file.h - scenarios/services/NAME.yaml: what a service asks of devices, traffic and keys
 *
 * Model:  a service lays `defaults`, some of a scenario's own keys, under the scenario that names it and over its platform's
 *         (engine/study/layers.h). What it `needs` is judged by the audit (R27) and bounds what is recommended
 *         (engine/study/needs.h); nothing is refused for it, but a platform that is not among those that suit it draws a
 *         warning.
 * Units:  in the names.
 * Error:  RK_ERR_INPUT with `file:line:column: what, expected what`.
 * Source: beside each figure; devices and areas are those of the paper's section IV.B.
 */
#ifndef ENGINE_STUDY_SERVICE_FILE_H
#define ENGINE_STUDY_SERVICE_FILE_H

#include "engine/study/claim.h"
#include "engine/study/profile_file.h"

enum rk_need { RK_NEED_LOW, RK_NEED_MEDIUM, RK_NEED_HIGH, RK_NEED_VERY_HIGH };

struct rk_service_data {
    uint8_t confidentiality, integrity, availability; /* enum rk_need */
};

struct rk_service_needs {
    uint32_t tag_least_bytes;
    bool heals;                              /* a leaked session key must not lead to the next one: A0 or A1 */
    struct rk_coefficient life_ns, delay_ns; /* of the device, at least; of a message, at most */
    struct rk_coefficient renew_most_ns;     /* between renewals */
};

struct rk_service_profile {
    char name[32];
    char title[128];
    char about[RK_LINE_bytes];
    struct rk_words devices, classes, platforms;
    struct rk_service_data data;
    struct rk_service_needs needs;
    struct rk_lines constraints, policy;
    struct rk_claims figures;
    char path[256];
};

extern const struct rk_field rk_service_fields[];
extern const struct rk_profile_kind rk_service_kind;

#endif
