/* bench/powercut.h - cuts the power of a device in every part of its keys' lives, reboots it, and judges
 *
 * Model:   the device's agent runs in the emulated image, its peer here, on the same library. A script takes the pair
 *          through the transitions of a key's life. A cut may fall on any instant of any step of the device; what it
 *          leaves is the NVM alone. Emulators repeat themselves, so all instants between two changes of the NVM, and
 *          all of one phase of a change, leave the same: they are one class. One instant of each class is really cut,
 *          the device boots from what that left, with fresh entropy, and is judged; the others of the class share the
 *          verdict. That a class is one is not taken for granted: each real cut, and a sample of further instants, must
 *          leave the NVM that the log of operations tells; else the run ends with an error.
 * Verdict: after the reboot the device holds the key from before the step (old) or after it (new), or none where it had
 *          none or the step destroys it; never none otherwise (lost), never a key that was destroyed before the step,
 *          or suspended and is active (resurrected), and it exchanges messages with its peer both ways again, after a
 *          bounded number of tries and by itself (else lost, too). Over the whole branch, before and after the cut, no
 *          two different frames or NVM records have one (key, nonce), and no text is delivered twice (nonce_reuse,
 *          replayed).
 * Units:   an instant is a cycle (simavr, MSP430), an instruction (QEMU) or a byte written (host); an operation of the
 *          NVM that stalls a part under QEMU, or the host, lasts as many instants as the part's clock has in its time.
 * Error:   what a torn cell holds is assumed: rk_nvm_cut() in devices/emulators/emulator.h.
 */
#ifndef BENCH_POWERCUT_H
#define BENCH_POWERCUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/core/err.h"

enum rk_powercut_mode {
    RK_POWERCUT_WRITES,     /* before, in one phase of, and after each operation on NVM */
    RK_POWERCUT_LINEAR,     /* every N-th instant */
    RK_POWERCUT_RANDOM,     /* N instants */
    RK_POWERCUT_EXHAUSTIVE, /* all instants */
};

enum { RK_POWERCUT_PARTS_MAX = 16 };

/* What cuts of one kind came to. */
struct rk_powercut_count {
    uint64_t cuts, old_key, new_key, no_key, lost, resurrected, nonce_reuse, replayed;
    uint64_t torn; /* cuts that fell into an operation on NVM */
};

struct rk_powercut_part {
    const char *name; /* of the transition: "establish", "renew" */
    struct rk_powercut_count count;
};

struct rk_powercut_row {
    char device[32], backend[64], version[16], mechanism[16];
    char status[96]; /* "ok", or why nothing was cut */
    struct rk_powercut_count sum;
    uint64_t instants; /* of the script */
    uint64_t distinct; /* classes that were judged */
    uint64_t executed; /* cuts that were really made */
    uint64_t second;   /* of them in the reboot after a cut */
    struct rk_powercut_part part[RK_POWERCUT_PARTS_MAX];
    unsigned parts;
    char first[256]; /* the first violation; "" without */
};

struct rk_powercut_request {
    const char *device, *backend;
    uint8_t mechanism; /* enum rk_mechanism */
    uint8_t mode;      /* enum rk_powercut_mode */
    uint64_t n;        /* of linear and random */
    unsigned depth;    /* 2: the reboot after a cut is cut, too, at each of its operations on NVM */
    unsigned jobs;     /* threads; 0 for the cores */
    void (*progress)(void *context, unsigned done, unsigned total);
    void *progress_context;
};

/* out: *row. errors: those of rk_bench_measure(); RK_ERR_CHECK when a cut left another NVM than the log tells. */
RK_MUST_CHECK enum rk_err rk_powercut_run(const struct rk_powercut_request *request, struct rk_powercut_row *row,
                                          struct rk_diag *diag);

#endif
