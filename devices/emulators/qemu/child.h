/* devices/emulators/qemu/child.h - a QEMU process that cannot outlive us
 *
 * Model:  the child's messages are a memory file without a
 *         name, so nothing is left on disk however we end. The child ends when its control socket closes, and is
 *         killed when the thread that started it ends: one thread opens and closes an emulator.
 */
#ifndef DEVICES_EMULATORS_QEMU_CHILD_H
#define DEVICES_EMULATORS_QEMU_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "devices/emulators/qemu/machine.h"
#include "devices/emulators/qemu/memory.h"
#include "devices/emulators/qemu/protocol.h"
#include "engine/core/err.h"

struct rki_child_setup {
    const struct rk_machine *machine;
    const char *cpu; /* for a machine that takes one */
    const char *image_path;
    const struct rki_memory *ram; /* the machine's; NULL: of its own */
    const struct rki_memory *board;
    uint64_t stack_low, stack_top, guest, flash_bytes; /* `low`, `top`, `guest`, `flash` - `code` of the plugin */
    uint64_t data_lines, line_bytes;                   /* `lines`, `width` of the plugin */
    uint64_t nvm, nvm_bytes, nvm_block;                /* `nvm`, `nvmsize`, `nvmblock` of the plugin */
    uint64_t budget_instructions;                      /* until the first request */
    bool measures;    /* a program of anybody's: semihosting, faults logged, `end` of the plugin */
    bool v6m;         /* `v6m` of the plugin */
    bool fine;        /* self-tests: every instruction its own segment */
    bool bare;        /* the stack is left as the program leaves it: not painted, not watched */
    bool single_step; /* self-tests: -singlestep */
    bool icount;      /* self-tests: -icount */
};

struct rki_child {
    pid_t pid;    /* 0: not running */
    int control;  /* our end of the socket */
    int messages; /* what it wrote to standard output and error */
};

enum rki_receive { RKI_RECEIVED, RKI_CHILD_ENDED, RKI_CHILD_STUCK };

/* Errors: RK_ERR_MISSING (no QEMU, no plugin), RK_ERR_EMULATOR. */
RK_MUST_CHECK enum rk_err rki_child_start(struct rki_child *child, const struct rki_child_setup *setup,
                                          struct rk_diag *diag);

/* A request to a child that has ended is noticed by the next rki_child_receive(). */
void rki_child_send(struct rki_child *child, const struct rki_request *request);

/* Waits up to guard_ms of real time: a guard, no result depends on it. */
enum rki_receive rki_child_receive(struct rki_child *child, struct rki_reply *reply, int guard_ms);

/* Reads the child's last line of messages. in: room > 0. out: text, "" when it said nothing. */
void rki_child_last_message(const struct rki_child *child, char *text, size_t room);

/* All that it wrote; to be freed. out: NULL when there is no memory for it. */
char *rki_child_messages(const struct rki_child *child);

/* What it wrote, from the first occurrence of `sign` to its line's end. out: false when it did not. */
bool rki_child_said(const struct rki_child *child, const char *sign, char *text, size_t room);

/* A child that ended because its QEMU does not take our plugin. out: RK_ERR_MISSING with what is needed; RK_OK when it
 * ended for another reason. */
enum rk_err rki_child_refused(const struct rki_child *child, const char *program, struct rk_diag *diag);

/* Waits for a child that has closed its socket. out: its exit status, 128 + the signal that ended it. */
int rki_child_exit_status(struct rki_child *child);

/* Ends and reaps it; harmless when it is not running. */
void rki_child_stop(struct rki_child *child);

#endif
