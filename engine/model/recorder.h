/* engine/model/recorder.h - what an adversary saw of a device and took from it, and what it can really decrypt with that
 *
 * Model:  in native execution frames are real. The recorder keeps the data frames that the device sent, and R1 and R2 of each
 *         renewal; at a leak it copies the agent's memory. At the end of the trial it decrypts, leak by leak and frame by
 *         frame, three times (engine/model/adversary.h):
 *           A: with the key that protected alone; B: with all keys that the device held, and its long-term keys, whatever
 *           states its books have them in; C: as B, with the server's long-term keys.
 *         Other keys are made from these by the agent's own derivation over the transcripts, zeros in place of what is
 *         lacking: of A the nonces that were missed. Nothing here knows a mechanism: that a frame is open is seen by its
 *         tag alone. What bookkeeping says of the same leak is noted when it says so, and each frame of which it says
 *         something else is counted as apart.
 *         A root key opens the frames up to the response: what a device that was given new ones sends is not in the trial,
 *         so later frames are not tried with it.
 * Error:  a private key of an exchange under way is not taken, as engine/model/adversary.h says. A tag that fits by chance:
 *         2^-64 with tags of 8 bytes.
 * Memory: each frame and 250 bytes a renewal, 1 KiB a leak, until the device is closed: for fleets of some hundred devices.
 */
#ifndef ENGINE_MODEL_RECORDER_H
#define ENGINE_MODEL_RECORDER_H

#include "engine/model/adversary.h"

struct rk_event;
struct rk_key;
struct rk_node;
struct rk_recorder;

/* Sums over leaks, in messages. */
struct rk_tried {
    uint64_t session, capture, server; /* opened by A, B, C */
    uint64_t past, past_open;          /* recorded before the leaks, and opened by B */
    uint64_t apart;                    /* of which bookkeeping says something else */
};

/* Gives the node a recorder where the trial asks for one. */
void rk_recorder_open(struct rk_node *node);

/* A step of the device's agent: event in, actions out (in the fleet). */
void rk_recorder_step(struct rk_node *node, const struct rk_event *event);

/* A key of the device protects from now on. */
void rk_recorder_renewed(struct rk_node *node, const struct rk_key *key);

/* Memory leaks; bookkeeping says what that gives. */
void rk_recorder_leak(struct rk_node *node, const struct rk_leak *leak);

/* Bookkeeping says that session keys that leaked open nothing from now on. */
void rk_recorder_forget(struct rk_node *node);

/* Tries, adds to the fleet's sums, and frees. */
void rk_recorder_close(struct rk_node *node);

#endif
