/* devices/emulators/qemu_device.h - an ARM device in QEMU, as the driver's files share it
 *
 * Model: qemu.c opens a device, calls it and reads it; qemu_power.c cuts its power, keeps its NVM and starts it again.
 */
#ifndef DEVICES_EMULATORS_QEMU_DEVICE_H
#define DEVICES_EMULATORS_QEMU_DEVICE_H

#include "devices/emulators/emulator.h"
#include "devices/emulators/nvm.h"
#include "devices/emulators/qemu/child.h"
#include "devices/emulators/qemu/cycle_table.h"
#include "devices/emulators/qemu/machine.h"
#include "devices/emulators/qemu/memory.h"
#include "devices/emulators/qemu/protocol.h"
#include "devices/firmware/guest.h"
#include "devices/firmware/mailbox.h"

/* Real time after which a silent child is taken for stuck. Two billion instructions take seconds, minutes when stepped
 * on a busy machine; no result depends on it. */
enum { RKI_QEMU_GUARD_ms = 1800 * 1000 };

struct rk_emulator {
    struct rk_device_profile device;
    const struct rk_machine *machine;
    const struct rk_cycle_table *table;
    struct rki_child child;
    struct rki_child_setup setup;
    char *image_path;
    struct rki_memory ram_memory, board_memory;
    uint8_t *ram; /* ram_memory, mapped */
    struct rki_board *board;
    struct rk_mailbox *mailbox;
    size_t mailbox_data_bytes; /* how much it holds */
    struct rk_guest *guest;    /* NULL when the image has none */
    const uint8_t *registers;  /* as the program kept them at its wait: devices/firmware/inspect.h; NULL: it does not */
    uint64_t registers_bytes;
    uint8_t *nvm;        /* NULL when the image has no NVM window */
    uint8_t *first_wait; /* the device's RAM when the firmware first waited after its boot */
    uint64_t budget_instructions;
    uint64_t cut_at;
    unsigned cut_phase; /* of the next cut */
    rk_visit *visit;    /* of the next call, first at cut_at; NULL: none */
    void *visit_context;
    struct rki_nvm_list list;
    uint8_t *nvm_before; /* its cells at the call's start */
    bool waits;          /* the firmware waits for a request */
    bool paused;         /* by a power cut, in the middle of a call */
    char reason[256];
};

/* Starts the child and runs it to the firmware's first wait. */
enum rk_err rki_qemu_boot(struct rk_emulator *emulator, struct rk_diag *diag);

/* The power failed after so many instructions. An operation that this instruction starts, and an erasure that is not
 * complete, leave what the part would be left with. */
void rki_qemu_cut_nvm(struct rk_emulator *emulator, uint64_t steps);

/* Entries of the driver: devices/emulators/emulator.h. */
void rki_qemu_power_cut_at(struct rk_emulator *emulator, uint64_t step);
void rki_qemu_power_cut_phase(struct rk_emulator *emulator, unsigned phase);
void rki_qemu_visit(struct rk_emulator *emulator, uint64_t step, rk_visit *visit, void *context);
void rki_qemu_open_calls(const struct rk_emulator *emulator, struct rk_open_calls *calls);
void rki_qemu_nvm_watch(struct rk_emulator *emulator, bool on);
struct rk_nvm_log rki_qemu_nvm_log(const struct rk_emulator *emulator);
enum rk_err rki_qemu_nvm_write(struct rk_emulator *emulator, uint32_t address, const void *in, size_t bytes);
enum rk_err rki_qemu_reset(struct rk_emulator *emulator, bool keep_ram);
enum rk_err rki_qemu_rewind(struct rk_emulator *emulator);
void *rki_qemu_keep(const struct rk_emulator *emulator);
enum rk_err rki_qemu_restore(struct rk_emulator *emulator, const void *kept);

#endif
