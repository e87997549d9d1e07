/* devices/host/heap.h - how much heap a call needs on the host
 *
 * Model:  malloc, calloc, realloc and free are wrapped at link time; the figure is the largest sum of live blocks, each
 *         with a header of one size_t, what lived before the call included. A process's heap has no reach that means
 *         anything, so unlike on a device fragmentation is not in it. Counting costs instructions: on the host they are
 *         not measured. No device has this in its image: its emulator reads the end of the heap from outside.
 * Units:  bytes.
 */
#ifndef DEVICES_HOST_HEAP_H
#define DEVICES_HOST_HEAP_H

#include <stdint.h>

/* From here on the peak counts, beginning with what is allocated now. */
void rk_heap_watch(void);

/* out: the most that was allocated at once since rk_heap_watch(). */
uint32_t rk_heap_peak(void);

#endif
