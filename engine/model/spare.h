/* engine/model/spare.h - lifetime mode: renewals, and writes of the counter's reserve, that go as one before went
 *
 * Model:  a device rests when it has one key and nothing is under way (engine/lifecycle/bulk.h). From one rest to the next a
 *         renewal makes both agents compute, and the store write, what depends on the trial and on what the places of
 *         the store hold; not on the device, its keys, or the time. The first renewal from each such state is played, and
 *         watched: what its steps used, the frames, the wear, and the state after it. The next one from there is spared:
 *         its three datagrams cross the air as they would have, with the draws that they would have had; what the steps
 *         used is added; the bookkeeping of node and adversary is the one that is always done. The same for the write that
 *         a message takes when the counter's reserve is used up.
 *         Played, as ever, is each renewal that is not like that: a datagram is lost, an answer late, a sample, leak,
 *         detection, session or the horizon falls between its beginning and the end of the overlap.
 * Where:  nobody waits for the key server: devices go one after the other, and a renewal can be taken at once. Before a
 *         server that takes time a request's wait follows from what the other devices drew; its distribution would not do.
 * Error:  none in what renewals do: played or spared, they come to the same integers (tests/sim/test_spare.c). The trace's
 *         checksum is not that of the exact mode. The message that waits for a reserve is delivered without the wait.
 * Memory: a table a trial.
 * Units:  ns.
 */
#ifndef ENGINE_MODEL_SPARE_H
#define ENGINE_MODEL_SPARE_H

#include "engine/model/node.h"

struct rk_trial;

/* out: why lifetime mode plays each renewal of this trial, NULL where it does not. */
const char *rk_spare_refuses(const struct rk_trial *trial);

/* Sets fleet->spare, where the trial is in lifetime mode and not refused. */
void rk_spare_init(struct rk_fleet *fleet);

/* The table of one trial. */
struct rk_spare;

/* A node of the fleet begins, after the one before was closed; fleet->spare is set. */
void rk_spare_open(struct rk_node *node);

/* The node's earliest event. out: the events that were spared, 0: this one is to be played. */
uint64_t rk_spare_step(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns, rk_ns limit_ns);

/* Plays it, and learns. */
void rk_spare_play(struct rk_node *node, enum rk_node_event kind, rk_ns now_ns);

/* Adds to ledger and memory of the node what was spared; before they are counted. */
void rk_spare_close(struct rk_node *node);

#endif
