/* bench/powercut_internal.h - between the files of powercut: the pair, its script, what was seen, and the judge */
#ifndef BENCH_POWERCUT_INTERNAL_H
#define BENCH_POWERCUT_INTERNAL_H

#include "bench/bench_internal.h"
#include "bench/powercut.h"
#include "engine/core/object.h"
#include "engine/core/rng.h"
#include "engine/lifecycle/agent.h"

/* ---- what was seen: everything that was sealed under some (key, nonce) ---- */

enum { RKI_SEEN_MAX = 512, RKI_SEEN_bytes = RK_FRAME_MAX_bytes };

struct rki_seen_item {
    uint8_t kind;                  /* enum rk_frame_kind; RKI_SEEN_RECORD */
    bool by_device;                /* else by the peer */
    uint8_t nonce_at, nonce_bytes; /* where in data its key and nonce are named */
    uint16_t bytes;
    uint8_t data[RKI_SEEN_bytes];
};

enum { RKI_SEEN_RECORD = 0xff };

struct rki_seen {
    unsigned count;
    bool full;
    struct rki_seen_item item[RKI_SEEN_MAX];
};

/* Notes a frame or record. out: false when another one had its nonce and differs from it. */
bool rki_seen_frame(struct rki_seen *seen, bool by_device, const uint8_t *frame, uint16_t bytes);

/* out: the number of this frame of the peer's, -1 when it was not seen. */
int rki_seen_find(const struct rki_seen *seen, const uint8_t *frame, uint16_t bytes);

/* Notes the NVM records that a call's operations wrote until `step`. out: as above. */
bool rki_seen_records(struct rki_seen *seen, const struct rk_nvm_log *log, uint64_t step);

/* ---- the pair ---- */

enum { RKI_IDS_MAX = 64 };

/* What the device's own records tell of its keys. */
struct rki_keys {
    uint32_t id; /* of the current key; 0: none */
    uint8_t state;
    uint32_t destroyed[RKI_IDS_MAX];
    unsigned destroyed_count;
};

struct rki_frame {
    uint16_t bytes;
    uint8_t data[RK_FRAME_MAX_bytes];
};

/* All that is not on the device, and goes back with it. */
struct rki_side {
    struct rk_agent peer;
    max_align_t peer_drbg[64];
    uint64_t now_ns;
    uint64_t timer_ns[2]; /* by enum rk_role */
    struct rki_keys keys;
    struct rki_frame up, down, held, backup; /* last frames of device and peer; one that is late; that of BACKUP */
    char text[16];                           /* sent last */
    uint32_t texts;                          /* sent so far */
    uint32_t entropy;                        /* draws so far */
    unsigned seen;                           /* items of rki_seen */
    bool reused;                             /* a (key, nonce) was seen twice */
    bool replayed;                           /* the device took a text twice */
    uint64_t delivered[RKI_SEEN_MAX / 64];   /* a bit an item: the device took its text */
};

struct rki_pair {
    const struct rki_bench *bench;
    struct rk_emulator *emulator;
    struct rk_object library;
    const struct rk_backend *backend;
    struct rk_agent_config config;
    struct rk_provision provision;
    struct rk_rng_key rng;
    struct rki_side side;
    struct rki_seen seen;
    struct rk_actions actions; /* of the step made last, by either */
    struct rk_call call;
    struct rki_frame given; /* data of the event in the call */
    char status[96];        /* why the device cannot go on; "" when it can */
};

RK_MUST_CHECK enum rk_err rki_pair_open(struct rki_pair *pair, const struct rki_bench *bench, uint8_t mechanism,
                                        struct rk_diag *diag);
void rki_pair_close(struct rki_pair *pair);

/* Power on, after which the agent is provisioned. in: again: the device runs; its RAM is lost. */
RK_MUST_CHECK enum rk_err rki_pair_boot(struct rki_pair *pair, bool again, struct rk_diag *diag);

/* Puts an event into the call, for which power may be cut. */
void rki_pair_put(struct rki_pair *pair, uint8_t kind, const uint8_t *data, uint16_t bytes);
/* Notes what the device did in a call that came back. */
RK_MUST_CHECK enum rk_err rki_pair_take(struct rki_pair *pair, struct rk_diag *diag);
/* Makes the call; what the device did is noted. out: pair->status, where it stopped or refused. */
RK_MUST_CHECK enum rk_err rki_pair_device(struct rki_pair *pair, struct rk_diag *diag);
RK_MUST_CHECK enum rk_err rki_pair_event(struct rki_pair *pair, uint8_t kind, const uint8_t *data, uint16_t bytes,
                                         struct rk_diag *diag);
void rki_pair_entropy(struct rki_pair *pair, uint8_t out[RK_ENTROPY_bytes]);
RK_MUST_CHECK enum rk_err rki_pair_start(struct rki_pair *pair, struct rk_diag *diag);
void rki_pair_peer(struct rki_pair *pair, uint8_t kind, const uint8_t *data, uint16_t bytes);

/* A text that either party sends; its frame waits in side.up or side.down. */
RK_MUST_CHECK enum rk_err rki_pair_say(struct rki_pair *pair, bool by_device, struct rk_diag *diag);
/* out: whether the step made last delivered the text sent last. */
bool rki_pair_heard(const struct rki_pair *pair);
bool rki_keys_destroyed(const struct rki_keys *keys, uint32_t id);

/* ---- the script ---- */

enum { RKI_STEPS_MAX = 64 };

/* A step of the device in the script, as it went without a cut. */
struct rki_step {
    const char *part;
    uint8_t kind; /* enum rk_event_kind */
    bool boots;   /* the device has just lost its RAM */
    uint16_t data_bytes;
    uint8_t data[RK_FRAME_MAX_bytes];
    struct rki_side before;
    struct rki_keys after;
    void *kept;     /* device before it; NULL where the emulator keeps none */
    uint8_t *image; /* NVM before it */
    struct rk_nvm_log log;
};

struct rki_script {
    unsigned steps;
    struct rki_seen seen; /* by the end of it */
    struct rki_step step[RKI_STEPS_MAX];
};

/* Takes a pair just opened through all of it. out: pair->status where the device cannot. errors: RK_ERR_CHECK when a step
 * does not come to what it must without any cut. */
RK_MUST_CHECK enum rk_err rki_script_record(struct rki_script *script, struct rki_pair *pair, struct rk_diag *diag);
void rki_script_free(struct rki_script *script);

/* Device and peer as they were before that step. */
RK_MUST_CHECK enum rk_err rki_script_set_back(const struct rki_script *script, unsigned step, struct rki_pair *pair,
                                              struct rk_diag *diag);

/* ---- cuts ---- */

/* Instants of one step that leave the same NVM. */
struct rki_class {
    uint64_t at;       /* the instant that stands for them */
    unsigned phase;    /* RK_NVM_PHASES: none */
    uint64_t instants; /* that it has */
    bool torn, idle;   /* in an operation on NVM; after the step, before the next one */
    bool chosen;       /* by mode `writes`: each operation is cut in one of its phases, taken in turn */
};

/* out: classes of a step that ran like `log`, in the order of time; on the heap. */
struct rki_class *rki_classes_make(const struct rk_nvm_log *log, struct rk_rng_key rng, uint32_t number,
                                   unsigned *count);

enum rki_outcome { RKI_OLD, RKI_NEW, RKI_NONE, RKI_LOST, RKI_RESURRECTED };

struct rki_verdict {
    uint8_t outcome;
    bool reused, replayed;
    char why[160];
};

struct rki_judge {
    struct rki_pair *pair;
    const struct rki_script *script;
    unsigned depth;
    struct rki_keys held;      /* when the power failed */
    uint64_t executed, second; /* real cuts made so far; of them in reboots */
    uint8_t *expected, *found; /* NVM images */
};

/* Cuts the step at this class's instant, and judges. errors: RK_ERR_CHECK when the NVM is not as the log tells. */
RK_MUST_CHECK enum rk_err rki_judge_cut(struct rki_judge *judge, unsigned step, const struct rki_class *class,
                                        struct rki_verdict *verdict, struct rk_diag *diag);
/* Only cuts and compares. */
RK_MUST_CHECK enum rk_err rki_judge_sample(struct rki_judge *judge, unsigned step, const struct rki_class *class,
                                           struct rk_diag *diag);

#endif
