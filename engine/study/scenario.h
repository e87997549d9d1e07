/* engine/study/scenario.h - a study's file: the scenario, the axes that it sweeps, and what the command line changes
 *
 * Model: one field table (rk_scenario_fields) loads the file, checks each value, and prints `rekeylab describe
 *        scenario`. `axes` maps dotted keys to lists of values; a point is one combination, in the file's order, first
 *        axis slowest. A mapping among the axes is a zip: its lists go in step, and it nests among the others as one axis.
 *        What no single value can show (a retry longer than the renewal interval) is checked for every
 *        point.
 * Units: in the names.
 * Error: RK_ERR_INPUT with `file:line:column: what, expected what`; for a value of the command line `--set KEY=VALUE:
 *        ...`.
 */
#ifndef ENGINE_STUDY_SCENARIO_H
#define ENGINE_STUDY_SCENARIO_H

#include "engine/core/arena.h"
#include "engine/core/fields.h"
#include "engine/core/units.h"
#include "engine/model/trial.h"

/* What a backend's algorithms decide: AES-128-CCM where the library has it, else ChaCha20-Poly1305. */
enum rk_scenario_aead { RK_SCENARIO_AEAD_AUTO, RK_SCENARIO_AEAD_AES128_CCM, RK_SCENARIO_AEAD_CHACHA20_POLY1305 };
enum rk_scenario_limits {
    RK_SCENARIO_LIMITS_NONE,
    RK_SCENARIO_LIMITS_ADVANTAGE, /* engine/model/limits.h, from the members below */
    RK_SCENARIO_LIMITS_DTLS13,
    RK_SCENARIO_LIMITS_OSCORE
};
enum rk_scenario_approval { RK_SCENARIO_APPROVAL_REPORT, RK_SCENARIO_APPROVAL_REQUIRE };
enum rk_scenario_best { RK_SCENARIO_BEST_LOW, RK_SCENARIO_BEST_HIGH };
enum rk_scenario_curve { RK_SCENARIO_CURVE_X25519, RK_SCENARIO_CURVE_P256 };

enum rk_scenario_channel { RK_CHANNEL_OWN, RK_CHANNEL_SHARED };

struct rk_scenario_fleet {
    uint32_t devices;
    uint32_t cell;  /* devices a gateway, 0: all; shared channels only */
    uint32_t batch; /* devices with the same long-term keys */
};

struct rk_scenario_traffic {
    rk_ns period_ns;
    uint32_t jitter_ppm;
    uint16_t payload_bytes;
    rk_ns session_ns; /* 0: no sessions */
    uint8_t model;    /* enum rk_traffic_model of engine/model/traffic.h; what the model needs: */
    uint32_t burst;
    rk_ns burst_gap_ns, alarm_every_ns, alarm_lasts_ns, alarm_period_ns;
    bool alarm_shared;
    char trace[RK_AXIS_TEXT_bytes]; /* path, "": none */
};

struct rk_scenario_link {
    uint8_t channel; /* enum rk_scenario_channel */
    uint32_t loss_ppm;
    rk_ns burst_ns; /* 0: none */
    uint8_t listen; /* enum rk_listen */
    rk_ns listen_period_ns, answer_period_ns;
    uint8_t spreading; /* 0: the radio's; RK_SPREADING_EACH */
    bool confirmed;
    uint32_t power_spread_mdB;
    rk_ns network_delay_ns;
};

struct rk_scenario_server {
    rk_ns time_ns;
    uint32_t parallel;
    uint8_t distribution; /* enum rk_service */
};

struct rk_scenario_adversary {
    uint64_t compromise_per_1e9y;
    rk_ns detection_ns;
    uint32_t misses_ppm;
    uint32_t records_ppm;
    uint64_t forgeries_per_1e9y;
    rk_ns response_delay_ns;
    uint32_t captured;
    uint8_t response; /* enum rk_response */
    bool tried;
};

/* engine/model/fault.h. */
struct rk_scenario_fault {
    uint64_t reboots_per_1e9y, nvm_errors_per_1e9y, clock_jumps_per_1e9y, outages_per_1e9y;
    rk_ns off_ns, clock_jump_ns, outage_ns;
    uint32_t clock_drift_ppm, weak_entropy_ppm;
    uint8_t weak_bits;
};

/* engine/model/condition.h. */
struct rk_scenario_events {
    uint64_t firmware_per_1e9y, owner_per_1e9y, suspicion_per_1e9y;
};

/* engine/model/group.h. */
struct rk_scenario_group {
    uint8_t scheme; /* enum rk_group_scheme */
    uint8_t copies;
    uint32_t degree, cell, captured_ppm;
    uint64_t joins_per_1e9y, leaves_per_1e9y; /* of the fleet */
    rk_ns batch_ns, repair_ns, window_ns;     /* window 0: none */
};

struct rk_scenario_suite {
    uint8_t aead; /* enum rk_scenario_aead */
    uint8_t tag_bytes;
    uint8_t curve;              /* enum rk_scenario_curve */
    uint8_t limits;             /* enum rk_scenario_limits */
    uint8_t advantage, offline; /* negative and positive binary logarithm */
};

struct rk_scenario_engine {
    uint8_t tier; /* enum rk_tier */
    bool lifetime;
};

/* As in the file: the longest cryptoperiod that SP 800-57 suggests for the key's type. */
#define RK_CRYPTOPERIOD_TYPE (RK_NEVER - 1)

struct rk_scenario_policy {
    uint8_t mechanism;             /* enum rk_mechanism */
    char name[RK_AXIS_TEXT_bytes]; /* of a file in scenarios/policies, "none" */
    char own[RK_AXIS_TEXT_bytes];  /* path from the file that names it, "none" */
    char parameters[RK_AXIS_TEXT_bytes];
    char renew[RK_AXIS_TEXT_bytes];
    rk_ns window_every_ns, window_at_ns, window_lasts_ns; /* every 0: no window */
    rk_ns guard_ns;
    rk_ns defer_alarm_ns, defer_most_ns; /* alarm RK_NEVER: as long as it lasts */
    uint32_t defer_battery_ppm, defer_link_ppm;
    uint32_t jitter_ppm;
    rk_ns overlap_ns;
    uint8_t attempts;
    rk_ns retry_ns;
    rk_ns cryptoperiod_ns; /* RK_NEVER: no end; RK_CRYPTOPERIOD_TYPE */
};

/* Bounds that a point must meet, engine/study/constraints.h. */
struct rk_scenario_constraints {
    char metric[RK_METRIC_COUNT][RK_AXIS_TEXT_bytes]; /* "at least 5 y"; "": none */
    char approved[16];                                /* day for which all algorithms are approved, "": not asked */
    uint16_t strength_bits;                           /* of the weakest algorithm, at least */
    bool fresh;                                       /* no association with the existing key */
    bool needs;                                       /* those of the scenario's service hold, too */
};

/* What is weighed in a recommendation, engine/study/recommend.h. */
enum rk_scenario_prefer { RK_PREFER_KNEE, RK_PREFER_COST, RK_PREFER_EXPOSURE, RK_PREFER_PRICE };
struct rk_scenario_recommend {
    uint8_t cost, exposure; /* enum rk_metric */
    uint8_t prefer;         /* enum rk_scenario_prefer */
    char price[RK_AXIS_TEXT_bytes];
    char over[2 * RK_AXIS_TEXT_bytes]; /* keys of axes, comma-separated; "": the policy's */
    uint32_t doubt_ppm;
};

/* Sequential stopping, engine/study/stop.h. */
struct rk_scenario_stop {
    uint8_t metric; /* enum rk_metric + 1; 0: no rule */
    uint32_t ci95_ppm;
    uint32_t replications_max;
    uint64_t renewals; /* of a point in all its replications; 0: any number */
};

/* A ranking, engine/study/ranking.h. */
struct rk_scenario_rank {
    uint8_t metric;                /* enum rk_metric + 1; 0: no ranking */
    char over[RK_AXIS_TEXT_bytes]; /* key of an axis; "": all points in one */
    uint8_t best;                  /* enum rk_scenario_best */
};

/* Of the protocol; RK_SIZE_DEFAULT: its file's. */
struct rk_scenario_sizes {
    uint16_t certificate_bytes, certificates, identity_bytes, connection_bytes;
};

struct rk_scenario {
    char name[64], title[128], question[512];
    uint64_t seed;
    uint32_t replications;
    rk_ns horizon_ns, warm_up_ns;
    char platform[32], service[32];                       /* "none" */
    char device[32], backend[48], battery[32], radio[32]; /* battery, radio "default": the device's own */
    char system[32];                                      /* "default": the device's own */
    char protocol[32];                                    /* "own": the agent's three frames */
    struct rk_scenario_sizes sizes;
    char accelerator[48]; /* "none" */
    uint8_t execution;    /* enum rk_execution */
    uint8_t profile;      /* enum rk_profile of engine/lifecycle/key.h */
    uint32_t charge_ppm;  /* that the battery has at the beginning */
    char policy_date[16]; /* "": approval is not judged */
    uint8_t approval;     /* enum rk_scenario_approval */
    struct rk_scenario_fleet fleet;
    struct rk_scenario_traffic traffic;
    struct rk_scenario_link link;
    struct rk_scenario_server server;
    struct rk_scenario_adversary adversary;
    struct rk_scenario_fault fault;
    struct rk_scenario_events events;
    struct rk_scenario_group group;
    struct rk_scenario_suite suite;
    struct rk_scenario_policy policy;
    struct rk_scenario_engine engine;
    struct rk_scenario_stop stop;
    struct rk_scenario_rank rank;
    struct rk_scenario_constraints constraints;
    struct rk_scenario_recommend recommend;
    struct rk_axes axes;
};

extern const struct rk_field rk_scenario_fields[];

enum { RK_OVERRIDES_max = 64, RK_POINTS_max = 100000, RK_LABEL_bytes = 512 };

struct rk_platform;        /* engine/study/platform_file.h */
struct rk_service_profile; /* engine/study/service_file.h */
struct rk_policy_profile;  /* engine/study/policy_file.h */

/* The scenario with one policy, service and platform under it (engine/study/layers.h). */
struct rk_study_base {
    const struct rk_platform *platform; /* NULL: none */
    const struct rk_service_profile *service;
    const struct rk_policy_profile *policy;
    char platform_sha256[65], service_sha256[65], policy_sha256[65];
    const struct rk_yaml *root; /* the files, laid over each other */
    struct rk_scenario scenario;
};

struct rk_study {
    struct rk_scenario scenario; /* of the first point, before any axis is applied */
    const struct rk_study_base *base;
    size_t bases;
    struct rk_arena arena;
    struct rk_yaml *root;
    const char *path;
    const char *text;                       /* of the file */
    char sha256[65];                        /* of the file */
    const char *override[RK_OVERRIDES_max]; /* "KEY=VALUE", as given */
    size_t overrides;
};

/* Loads the file, lays it over its platform's and its service's below `root`, applies `set` ("KEY=VALUE" replaces the value, or the axis, of that key; "axes.KEY=A,B" makes an
 * axis), and checks every point. out: *study, to be given to rk_study_fini() whatever is returned. Errors:
 * RK_ERR_INPUT, RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rk_study_load(struct rk_study *study, const char *root, const char *path,
                                        const char *const *set, size_t sets, struct rk_diag *diag);
void rk_study_fini(struct rk_study *study);

/* out: number of points, at least 1. */
size_t rk_study_points(const struct rk_study *study);

/* out: the value of an axis at a point, as written. */
const char *rk_study_axis_value(const struct rk_study *study, size_t point, size_t axis);

/* out: 'device=atmega1284p policy.renew=30 d'; the scenario's name when there is no axis. */
void rk_study_label(const struct rk_study *study, size_t point, char label[RK_LABEL_bytes]);

/* out: *scenario with the axes of a point applied. Cannot fail for points that rk_study_load() has checked. */
void rk_study_point(const struct rk_study *study, size_t point, struct rk_scenario *scenario);

/* out: the platform and service of a point, NULL for none. */
const struct rk_platform *rk_study_platform(const struct rk_study *study, size_t point);
const struct rk_service_profile *rk_study_service(const struct rk_study *study, size_t point);

/* out: where the value of a dotted key comes from, at a point. */
struct rk_mark rk_study_mark(const struct rk_study *study, size_t point, const char *key);

/* Calls `warn` for what is permitted but unwise, once for each: keys in use for longer than SP 800-57 table 1 suggests, a
 * service on a platform that does not suit it.
 * `line` begins with the place of the value. */
void rk_study_warnings(const struct rk_study *study, void (*warn)(void *context, const char *line), void *context);

/* out: the policy of a scenario, with the renewal text and the cryptoperiod resolved. */
struct rk_policy rk_scenario_policy(const struct rk_scenario *scenario);

#endif
