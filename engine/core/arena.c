#include "engine/core/arena.h"

#include "engine/core/err.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_bytes = 64 * 1024, ALIGNMENT_bytes = alignof(max_align_t) };

struct rk_arena_block {
    struct rk_arena_block *previous;
    size_t size_bytes;
    alignas(max_align_t) unsigned char data[];
};

void rk_arena_init(struct rk_arena *arena)
{
    *arena = (struct rk_arena){0};
}

static void add_block(struct rk_arena *arena, size_t bytes)
{
    size_t size_bytes = bytes > BLOCK_bytes ? bytes : BLOCK_bytes;
    struct rk_arena_block *block = calloc(1, sizeof *block + size_bytes);
    RK_REQUIRE(block != NULL);
    block->previous = arena->current;
    block->size_bytes = size_bytes;
    arena->current = block;
    arena->used_bytes = 0;
}

void *rk_arena_alloc(struct rk_arena *arena, size_t bytes)
{
    RK_REQUIRE(bytes <= PTRDIFF_MAX / 2);
    bytes = (bytes + ALIGNMENT_bytes - 1) / ALIGNMENT_bytes * ALIGNMENT_bytes;
    if (arena->current == NULL || bytes > arena->current->size_bytes - arena->used_bytes) {
        add_block(arena, bytes);
    }
    void *memory = arena->current->data + arena->used_bytes;
    arena->used_bytes += bytes;
    return memory;
}

void *rk_arena_array(struct rk_arena *arena, size_t count, size_t element_bytes)
{
    size_t bytes;
    RK_REQUIRE(!__builtin_mul_overflow(count, element_bytes, &bytes));
    return rk_arena_alloc(arena, bytes);
}

char *rk_arena_text(struct rk_arena *arena, const char *text, size_t length)
{
    char *copy = rk_arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

void rk_arena_fini(struct rk_arena *arena)
{
    struct rk_arena_block *block = arena->current;
    while (block != NULL) {
        struct rk_arena_block *previous = block->previous;
        free(block);
        block = previous;
    }
    rk_arena_init(arena);
}
