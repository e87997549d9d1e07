/* devices/emulators/qemu/fetch.h - what a flash that is slower than the processor costs
 *
 * Model:  flash answers 1 + W cycles after it is asked, W = flash_wait_states, with a line of flash_width_bytes. The
 *         processor enters lines in three ways, each counted: in sequence, at the target of a taken branch (and the
 *         line after it, when the instruction there straddles the two), and to read data: literals and constant tables.
 *           prefetch 0  every entry waits W.
 *           prefetch 1  while a line's instructions run, the next line is fetched. A line in sequence waits for what
 *                       its predecessor's instructions do not cover: at best as long as the average line of this run
 *                       takes, at worst one cycle for each four bytes. Targets wait W; a read of data none to W.
 *           prefetch 2  a cache: none to what prefetch 1 costs at worst. The central figure takes one entry in eight
 *                       for a miss: loops hit, straight code does not.
 *         Where flash_data_lines says what the part keeps of data (lines.h), a read is told from another: none waits in
 *         a line at hand; in another one W, and with something fetched ahead up to W + 1 more, as the array reads one
 *         line at a time and finishes what it is at. Behind a cache it is at rest, mostly: the central figure is W.
 *         W = 0 adds nothing at all.
 * Units:  thousandths of a cycle.
 * Error:  the interval low..high. Not in it: conflicts for a bus where flash_data_lines is not said, code that runs
 *         from RAM (taken for code in flash), a line fetched twice because a branch was taken inside of it (counted as
 *         an entry, which is right without a line buffer and high with one).
 * Source: structure as the parts' reference manuals describe theirs (NVMCTRL of SAM D21, FLASH of STM32L1, the nRF52's
 *         instruction cache); the shares above are assumptions, inside the interval.
 */
#ifndef DEVICES_EMULATORS_QEMU_FETCH_H
#define DEVICES_EMULATORS_QEMU_FETCH_H

#include <stdint.h>

#include "devices/emulators/qemu/cycle_table.h"
#include "engine/core/profile.h"

/* Lines of 4, 8, 16 bytes entered on the way from one byte of code to a later one. */
struct rk_fetch_lines {
    uint16_t of4, of8, of16;
};

static inline struct rk_fetch_lines rk_fetch_lines(uint64_t from, uint64_t to)
{
    return (struct rk_fetch_lines){
        .of4 = (uint16_t)((to >> 2) - (from >> 2)),
        .of8 = (uint16_t)((to >> 3) - (from >> 3)),
        .of16 = (uint16_t)((to >> 4) - (from >> 4)),
    };
}

struct rk_fetch_cost {
    uint64_t low_m, central_m, high_m;
};

/* in: core_m, the run's central cycles at zero wait states; the device's flash_width_bytes is 4, 8 or 16. */
struct rk_fetch_cost rk_fetch_cost(const struct rk_device_profile *device, const uint64_t count[RK_CYCLE_ITEMS],
                                   uint64_t core_m);

#endif
