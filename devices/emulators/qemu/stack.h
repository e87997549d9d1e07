/* devices/emulators/qemu/stack.h - how deep the stack of a region goes
 *
 * Model:  the free RAM between heap and stack pointer is painted when the region begins, and searched for the lowest
 *         changed word when it ends. The heap may have grown into the paint since: the search starts above it.
 * Units:  bytes; addresses are the guest's.
 * Error:  words that a frame reserves and never writes are not seen when they are its lowest.
 */
#ifndef DEVICES_EMULATORS_QEMU_STACK_H
#define DEVICES_EMULATORS_QEMU_STACK_H

#include <stdbool.h>
#include <stdint.h>

struct rki_stack {
    uint8_t *ram;
    uint64_t base, low, high; /* painted: low..high; low 0: the stack is not watched */
};

struct rki_stack_use {
    uint32_t used_bytes; /* below the region's begin */
    uint32_t free_bytes; /* untouched between heap and stack; 0: they met */
};

/* Paints. Does nothing when pointer is not a word-aligned address in RAM above the heap. */
struct rki_stack rki_stack_begin(uint8_t *ram, uint64_t base, uint64_t ram_bytes, uint64_t pointer, uint64_t heap_end);

/* out: false when the stack was not watched. */
bool rki_stack_end(const struct rki_stack *stack, uint64_t heap_end, struct rki_stack_use *use);

#endif
