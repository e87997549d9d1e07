/* tests/lifecycle/pair.h - a device and a server, a network that fails on demand, and an NVM that loses power
 *
 * Frames are delivered in order and at once. The frame number n that the network carries (from 0) can be lost, doubled
 * or held back until the next one has been sent. Time moves by pair_run() alone.
 * Units: ns, bytes.
 */
#ifndef TESTS_LIFECYCLE_PAIR_H
#define TESTS_LIFECYCLE_PAIR_H

#include "engine/lifecycle/agent.h"

enum { PAIR_QUEUE_MAX = 16, PAIR_TRACE_bytes = 16384, PAIR_NO_FRAME = -1 };
#define SECOND_ns 1000000000ull

struct pair_frame {
    uint8_t to; /* enum rk_role */
    uint16_t bytes;
    uint8_t data[RK_FRAME_MAX_bytes];
};

struct pair {
    struct rk_backend backend;
    struct rk_agent_config config;
    struct rk_provision provision;
    struct rk_agent device, server;
    uint64_t drbg_device[16], drbg_server[16];
    struct rk_actions actions; /* of the last step */
    uint64_t timer_ns[2];      /* by role */
    uint64_t now_ns;

    uint8_t image[RK_NVM_AGENT_bytes];
    struct rk_nvm nvm;
    long nvm_bytes; /* written so far */
    long cut_at;    /* power goes before this byte is written; -1: never */
    bool powered;

    int frames; /* carried so far */
    int lose, repeat, hold;
    bool lose_all;
    struct pair_frame queue[PAIR_QUEUE_MAX];
    int queued;
    struct pair_frame held;
    bool holding;
    struct pair_frame last[5]; /* by kind, as sent */

    int delivered[2]; /* texts, by receiving role */
    int failed;       /* renewals given up by the device */
    size_t trace_bytes;
    char trace[PAIR_TRACE_bytes];
};

/* A pair over backend with the usual policy: interval 1000 s, retry 2 s, 3 attempts, overlap 10 s,
 * cryptoperiod 5000 s. */
void pair_init(struct pair *pair, const struct rk_backend *backend, uint8_t mechanism, uint8_t aead, uint8_t curve);
/* Applies pair->config, then starts both. */
void pair_start(struct pair *pair);
/* The device loses its RAM and starts again. */
void pair_reboot(struct pair *pair);
/* One event into one party; its frame and what follows are carried. out: result. */
int pair_event(struct pair *pair, uint8_t role, uint8_t kind, const void *data, uint16_t bytes);
int pair_send(struct pair *pair, uint8_t role, const char *text);
int pair_inject(struct pair *pair, const struct pair_frame *frame);
/* Fires all timers up to until_ns. */
void pair_run(struct pair *pair, uint64_t until_ns);
/* out: whether bytes (at least 8) of `needle` stand in `memory`. */
bool pair_contains(const void *memory, size_t memory_bytes, const uint8_t *needle, size_t bytes);

#endif
