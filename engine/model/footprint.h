/* engine/model/footprint.h - memory that a device of a trial takes while it is simulated
 *
 * Model: its node, the generators of both parties, the accounts of its NVM, a frame under way in each direction and at
 *        the key server, and the entries of its events in a queue.
 * Error: the queue's share is that of the reference tier, whose heap doubles; frames beyond the first are not in it.
 */
#ifndef ENGINE_MODEL_FOOTPRINT_H
#define ENGINE_MODEL_FOOTPRINT_H

#include "engine/model/trial.h"

/* in: a trial with its device, and its backend unless modelled. */
uint64_t rk_footprint_device_bytes(const struct rk_trial *trial);

#endif
