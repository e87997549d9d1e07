/* devices/emulators/simavr_device.c - instruction by instruction, with an eye on markers, stack, heap and power */
#include "devices/emulators/simavr_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <simavr/sim_core.h>

#include "devices/emulators/calls.h"
#include "devices/firmware/mailbox.h"

/* Addresses of devices/firmware/region.h. */
enum { START_REGISTER = 0xd9, STOP_REGISTER = 0xda, EVENT_REGISTER = 0xdb };
enum { EVENT_NONE = 0, EVENT_WAIT = 1, EVENT_EXIT = 2 };
/* What an empty region takes: the store that starts it. */
enum { MARKER_cycles = 2, MARKER_instructions = 1 };
enum { LONGEST_STEP_cycles = 16 };

/* ---- markers ---- */

uint16_t rki_simavr_stack_pointer(const avr_t *avr)
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
    emulator->in_region = true;
    emulator->region_id = id;
    emulator->stack_entry = rki_simavr_stack_pointer(avr);
    emulator->stack_low = emulator->stack_entry;
    emulator->heap_high = heap_end(emulator);
    totals(emulator, &emulator->at_start);
}

static void region_stopped(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context)
{
    struct rk_emulator *emulator = context;
    struct region now;
    struct region *sum = &emulator->region[emulator->region_id];
    const struct region *before = &emulator->at_start;
    (void)avr;
    (void)address;
    (void)value;
    if (!emulator->in_region) {
        return;
    }
    totals(emulator, &now);
    sum->calls++;
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

void rki_simavr_attach_markers(struct rk_emulator *emulator)
{
    avr_register_io_write(emulator->avr, START_REGISTER, region_started, emulator);
    avr_register_io_write(emulator->avr, STOP_REGISTER, region_stopped, emulator);
    avr_register_io_write(emulator->avr, EVENT_REGISTER, event_raised, emulator);
}

/* ---- running ---- */

static uint16_t opcode(const avr_t *avr)
{
    return (uint16_t)(avr->flash[avr->pc] | avr->flash[avr->pc + 1] << 8);
}

/* Nothing is between the RAM and the mailbox, and nothing may have written there. */
static bool gap_is_untouched(const struct rk_emulator *emulator)
{
    const uint8_t *gap = emulator->avr->data + emulator->ram_end + 1;
    size_t bytes = (size_t)MAILBOX_BASE - emulator->ram_end - 1;
    return gap[0] == 0 && memcmp(gap, gap + 1, bytes - 1) == 0;
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

/* malloc returns, SP above what it was at its entry: avr-libc refuses by NULL, in r24 and r25. */
static void watch_malloc(struct rk_emulator *emulator)
{
    const avr_t *avr = emulator->avr;
    if (avr->pc == emulator->malloc_at) {
        emulator->malloc_entry = emulator->stack_pointer;
    } else if (emulator->malloc_entry != 0 && emulator->stack_pointer > emulator->malloc_entry) {
        emulator->heap_refused = emulator->heap_refused || (avr->data[24] == 0 && avr->data[25] == 0);
        emulator->malloc_entry = 0;
    }
}

/* out: false when the stack has met what is below it. */
static bool watch_stack(struct rk_emulator *emulator)
{
    uint16_t now = rki_simavr_stack_pointer(emulator->avr);
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
    if (emulator->malloc_at != 0) {
        watch_malloc(emulator);
    }
    return now + 1 >= end && now <= emulator->ram_end; /* the lowest byte in use is at SP + 1; a large frame wraps */
}

/* After a call: RCALL to the next instruction is avr-gcc's way of taking two bytes of stack. */
static void follow_call(struct rk_emulator *emulator, uint16_t code, uint64_t at_pc)
{
    enum { RCALL_NEXT = 0xd000 };
    bool two_words = (code & 0xfe0e) == 0x940e; /* CALL */
    if (two_words || ((code & 0xf000) == 0xd000 && code != RCALL_NEXT) || code == 0x9509 || code == 0x9519) {
        rki_calls_open(&emulator->calls, at_pc + (two_words ? 4 : 2),
                       DATA_SPACE_BASE + rki_simavr_stack_pointer(emulator->avr) + 1u);
    }
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
        emulator->stopped_itself = true;
        return crashed(emulator, "stopped itself (abort or exit)");
    }
    watch_opcode(emulator, code);
    uint64_t writes = emulator->eeprom.writes;
    uint64_t at_pc = avr->pc;
    avr->run_cycle_count = 1; /* one instruction */
    avr->pc = avr_run_one(avr);
    emulator->instructions++;
    if (emulator->visit != NULL) {
        follow_call(emulator, code, at_pc);
    }
    if (emulator->eeprom.writes != writes) {
        rki_eeprom_begin(&emulator->eeprom, &emulator->nvm, emulator->call_at);
    }
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

enum rk_call_status rki_simavr_run(struct rk_emulator *emulator, uint64_t stop_at, enum rki_end end)
{
    bool cut = end == RKI_CUT;
    avr_t *avr = emulator->avr;
    uint8_t scratch[DATA_SPACE_bytes];
    uint64_t near_stop = stop_at > LONGEST_STEP_cycles ? stop_at - LONGEST_STEP_cycles : 0;
    enum rk_call_status status = RK_CALL_OK;
    emulator->event = EVENT_NONE;
    emulator->eeprom.limit_cycles = near_stop;
    while (status == RK_CALL_OK && emulator->event == EVENT_NONE) {
        if (avr->cycle >= stop_at && end == RKI_PAUSE) {
            return RK_CALL_OK;
        }
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
    if (status == RK_CALL_OK && !gap_is_untouched(emulator)) {
        return crashed(emulator, "wrote where the part has no memory");
    }
    return status;
}

void rki_simavr_keep(const struct rk_emulator *emulator, struct rki_snapshot *snapshot)
{
    const avr_t *avr = emulator->avr;
    memcpy(snapshot->data, avr->data, sizeof snapshot->data);
    memcpy(snapshot->sreg, avr->sreg, sizeof snapshot->sreg);
    snapshot->pc = avr->pc;
    snapshot->stack_pointer = emulator->stack_pointer;
}

void rki_simavr_restore(struct rk_emulator *emulator, const struct rki_snapshot *snapshot)
{
    avr_t *avr = emulator->avr;
    memcpy(avr->data, snapshot->data, sizeof snapshot->data);
    memcpy(avr->sreg, snapshot->sreg, sizeof snapshot->sreg);
    avr->pc = snapshot->pc;
    emulator->stack_pointer = snapshot->stack_pointer;
    emulator->stack_pointer_torn = false;
    emulator->malloc_entry = 0;
    emulator->in_region = false;
    emulator->booted = true;
}

enum rk_call_status rki_simavr_boot(struct rk_emulator *emulator)
{
    enum rk_call_status status = rki_simavr_run(emulator, emulator->avr->cycle + emulator->budget_cycles, RKI_HANGS);
    struct rk_mailbox mailbox;
    if (status != RK_CALL_OK) {
        return status;
    }
    memcpy(&mailbox, emulator->avr->data + emulator->mailbox_at, RK_MAILBOX_HEADER_bytes);
    if (emulator->event != EVENT_WAIT || mailbox.magic != RK_MAILBOX_MAGIC) {
        return crashed(emulator, "ended instead of waiting for a request");
    }
    emulator->booted = true;
    if (emulator->first_wait == NULL) {
        emulator->first_wait = malloc(sizeof *emulator->first_wait);
    }
    if (emulator->first_wait != NULL) {
        rki_simavr_keep(emulator, emulator->first_wait);
    }
    return RK_CALL_OK;
}

enum rk_call_status rki_simavr_run_out(struct rk_emulator *emulator)
{
    enum rk_call_status status = rki_simavr_run(emulator, emulator->avr->cycle + emulator->budget_cycles, RKI_HANGS);
    bool ended = status == RK_CALL_CRASHED && emulator->stopped_itself;
    if (status == RK_CALL_OK && emulator->event != EVENT_EXIT) {
        return crashed(emulator, "waits for a request, expected a program that runs by itself,");
    }
    return ended ? RK_CALL_OK : status;
}
