/* devices/emulators/qemu/count.h - what the plugin's two halves share: translation (plugin.c), execution (count.c)
 *
 * Model:  a segment is a straight run of instructions. Its counts are fixed at translation, and one callback runs when
 *         it is entered. What depends on the instruction executed before (pipelining, refill, the line of flash that is
 *         at hand) is decided there, between segments, by the same rules that apply within one; so the result does not
 *         depend on how QEMU cuts blocks, nor on `fine`.
 * Error:  a conditional branch to the instruction after it counts as not taken. Instructions that a fault cuts short
 *         are counted with their segment: such a call has no cost anyway. Interrupts are not told from branches.
 */
#ifndef DEVICES_EMULATORS_QEMU_COUNT_H
#define DEVICES_EMULATORS_QEMU_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/emulators/qemu/isa.h"
#include "devices/emulators/qemu/protocol.h"

/* Arguments of the plugin: protocol.h. */
struct rki_options {
    int control;
    struct rki_board *board;
    const struct rk_isa *isa;
    uint8_t *ram; /* NULL: not a file */
    uint64_t ram_bytes;
    uint64_t base, low, top, guest, code, flash, data_lines, line_bytes, nvm, nvm_bytes, nvm_block;
    bool v6m, end, fine, bare;
};

struct rki_segment {
    uint64_t start;
    uint64_t end; /* address after the last instruction */
    struct rk_insn head;
    struct rk_insn tail;
    uint64_t runs; /* in this region */
    uint32_t instructions;
    uint16_t count[RK_CYCLE_ITEMS];
    struct rki_segment *next;     /* of all */
    struct rki_segment *next_run; /* of those that ran in this region */
};

extern struct rki_options rki_option;

/* Items counted as they happen: between segments, and accesses to memory. */
extern uint64_t rki_event[RK_CYCLE_ITEMS];

extern struct rki_request rki_request;
extern bool rki_stepping; /* every instruction has a callback of its own */

/* A new segment that begins with `head`. Never NULL. */
struct rki_segment *rki_segment_new(uint64_t start, const struct rk_insn *head);

/* Counts one more instruction at the end of a segment, without what happens as it runs. */
void rki_segment_append(struct rki_segment *segment, const struct rk_insn *insn, uint64_t address);

/* Frees all segments; what they counted is kept. */
void rki_segments_drop(void);

/* --- callbacks of executed instructions: userdata as the plugin interface has it --------------------------------- */

void rki_run_segment(unsigned cpu, void *segment);
void rki_run_step(unsigned cpu, void *address);
void rki_run_call(unsigned cpu, void *returns_to);
void rki_run_start(unsigned cpu, void *id);
void rki_run_stop(unsigned cpu, void *address);
void rki_run_exit(unsigned cpu, void *unused);
void rki_run_foreign(unsigned cpu, void *address);
void rki_run_hang(unsigned cpu, void *address);

/* in: userdata, the bytes that the instruction takes off the stack. */
void rki_note_stack_pointer(unsigned cpu, uint32_t info, uint64_t address, void *bytes);

/* in: userdata, an item and, from bit 8 on, how often it is met. */
void rki_note_access(unsigned cpu, uint32_t info, uint64_t address, void *item);
void rki_note_load(unsigned cpu, uint32_t info, uint64_t address, void *unused);

/* Logs a store to NVM; instructions are being stepped. */
void rki_note_nvm(unsigned cpu, uint32_t info, uint64_t address, void *unused);

/* in: userdata, how far below the deepest store so far the address may be to be one of the stack. */
void rki_note_store(unsigned cpu, uint32_t info, uint64_t address, void *reach);

/* Tells that the firmware waits, and returns with the next request in rki_request. */
void rki_wait(void);

_Noreturn void rki_die(const char *what);

#endif
