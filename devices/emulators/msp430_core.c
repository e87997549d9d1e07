/* devices/emulators/msp430_core.c - reset, the run loop, interrupts, sleep */
#include "devices/emulators/msp430_internal.h"

#include <stdio.h>
#include <string.h>

enum { INTERRUPT_cycles = 6, RESET_cycles = 4, NOT_MASKABLE = 1 << RKI_VECTOR_NMI };

void rki_msp430_init(struct rki_msp430 *m, uint64_t clock_Hz)
{
    m->clock_Hz = clock_Hz;
    memset(m->memory + RKI_INFORMATION_at, 0xff, RKI_INFORMATION_bytes);
    memset(m->memory + RKI_FLASH_at, 0xff, RKI_FLASH_bytes);
    rki_msp430_map(m, RKI_MIRROR_at, RKI_MIRROR_bytes, true, true);
    rki_msp430_map(m, RKI_INFORMATION_at, RKI_INFORMATION_bytes, true, false);
    rki_msp430_map(m, RKI_RAM_at, RKI_RAM_end - RKI_RAM_at, true, true);
    rki_msp430_map(m, RKI_FLASH_at, RKI_FLASH_bytes, true, false);
    m->program_end = RKI_VECTORS_at;
    m->alarm_at = UINT64_MAX;
}

void rki_msp430_reset(struct rki_msp430 *m)
{
    rki_flash_cut(m, m->cycles);
    memset(m->r, 0, sizeof m->r);
    memset(m->memory, 0, RKI_PERIPHERALS_end);
    m->multiplier = (struct rki_multiplier){.mode = 0x30};
    rki_flash_reset(&m->flash);
    m->attention = 0;
    m->requested = 0;
    m->enabled_by_last = false;
    m->fault[0] = '\0';
    m->stack_watch = 0;
    m->cycles += RESET_cycles;
    m->watchdog = (struct rki_watchdog){.started_at = m->cycles};
    const uint8_t *vector = m->memory + RKI_VECTORS_at + 2 * RKI_VECTOR_RESET;
    m->r[RKI_PC] = (uint16_t)(vector[0] | vector[1] << 8) & 0xfffe;
}

void rki_msp430_fault(struct rki_msp430 *m, const char *what, uint16_t address)
{
    if ((m->attention & RKI_ATTEND_FAULT) == 0) {
        snprintf(m->fault, sizeof m->fault, "%s 0x%04x", what, address);
    }
    m->attention |= RKI_ATTEND_FAULT;
}

void rki_msp430_interrupt(struct rki_msp430 *m, unsigned vector)
{
    m->requested = (uint16_t)(m->requested | 1u << vector);
    m->attention |= RKI_ATTEND_STATUS;
}

void rki_msp430_interrupt_at(struct rki_msp430 *m, unsigned vector, uint64_t cycle)
{
    m->alarm_vector = (uint8_t)vector;
    m->alarm_at = cycle;
}

/* ---- interrupts and sleep ---- */

static bool is_off(const struct rki_msp430 *m)
{
    return (m->r[RKI_SR] & RKI_CPUOFF) != 0;
}

/* out: the vector to serve now, -1 for none. */
static int vector_due(const struct rki_msp430 *m)
{
    bool enabled = (m->r[RKI_SR] & RKI_GIE) != 0 && !m->enabled_by_last;
    unsigned ready = enabled ? m->requested : m->requested & NOT_MASKABLE;
    return ready != 0 ? 31 - __builtin_clz(ready) : -1;
}

/* PC and SR are pushed, SR is cleared. The request of the watchdog's interval timer is reset with it. */
static void enter(struct rki_msp430 *m, unsigned vector)
{
    uint16_t stack = m->r[RKI_SP];
    rki_msp430_store(m, (uint16_t)(stack - 2), m->r[RKI_PC], false);
    rki_msp430_store(m, (uint16_t)(stack - 4), m->r[RKI_SR], false);
    m->r[RKI_SP] = (uint16_t)(stack - 4);
    m->r[RKI_SR] = 0;
    m->r[RKI_PC] = rki_msp430_load(m, (uint16_t)(RKI_VECTORS_at + 2 * vector), false) & 0xfffe;
    m->requested = (uint16_t)(m->requested & ~(1u << vector));
    m->cycles += INTERRUPT_cycles;
    if (vector == RKI_VECTOR_WATCHDOG) {
        m->memory[0x02] &= 0xfe; /* IFG1.WDTIFG */
    }
}

static uint64_t earliest(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static void clocks(struct rki_msp430 *m)
{
    if (m->alarm_at <= m->cycles) {
        m->alarm_at = UINT64_MAX;
        rki_msp430_interrupt(m, m->alarm_vector);
    }
    if (rki_watchdog_due(m) <= m->cycles) {
        rki_watchdog_overflow(m);
    }
    rki_flash_settle(m);
}

/* ---- the run loop ---- */

/* Executes instructions until one asks for attention, one would end after `limit`, or SP passes stack_watch.
 * out: cycles of the last one; 0 when none was executed. */
static unsigned execute(struct rki_msp430 *m, uint64_t limit)
{
    unsigned cycles = 0;
    do {
        const struct rki_msp430_op *op = &m->ops[m->r[RKI_PC] / 2];
        if (__builtin_expect(op->execute == NULL, 0)) {
            if (m->cycles >= limit) {
                return cycles; /* what comes next need not be an instruction */
            }
            rki_msp430_decode(m, m->r[RKI_PC]);
            if ((m->attention & RKI_ATTEND_FAULT) != 0) {
                return cycles;
            }
        }
        if (m->cycles + op->cycles > limit) {
            return cycles;
        }
        cycles = op->cycles;
        m->cycles += cycles;
        m->instructions++;
        m->r[RKI_PC] = (uint16_t)(m->r[RKI_PC] + op->bytes);
        op->execute(m, op);
    } while (m->attention == 0 && m->r[RKI_SP] >= m->stack_watch);
    return cycles;
}

/* Takes the attention that the caller is told about. */
static bool taken(struct rki_msp430 *m, uint32_t attention)
{
    bool raised = (m->attention & attention) != 0;
    m->attention &= ~attention;
    return raised;
}

static uint64_t clocks_due(const struct rki_msp430 *m)
{
    return earliest(m->alarm_at, rki_watchdog_due(m));
}

/* The CPU is off: time passes until something asks for an interrupt. out: false when that is not before `limit`. */
static bool sleep_on(struct rki_msp430 *m, uint64_t limit, enum rki_msp430_stop *stop)
{
    uint64_t wake = clocks_due(m);
    if (wake == UINT64_MAX) {
        *stop = RKI_STOP_ASLEEP;
        return false;
    }
    if (wake > limit) {
        *stop = RKI_STOP_LIMIT;
        m->cycles = limit;
        return false;
    }
    m->cycles = wake;
    m->attention |= RKI_ATTEND_STATUS;
    return true;
}

/* Between two instructions: clocks, interrupts, sleep. out: false when the caller is to be told. */
static bool between(struct rki_msp430 *m, uint64_t limit, enum rki_msp430_stop *stop)
{
    bool off = is_off(m);
    clocks(m);
    m->attention &= ~(uint32_t)RKI_ATTEND_STATUS;
    m->enabled_by_last &= !off;
    int vector = vector_due(m);
    if (vector >= 0) {
        if (m->cycles + INTERRUPT_cycles > limit) {
            m->attention |= RKI_ATTEND_STATUS; /* when the run goes on */
            *stop = RKI_STOP_LIMIT;
            return false;
        }
        enter(m, (unsigned)vector);
        return true;
    }
    if (m->enabled_by_last) {
        m->attention |= RKI_ATTEND_STATUS; /* looked at again after one more instruction */
    }
    return !off || sleep_on(m, limit, stop);
}

/* What else the last instruction asks for. out: false when the caller is to be told. */
static bool attend(struct rki_msp430 *m, enum rki_msp430_stop *stop)
{
    if ((m->attention & RKI_ATTEND_FAULT) != 0) {
        *stop = RKI_STOP_FAULT;
    } else if (taken(m, RKI_ATTEND_WATCHED)) {
        *stop = RKI_STOP_WATCHED;
    } else if (m->r[RKI_SP] < m->stack_watch) {
        *stop = RKI_STOP_STACK;
    } else if (taken(m, RKI_ATTEND_STILL)) {
        *stop = RKI_STOP_STILL;
    } else if (taken(m, RKI_ATTEND_MARKER)) {
        *stop = RKI_STOP_MARKER;
    } else {
        return true;
    }
    return false;
}

/* Executes up to `limit` or what is due before it, and then the one instruction during which it falls due.
 * out: cycles of the last instruction; 0 when none fits before the limit. */
static unsigned execute_until_due(struct rki_msp430 *m, uint64_t limit)
{
    uint64_t due = clocks_due(m);
    unsigned cycles = execute(m, earliest(limit, due));
    if (cycles == 0 && m->attention == 0 && due < limit) {
        m->attention |= RKI_ATTEND_STATUS;
        cycles = execute(m, limit);
    }
    return cycles;
}

enum rki_msp430_stop rki_msp430_run(struct rki_msp430 *m, uint64_t limit, unsigned *last_cycles)
{
    enum rki_msp430_stop stop = RKI_STOP_FAULT;
    *last_cycles = 0;
    m->limit = limit;
    rki_flash_hold(m);
    while (attend(m, &stop)) {
        bool look = m->attention != 0 || is_off(m) || clocks_due(m) <= m->cycles;
        if (look && !between(m, limit, &stop)) {
            return stop;
        }
        if (is_off(m) || (m->attention & RKI_ATTEND_FAULT) != 0) {
            continue;
        }
        if (m->flash.held) {
            return RKI_STOP_LIMIT; /* the CPU waits for flash beyond it */
        }
        bool shielded = m->enabled_by_last;
        unsigned cycles = execute_until_due(m, limit);
        if (cycles != 0) {
            *last_cycles = cycles;
            m->enabled_by_last = m->enabled_by_last && !shielded;
        } else if ((m->attention & RKI_ATTEND_FAULT) == 0) {
            return RKI_STOP_LIMIT;
        }
    }
    return stop;
}
