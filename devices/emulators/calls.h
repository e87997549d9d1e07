/* devices/emulators/calls.h - for drivers that see each instruction: where a run ends, which functions are under way
 *
 * Model: a function has returned, or was left in some other way, when the stack no longer reaches its return address.
 *        No return is looked at, so that leaving several frames at once is seen, too.
 */
#ifndef DEVICES_EMULATORS_CALLS_H
#define DEVICES_EMULATORS_CALLS_H

#include "devices/emulators/emulator.h"

/* What happens at the cycle at which a run is to stop. */
enum rki_end {
    RKI_HANGS, /* the program counts as hanging */
    RKI_CUT,   /* the power fails; an instruction that would end later is not done */
    RKI_PAUSE, /* nothing: the device can go on */
};

/* Those whose return address is at `address` or below have returned. */
static inline void rki_calls_close(struct rk_open_calls *calls, uint64_t address)
{
    while (calls->count > 0 && calls->call[calls->count - 1].at <= address) {
        calls->count--;
    }
}

/* A call, whose return address is now at `at`. */
static inline void rki_calls_open(struct rk_open_calls *calls, uint64_t returns_to, uint64_t at)
{
    rki_calls_close(calls, at);
    if (calls->count < RK_OPEN_CALLS_MAX) {
        calls->call[calls->count++] = (struct rk_open_call){.returns_to = returns_to, .at = at};
    }
}

#endif
