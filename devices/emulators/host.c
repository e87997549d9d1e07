/* devices/emulators/host.c - the host as a device: a backend's shared object, loaded once for each emulator
 *
 * Each emulator loads its own copy, so that each has its own static data and two threads or two
 * versions of a library never share any. There is no cycle figure: host time is not a device's time. A fault in the
 * object is a fault of this process. A power cut counts bytes written to NVM.
 */
#include "devices/emulators/emulator.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/drivers.h"
#include "devices/emulators/nvm.h"
#include "devices/firmware/host.h"
#include "engine/core/object.h"

struct rk_emulator {
    char path[1024];
    struct rk_object object;
    rk_host_call_fn *carry_out;
    rk_host_heap_bytes_fn *heap_bytes;
    struct rk_host_nvm nvm;
    const struct rk_device_profile *device;
    struct rki_nvm_list list;
    unsigned cut_phase; /* of the next cut */
    uint8_t *before;    /* cells at the call's start, where a cut may tear one */
    bool cut;
    char reason[128];
};

/* Step 1 is before the first byte. */
static uint64_t step_after(uint32_t written_bytes)
{
    return (uint64_t)written_bytes + 1;
}

static void wrote(struct rk_host_nvm *nvm, uint32_t address)
{
    struct rk_emulator *emulator = (struct rk_emulator *)((char *)nvm - offsetof(struct rk_emulator, nvm));
    uint64_t step = step_after(nvm->written_bytes);
    const struct rk_nvm_event event = {
        .begin = step,
        .end = step,
        .stall = emulator->device->nvm_write_ns * (emulator->device->clock_Hz / 1000) / 1000000,
        .address = address,
        .bytes = 1,
        .kind = RK_NVM_REWRITE,
        .value = {nvm->cells[address]},
    };
    rki_nvm_list_add(&emulator->list, &event);
}

static enum rk_err load(struct rk_emulator *emulator, struct rk_diag *diag)
{
    enum rk_err err = rk_object_load(&emulator->object, emulator->path, diag);
    if (err != RK_OK) {
        return err;
    }
    rk_host_attach_fn *attach = (rk_host_attach_fn *)dlsym(emulator->object.handle, "rk_host_attach");
    emulator->carry_out = (rk_host_call_fn *)dlsym(emulator->object.handle, "rk_host_call");
    emulator->heap_bytes = (rk_host_heap_bytes_fn *)dlsym(emulator->object.handle, "rk_host_heap_bytes");
    if (attach == NULL || emulator->carry_out == NULL || emulator->heap_bytes == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no rk_host_call in it, expected a backend built for the device host",
                       emulator->path);
    }
    attach(&emulator->nvm);
    emulator->cut = false;
    emulator->reason[0] = '\0';
    return RK_OK;
}

static void host_close(struct rk_emulator *emulator)
{
    if (emulator != NULL) {
        rk_object_unload(&emulator->object);
        free(emulator->nvm.cells);
        free(emulator->before);
        rki_nvm_list_free(&emulator->list);
        free(emulator);
    }
}

static enum rk_err host_open(struct rk_emulator **emulator, const struct rk_device_profile *device,
                             const char *image_path, struct rk_diag *diag)
{
    struct rk_emulator *made = calloc(1, sizeof *made);
    uint8_t *cells = malloc(device->nvm_bytes);
    uint8_t *before = malloc(device->nvm_bytes);
    if (made == NULL || cells == NULL || before == NULL) {
        free(made);
        free(cells);
        free(before);
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    memset(cells, 0xff, device->nvm_bytes);
    made->object = (struct rk_object)RK_OBJECT_NONE;
    made->device = device;
    made->before = before;
    made->cut_phase = RK_NVM_PHASES;
    made->nvm = (struct rk_host_nvm){.cells = cells, .bytes = (uint32_t)device->nvm_bytes, .cut_after = UINT32_MAX};
    snprintf(made->path, sizeof made->path, "%s", image_path);
    enum rk_err err = load(made, diag);
    if (err != RK_OK) {
        host_close(made);
        return err;
    }
    *emulator = made;
    return RK_OK;
}

static void tear(struct rk_emulator *emulator)
{
    const struct rk_nvm_log log = rki_nvm_list_log(&emulator->list);
    memcpy(emulator->nvm.cells, emulator->before, emulator->nvm.bytes);
    rk_nvm_cut(&log, step_after(emulator->nvm.written_bytes), emulator->cut_phase, emulator->nvm.cells);
}

static enum rk_call_status host_call(struct rk_emulator *emulator, struct rk_call *call)
{
    struct rk_mailbox mailbox = {
        .magic = RK_MAILBOX_MAGIC,
        .operation = call->operation,
        .fields = call->fields,
        .data_bytes = call->data_bytes,
    };
    if (emulator->cut) {
        return RK_CALL_CRASHED; /* until reset */
    }
    memcpy(mailbox.data, call->data, sizeof mailbox.data);
    bool tears = emulator->nvm.cut_after != UINT32_MAX && emulator->cut_phase < RK_NVM_PHASES;
    bool watched = emulator->list.on;
    emulator->list.on = watched || tears;
    emulator->list.count = 0;
    emulator->nvm.wrote = emulator->list.on ? wrote : NULL;
    memcpy(emulator->before, emulator->nvm.cells, emulator->nvm.bytes);
    int cut = emulator->carry_out(&mailbox);
    emulator->list.on = watched;
    emulator->list.steps = step_after(emulator->nvm.written_bytes) + (emulator->nvm.written_bytes > 0);
    emulator->nvm.cut_after = UINT32_MAX;
    if (cut != 0) {
        emulator->cut = true;
        if (tears) {
            tear(emulator);
        }
        snprintf(emulator->reason, sizeof emulator->reason, "power cut after %u bytes written to NVM",
                 (unsigned)emulator->nvm.written_bytes);
        return RK_CALL_POWER_CUT;
    }
    call->result = mailbox.result;
    call->fields = mailbox.fields;
    call->data_bytes = mailbox.data_bytes;
    memcpy(call->data, mailbox.data, sizeof call->data);
    call->cost = (struct rk_measure){
        .heap_bytes = emulator->heap_bytes(),
        .nvm_write_bytes = emulator->nvm.written_bytes,
    };
    return RK_CALL_OK;
}

static const char *host_reason(const struct rk_emulator *emulator)
{
    return emulator->reason;
}

/* Step 1 is before the first byte is written, as a cycle count of 1 is before the first instruction is done. */
static void host_power_cut_at(struct rk_emulator *emulator, uint64_t step)
{
    emulator->nvm.cut_after = step == 0 || step > UINT32_MAX ? UINT32_MAX : (uint32_t)(step - 1);
    emulator->cut_phase = RK_NVM_PHASES;
}

static void host_power_cut_phase(struct rk_emulator *emulator, unsigned phase)
{
    emulator->cut_phase = phase;
}

static void host_nvm_watch(struct rk_emulator *emulator, bool on)
{
    emulator->list.on = on;
}

static struct rk_nvm_log host_nvm_log(const struct rk_emulator *emulator)
{
    return rki_nvm_list_log(&emulator->list);
}

/* Static data is the host's RAM: it is lost by loading the object anew. */
static enum rk_err host_reset(struct rk_emulator *emulator, bool keep_ram)
{
    if (keep_ram && !emulator->cut) {
        return RK_OK;
    }
    rk_object_unload(&emulator->object);
    return load(emulator, NULL);
}

/* Nothing boots on the host: its state after a boot is that of an object just loaded. */
static enum rk_err host_rewind(struct rk_emulator *emulator)
{
    return host_reset(emulator, false);
}

/* RAM and registers of the host are the whole process: only the NVM can be read. */
static size_t host_read(struct rk_emulator *emulator, enum rk_memory memory, uint32_t address, void *out, size_t bytes)
{
    if (memory != RK_MEMORY_NVM || address >= emulator->nvm.bytes) {
        return 0;
    }
    size_t take = bytes < emulator->nvm.bytes - address ? bytes : emulator->nvm.bytes - address;
    memcpy(out, emulator->nvm.cells + address, take);
    return take;
}

static enum rk_err host_nvm_write(struct rk_emulator *emulator, uint32_t address, const void *in, size_t bytes)
{
    if (address > emulator->nvm.bytes || bytes > emulator->nvm.bytes - address) {
        return RK_ERR_INPUT;
    }
    memcpy(emulator->nvm.cells + address, in, bytes);
    return RK_OK;
}

static const char *host_version(void)
{
    return "host";
}

static const char *host_class_name(unsigned index)
{
    (void)index;
    return NULL;
}

const struct rk_emulator_driver rk_emulator_host = {
    .name = "host",
    .open = host_open,
    .call = host_call,
    .reason = host_reason,
    .power_cut_at = host_power_cut_at,
    .power_cut_phase = host_power_cut_phase,
    .nvm_watch = host_nvm_watch,
    .nvm_log = host_nvm_log,
    .reset = host_reset,
    .rewind = host_rewind,
    .read = host_read,
    .nvm_write = host_nvm_write,
    .version = host_version,
    .class_name = host_class_name,
    .close = host_close,
};
