/* devices/emulators/qemu_power.c - power cuts, restarts and the NVM of an ARM device in QEMU */
#include "devices/emulators/qemu_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/qemu/nvm.h"

void rki_qemu_cut_nvm(struct rk_emulator *emulator, uint64_t steps)
{
    bool whole = rki_nvm_list_board(&emulator->list, emulator->board, &emulator->device);
    const struct rk_nvm_log log = rki_nvm_list_log(&emulator->list);

    if (emulator->nvm != NULL && (!whole || emulator->cut_phase < RK_NVM_PHASES)) {
        memcpy(emulator->nvm, emulator->nvm_before, emulator->device.nvm_bytes);
        rk_nvm_cut(&log, steps, emulator->cut_phase, emulator->nvm);
    }
}

/* Lets the call that a power cut stopped come to its end, which leaves no trace in the NVM. out: whether it did. */
static bool come_to_wait(struct rk_emulator *emulator)
{
    struct rki_request request = {.budget_instructions = emulator->budget_instructions};
    struct rki_reply reply;

    if (!emulator->paused) {
        return emulator->waits;
    }
    if (emulator->nvm != NULL) {
        memcpy(emulator->nvm_before, emulator->nvm, emulator->device.nvm_bytes);
    }
    rki_child_send(&emulator->child, &request);
    enum rki_receive received = rki_child_receive(&emulator->child, &reply, RKI_QEMU_GUARD_ms);
    emulator->paused = false;
    emulator->waits = received == RKI_RECEIVED && reply.reason == RKI_WAITING;
    if (!emulator->waits) {
        rki_child_stop(&emulator->child);
    }
    if (emulator->nvm != NULL) {
        memcpy(emulator->nvm, emulator->nvm_before, emulator->device.nvm_bytes);
    }
    return emulator->waits;
}

void rki_qemu_power_cut_at(struct rk_emulator *emulator, uint64_t step)
{
    emulator->cut_at = step;
    emulator->cut_phase = RK_NVM_PHASES;
}

void rki_qemu_power_cut_phase(struct rk_emulator *emulator, unsigned phase)
{
    emulator->cut_phase = phase;
}

void rki_qemu_visit(struct rk_emulator *emulator, uint64_t step, rk_visit *visit, void *context)
{
    rki_qemu_power_cut_at(emulator, step);
    emulator->visit = visit;
    emulator->visit_context = context;
}

void rki_qemu_open_calls(const struct rk_emulator *emulator, struct rk_open_calls *calls)
{
    const struct rki_board *board = emulator->board;
    calls->pc = board->pc;
    calls->count = board->calls < RK_OPEN_CALLS_MAX ? board->calls : RK_OPEN_CALLS_MAX;
    for (unsigned i = 0; i < calls->count; i++) {
        calls->call[i] = (struct rk_open_call){.returns_to = board->returns_to[i]};
    }
}

void rki_qemu_nvm_watch(struct rk_emulator *emulator, bool on)
{
    emulator->list.on = on;
}

struct rk_nvm_log rki_qemu_nvm_log(const struct rk_emulator *emulator)
{
    return rki_nvm_list_log(&emulator->list);
}

enum rk_err rki_qemu_reset(struct rk_emulator *emulator, bool keep_ram)
{
    struct rk_diag diag;

    rki_child_stop(&emulator->child);
    if (!keep_ram) {
        memset(emulator->ram, 0, emulator->device.ram_bytes);
    }
    emulator->cut_at = 0;
    enum rk_err err = rki_qemu_boot(emulator, &diag);
    if (err != RK_OK) {
        snprintf(emulator->reason, sizeof emulator->reason, "%.255s", diag.text);
    }
    return err;
}

enum rk_err rki_qemu_rewind(struct rk_emulator *emulator)
{
    if (!come_to_wait(emulator)) {
        return rki_qemu_reset(emulator, false);
    }
    memcpy(emulator->ram, emulator->first_wait, emulator->device.ram_bytes);
    emulator->cut_at = 0;
    return RK_OK;
}

void *rki_qemu_keep(const struct rk_emulator *emulator)
{
    void *kept = malloc(emulator->device.ram_bytes);
    return kept != NULL ? memcpy(kept, emulator->ram, emulator->device.ram_bytes) : NULL;
}

enum rk_err rki_qemu_restore(struct rk_emulator *emulator, const void *kept)
{
    enum rk_err err = come_to_wait(emulator) ? RK_OK : rki_qemu_reset(emulator, false);
    if (err == RK_OK) {
        memcpy(emulator->ram, kept, emulator->device.ram_bytes);
        emulator->cut_at = 0;
    }
    return err;
}

enum rk_err rki_qemu_nvm_write(struct rk_emulator *emulator, uint32_t address, const void *in, size_t bytes)
{
    uint64_t size = emulator->nvm != NULL ? emulator->device.nvm_bytes : 0;
    if (address > size || bytes > size - address) {
        return RK_ERR_INPUT;
    }
    memcpy(emulator->nvm + address, in, bytes);
    return RK_OK;
}
