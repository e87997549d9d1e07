/* devices/firmware/heap.h - how much heap a region needs
 *
 * Model:  AVR: the emulator reads the end of avr-libc's heap (__brkval) while the program runs, so that nothing is
 * added to what is measured; the figure is how far the heap reached, headers and fragmentation included. Elsewhere:
 * malloc, calloc, realloc and free are wrapped at link time; the figure is the largest sum of live blocks, each with a
 * header of one size_t. Counting takes some twenty instructions a call. Units:  bytes.
 */
#ifndef DEVICES_FIRMWARE_HEAP_H
#define DEVICES_FIRMWARE_HEAP_H

#include <stdint.h>

#ifdef __AVR__

static inline void rk_heap_watch(void)
{
}

static inline uint32_t rk_heap_peak(void)
{
    return 0;
}

#else

/* From here on the peak counts, beginning with what is allocated now. */
void rk_heap_watch(void);

/* out: the most that was allocated at once since rk_heap_watch(). */
uint32_t rk_heap_peak(void);

#endif

#endif
