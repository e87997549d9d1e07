/* devices/emulators/qemu/lines.h - the lines of flash that are at hand for reads of data
 *
 * Model:   as many lines as the part keeps for data, the one read longest ago giving way to a new one: the read buffer
 *          of one line (SAM3X), the data cache of an ART accelerator, an instruction cache that holds data as well. Any
 *          line may stand anywhere. At a region's begin there is none, so that equal calls cost the same.
 * Error:   sets of few ways keep less; code in a cache that both share takes lines away.
 * Source:  RM0090 3.5.2 (STM32F4: eight lines of data, the least recently used is replaced).
 */
#ifndef DEVICES_EMULATORS_QEMU_LINES_H
#define DEVICES_EMULATORS_QEMU_LINES_H

#include <stdbool.h>
#include <stdint.h>

enum { RKI_LINES_MAX = 512 };

struct rki_lines {
    uint64_t line[RKI_LINES_MAX]; /* the one read last comes first */
    unsigned count;
};

/* in: line, an address over the width of a line; most, the lines that are kept, 1 to RKI_LINES_MAX.
 * out: whether the line was at hand. It is now. */
bool rki_lines_read(struct rki_lines *lines, uint64_t line, unsigned most);

#endif
