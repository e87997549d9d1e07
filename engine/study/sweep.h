/* engine/study/sweep.h - the points of a study, resolved: each a trial ready to run, or why it cannot
 *
 * Model:  for each point the device, radio and battery files, the cost rows of (device, backend) and the backend itself
 *         are looked up once and shared. What study may not include (bench, firmware, libraries) comes through struct
 *         rk_study_environment.
 * Inputs: each point has a SHA-256 over all that its trials depend on: the resolved scenario, the three files' hashes,
 *         the cost rows, the library, the firmware image, the seed, and the revision of the model's sources. With the
 *         replication it names a trial's result, in the results database and in the cache.
 * Error:  an unknown name is RK_ERR_INPUT at its place in the file, with the nearest valid one. An infeasible point is
 *         no error.
 */
#ifndef ENGINE_STUDY_SWEEP_H
#define ENGINE_STUDY_SWEEP_H

#include "engine/core/arena.h"
#include "engine/model/approval.h"
#include "engine/model/protocol.h"
#include "engine/model/trial.h"
#include "engine/study/policy_own.h"
#include "engine/study/scenario.h"
#include "engine/study/traffic_file.h"

enum { RK_LIBRARY_FACTS = 0x7fffffff };

/* What a study needs from the rooms above it. Texts and pointers live until the study ends. */
struct rk_study_environment {
    const char *root;            /* of the tree: devices/ is below it */
    const char *const *backends; /* names that `backend:` may have, ended by NULL */
    void *context;
    /* Cost rows of (device, backend), measured where they are missing. in: operations: comma-separated. out: *rows on the
     * heap. */
    enum rk_err (*costs)(void *context, const char *device, const char *backend, const char *operations,
                         struct rk_cost_row **rows, size_t *count, struct rk_diag *diag);
    /* The library on the host. Libraries may hold static data: each thread has a copy of its own, numbered 0, 1, ...
     * RK_LIBRARY_FACTS: only name, version, capabilities and generator are looked at, so that it need not be built.
     * out: *library; identity names its build (a hash, a version). */
    enum rk_err (*library)(void *context, const char *backend, unsigned copy, const struct rk_backend **library,
                           char identity[96], struct rk_diag *diag);
    /* The firmware image with the lifecycle, and with a policy of one's own where it is not NULL: emulated execution
     * only. */
    enum rk_err (*image)(void *context, const char *device, const char *backend, const struct rk_policy_own *own,
                         char path[1024], char sha256[65], struct rk_diag *diag);
};

/* A device, or one under a system of the scenario's: then its name is "telosb+tinyos". */
struct rk_sweep_device {
    struct rk_device_profile profile;
    char sha256[65];
    char plain[32];                           /* name of the device's own file */
    char system[32];                          /* "default": the device's own */
    char system_path[256], system_sha256[65]; /* "" for the device's own */
};

struct rk_sweep_radio {
    struct rk_radio_profile profile;
    char sha256[65];
};

struct rk_sweep_battery {
    struct rk_battery_profile profile;
    char sha256[65];
};

struct rk_sweep_accelerator {
    struct rk_accelerator_profile profile;
    char sha256[65];
};

struct rk_sweep_protocol {
    struct rk_protocol profile;
    uint16_t size[RK_SIZES]; /* as the scenario asks */
    char sha256[65];
};

/* A device with a backend on it, and maybe an engine beside it. */
struct rk_sweep_cell {
    unsigned index;
    const struct rk_sweep_device *device;
    const struct rk_sweep_accelerator *accelerator; /* or NULL */
    char backend[48];                               /* as in the scenario: "mbedtls", "mbedtls@2.28.3" */
    bool facts;                                     /* of the library, only what it says of itself is there */
    const struct rk_backend *library;               /* copy 0 */
    char identity[96];
    struct rk_cost_row *rows; /* heap */
    size_t row_count;
    char rows_sha256[65];
    const struct rk_policy_own *own; /* that the image has, or NULL */
    char image[1024];                /* emulated only, else "" */
    char image_sha256[65];
};

struct rk_point {
    unsigned index;
    char label[RK_LABEL_bytes];
    const struct rk_sweep_cell *cell;
    const struct rk_sweep_radio *radio;
    const struct rk_sweep_battery *battery;
    const struct rk_sweep_protocol *protocol; /* or NULL: the agent's own frames */
    const struct rk_traffic_file *trace;      /* of recorded traffic, or NULL */
    const struct rk_policy_own *own;          /* or NULL: the policy is one of ours */
    struct rk_trial trial;                    /* replication 0, no trace */
    uint32_t replications;                    /* those that it begins with, by `stop.renewals` */
    char renew[RK_AXIS_TEXT_bytes];
    char status[512];       /* "ok" or why it cannot run */
    char inputs_sha256[65]; /* all but the replication */
    double interval_s;      /* NaN: never */
    double exposure_closed_form_s;
    uint32_t policy_date;              /* YYYYMMDD; 0: approval was not judged */
    struct rk_approval_chain approval; /* at that date */
};

/* Names come from an axis each; radios and batteries also from the devices. */
enum {
    RK_SWEEP_DEVICES_max = RK_AXIS_VALUES_max,
    RK_SWEEP_FILES_max = RK_AXIS_VALUES_max + RK_SWEEP_DEVICES_max,
    RK_SWEEP_CELLS_max = 1024,
    RK_REPLICATIONS_least = 3 /* of a point with many renewals: Student's interval wants two, and one more */
};

struct rk_sweep {
    struct rk_arena arena;
    const struct rk_study *study;
    struct rk_point *point;
    size_t points;
    struct rk_sweep_device *device[RK_SWEEP_DEVICES_max];
    struct rk_sweep_radio *radio[RK_SWEEP_FILES_max];
    struct rk_sweep_battery *battery[RK_SWEEP_FILES_max];
    struct rk_sweep_cell *cell[RK_SWEEP_CELLS_max];
    struct rk_sweep_accelerator *accelerator[RK_SWEEP_FILES_max];
    size_t accelerators;
    struct rk_sweep_protocol *protocol[RK_SWEEP_FILES_max];
    size_t protocols;
    char operations[1024]; /* whose cost rows the trials need, comma-separated */
    struct rk_traffic_file *trace[RK_AXIS_VALUES_max];
    struct rk_policy_own *own[RK_SWEEP_FILES_max];
    size_t devices, radios, batteries, cells, traces, owns;
};

/* out: *sweep, to be given to rk_sweep_fini() whatever is returned. Errors: those of names and files, and of the
 * environment. */
RK_MUST_CHECK enum rk_err rk_sweep_make(struct rk_sweep *sweep, const struct rk_study *study,
                                        const struct rk_study_environment *environment, struct rk_diag *diag);
void rk_sweep_fini(struct rk_sweep *sweep);

/* out: the name of one trial's result: SHA-256 over the point's inputs and the replication. */
void rk_point_trial_sha256(const struct rk_point *point, unsigned replication, char sha256[65]);

/* out: exposure of one leak of the session key by the closed form, with the trial's interval; for never, the horizon's. */
double rk_sweep_exposure_s(const struct rk_trial *trial);

/* SHA-256 over the sources that compute a trial, set when the program is built. */
extern const char rk_model_revision[];

#endif
