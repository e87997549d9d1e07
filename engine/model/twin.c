#include "engine/model/twin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backends/operation.h"
#include "devices/emulators/emulator.h"
#include "engine/lifecycle/wire.h"
#include "engine/model/cells.h"

struct rk_twin {
    const struct rk_emulator_driver *driver;
    struct rk_emulator *emulator;
    const struct rk_device_profile *profile;
    uint32_t device;
    struct rk_call call;
    struct rk_actions actions;
    struct rk_usage usage;
};

/* One wire message to the device. out: its reply in *reply (NULL when empty). */
static enum rk_err exchange(struct rk_twin *twin, const uint8_t *message, uint16_t message_bytes, const uint8_t **reply,
                            uint16_t *reply_bytes, struct rk_diag *diag)
{
    struct rk_call *call = &twin->call;
    memset(call, 0, sizeof *call);
    call->operation = RK_OP_lifecycle_step;
    RK_REQUIRE(rk_call_append(call, message, message_bytes));
    enum rk_call_status status = twin->driver->call(twin->emulator, call);
    if (status != RK_CALL_OK) {
        return rk_fail(diag, RK_ERR_EMULATOR, "device %" PRIu32 " on %s stopped in a lifecycle step: %s", twin->device,
                       twin->driver->name, twin->driver->reason(twin->emulator));
    }
    if (call->result != 0) {
        return rk_fail(diag, RK_ERR_EMULATOR, "device %" PRIu32 " on %s refused a lifecycle step: result %d",
                       twin->device, twin->driver->name, call->result);
    }
    if (!rk_call_field(call, 0, reply, reply_bytes)) {
        *reply = NULL;
        *reply_bytes = 0;
    }
    return RK_OK;
}

static enum rk_err provision(struct rk_twin *twin, const struct rk_agent_config *config,
                             const struct rk_provision *keys, struct rk_diag *diag)
{
    uint8_t message[RK_WIRE_INIT_bytes];
    const uint8_t *reply;
    uint16_t reply_bytes;
    uint16_t bytes = rk_wire_init_encode(config, keys, message);
    return exchange(twin, message, bytes, &reply, &reply_bytes, diag);
}

enum rk_err rk_twin_open(struct rk_twin **twin, const struct rk_trial *trial, const struct rk_agent_config *config,
                         const struct rk_provision *keys, struct rk_diag *diag)
{
    *twin = NULL;
    struct rk_twin *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    opened->driver = trial->driver;
    opened->profile = trial->device;
    opened->device = config->device_id;
    enum rk_err err = opened->driver->open(&opened->emulator, trial->device, trial->lifecycle_image, diag);
    if (err != RK_OK) {
        free(opened);
        return err;
    }
    err = provision(opened, config, keys, diag);
    if (err != RK_OK) {
        rk_twin_close(opened);
        return err;
    }
    *twin = opened;
    return RK_OK;
}

static bool same_records(const struct rk_actions *a, const struct rk_actions *b)
{
    if (a->record_count != b->record_count) {
        return false;
    }
    for (unsigned i = 0; i < a->record_count; i++) {
        const struct rk_record *x = &a->record[i];
        const struct rk_record *y = &b->record[i];
        bool same = x->time_ns == y->time_ns && x->key_id == y->key_id && x->from == y->from && x->to == y->to &&
                    x->reason == y->reason;
        if (!same) {
            return false;
        }
    }
    return true;
}

/* Whether NVM took on the device what the modelled one took: bytes, and the time up to what rounding to cycles adds. */
static bool same_memory(const struct rk_twin *twin, const struct rk_usage *charged)
{
    const struct rk_measure *cost = &twin->call.cost;
    uint64_t modelled_ns = rk_cells_busy_ns(charged, twin->profile);
    uint64_t apart_ns =
        modelled_ns > cost->nvm_busy_ns ? modelled_ns - cost->nvm_busy_ns : cost->nvm_busy_ns - modelled_ns;
    return cost->nvm_write_bytes == charged->nvm_bytes && (!cost->has_cycles || apart_ns <= modelled_ns / 1000);
}

/* out: what differs between two agents' actions, NULL when nothing that counts. */
static const char *difference(const struct rk_actions *a, const struct rk_actions *b)
{
    if (a->result != b->result) {
        return "result";
    }
    if (a->frame_kind != b->frame_kind || a->frame_bytes != b->frame_bytes) {
        return "frame";
    }
    if (a->timer_ns != b->timer_ns) {
        return "timer";
    }
    if (a->delivered != b->delivered || a->text_bytes != b->text_bytes || a->awaits_reply != b->awaits_reply) {
        return "delivery";
    }
    if (a->renewal_started != b->renewal_started || a->renewal_finished != b->renewal_finished ||
        a->renewal_failed != b->renewal_failed) {
        return "renewal";
    }
    return same_records(a, b) ? NULL : "records";
}

static void take_usage(struct rk_twin *twin)
{
    const struct rk_measure *cost = &twin->call.cost;
    twin->usage = (struct rk_usage){
        .cycles = cost->cycles,
        .cycles_low = cost->cycles_low,
        .cycles_high = cost->cycles_high,
        .nvm_bytes = cost->nvm_write_bytes,
    };
}

enum rk_err rk_twin_step(struct rk_twin *twin, const struct rk_event *event, struct rk_actions *actions,
                         const struct rk_usage *charged, struct rk_diag *diag)
{
    uint8_t message[RK_WIRE_EVENT_MAX_bytes];
    const uint8_t *reply;
    uint16_t reply_bytes;
    uint16_t bytes = rk_wire_event_encode(event, message);
    RK_REQUIRE(bytes > 0);
    enum rk_err err = exchange(twin, message, bytes, &reply, &reply_bytes, diag);
    if (err != RK_OK) {
        return err;
    }
    if (reply == NULL || !rk_wire_actions_decode(reply, reply_bytes, &twin->actions)) {
        return rk_fail(diag, RK_ERR_EMULATOR, "device %" PRIu32 " on %s answered with no actions", twin->device,
                       twin->driver->name);
    }
    take_usage(twin);
    const char *what = difference(&twin->actions, actions);
    if (what == NULL && !same_memory(twin, charged)) {
        what = "bytes written to NVM, or their time";
    }
    if (what != NULL) {
        return rk_fail(diag, RK_ERR_CHECK,
                       "device %" PRIu32 " on %s differs from its twin at %" PRIu64
                       " ns, event %s: %s (results %d, %d)",
                       twin->device, twin->driver->name, event->now_ns, rk_event_name(event->kind), what,
                       twin->actions.result, actions->result);
    }
    memcpy(actions->frame, twin->actions.frame, twin->actions.frame_bytes);
    return RK_OK;
}

const struct rk_usage *rk_twin_usage(const struct rk_twin *twin)
{
    return twin->call.cost.has_cycles ? &twin->usage : NULL;
}

void rk_twin_close(struct rk_twin *twin)
{
    twin->driver->close(twin->emulator);
    free(twin);
}
