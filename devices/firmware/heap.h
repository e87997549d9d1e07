/* devices/firmware/heap.h - how much heap a region needs
 *
 * Model:  malloc, calloc, realloc and free are wrapped at link time; what is allocated is counted with the allocator's
 *         header of one size_t a block. Padding and fragmentation are not: the figure is the sum of the live blocks.
 * Units:  bytes.
 */
#ifndef DEVICES_FIRMWARE_HEAP_H
#define DEVICES_FIRMWARE_HEAP_H

#include <stdint.h>

/* From here on the peak counts, beginning with what is allocated now. */
void rk_heap_watch(void);

/* out: the most that was allocated at once since rk_heap_watch(). */
uint32_t rk_heap_peak(void);

#endif
