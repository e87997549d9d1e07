/* devices/emulators/emulator.h - one emulated device that runs one firmware image
 *
 * Model:   a call puts a request into the device's mailbox, runs the device until it waits again, and returns the reply
 *          with what the region cost. The device keeps its RAM and NVM between calls.
 * Units:   cycles of the device's clock; bytes. Host time is never reported.
 * Error:   cycles_low..cycles_high bounds the cycle model (equal where the emulator is cycle exact).
 * Threads: one emulator belongs to one thread at a time.
 */
#ifndef DEVICES_EMULATORS_EMULATOR_H
#define DEVICES_EMULATORS_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"
#include "engine/core/profile.h"

enum { RK_CLASSES_MAX = 64, RK_CALL_DATA_bytes = 4096 };

struct rk_measure {
    uint64_t cycles;     /* of the measured region, calibrated: an empty region is 0 */
    uint64_t cycles_low; /* bound of the cycle model */
    uint64_t cycles_high;
    uint64_t instructions; /* 0 where the emulator does not count them: has_instructions is false */
    bool has_instructions;
    bool has_cycles; /* false on host: never a cycle figure from host time */
    bool has_stack;
    uint32_t stack_bytes; /* deepest below the region's entry */
    uint32_t heap_bytes;  /* how far the heap reached above static data in the region, with what was allocated
                             before, headers and gaps; on the host the most that blocks alive took */
    uint32_t nvm_write_bytes;
    uint64_t nvm_busy_ns;                 /* time the NVM was busy writing, the CPU waiting: not part of cycles */
    uint64_t class_count[RK_CLASSES_MAX]; /* instructions by class, names from rk_emulator_class_name() */
};

/* Fields are laid out as in devices/firmware/mailbox.h. */
struct rk_call {
    uint8_t operation; /* enum rk_operation */
    uint16_t fields;
    uint16_t data_bytes;
    uint8_t data[RK_CALL_DATA_bytes];
    int8_t result;     /* out: enum rk_crypto */
    bool heap_refused; /* out: an allocation met the stack */
    struct rk_measure cost;
};

/* What stopped a call that did not come back. */
enum rk_call_status {
    RK_CALL_OK = 0,
    RK_CALL_CRASHED,        /* fault, illegal instruction, wild access: rk_emulator_reason() says which */
    RK_CALL_STACK_OVERFLOW, /* stack met heap or static data, or an allocation would have: does not fit: ram */
    RK_CALL_TIMEOUT,        /* more than the cycle budget */
    RK_CALL_POWER_CUT,      /* stopped by power_cut_at */
};

/* What `measure` found of one region of a program. */
struct rk_region {
    uint8_t id;
    uint64_t calls;
    struct rk_measure cost; /* sum over the calls; stack_bytes is the deepest */
};

enum { RK_REGIONS_MAX = 256 };

enum rk_memory { RK_MEMORY_REGISTERS, RK_MEMORY_RAM, RK_MEMORY_NVM };

/* What an operation does to cells of NVM. */
enum rk_nvm_kind {
    RK_NVM_REWRITE, /* erases them, then programs them: EEPROM */
    RK_NVM_ERASE,   /* a page of flash, to 0xff */
    RK_NVM_PROGRAM, /* clears bits */
    RK_NVM_WHOLE,   /* old or new, never between: the memory's controller sees to that */
};

struct rk_nvm_event {
    uint64_t begin, end; /* a cut at a step from `begin` on finds it under way, from `end` on done */
    uint64_t stall;      /* further steps that it takes the part, which the emulator does not take (QEMU, host) */
    uint32_t address, bytes;
    uint8_t kind;     /* enum rk_nvm_kind */
    uint8_t value[8]; /* what the cells hold then; not of an erasure */
};

/* Operations on NVM of one call, in their order. */
struct rk_nvm_log {
    const struct rk_nvm_event *event;
    size_t count;
    uint64_t steps; /* of the whole call: a cut at this one or later does not happen */
};

/* Where a power cut may find an operation: its time in so many equal parts. */
enum { RK_NVM_PHASES = 3 };

enum { RK_OPEN_CALLS_MAX = 64 };

/* Functions that are under way: where each of their calls returns to, outermost first, and `at`, the address that the
 * linker gives the lowest byte of this return address on the stack; 0: not known, it may be in a register still. */
struct rk_open_calls {
    uint64_t pc; /* of the next instruction */
    unsigned count;
    struct rk_open_call {
        uint64_t returns_to, at;
    } call[RK_OPEN_CALLS_MAX]; /* the outermost, where there are more */
};

/* Looks at a device in the middle of a call, as it is at the first instruction at or after `step` (as of power_cut_at).
 * It may use read() and open_calls(). out: a later step to look at next; 0: the power fails here. */
typedef uint64_t rk_visit(void *context, uint64_t step);

struct rk_emulator;

struct rk_emulator_driver {
    const char *name; /* "simavr" */
    enum rk_err (*open)(struct rk_emulator **emulator, const struct rk_device_profile *device, const char *image_path,
                        struct rk_diag *diag);
    enum rk_call_status (*call)(struct rk_emulator *emulator, struct rk_call *call);
    const char *(*reason)(const struct rk_emulator *emulator); /* one line on the last call that was not OK */
    /* Arms a power cut at exactly this many cycles (simavr), instructions (QEMU) or NVM bytes (host) after the next
     * call's start; 0 disarms. After a cut or a crash a device does nothing until it is reset. */
    void (*power_cut_at)(struct rk_emulator *emulator, uint64_t step);
    /* The armed cut finds the operation on NVM that ended at its step in this phase, 0..RK_NVM_PHASES - 1: for operations
     * that stall the part and not the emulator. RK_NVM_PHASES: done. NULL where operations take steps of their own. */
    void (*power_cut_phase)(struct rk_emulator *emulator, unsigned phase);
    /* Has the next call visited, first at this step. NULL: cannot. */
    void (*visit)(struct rk_emulator *emulator, uint64_t step, rk_visit *visit, void *context);
    /* For a visit: the calls under way, since the device waited last. NULL where visit is. */
    void (*open_calls)(const struct rk_emulator *emulator, struct rk_open_calls *calls);
    /* Whether operations on NVM are logged from the next call on; at first they are not. */
    void (*nvm_watch)(struct rk_emulator *emulator, bool on);
    /* Of the last call that came back; valid until the next one. */
    struct rk_nvm_log (*nvm_log)(const struct rk_emulator *emulator);
    /* The state in which the device waits now, RAM and registers without the NVM, to be freed by the caller; restore goes
     * back to it from any other, on any emulator of the same image. keep: NULL without memory. Both NULL: cannot. */
    void *(*keep)(const struct rk_emulator *emulator);
    enum rk_err (*restore)(struct rk_emulator *emulator, const void *kept);
    enum rk_err (*reset)(struct rk_emulator *emulator, bool keep_ram); /* reboot; NVM is kept */
    /* Back to the state in which the device first waited after its boot: RAM and registers; NVM is kept. The same as
     * reset(false) in every figure, and a hundred times faster. A device that crashed is rebooted. */
    enum rk_err (*rewind)(struct rk_emulator *emulator);
    /* Runs any program from its reset to RK_REGION_EXIT(), the end of main(), or the budget of cycles, and gives the
     * cost of each region by id, ascending. No mailbox is needed. NULL where the emulator cannot.
     * errors: RK_ERR_INPUT for a program that is none of this device's, crashes, does not end, or marks no region. */
    enum rk_err (*measure)(const struct rk_device_profile *device, const char *image_path,
                           struct rk_region regions[RK_REGIONS_MAX], unsigned *count, struct rk_diag *diag);
    /* Reads memory while the device waits or is cut. in: address from the start of that memory, whatever address the
     * device sees it at. out: bytes read (short at the end of the memory; 0 where the device has no such memory). */
    size_t (*read)(struct rk_emulator *emulator, enum rk_memory memory, uint32_t address, void *out, size_t bytes);
    enum rk_err (*nvm_write)(struct rk_emulator *emulator, uint32_t address, const void *in, size_t bytes);
    const char *(*version)(void);              /* of the emulator */
    const char *(*class_name)(unsigned index); /* NULL past the last */
    void (*close)(struct rk_emulator *emulator);
};

/* Drivers, chosen by `emulator:` of device.yaml. out: NULL when there is none of that name. */
const struct rk_emulator_driver *rk_emulator_driver_find(const char *name);

/* What a power cut leaves of NVM. in: image, all of it as it was at the call's start. out: image, as a cut at `step`
 * finds it, in `phase` for an operation that stalls (see power_cut_phase; RK_NVM_PHASES: done).
 * A cell under way: part of its bits are erased, it is erased, part are programmed; which bits depends on the address
 * and on the number of the operation in its call, evenly. On a page being erased: bits of each cell, whole words, most
 * bits. Source: erasing sets bits and programming clears them (ATmega1284P data sheet 8272, 8.4; SLAU049F, 5.3); that a
 * cut stops them part way, and at which bits, is assumed: no data sheet says more than that the cells are not valid. */
void rk_nvm_cut(const struct rk_nvm_log *log, uint64_t step, unsigned phase, uint8_t *image);

/* Helpers for building requests and reading replies. append returns false when data is full. */
bool rk_call_append(struct rk_call *call, const void *value, uint16_t bytes);
bool rk_call_field(const struct rk_call *call, unsigned index, const uint8_t **value, uint16_t *bytes);

#endif
