/* devices/firmware/libc/sbrk.c - the heap between static data and stack
 *
 * For a device whose start-up code has no _sbrk of its own. The linker script gives `end`, the first byte after static
 * data. The emulator reads rk_heap_end and rk_heap_refused by their symbols.
 */
#include "devices/firmware/libc/heap.h"

#include <stdint.h>

extern uint8_t end[];

uint8_t *rk_heap_end = end;
uint16_t rk_heap_refused; /* requests that met the stack */

void *_sbrk(ptrdiff_t bytes)
{
    uint8_t *before = rk_heap_end;
    uintptr_t stack = (uintptr_t)__builtin_frame_address(0);

    if ((uintptr_t)bytes > stack - (uintptr_t)before) {
        rk_heap_refused++;
        return (void *)-1;
    }
    rk_heap_end = before + bytes;
    return before;
}
