/* devices/emulators/msp430.c - MSP430F1611 in process, over our own core: the driver */
#include "devices/emulators/msp430.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/calls.h"
#include "devices/emulators/drivers.h"
#include "devices/emulators/msp430_device.h"
#include "devices/firmware/elf_image.h"
#include "devices/firmware/mailbox.h"
#include "devices/firmware/region.h"

#define BUDGET_cycles 20000000000ull /* of one call, by default */

static const char part[] = "msp430f1611";

enum { HOLE_at = RKI_RAM_end, HOLE_bytes = RKI_FLASH_at - RKI_RAM_end, VECTORS_bytes = 32 };

/* ---- opening ---- */

static enum rk_err check_profile(const struct rk_device_profile *device, struct rk_diag *diag)
{
    const struct {
        const char *name;
        uint64_t stated, emulated;
    } sizes[] = {
        {"ram", device->ram_bytes, RKI_RAM_end - RKI_RAM_at},
        {"flash", device->flash_bytes, RKI_FLASH_bytes},
        {"nvm", device->nvm_bytes, RKI_INFORMATION_bytes},
    };
    if (strcmp(device->machine, part) != 0) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no machine '%s', expected '%s'", device->path, device->machine, part);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i].stated != sizes[i].emulated) {
            return rk_fail(diag, RK_ERR_INPUT, "%s: %s is %llu bytes, expected the %llu of an MSP430F1611",
                           device->path, sizes[i].name, (unsigned long long)sizes[i].stated,
                           (unsigned long long)sizes[i].emulated);
        }
    }
    return RK_OK;
}

/* An address that the image names, 0 when it does not. */
static uint16_t symbol(const struct rk_elf_image *image, const char *name)
{
    uint64_t value = 0;
    return rk_elf_symbol(image, name, &value, NULL) ? (uint16_t)value : 0;
}

/* The mailbox lies where the part has no memory: it exists for images that have one. */
static enum rk_err find_mailbox(struct rk_emulator *emulator, const struct rk_elf_image *image, const char *path,
                                struct rk_diag *diag)
{
    uint64_t at = 0;
    uint64_t bytes = 0;
    if (!rk_elf_symbol(image, "rk_mailbox", &at, &bytes)) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: no symbol rk_mailbox, expected an image of devices/firmware", path);
    }
    if (at != HOLE_at || bytes < RK_MAILBOX_HEADER_bytes || bytes > HOLE_bytes) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: rk_mailbox is %llu bytes at 0x%llx, expected up to %d at 0x%x", path,
                       (unsigned long long)bytes, (unsigned long long)at, HOLE_bytes, HOLE_at);
    }
    emulator->mailbox_at = (uint16_t)at;
    emulator->mailbox_bytes = (uint16_t)bytes;
    rki_msp430_map(&emulator->core, HOLE_at, HOLE_bytes, true, true);
    return RK_OK;
}

static enum rk_err load(struct rk_emulator *emulator, const char *path, bool with_mailbox, struct rk_diag *diag)
{
    struct rk_elf_image *image;
    struct rki_msp430 *core = &emulator->core;
    enum rk_err err = rk_elf_open(&image, path, diag);
    if (err != RK_OK) {
        return err;
    }
    if (rk_elf_machine(image) != EM_MSP430) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: not a program for MSP430", path);
    } else if (with_mailbox || symbol(image, "rk_mailbox") != 0) {
        err = find_mailbox(emulator, image, path, diag);
    }
    if (err == RK_OK) {
        uint16_t end = symbol(image, "end");
        emulator->static_end = end >= RKI_RAM_at && end <= RKI_RAM_end ? end : RKI_RAM_at;
        emulator->heap_end_at = symbol(image, "rk_heap_end");
        emulator->heap_refused_at = symbol(image, "rk_heap_refused");
        rk_elf_load(image, RKI_INFORMATION_at, core->memory + RKI_INFORMATION_at, RKI_INFORMATION_bytes);
        core->program_end = (uint16_t)(RKI_FLASH_at + rk_elf_load(image, RKI_FLASH_at, core->memory + RKI_FLASH_at,
                                                                  RKI_VECTORS_at - RKI_FLASH_at));
        if (rk_elf_load(image, RKI_VECTORS_at, core->memory + RKI_VECTORS_at, VECTORS_bytes) < VECTORS_bytes) {
            err = rk_fail(diag, RK_ERR_INPUT, "%s: no reset vector at 0xfffe", path);
        }
    }
    if (err == RK_OK && emulator->heap_end_at != 0) {
        rki_msp430_watch(core, emulator->heap_end_at);
    }
    rk_elf_close(image);
    return err;
}

static void msp430_close(struct rk_emulator *emulator)
{
    if (emulator != NULL) {
        rki_nvm_list_free(&emulator->core.flash.nvm);
    }
    free(emulator);
}

static enum rk_err make(struct rk_emulator **emulator, const struct rk_device_profile *device, const char *image_path,
                        bool with_mailbox, struct rk_diag *diag)
{
    enum rk_err err = check_profile(device, diag);
    if (err != RK_OK) {
        return err;
    }
    struct rk_emulator *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    made->device = device;
    made->budget_cycles = BUDGET_cycles;
    rki_msp430_init(&made->core, device->clock_Hz);
    made->core.stop_when_still = true;
    err = load(made, image_path, with_mailbox, diag);
    if (err != RK_OK) {
        msp430_close(made);
        return err;
    }
    rki_msp430_power_up(made, false);
    *emulator = made;
    return RK_OK;
}

static enum rk_err msp430_open(struct rk_emulator **emulator, const struct rk_device_profile *device,
                               const char *image_path, struct rk_diag *diag)
{
    return make(emulator, device, image_path, true, diag);
}

/* ---- calls ---- */

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

/* Bytes of the mailbox: devices/firmware/mailbox.h. */
enum { MAGIC_at = 0, OPERATION_at = 2, RESULT_at = 3, FIELDS_at = 4, DATA_BYTES_at = 6, DATA_at = 8 };
_Static_assert(offsetof(struct rk_mailbox, result) == RESULT_at && offsetof(struct rk_mailbox, data) == DATA_at,
               "the layout of the mailbox");

static bool put_request(struct rk_emulator *emulator, const struct rk_call *call)
{
    uint8_t *mailbox = emulator->core.memory + emulator->mailbox_at;
    if (DATA_at + (unsigned)call->data_bytes > emulator->mailbox_bytes) {
        return false;
    }
    mailbox[OPERATION_at] = call->operation;
    put16(mailbox + FIELDS_at, call->fields);
    put16(mailbox + DATA_BYTES_at, call->data_bytes);
    memcpy(mailbox + DATA_at, call->data, call->data_bytes);
    return true;
}

/* out: false when the firmware left nonsense in the mailbox. */
static bool get_reply(struct rk_emulator *emulator, struct rk_call *call)
{
    const uint8_t *mailbox = emulator->core.memory + emulator->mailbox_at;
    uint16_t bytes = get16(mailbox + DATA_BYTES_at);
    if (DATA_at + (unsigned)bytes > emulator->mailbox_bytes) {
        return false;
    }
    call->result = (int8_t)mailbox[RESULT_at];
    call->fields = get16(mailbox + FIELDS_at);
    call->data_bytes = bytes;
    memcpy(call->data, mailbox + DATA_at, bytes);
    call->cost = rki_msp430_cost(emulator, RK_REGION_OPERATION);
    return true;
}

static enum rk_call_status gone_wrong(struct rk_emulator *emulator, const char *what)
{
    emulator->power = RKI_POWER_CRASHED;
    snprintf(emulator->reason, sizeof emulator->reason, "%s", what);
    return RK_CALL_CRASHED;
}

static enum rk_call_status boot(struct rk_emulator *emulator)
{
    enum rki_msp430_event event;
    enum rk_call_status status =
        rki_msp430_run_program(emulator, emulator->core.cycles + emulator->budget_cycles, RKI_HANGS, &event);
    if (status != RK_CALL_OK) {
        return status;
    }
    if (event != RKI_EVENT_WAIT || get16(emulator->core.memory + emulator->mailbox_at) != RK_MAILBOX_MAGIC) {
        return gone_wrong(emulator, "ended instead of waiting for a request");
    }
    emulator->booted = true;
    if (!emulator->first_wait.taken) {
        rki_msp430_snapshot_take(emulator, &emulator->first_wait);
    }
    return RK_CALL_OK;
}

/* Requests for heap that met the stack since the boot: devices/firmware/libc/sbrk.c. */
static uint16_t refusals(const struct rk_emulator *emulator)
{
    return emulator->heap_refused_at != 0 ? get16(emulator->core.memory + emulator->heap_refused_at) : 0;
}

/* The part of a call until the last visit. */
static enum rk_call_status run_visited(struct rk_emulator *emulator, enum rki_msp430_event *event)
{
    enum rk_call_status status = RK_CALL_OK;
    *event = RKI_EVENT_NONE;
    while (status == RK_CALL_OK && *event == RKI_EVENT_NONE && emulator->visit != NULL) {
        status = rki_msp430_run_program(emulator, emulator->core.flash.call_at + emulator->visit_at, RKI_PAUSE, event);
        if (status == RK_CALL_OK && *event == RKI_EVENT_NONE) {
            emulator->visit_at = emulator->visit(emulator->visit_context, emulator->visit_at);
        }
        if (emulator->visit_at == 0) {
            emulator->power = RKI_POWER_CUT;
            status = RK_CALL_POWER_CUT;
        }
    }
    return status;
}

static enum rk_call_status msp430_call(struct rk_emulator *emulator, struct rk_call *call)
{
    enum rki_msp430_event event;
    enum rk_call_status status = RK_CALL_OK;
    if (emulator->power != RKI_POWER_ON) {
        return RK_CALL_CRASHED; /* until reset; the reason stays that of the call that stopped it */
    }
    if (!emulator->booted) {
        status = boot(emulator);
    }
    if (status != RK_CALL_OK) {
        return status;
    }
    uint64_t cut_after = emulator->cut_after_cycles;
    uint64_t steps = cut_after != 0 ? cut_after : emulator->budget_cycles;
    emulator->cut_after_cycles = 0;
    memset(emulator->regions, 0, sizeof emulator->regions);
    if (!put_request(emulator, call)) {
        return gone_wrong(emulator, "the request is longer than the mailbox");
    }
    struct rki_flash *flash = &emulator->core.flash;
    uint16_t refused_before = refusals(emulator);
    flash->number = 0;
    flash->call_at = emulator->core.cycles;
    flash->nvm.count = 0;
    emulator->core.calls.count = 0;
    status = run_visited(emulator, &event);
    if (status == RK_CALL_OK && event == RKI_EVENT_NONE) {
        status = rki_msp430_run_program(emulator, flash->call_at + steps, cut_after != 0 ? RKI_CUT : RKI_HANGS, &event);
    }
    emulator->visit = NULL;
    flash->nvm.steps = emulator->core.cycles - flash->call_at;
    if (status == RK_CALL_OK && event == RKI_EVENT_EXIT) {
        return gone_wrong(emulator, "stopped itself (abort or exit)");
    }
    if (status == RK_CALL_OK && !get_reply(emulator, call)) {
        return gone_wrong(emulator, "the reply is longer than the mailbox");
    }
    call->heap_refused = refusals(emulator) != refused_before;
    if (status == RK_CALL_OK && call->result != 0 && call->heap_refused) {
        snprintf(emulator->reason, sizeof emulator->reason, "the heap met the stack: an allocation was refused");
        return RK_CALL_STACK_OVERFLOW;
    }
    return status;
}

static const char *msp430_reason(const struct rk_emulator *emulator)
{
    return emulator->reason;
}

static void msp430_power_cut_at(struct rk_emulator *emulator, uint64_t step)
{
    emulator->cut_after_cycles = step;
}

static void msp430_visit(struct rk_emulator *emulator, uint64_t step, rk_visit *visit, void *context)
{
    emulator->visit = visit;
    emulator->visit_context = context;
    emulator->visit_at = step;
}

static void msp430_open_calls(const struct rk_emulator *emulator, struct rk_open_calls *calls)
{
    *calls = emulator->core.calls;
    rki_calls_close(calls, emulator->core.r[RKI_SP] - 1u);
    calls->pc = emulator->core.r[RKI_PC];
}

static enum rk_err msp430_reset(struct rk_emulator *emulator, bool keep_ram)
{
    rki_msp430_power_up(emulator, keep_ram);
    return RK_OK;
}

static enum rk_err msp430_rewind(struct rk_emulator *emulator)
{
    if (emulator->first_wait.taken && emulator->power == RKI_POWER_ON) {
        rki_msp430_snapshot_restore(emulator, &emulator->first_wait);
    } else {
        rki_msp430_power_up(emulator, false);
    }
    return RK_OK;
}

static void msp430_nvm_watch(struct rk_emulator *emulator, bool on)
{
    emulator->core.flash.nvm.on = on;
}

static struct rk_nvm_log msp430_nvm_log(const struct rk_emulator *emulator)
{
    return rki_nvm_list_log(&emulator->core.flash.nvm);
}

static void *msp430_keep(const struct rk_emulator *emulator)
{
    struct rki_msp430_snapshot *kept = malloc(sizeof *kept);
    if (kept != NULL) {
        rki_msp430_snapshot_take(emulator, kept);
    }
    return kept;
}

static enum rk_err msp430_restore(struct rk_emulator *emulator, const void *kept)
{
    rki_msp430_snapshot_restore(emulator, kept);
    return RK_OK;
}

/* ---- measure ---- */

static enum rk_err msp430_measure(const struct rk_device_profile *device, const char *image_path,
                                  struct rk_region regions[RK_REGIONS_MAX], unsigned *count, struct rk_diag *diag)
{
    struct rk_emulator *emulator;
    enum rki_msp430_event event = RKI_EVENT_NONE;
    *count = 0;
    enum rk_err err = make(&emulator, device, image_path, false, diag);
    if (err != RK_OK) {
        return err;
    }
    enum rk_call_status status = rki_msp430_run_program(emulator, emulator->budget_cycles, RKI_HANGS, &event);
    for (unsigned id = 0; id < RK_REGIONS_MAX; id++) {
        if (emulator->regions[id].calls != 0) {
            regions[*count].id = (uint8_t)id;
            regions[*count].calls = emulator->regions[id].calls;
            regions[(*count)++].cost = rki_msp430_cost(emulator, id);
        }
    }
    if (status != RK_CALL_OK) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: %s", image_path, emulator->reason);
    } else if (event == RKI_EVENT_WAIT) {
        err =
            rk_fail(diag, RK_ERR_INPUT, "%s: waits for a request, expected a program that runs by itself", image_path);
    } else if (*count == 0) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: marks no region (devices/firmware/region.h)", image_path);
    }
    msp430_close(emulator);
    return err;
}

/* ---- memory ---- */

static size_t msp430_read(struct rk_emulator *emulator, enum rk_memory memory, uint32_t address, void *out,
                          size_t bytes)
{
    const struct rki_msp430 *core = &emulator->core;
    uint8_t registers[sizeof core->r];
    const uint8_t *base = registers;
    size_t size = sizeof registers;
    if (memory == RK_MEMORY_RAM) {
        base = core->memory + RKI_RAM_at;
        size = RKI_RAM_end - RKI_RAM_at;
    } else if (memory == RK_MEMORY_NVM) {
        base = core->memory + RKI_INFORMATION_at;
        size = RKI_INFORMATION_bytes;
    } else {
        for (unsigned i = 0; i < 16; i++) {
            put16(registers + 2 * (size_t)i, core->r[i]);
        }
    }
    if (address >= size) {
        return 0;
    }
    size_t take = bytes < size - address ? bytes : size - address;
    memcpy(out, base + address, take);
    return take;
}

static enum rk_err msp430_nvm_write(struct rk_emulator *emulator, uint32_t address, const void *in, size_t bytes)
{
    if (address > RKI_INFORMATION_bytes || bytes > RKI_INFORMATION_bytes - address) {
        return RK_ERR_INPUT;
    }
    memcpy(emulator->core.memory + RKI_INFORMATION_at + address, in, bytes);
    rki_msp430_forget(&emulator->core, (uint16_t)(RKI_INFORMATION_at + address), (unsigned)bytes);
    return RK_OK;
}

void rki_msp430_set_budget(struct rk_emulator *emulator, uint64_t cycles)
{
    emulator->budget_cycles = cycles;
}

struct rki_msp430 *rki_msp430_of(struct rk_emulator *emulator)
{
    return &emulator->core;
}

static const char *msp430_version(void)
{
    return "rekeylab msp430 1";
}

/* Instructions are counted, not classed: the cycle model is exact without classes. */
static const char *msp430_class_name(unsigned index)
{
    (void)index;
    return NULL;
}

const struct rk_emulator_driver rk_emulator_msp430 = {
    .name = "msp430",
    .open = msp430_open,
    .call = msp430_call,
    .reason = msp430_reason,
    .power_cut_at = msp430_power_cut_at,
    .visit = msp430_visit,
    .open_calls = msp430_open_calls,
    .nvm_watch = msp430_nvm_watch,
    .nvm_log = msp430_nvm_log,
    .keep = msp430_keep,
    .restore = msp430_restore,
    .reset = msp430_reset,
    .rewind = msp430_rewind,
    .measure = msp430_measure,
    .read = msp430_read,
    .nvm_write = msp430_nvm_write,
    .version = msp430_version,
    .class_name = msp430_class_name,
    .close = msp430_close,
};
