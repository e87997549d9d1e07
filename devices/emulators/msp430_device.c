/* devices/emulators/msp430_device.c - a program's run between two events: regions, stack, heap, power */
#include "devices/emulators/msp430_device.h"

#include <stdio.h>
#include <string.h>

/* Addresses of devices/firmware/region.h. */
enum { START_MARKER = 0x1f0, STOP_MARKER = 0x1f2 };
enum { UNINITIALISED = 0xa5 };

/* ---- stack and heap ---- */

static uint16_t memory_word(const struct rki_msp430 *core, uint16_t address)
{
    return (uint16_t)(core->memory[address] | core->memory[address + 1] << 8);
}

/* What the stack must not reach. Before the start-up code has run, the heap's end is not yet known. */
static void look_at_heap(struct rk_emulator *emulator)
{
    uint16_t end = emulator->heap_end_at != 0 ? memory_word(&emulator->core, emulator->heap_end_at) : 0;
    emulator->heap_end = end > emulator->static_end ? end : emulator->static_end;
    if (emulator->heap_end > emulator->heap_high) {
        emulator->heap_high = emulator->heap_end;
    }
}

/* The core stops when SP is below the lowest seen in the region, or below what it must not reach. */
static void set_stack_watch(struct rk_emulator *emulator)
{
    uint16_t watch = emulator->stack_known ? emulator->heap_end : 0;
    if (emulator->open_region >= 0 && emulator->stack_low > watch) {
        watch = emulator->stack_low;
    }
    emulator->core.stack_watch = watch;
}

static enum rk_call_status stack_moved(struct rk_emulator *emulator)
{
    uint16_t now = emulator->core.r[RKI_SP];
    if (now < emulator->heap_end) {
        emulator->power = RKI_POWER_CRASHED;
        snprintf(emulator->reason, sizeof emulator->reason, "stack at 0x%04x met the heap or static data at 0x%04x",
                 now, emulator->heap_end);
        return RK_CALL_STACK_OVERFLOW;
    }
    emulator->stack_low = now;
    set_stack_watch(emulator);
    return RK_CALL_OK;
}

/* ---- regions ---- */

static void region_started(struct rk_emulator *emulator, unsigned id)
{
    const struct rki_msp430 *core = &emulator->core;
    emulator->open_region = (int)id;
    emulator->stack_entry = core->r[RKI_SP];
    emulator->stack_low = core->r[RKI_SP];
    emulator->heap_high = emulator->heap_end;
    emulator->at_start = (struct rki_msp430_region){.cycles = core->cycles,
                                                    .instructions = core->instructions,
                                                    .flash_bytes = core->flash.written_bytes,
                                                    .flash_cycles = core->flash.busy_cycles};
}

/* marker_cycles: of the store that ends the region, which is none of its work. */
static void region_stopped(struct rk_emulator *emulator, unsigned marker_cycles)
{
    const struct rki_msp430 *core = &emulator->core;
    if (emulator->open_region < 0) {
        return;
    }
    const struct rki_msp430_region *before = &emulator->at_start;
    struct rki_msp430_region *sum = &emulator->regions[emulator->open_region];
    uint16_t stack_bytes = (uint16_t)(emulator->stack_entry - emulator->stack_low);
    uint16_t heap_bytes = (uint16_t)(emulator->heap_high - emulator->static_end);
    sum->calls++;
    sum->cycles += core->cycles - before->cycles - marker_cycles;
    sum->instructions += core->instructions - before->instructions - 1;
    sum->flash_bytes += core->flash.written_bytes - before->flash_bytes;
    sum->flash_cycles += core->flash.busy_cycles - before->flash_cycles;
    sum->stack_bytes = stack_bytes > sum->stack_bytes ? stack_bytes : sum->stack_bytes;
    sum->heap_bytes = heap_bytes > sum->heap_bytes ? heap_bytes : sum->heap_bytes;
    emulator->open_region = -1;
}

static enum rki_msp430_event marker_written(struct rk_emulator *emulator, unsigned marker_cycles)
{
    const struct rki_msp430 *core = &emulator->core;
    enum rki_msp430_event event = RKI_EVENT_NONE;
    emulator->stack_known = true;
    look_at_heap(emulator);
    if (core->marker_address == START_MARKER) {
        region_started(emulator, core->marker_value % RK_REGIONS_MAX);
    } else if (core->marker_address == STOP_MARKER) {
        region_stopped(emulator, marker_cycles);
    } else if (core->marker_value == RKI_EVENT_WAIT || core->marker_value == RKI_EVENT_EXIT) {
        event = (enum rki_msp430_event)core->marker_value;
    }
    set_stack_watch(emulator);
    return event;
}

struct rk_measure rki_msp430_cost(const struct rk_emulator *emulator, unsigned region)
{
    const struct rki_msp430_region *measured = &emulator->regions[region];
    const struct rk_device_profile *device = emulator->device;
    uint64_t flash_cycles = measured->flash_cycles < measured->cycles ? measured->flash_cycles : measured->cycles;
    /* The CPU is held while flash is busy: that time is nvm_busy_ns, not work of the CPU as well. */
    uint64_t cycles = measured->cycles - flash_cycles;
    return (struct rk_measure){
        .cycles = cycles,
        .cycles_low = cycles - cycles * device->cycle_error_low_ppm / 1000000,
        .cycles_high = cycles + cycles * device->cycle_error_high_ppm / 1000000,
        .instructions = measured->instructions,
        .has_instructions = true,
        .has_cycles = true,
        .has_stack = true,
        .stack_bytes = measured->stack_bytes,
        .heap_bytes = measured->heap_bytes,
        .nvm_write_bytes = (uint32_t)measured->flash_bytes,
        .nvm_busy_ns = measured->flash_cycles * 1000000 / (device->clock_Hz / 1000),
    };
}

/* ---- running ---- */

static enum rk_call_status crashed(struct rk_emulator *emulator, const char *what)
{
    emulator->power = RKI_POWER_CRASHED;
    snprintf(emulator->reason, sizeof emulator->reason, "%s, before 0x%04x", what, emulator->core.r[RKI_PC]);
    return RK_CALL_CRASHED;
}

static enum rk_call_status limit_reached(struct rk_emulator *emulator, uint64_t stop_at, enum rki_end end)
{
    if (end == RKI_PAUSE) {
        return RK_CALL_OK;
    }
    if (end == RKI_HANGS) {
        (void)crashed(emulator, "still running after the cycle budget");
        return RK_CALL_TIMEOUT;
    }
    rki_flash_cut(&emulator->core, stop_at);
    emulator->core.cycles = stop_at;
    emulator->power = RKI_POWER_CUT;
    snprintf(emulator->reason, sizeof emulator->reason, "power cut at 0x%04x", emulator->core.r[RKI_PC]);
    return RK_CALL_POWER_CUT;
}

enum rk_call_status rki_msp430_run_program(struct rk_emulator *emulator, uint64_t stop_at, enum rki_end end,
                                           enum rki_msp430_event *event)
{
    struct rki_msp430 *core = &emulator->core;
    enum rk_call_status status = RK_CALL_OK;
    *event = RKI_EVENT_NONE;
    while (status == RK_CALL_OK && *event == RKI_EVENT_NONE) {
        unsigned last_cycles;
        switch (rki_msp430_run(core, stop_at, &last_cycles)) {
        case RKI_STOP_LIMIT:
            return limit_reached(emulator, stop_at, end);
        case RKI_STOP_MARKER:
            *event = marker_written(emulator, last_cycles);
            break;
        case RKI_STOP_WATCHED:
            look_at_heap(emulator);
            set_stack_watch(emulator);
            break;
        case RKI_STOP_STACK:
            status = stack_moved(emulator);
            break;
        case RKI_STOP_STILL:
            *event = RKI_EVENT_EXIT;
            break;
        case RKI_STOP_ASLEEP:
            return crashed(emulator, "sleeps with nothing to wake it");
        case RKI_STOP_FAULT:
            return crashed(emulator, core->fault);
        }
    }
    return status;
}

/* ---- power, and going back ---- */

void rki_msp430_power_up(struct rk_emulator *emulator, bool keep_ram)
{
    struct rki_msp430 *core = &emulator->core;
    rki_msp430_reset(core);
    if (!keep_ram) {
        for (unsigned i = RKI_CG + 1; i < 16; i++) {
            core->r[i] = UNINITIALISED << 8 | UNINITIALISED;
        }
        memset(core->memory + RKI_RAM_at, UNINITIALISED, RKI_RAM_end - RKI_RAM_at);
        rki_msp430_forget_ram(core);
    }
    emulator->power = RKI_POWER_ON;
    emulator->booted = false;
    emulator->stack_known = false;
    emulator->open_region = -1;
    emulator->heap_end = emulator->static_end;
    emulator->reason[0] = '\0';
}

void rki_msp430_snapshot_take(const struct rk_emulator *emulator, struct rki_msp430_snapshot *snapshot)
{
    const struct rki_msp430 *core = &emulator->core;
    snapshot->taken = true;
    memcpy(snapshot->r, core->r, sizeof snapshot->r);
    snapshot->heap_end = emulator->heap_end;
    snapshot->multiplier = core->multiplier;
    snapshot->watchdog = core->watchdog;
    snapshot->watchdog.started_at -= core->cycles;
    snapshot->control1 = core->flash.control1;
    snapshot->control2 = core->flash.control2;
    snapshot->control3 = core->flash.control3;
    memcpy(snapshot->peripherals, core->memory, sizeof snapshot->peripherals);
    memcpy(snapshot->ram, core->memory + RKI_RAM_at, sizeof snapshot->ram);
}

void rki_msp430_snapshot_restore(struct rk_emulator *emulator, const struct rki_msp430_snapshot *snapshot)
{
    struct rki_msp430 *core = &emulator->core;
    rki_msp430_power_up(emulator, false);
    memcpy(core->r, snapshot->r, sizeof snapshot->r);
    core->multiplier = snapshot->multiplier;
    core->watchdog = snapshot->watchdog;
    core->watchdog.started_at += core->cycles;
    core->flash.control1 = snapshot->control1;
    core->flash.control2 = snapshot->control2;
    core->flash.control3 = snapshot->control3;
    memcpy(core->memory, snapshot->peripherals, sizeof snapshot->peripherals);
    memcpy(core->memory + RKI_RAM_at, snapshot->ram, sizeof snapshot->ram);
    emulator->heap_end = snapshot->heap_end;
    emulator->booted = true;
    emulator->stack_known = true;
    set_stack_watch(emulator);
}
