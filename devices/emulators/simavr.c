/* devices/emulators/simavr.c - ATmega in process, over libsimavr
 *
 * Everything an emulated device knows is in its struct rk_emulator; the library's only shared state is its logger, set
 * once. Interrupts are not delivered: the firmware polls, and simavr's interrupt entry is not cycle exact.
 */
#include "devices/emulators/simavr.h"

#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_core.h>

#include "devices/emulators/drivers.h"
#include "devices/firmware/elf_image.h"
#include "devices/emulators/simavr_eeprom.h"
#include "devices/firmware/mailbox.h"

/* Addresses of devices/firmware/region.h. */
enum { START_REGISTER = 0xd9, STOP_REGISTER = 0xda, EVENT_REGISTER = 0xdb };
enum { EVENT_NONE = 0, EVENT_WAIT = 1 };
/* What an empty region takes: the store that starts it. */
enum { MARKER_cycles = 2, MARKER_instructions = 1 };
enum { OPERATION_REGION = 0 };

enum {
    DATA_SPACE_bytes = 0x10000,
    DATA_SPACE_BASE = 0x800000,
    EEPROM_BASE = 0x810000,
    UNINITIALISED = 0xa5, /* RAM and registers after power-up, so that a run can be repeated */
    LONGEST_STEP_cycles = 16,
};

#define BUDGET_cycles 8000000000ull /* of one call, by default: the longest operation measured takes a tenth of it */

enum power { POWER_ON, POWER_CUT, POWER_CRASHED };

struct region {
    uint64_t cycles, instructions, nvm_writes, nvm_busy_cycles;
    uint16_t stack_bytes, heap_bytes;
};

struct rk_emulator {
    avr_t *avr;
    struct rki_eeprom eeprom;
    const struct rk_device_profile *device;
    uint16_t mailbox_at;
    uint16_t heap_end_at; /* address of avr-libc's __brkval; 0 when the image has no malloc */
    uint16_t static_end;
    uint32_t code_end;
    enum power power;
    bool booted;
    uint8_t event;
    bool stack_pointer_torn; /* between the writes to SPH and SPL */
    uint16_t stack_pointer;
    uint16_t stack_low; /* lowest in the region */
    uint16_t heap_high; /* highest end of the heap in the region */
    uint64_t instructions;
    uint64_t cut_after_cycles; /* 0: disarmed */
    uint64_t budget_cycles;
    bool in_region;
    uint16_t stack_entry;
    struct region at_start; /* totals when the region was entered */
    struct region measured; /* of this call */
    char reason[192];
};

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

/* ---- markers ---- */

static uint16_t stack_pointer(const avr_t *avr)
{
    return (uint16_t)(avr->data[R_SPL] | avr->data[R_SPH] << 8);
}

/* End of what is allocated: avr-libc moves __brkval up in malloc and down when the last block is freed. */
static uint16_t heap_end(const struct rk_emulator *emulator)
{
    const uint8_t *data = emulator->avr->data;
    uint16_t at = emulator->heap_end_at;
    uint16_t end = at != 0 ? (uint16_t)(data[at] | data[at + 1] << 8) : 0;
    return end > emulator->static_end ? end : emulator->static_end;
}

static void totals(const struct rk_emulator *emulator, struct region *now)
{
    now->cycles = emulator->avr->cycle;
    now->instructions = emulator->instructions;
    now->nvm_writes = emulator->eeprom.writes;
    now->nvm_busy_cycles = emulator->eeprom.busy_cycles;
}

static void region_started(avr_t *avr, avr_io_addr_t address, uint8_t id, void *context)
{
    struct rk_emulator *emulator = context;
    (void)address;
    emulator->in_region = id == OPERATION_REGION;
    emulator->stack_entry = stack_pointer(avr);
    emulator->stack_low = emulator->stack_entry;
    emulator->heap_high = heap_end(emulator);
    totals(emulator, &emulator->at_start);
}

static void region_stopped(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context)
{
    struct rk_emulator *emulator = context;
    struct region now;
    struct region *sum = &emulator->measured;
    const struct region *before = &emulator->at_start;
    (void)avr;
    (void)address;
    (void)value;
    if (!emulator->in_region) {
        return;
    }
    totals(emulator, &now);
    sum->cycles += now.cycles - before->cycles - MARKER_cycles;
    sum->instructions += now.instructions - before->instructions - MARKER_instructions;
    sum->nvm_writes += now.nvm_writes - before->nvm_writes;
    sum->nvm_busy_cycles += now.nvm_busy_cycles - before->nvm_busy_cycles;
    uint16_t depth = (uint16_t)(emulator->stack_entry - emulator->stack_low);
    if (depth > sum->stack_bytes) {
        sum->stack_bytes = depth;
    }
    uint16_t heap = (uint16_t)(emulator->heap_high - emulator->static_end);
    if (heap > sum->heap_bytes) {
        sum->heap_bytes = heap;
    }
    emulator->in_region = false;
}

static void event_raised(avr_t *avr, avr_io_addr_t address, uint8_t event, void *context)
{
    struct rk_emulator *emulator = context;
    (void)avr;
    (void)address;
    emulator->event = event;
}

/* ---- running ---- */

static uint16_t opcode(const avr_t *avr)
{
    return (uint16_t)(avr->flash[avr->pc] | avr->flash[avr->pc + 1] << 8);
}

static enum rk_call_status crashed(struct rk_emulator *emulator, const char *what)
{
    emulator->power = POWER_CRASHED;
    if (emulator->reason[0] == '\0') {
        snprintf(emulator->reason, sizeof emulator->reason, "%s at 0x%x", what, (unsigned)emulator->avr->pc);
    }
    return RK_CALL_CRASHED;
}

/* avr-gcc moves SP by writing SPH, then SREG, then SPL: in between SP is half old, half new. */
static void watch_opcode(struct rk_emulator *emulator, uint16_t code)
{
    enum { OUT_MASK = 0xfe0f, OUT_SPH = 0xbe0e, OUT_SPL = 0xbe0d };
    if ((code & OUT_MASK) == OUT_SPH) {
        emulator->stack_pointer_torn = true;
    } else if ((code & OUT_MASK) == OUT_SPL) {
        emulator->stack_pointer_torn = false;
    }
}

/* out: false when the stack has met what is below it. */
static bool watch_stack(struct rk_emulator *emulator)
{
    uint16_t now = stack_pointer(emulator->avr);
    if (now == emulator->stack_pointer || emulator->stack_pointer_torn) {
        return true;
    }
    emulator->stack_pointer = now;
    if (now < emulator->stack_low) {
        emulator->stack_low = now;
    }
    uint16_t end = heap_end(emulator); /* malloc and free move SP: their result is seen here at the latest */
    if (end > emulator->heap_high) {
        emulator->heap_high = end;
    }
    return now + 1 >= end; /* the lowest byte in use is at SP + 1 */
}

static enum rk_call_status step(struct rk_emulator *emulator)
{
    enum { RJMP_TO_ITSELF = 0xcfff };
    avr_t *avr = emulator->avr;
    if (avr->pc >= emulator->code_end) {
        return crashed(emulator, "left the program");
    }
    uint16_t code = opcode(avr);
    if (code == RJMP_TO_ITSELF) {
        return crashed(emulator, "stopped itself (abort or exit)");
    }
    watch_opcode(emulator, code);
    avr->run_cycle_count = 1; /* one instruction */
    avr->pc = avr_run_one(avr);
    emulator->instructions++;
    if (avr->state != cpu_Running || emulator->reason[0] != '\0') {
        return crashed(emulator, avr->state == cpu_Sleeping ? "sleeps with nothing to wake it" : "stopped");
    }
    if (avr->pc == 0) {
        return crashed(emulator, "jumped to the reset vector");
    }
    if (!watch_stack(emulator)) {
        emulator->power = POWER_CRASHED;
        snprintf(emulator->reason, sizeof emulator->reason, "stack at 0x%x met the heap or static data at 0x%x",
                 emulator->stack_pointer, heap_end(emulator));
        return RK_CALL_STACK_OVERFLOW;
    }
    return RK_CALL_OK;
}

/* Executes one instruction unless it would end after `stop_at`: then the device is as it was before it, at stop_at. */
static enum rk_call_status step_before(struct rk_emulator *emulator, uint64_t stop_at, uint8_t *scratch)
{
    avr_t *avr = emulator->avr;
    size_t bytes = (size_t)avr->ramend + 1;
    struct rk_emulator saved = *emulator;
    uint16_t cell =
        (uint16_t)((avr->data[saved.eeprom.address] | avr->data[saved.eeprom.address + 1] << 8) % saved.eeprom.bytes);
    uint8_t cell_value = saved.eeprom.cells[cell];
    uint32_t cell_wear = saved.eeprom.wear[cell];
    avr_flashaddr_t pc = avr->pc;
    uint8_t sreg[sizeof avr->sreg];
    memcpy(sreg, avr->sreg, sizeof sreg);
    memcpy(scratch, avr->data, bytes);
    enum rk_call_status status = step(emulator);
    if (avr->cycle <= stop_at) {
        return status;
    }
    *emulator = saved;
    saved.eeprom.cells[cell] = cell_value;
    saved.eeprom.wear[cell] = cell_wear;
    memcpy(avr->data, scratch, bytes);
    memcpy(avr->sreg, sreg, sizeof sreg);
    avr->pc = pc;
    avr->state = cpu_Running;
    avr->cycle = stop_at;
    return RK_CALL_OK;
}

/* Runs until the firmware waits. cut: the power fails at exactly stop_at; otherwise stop_at is the cycle budget. */
static enum rk_call_status run(struct rk_emulator *emulator, uint64_t stop_at, bool cut)
{
    avr_t *avr = emulator->avr;
    uint8_t scratch[DATA_SPACE_bytes];
    uint64_t near_stop = stop_at > LONGEST_STEP_cycles ? stop_at - LONGEST_STEP_cycles : 0;
    enum rk_call_status status = RK_CALL_OK;
    emulator->event = EVENT_NONE;
    emulator->eeprom.limit_cycles = near_stop;
    while (status == RK_CALL_OK && emulator->event == EVENT_NONE) {
        if (avr->cycle >= stop_at) {
            if (cut) {
                rki_eeprom_cut(&emulator->eeprom);
                emulator->power = POWER_CUT;
                snprintf(emulator->reason, sizeof emulator->reason, "power cut at 0x%x", (unsigned)avr->pc);
                return RK_CALL_POWER_CUT;
            }
            (void)crashed(emulator, "still running after the cycle budget");
            return RK_CALL_TIMEOUT;
        }
        status = cut && avr->cycle > near_stop ? step_before(emulator, stop_at, scratch) : step(emulator);
    }
    return status;
}

static enum rk_call_status boot(struct rk_emulator *emulator)
{
    enum rk_call_status status = run(emulator, emulator->avr->cycle + emulator->budget_cycles, false);
    struct rk_mailbox mailbox;
    if (status != RK_CALL_OK) {
        return status;
    }
    memcpy(&mailbox, emulator->avr->data + emulator->mailbox_at, sizeof mailbox);
    if (emulator->event != EVENT_WAIT || mailbox.magic != RK_MAILBOX_MAGIC) {
        return crashed(emulator, "ended instead of waiting for a request");
    }
    emulator->booted = true;
    return RK_CALL_OK;
}

/* ---- the driver ---- */

static void power_up(struct rk_emulator *emulator, bool keep_ram)
{
    avr_t *avr = emulator->avr;
    avr_reset(avr);
    avr->state = cpu_Running;
    if (!keep_ram) {
        memset(avr->data, UNINITIALISED, 32);
        memset(avr->data + avr->ioend + 1, UNINITIALISED, (size_t)avr->ramend - avr->ioend);
    }
    emulator->power = POWER_ON;
    emulator->booted = false;
    emulator->in_region = false;
    emulator->stack_pointer_torn = false;
    emulator->stack_pointer = stack_pointer(avr);
    emulator->reason[0] = '\0';
}

/* simavr still stores after it has flagged an address beyond its RAM: give it the whole data space. */
static enum rk_err widen_data_space(avr_t *avr, struct rk_diag *diag)
{
    uint8_t *data = calloc(1, DATA_SPACE_bytes);
    if (data == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for an emulated device");
    }
    memcpy(data, avr->data, (size_t)avr->ramend + 1);
    free(avr->data);
    avr->data = data;
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
    enum rk_err err = rk_elf_open(&image, path, diag);
    if (err != RK_OK) {
        return err;
    }
    if (rk_elf_machine(image) != EM_AVR) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: not a program for AVR", path);
    } else if (!rk_elf_symbol(image, "rk_mailbox", &value, NULL)) {
        err = rk_fail(diag, RK_ERR_INPUT, "%s: no symbol rk_mailbox, expected an image of devices/firmware", path);
    } else {
        emulator->mailbox_at = (uint16_t)(value - DATA_SPACE_BASE);
        if (rk_elf_symbol(image, "_end", &value, NULL)) {
            emulator->static_end = (uint16_t)(value - DATA_SPACE_BASE);
        }
        if (rk_elf_symbol(image, "__brkval", &value, NULL)) {
            emulator->heap_end_at = (uint16_t)(value - DATA_SPACE_BASE);
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
        err = widen_data_space(avr, diag);
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
    avr_register_io_write(avr, START_REGISTER, region_started, emulator);
    avr_register_io_write(avr, STOP_REGISTER, region_stopped, emulator);
    avr_register_io_write(avr, EVENT_REGISTER, event_raised, emulator);
    err = load(emulator, path, diag);
    if (err == RK_OK) {
        power_up(emulator, false);
    }
    return err;
}

static enum rk_err simavr_open(struct rk_emulator **emulator, const struct rk_device_profile *device,
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

static void put_request(struct rk_emulator *emulator, const struct rk_call *call)
{
    struct rk_mailbox mailbox;
    uint8_t *at = emulator->avr->data + emulator->mailbox_at;
    memcpy(&mailbox, at, sizeof mailbox);
    mailbox.operation = call->operation;
    mailbox.fields = call->fields;
    mailbox.data_bytes = call->data_bytes;
    mailbox.heap_bytes = 0;
    memcpy(mailbox.data, call->data, sizeof mailbox.data);
    memcpy(at, &mailbox, sizeof mailbox);
}

static void get_reply(struct rk_emulator *emulator, struct rk_call *call)
{
    struct rk_mailbox mailbox;
    const struct rk_device_profile *device = emulator->device;
    const struct region *measured = &emulator->measured;
    memcpy(&mailbox, emulator->avr->data + emulator->mailbox_at, sizeof mailbox);
    call->result = mailbox.result;
    call->fields = mailbox.fields;
    call->data_bytes = mailbox.data_bytes;
    memcpy(call->data, mailbox.data, sizeof call->data);
    /* The port polls while the EEPROM is busy: that time is nvm_busy_ns, not work of the CPU as well. */
    uint64_t cycles = measured->cycles - (measured->nvm_busy_cycles < measured->cycles ? measured->nvm_busy_cycles : 0);
    uint64_t low = cycles * device->cycle_error_low_ppm / 1000000;
    uint64_t high = cycles * device->cycle_error_high_ppm / 1000000;
    call->cost = (struct rk_measure){
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

static enum rk_call_status simavr_call(struct rk_emulator *emulator, struct rk_call *call)
{
    enum rk_call_status status = RK_CALL_OK;
    if (emulator->power != POWER_ON) {
        return RK_CALL_CRASHED; /* until reset; the reason stays that of the call that stopped it */
    }
    if (!emulator->booted) {
        status = boot(emulator);
    }
    if (status != RK_CALL_OK) {
        return status;
    }
    uint64_t cut_after = emulator->cut_after_cycles;
    emulator->cut_after_cycles = 0;
    memset(&emulator->measured, 0, sizeof emulator->measured);
    put_request(emulator, call);
    status =
        run(emulator, emulator->avr->cycle + (cut_after != 0 ? cut_after : emulator->budget_cycles), cut_after != 0);
    if (status == RK_CALL_OK) {
        get_reply(emulator, call);
    }
    return status;
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
        size = (size_t)avr->ramend - avr->ioend;
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
    .reset = simavr_reset,
    .read = simavr_read,
    .nvm_write = simavr_nvm_write,
    .version = simavr_version,
    .class_name = simavr_class_name,
    .close = simavr_close,
};
