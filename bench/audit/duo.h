/* bench/audit/duo.h - a device and its server over a link that can lose, repeat and hold frames, all of it logged
 *
 * Model:  frames arrive at once, in order. Time moves by rk_duo_run() alone, which fires the agents' timers. The
 *         device's NVM is bytes in memory, EEPROM or flash as its profile says; it survives rk_duo_restart().
 *         Entropy and provisioned keys follow from `seed` and the device's id: two pairs of one fleet share neither.
 * Units:  ns, bytes.
 */
#ifndef BENCH_AUDIT_DUO_H
#define BENCH_AUDIT_DUO_H

#include <stdalign.h>

#include "bench/audit/witness.h"

enum {
    RK_DUO_BLOCK_max_bytes = 4096,
    RK_DUO_NVM_bytes = 2 * RK_DUO_BLOCK_max_bytes,
    RK_DUO_QUEUE_max = 16,
    RK_DUO_NO_FRAME = -1
};

struct rk_duo {
    struct rk_log log;
    struct rk_witness witness;
    struct rk_agent_config config; /* of both, but the role */
    struct rk_provision provision[2];
    struct rk_agent agent[2];  /* by enum rk_role */
    struct rk_actions actions; /* of the last step */
    uint64_t timer_ns[2], now_ns;
    uint64_t seed;
    uint32_t boots; /* starts so far: each has entropy of its own */
    alignas(max_align_t) uint8_t drbg[2][2048];

    struct rk_nvm nvm;
    uint8_t image[RK_DUO_NVM_bytes];
    uint64_t nvm_written_bytes;

    int lose_kind; /* enum rk_frame_kind: the next such frame is lost, once; RK_DUO_NO_FRAME */
    bool lose_all;
    struct {
        uint8_t to;
        uint16_t bytes;
        uint8_t data[RK_FRAME_MAX_bytes];
    } queue[RK_DUO_QUEUE_max];
    unsigned queued;

    uint32_t sent[2], delivered[2]; /* texts: by sender, by receiver */
    uint32_t refused[2];            /* texts that no key permitted */
    uint32_t finished, failed;      /* renewals of the device */
    uint32_t spins;                 /* timer events without progress of time: an agent that spins is no longer fed */
};

/* in: config without role; size of an erase block of the NVM, 0: EEPROM; of larger blocks than 4096 bytes only so much
 * is kept, which is more than the lifecycle uses. Both are provisioned, none is started. */
void rk_duo_init(struct rk_duo *duo, const struct rk_backend *backend, const struct rk_agent_config *config,
                 uint64_t erase_bytes, uint64_t seed);
void rk_duo_fini(struct rk_duo *duo);

/* Starts the server, then the device. out: RK_AGENT_OK, or the first result that is not. */
int rk_duo_start(struct rk_duo *duo);
/* The device loses its RAM and starts again. */
int rk_duo_restart(struct rk_duo *duo);
/* The same with these samples of its entropy source. */
int rk_duo_restart_with(struct rk_duo *duo, const uint8_t *samples, uint16_t samples_bytes);

/* One event into one party, by the subject whose event it is; its frame and what follows are carried.
 * out: enum rk_agent_result. */
int rk_duo_event(struct rk_duo *duo, uint8_t role, uint8_t kind, const void *data, uint16_t bytes);
/* The same by another subject. */
int rk_duo_ask(struct rk_duo *duo, uint8_t role, uint8_t kind, uint8_t subject, const void *data, uint16_t bytes);
/* out: the text with this number, of a sender. */
void rk_duo_text(uint32_t number, uint8_t *text, uint16_t bytes);
/* A text of `bytes`, with the next number. */
int rk_duo_send(struct rk_duo *duo, uint8_t role, uint16_t bytes);
/* Fires all timers up to until_ns, and sets the clock to it. */
void rk_duo_run(struct rk_duo *duo, uint64_t until_ns);
/* The same until `renewals` more have ended, at most until until_ns. out: whether they have. */
bool rk_duo_run_renewals(struct rk_duo *duo, unsigned renewals, uint64_t until_ns);

/* out: the key that protects, of a party; NULL. */
const struct rk_key *rk_duo_key(const struct rk_duo *duo, uint8_t role);

#endif
