#include "devices/emulators/qemu/stack.h"

#define PAINT 0xa5c35a3cu

static uint32_t *word_at(const struct rki_stack *stack, uint64_t address)
{
    return (uint32_t *)(void *)(stack->ram + (address - stack->base));
}

struct rki_stack rki_stack_begin(uint8_t *ram, uint64_t base, uint64_t ram_bytes, uint64_t pointer, uint64_t heap_end)
{
    struct rki_stack stack = {.ram = ram, .base = base};

    if (pointer <= heap_end || pointer > base + ram_bytes || (pointer & 3) != 0) {
        return stack;
    }
    stack.low = heap_end;
    stack.high = pointer;
    for (uint32_t *word = word_at(&stack, stack.low); word < word_at(&stack, stack.high); word++) {
        *word = PAINT;
    }
    return stack;
}

bool rki_stack_end(const struct rki_stack *stack, uint64_t heap_end, struct rki_stack_use *use)
{
    uint64_t at = heap_end > stack->low ? heap_end : stack->low;
    uint64_t low = at;

    *use = (struct rki_stack_use){0};
    if (stack->low == 0) {
        return false;
    }
    while (at < stack->high && *word_at(stack, at) == PAINT) {
        at += sizeof(uint32_t);
    }
    if (low < stack->high) {
        use->free_bytes = (uint32_t)(at - low);
        use->used_bytes = (uint32_t)(stack->high - at);
    }
    return true;
}
