/* devices/emulators/qemu/child.h - a QEMU process that cannot outlive us
 *
 * Model:  the child's messages, and the guest's RAM where /proc is mounted, are memory files without a name, so nothing
 *         is left on disk however we end. The child ends when its control socket closes, and is killed when the thread
 *         that started it ends: one thread opens and closes an emulator.
 */
#ifndef DEVICES_EMULATORS_QEMU_CHILD_H
#define DEVICES_EMULATORS_QEMU_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "devices/emulators/qemu/protocol.h"
#include "engine/core/err.h"

struct rki_child_setup {
    const char *machine; /* of -M */
    const char *image_path;
    uint64_t ram_base, ram_bytes; /* the machine's RAM */
    uint32_t stack_low, guest;    /* arguments `low` and `guest` of the plugin */
    int ram_file;
    const char *ram_path; /* the same file, as the child can open it */
    bool fine;            /* self-tests: every instruction its own segment */
    bool single_step;     /* self-tests: -singlestep */
    bool icount;          /* self-tests: -icount */
};

struct rki_child {
    pid_t pid;    /* 0: not running */
    int control;  /* our end of the socket */
    int messages; /* what it wrote to standard output and error */
};

enum rki_receive { RKI_RECEIVED, RKI_CHILD_ENDED, RKI_CHILD_STUCK };

/* Errors: RK_ERR_MISSING (no qemu-system-arm, no plugin), RK_ERR_EMULATOR. */
RK_MUST_CHECK enum rk_err rki_child_start(struct rki_child *child, const struct rki_child_setup *setup,
                                          struct rk_diag *diag);

/* A request to a child that has ended is noticed by the next rki_child_receive(). */
void rki_child_send(struct rki_child *child, const struct rki_request *request);

/* Waits up to guard_s of real time, a guard against a stuck emulator only. */
enum rki_receive rki_child_receive(struct rki_child *child, struct rki_reply *reply, unsigned guard_s);

/* Reads the child's last line of messages. in: room > 0. out: text, "" when it said nothing. */
void rki_child_last_message(const struct rki_child *child, char *text, size_t room);

/* Ends and reaps it; harmless when it is not running. */
void rki_child_stop(struct rki_child *child);

#endif
