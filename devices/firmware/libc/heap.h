/* devices/firmware/libc/heap.h - the heap's supply of memory
 *
 * Model:   one free list in ascending order of addresses. malloc takes the first block that is large enough, from its
 *          low end, and splits off what is left; free joins a block with free neighbours. When no block will do the
 *          heap grows by what is missing, counting a free block at its end. It never gives memory back: where it ends
 *          is how far it has reached, which is what the emulator reads.
 * Cost:    one size_t a block; blocks are multiples of the largest alignment and at least two pointers.
 * Error:   out of memory is a null pointer. A freed block keeps its bytes, but for the first pointer.
 * A program that frees what is no block, or frees twice, is undefined, as in ISO C.
 */
#ifndef DEVICES_FIRMWARE_LIBC_HEAP_H
#define DEVICES_FIRMWARE_LIBC_HEAP_H

#include <stddef.h>

/* Moves the end of the heap by `bytes`, which is never negative. out: where it was, or (void *)-1 when RAM is used up;
 * 0 bytes asks where it is. Successive results are contiguous. The device's start-up code has one where the end must be
 * kept elsewhere; else sbrk.c. */
void *_sbrk(ptrdiff_t bytes);

#endif
