/* engine/model/twin.h - emulated execution: the agent on the emulated device, in step with its twin on the host
 *
 * Model: the twin (the node's own agent, on the same library built for the host) sets the times; the emulated
 *        agent gets the same events and must do the same: same result, records, flags, timer, frame kind and
 *        length. Its frame replaces the twin's, so that the peer works on what the device really made, and its
 *        measured cycles go into the ledger.
 * Units: cycles of the device's clock.
 */
#ifndef ENGINE_MODEL_TWIN_H
#define ENGINE_MODEL_TWIN_H

#include "engine/lifecycle/agent.h"
#include "engine/model/meter.h"
#include "engine/model/trial.h"

struct rk_twin;

/* Opens an emulator for one device and provisions the agent on it.
 * out: RK_OK, or RK_ERR_EMULATOR with a line in diag and *twin NULL. */
enum rk_err rk_twin_open(struct rk_twin **twin, const struct rk_trial *trial, const struct rk_agent_config *config,
                         const struct rk_provision *keys, struct rk_diag *diag);

/* Feeds the event and compares with what the host's agent did, and with what it charged for NVM; puts the device's frame
 * into actions.
 * out: RK_OK; RK_ERR_EMULATOR when the device stopped; RK_ERR_CHECK when it did something else. */
enum rk_err rk_twin_step(struct rk_twin *twin, const struct rk_event *event, struct rk_actions *actions,
                         const struct rk_usage *charged, struct rk_diag *diag);

/* What the last step took on the device; NULL where the emulator has no cycle figures (host). */
const struct rk_usage *rk_twin_usage(const struct rk_twin *twin);

void rk_twin_close(struct rk_twin *twin);

#endif
