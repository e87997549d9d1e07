/* devices/emulators/simavr.c - ATmega in process, over libsimavr: the driver
 *
 * The library's only shared state is its logger, set once.
 */
#include "devices/emulators/simavr.h"

#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/emulators/calls.h"
#include "devices/emulators/drivers.h"
#include "devices/emulators/simavr_device.h"
#include "devices/firmware/elf_image.h"
#include "devices/firmware/mailbox.h"
#include "devices/firmware/region.h"

enum {
    EEPROM_BASE = 0x810000,
    UNINITIALISED = 0xa5, /* RAM and registers after power-up, so that a run can be repeated */
};

#define BUDGET_cycles 8000000000ull /* of one call, by default: the longest operation measured takes a tenth of it */

/* ---- simavr's messages: the first error of a device is why it crashed; the rest is dropped ---- */

static void keep_error(avr_t *avr, const int level, const char *format, va_list arguments)
{
    struct rk_emulator *emulator = avr != NULL ? avr->custom.data : NULL;
    if (level != LOG_ERROR || emulator == NULL || emulator->reason[0] != '\0') {
        return;
    }
    char text[160];
    vsnprintf(text, sizeof text, format, arguments);
    size_t used = 0;
    for (const char *at = text; *at != '\0' && used + 1 < sizeof emulator->reason; at++) {
        if (*at == '\033') {
            at += strcspn(at, "m");
            if (*at == '\0') {
                break;
            }
        } else if (*at != '\n') {
            emulator->reason[used++] = *at;
        }
    }
    emulator->reason[used] = '\0';
}

static void set_logger(void)
{
    avr_global_logger_set(keep_error);
}

static void never_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr;
    (void)cycles;
}

/* ---- the driver ---- */

static void power_up(struct rk_emulator *emulator, bool keep_ram)
{
    avr_t *avr = emulator->avr;
    avr_reset(avr);
    avr->state = cpu_Running;
    if (!keep_ram) {
        memset(avr->data, UNINITIALISED, 32);
        memset(avr->data + avr->ioend + 1, UNINITIALISED, (size_t)emulator->ram_end - avr->ioend);
        memset(avr->data + emulator->ram_end + 1, 0, DATA_SPACE_bytes - emulator->ram_end - 1);
    }
    avr->data[R_SPL] = (uint8_t)emulator->ram_end;
    avr->data[R_SPH] = (uint8_t)(emulator->ram_end >> 8);
    emulator->power = POWER_ON;
    emulator->booted = false;
    emulator->stopped_itself = false;
    emulator->in_region = false;
    emulator->malloc_entry = 0;
    emulator->stack_pointer_torn = false;
    emulator->stack_pointer = rki_simavr_stack_pointer(avr);
    emulator->reason[0] = '\0';
}

/* simavr still stores after it has flagged an address beyond its RAM: give it the whole data space, and let the program
 * reach the mailbox. */
static enum rk_err widen_data_space(struct rk_emulator *emulator, struct rk_diag *diag)
{
    avr_t *avr = emulator->avr;
    uint8_t *data = calloc(1, DATA_SPACE_bytes);
    if (data == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    memcpy(data, avr->data, (size_t)avr->ramend + 1);
    free(avr->data);
    avr->data = data;
    emulator->ram_end = (uint16_t)avr->ramend;
    avr->ramend = MAILBOX_BASE + sizeof(struct rk_mailbox) - 1;
    return RK_OK;
}

static enum rk_err check_profile(const struct rk_device_profile *device, const avr_t *avr, struct rk_diag *diag)
{
    const struct {
        const char *name;
        uint64_t stated, emulated;
    } sizes[] = {
        {"ram", device->ram_bytes, (uint64_t)(avr->ramend - avr->ioend)},
        {"flash", device->flash_bytes, (uint64_t)avr->flashend + 1},
        {"nvm", device->nvm_bytes, (uint64_t)avr->e2end + 1},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i].stated != sizes[i].emulated) {
            return rk_fail(diag, RK_ERR_INPUT, "%s: %s is %llu bytes, expected the %llu of simavr's %s", device->path,
                           sizes[i].name, (unsigned long long)sizes[i].stated, (unsigned long long)sizes[i].emulated,
                           device->machine);
        }
    }
    return RK_OK;
}

static enum rk_err load(struct rk_emulator *emulator, const char *path, struct rk_diag *diag)
{
    struct rk_elf_image *image;
    avr_t *avr = emulator->avr;
    uint64_t value = 0;
    uint64_t bytes = 0;
    enum rk_err err = rk_elf_open(&image, path, diag);
    if (err != RK_OK) {
        return err;
    }
    if (rk_elf_machine(image) != EM_AVR) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: not a program for AVR", path);
    } else {
        if (rk_elf_symbol(image, "rk_mailbox", &value, &bytes) && bytes > RK_MAILBOX_HEADER_bytes) {
            emulator->mailbox_at = (uint16_t)(value - DATA_SPACE_BASE);
            emulator->mailbox_data_bytes = (uint16_t)(bytes - RK_MAILBOX_HEADER_bytes);
        }
        if (rk_elf_symbol(image, "_end", &value, NULL)) {
            emulator->static_end = (uint16_t)(value - DATA_SPACE_BASE);
        }
        if (rk_elf_symbol(image, "__brkval", &value, NULL)) {
            emulator->heap_end_at = (uint16_t)(value - DATA_SPACE_BASE);
        }
        if (rk_elf_symbol(image, "malloc", &value, NULL)) {
            emulator->malloc_at = (uint32_t)value;
        }
        emulator->code_end = (uint32_t)rk_elf_load(image, 0, avr->flash, (size_t)avr->flashend + 1);
        rk_elf_load(image, EEPROM_BASE, emulator->eeprom.cells, emulator->eeprom.bytes);
    }
    rk_elf_close(image);
    return err;
}

static void simavr_close(struct rk_emulator *emulator)
{
    if (emulator == NULL) {
        return;
    }
    if (emulator->avr != NULL) {
        avr_terminate(emulator->avr);
        free(emulator->avr);
    }
    free(emulator->first_wait);
    rki_nvm_list_free(&emulator->nvm);
    free(emulator->eeprom.cells);
    free(emulator->eeprom.wear);
    free(emulator);
}

static enum rk_err make(struct rk_emulator *emulator, const char *path, struct rk_diag *diag)
{
    const struct rk_device_profile *device = emulator->device;
    struct rki_eeprom *eeprom = &emulator->eeprom;
    avr_t *avr = avr_make_mcu_by_name(device->machine);
    if (avr == NULL) {
        return rk_fail(diag, RK_ERR_INPUT, "%s: simavr has no machine '%s'", device->path, device->machine);
    }
    emulator->avr = avr;
    avr->custom.data = emulator;
    avr_init(avr);
    avr->frequency = (uint32_t)device->clock_Hz;
    avr->sleep = never_sleep;
    enum rk_err err = check_profile(device, avr, diag);
    if (err == RK_OK) {
        err = widen_data_space(emulator, diag);
    }
    if (err != RK_OK) {
        return err;
    }
    eeprom->write_cycles = device->nvm_write_ns * (device->clock_Hz / 1000) / 1000000;
    eeprom->instructions = &emulator->instructions;
    rki_eeprom_attach(eeprom, avr);
    eeprom->cells = malloc(eeprom->bytes);
    eeprom->wear = calloc(eeprom->bytes, sizeof eeprom->wear[0]);
    if (eeprom->cells == NULL || eeprom->wear == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    memset(eeprom->cells, 0xff, eeprom->bytes);
    rki_simavr_attach_markers(emulator);
    err = load(emulator, path, diag);
    if (err == RK_OK) {
        power_up(emulator, false);
    }
    return err;
}

static enum rk_err open_program(struct rk_emulator **emulator, const struct rk_device_profile *device,
                                const char *image_path, struct rk_diag *diag)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_logger);
    struct rk_emulator *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    made->device = device;
    made->budget_cycles = BUDGET_cycles;
    enum rk_err err = make(made, image_path, diag);
    if (err != RK_OK) {
        simavr_close(made);
        return err;
    }
    *emulator = made;
    return RK_OK;
}

static enum rk_err simavr_open(struct rk_emulator **emulator, const struct rk_device_profile *device,
                               const char *image_path, struct rk_diag *diag)
{
    struct rk_emulator *made;
    enum rk_err err = open_program(&made, device, image_path, diag);
    if (err == RK_OK && made->mailbox_at < MAILBOX_BASE) {
        simavr_close(made);
        return rk_fail(diag, RK_ERR_INPUT, "%s: no symbol rk_mailbox beyond RAM, expected an image of devices/firmware",
                       image_path);
    }
    if (err == RK_OK) {
        *emulator = made;
    }
    return err;
}

/* out: false when the device's mailbox cannot hold it. */
static bool put_request(struct rk_emulator *emulator, const struct rk_call *call)
{
    struct rk_mailbox mailbox;
    uint8_t *at = emulator->avr->data + emulator->mailbox_at;
    if (call->data_bytes > emulator->mailbox_data_bytes) {
        return false;
    }
    memcpy(&mailbox, at, RK_MAILBOX_HEADER_bytes);
    mailbox.operation = call->operation;
    mailbox.fields = call->fields;
    mailbox.data_bytes = call->data_bytes;
    memcpy(at, &mailbox, RK_MAILBOX_HEADER_bytes);
    memcpy(at + RK_MAILBOX_HEADER_bytes, call->data, call->data_bytes);
    return true;
}

static void get_cost(const struct rk_emulator *emulator, const struct region *measured, struct rk_measure *cost)
{
    const struct rk_device_profile *device = emulator->device;
    /* The port polls while the EEPROM is busy: that time is nvm_busy_ns, not work of the CPU as well. */
    uint64_t cycles = measured->cycles - (measured->nvm_busy_cycles < measured->cycles ? measured->nvm_busy_cycles : 0);
    uint64_t low = cycles * device->cycle_error_low_ppm / 1000000;
    uint64_t high = cycles * device->cycle_error_high_ppm / 1000000;
    *cost = (struct rk_measure){
        .cycles = cycles,
        .cycles_low = cycles - low,
        .cycles_high = cycles + high,
        .instructions = measured->instructions,
        .has_instructions = true,
        .has_cycles = true,
        .has_stack = true,
        .stack_bytes = measured->stack_bytes,
        .heap_bytes = measured->heap_bytes,
        .nvm_write_bytes = (uint32_t)measured->nvm_writes,
        .nvm_busy_ns = measured->nvm_busy_cycles * 1000000 / (device->clock_Hz / 1000),
    };
}

/* out: false when the firmware left nonsense in the mailbox. */
static bool get_reply(const struct rk_emulator *emulator, struct rk_call *call)
{
    struct rk_mailbox mailbox;
    const uint8_t *at = emulator->avr->data + emulator->mailbox_at;
    memcpy(&mailbox, at, RK_MAILBOX_HEADER_bytes);
    if (mailbox.data_bytes > emulator->mailbox_data_bytes || mailbox.data_bytes > sizeof call->data) {
        return false;
    }
    call->result = mailbox.result;
    call->fields = mailbox.fields;
    call->data_bytes = mailbox.data_bytes;
    memcpy(call->data, at + RK_MAILBOX_HEADER_bytes, mailbox.data_bytes);
    return true;
}

/* The part of a call until the last visit. */
static enum rk_call_status run_visited(struct rk_emulator *emulator)
{
    enum rk_call_status status = RK_CALL_OK;
    emulator->event = 0;
    while (status == RK_CALL_OK && emulator->event == 0 && emulator->visit != NULL) {
        status = rki_simavr_run(emulator, emulator->call_at + emulator->visit_at, RKI_PAUSE);
        if (status == RK_CALL_OK && emulator->event == 0) {
            emulator->visit_at = emulator->visit(emulator->visit_context, emulator->visit_at);
        }
        if (emulator->visit_at == 0) {
            emulator->power = POWER_CUT;
            status = RK_CALL_POWER_CUT;
        }
    }
    return status;
}

static enum rk_call_status simavr_call(struct rk_emulator *emulator, struct rk_call *call)
{
    enum rk_call_status status = RK_CALL_OK;
    if (emulator->power != POWER_ON) {
        return RK_CALL_CRASHED; /* until reset; the reason stays that of the call that stopped it */
    }
    if (!emulator->booted) {
        status = rki_simavr_boot(emulator);
    }
    if (status != RK_CALL_OK) {
        return status;
    }
    uint64_t cut_after = emulator->cut_after_cycles;
    emulator->cut_after_cycles = 0;
    memset(emulator->region, 0, sizeof emulator->region);
    if (!put_request(emulator, call)) {
        snprintf(emulator->reason, sizeof emulator->reason, "the request is longer than the mailbox");
        return RK_CALL_CRASHED;
    }
    bool watched = emulator->nvm.on;
    emulator->call_at = emulator->avr->cycle;
    emulator->heap_refused = false;
    emulator->reason[0] = '\0';
    emulator->eeprom.number = 0;
    emulator->nvm.count = 0;
    emulator->nvm.on = watched && cut_after == 0; /* an instruction that a cut undoes is not to be logged */
    emulator->calls.count = 0;
    status = run_visited(emulator);
    if (status == RK_CALL_OK && emulator->event == 0) {
        status = rki_simavr_run(emulator, emulator->call_at + (cut_after != 0 ? cut_after : emulator->budget_cycles),
                                cut_after != 0 ? RKI_CUT : RKI_HANGS);
    }
    emulator->nvm.on = watched;
    emulator->visit = NULL;
    emulator->nvm.steps = emulator->avr->cycle - emulator->call_at;
    if (status != RK_CALL_OK) {
        return status;
    }
    if (!get_reply(emulator, call)) {
        snprintf(emulator->reason, sizeof emulator->reason, "the reply is longer than the mailbox");
        return RK_CALL_CRASHED;
    }
    call->heap_refused = emulator->heap_refused;
    if (call->result != 0 && call->heap_refused) {
        snprintf(emulator->reason, sizeof emulator->reason, "the heap met the stack: an allocation was refused");
        return RK_CALL_STACK_OVERFLOW;
    }
    get_cost(emulator, &emulator->region[RK_REGION_OPERATION], &call->cost);
    return RK_CALL_OK;
}

static enum rk_err simavr_measure(const struct rk_device_profile *device, const char *image_path,
                                  struct rk_region regions[RK_REGIONS_MAX], unsigned *count, struct rk_diag *diag)
{
    struct rk_emulator *emulator;
    enum rk_err err = open_program(&emulator, device, image_path, diag);
    *count = 0;
    if (err != RK_OK) {
        return err;
    }
    if (rki_simavr_run_out(emulator) != RK_CALL_OK) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: %s", image_path, emulator->reason);
    }
    for (unsigned id = 0; id < RK_REGIONS_MAX && err == RK_OK; id++) {
        if (emulator->region[id].calls > 0) {
            struct rk_region *region = &regions[(*count)++];
            *region = (struct rk_region){.id = (uint8_t)id, .calls = emulator->region[id].calls};
            get_cost(emulator, &emulator->region[id], &region->cost);
        }
    }
    simavr_close(emulator);
    if (err == RK_OK && *count == 0) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: no region, expected RK_REGION_START and RK_REGION_STOP", image_path);
    }
    return err;
}

void rki_simavr_set_budget(struct rk_emulator *emulator, uint64_t cycles)
{
    emulator->budget_cycles = cycles;
}

static const char *simavr_reason(const struct rk_emulator *emulator)
{
    return emulator->reason;
}

static void simavr_power_cut_at(struct rk_emulator *emulator, uint64_t step)
{
    emulator->cut_after_cycles = step;
}

static void simavr_visit(struct rk_emulator *emulator, uint64_t step, rk_visit *visit, void *context)
{
    emulator->visit = visit;
    emulator->visit_context = context;
    emulator->visit_at = step;
}

static void simavr_open_calls(const struct rk_emulator *emulator, struct rk_open_calls *calls)
{
    *calls = emulator->calls;
    rki_calls_close(calls, DATA_SPACE_BASE + emulator->stack_pointer);
    calls->pc = emulator->avr->pc;
}

static void simavr_nvm_watch(struct rk_emulator *emulator, bool on)
{
    emulator->nvm.on = on;
}

static struct rk_nvm_log simavr_nvm_log(const struct rk_emulator *emulator)
{
    return rki_nvm_list_log(&emulator->nvm);
}

static enum rk_err simavr_rewind(struct rk_emulator *emulator)
{
    if (emulator->first_wait == NULL || emulator->power != POWER_ON) {
        power_up(emulator, false);
    } else {
        rki_simavr_restore(emulator, emulator->first_wait);
    }
    return RK_OK;
}

static void *simavr_keep(const struct rk_emulator *emulator)
{
    struct rki_snapshot *kept = malloc(sizeof *kept);
    if (kept != NULL) {
        rki_simavr_keep(emulator, kept);
    }
    return kept;
}

static enum rk_err simavr_restore(struct rk_emulator *emulator, const void *kept)
{
    if (emulator->power != POWER_ON) {
        power_up(emulator, false);
    }
    rki_simavr_restore(emulator, kept);
    return RK_OK;
}

static enum rk_err simavr_reset(struct rk_emulator *emulator, bool keep_ram)
{
    power_up(emulator, keep_ram);
    return RK_OK;
}

static size_t simavr_read(struct rk_emulator *emulator, enum rk_memory memory, uint32_t address, void *out,
                          size_t bytes)
{
    const avr_t *avr = emulator->avr;
    const uint8_t *base = avr->data;
    size_t size = 32;
    if (memory == RK_MEMORY_RAM) {
        base = avr->data + avr->ioend + 1;
        size = (size_t)emulator->ram_end - avr->ioend;
    } else if (memory == RK_MEMORY_NVM) {
        base = emulator->eeprom.cells;
        size = emulator->eeprom.bytes;
    }
    if (address >= size) {
        return 0;
    }
    size_t take = bytes < size - address ? bytes : size - address;
    memcpy(out, base + address, take);
    return take;
}

static enum rk_err simavr_nvm_write(struct rk_emulator *emulator, uint32_t address, const void *in, size_t bytes)
{
    if (address > emulator->eeprom.bytes || bytes > emulator->eeprom.bytes - address) {
        return RK_ERR_INPUT;
    }
    memcpy(emulator->eeprom.cells + address, in, bytes);
    return RK_OK;
}

static const char *simavr_version(void)
{
    return "simavr " RK_SIMAVR_VERSION;
}

/* Instructions are counted, not classed: the cycle model is exact without classes. */
static const char *simavr_class_name(unsigned index)
{
    (void)index;
    return NULL;
}

const struct rk_emulator_driver rk_emulator_simavr = {
    .name = "simavr",
    .open = simavr_open,
    .call = simavr_call,
    .reason = simavr_reason,
    .power_cut_at = simavr_power_cut_at,
    .visit = simavr_visit,
    .open_calls = simavr_open_calls,
    .nvm_watch = simavr_nvm_watch,
    .nvm_log = simavr_nvm_log,
    .keep = simavr_keep,
    .restore = simavr_restore,
    .reset = simavr_reset,
    .rewind = simavr_rewind,
    .measure = simavr_measure,
    .read = simavr_read,
    .nvm_write = simavr_nvm_write,
    .version = simavr_version,
    .class_name = simavr_class_name,
    .close = simavr_close,
};
