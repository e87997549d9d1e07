/* engine/core/arena.h - memory that is freed all at once: one arena a trial, one a parsed file
 *
 * Model:  a chain of blocks; a request takes the next bytes of the current one. Nothing is freed singly.
 * Units:  bytes. Every pointer is aligned for any type, every byte is zero.
 * Error:  a machine without memory left is a panic: a trial cannot go on, and no result may be half a result.
 */
#ifndef ENGINE_CORE_ARENA_H
#define ENGINE_CORE_ARENA_H

#include <stddef.h>

struct rk_arena_block;

struct rk_arena {
    struct rk_arena_block *current;
    size_t used_bytes; /* of the current block */
};

/* An arena of all zero bytes is empty and ready. */
void rk_arena_init(struct rk_arena *arena);

/* out: `bytes` zero bytes, never NULL, also for 0. */
void *rk_arena_alloc(struct rk_arena *arena, size_t bytes);

/* As rk_arena_alloc() for `count` elements; a product that does not fit size_t is a panic. */
void *rk_arena_array(struct rk_arena *arena, size_t count, size_t element_bytes);

/* out: a copy of the first `length` bytes of text, with a NUL after them. */
char *rk_arena_text(struct rk_arena *arena, const char *text, size_t length);

/* Frees everything; the arena is empty and ready again. */
void rk_arena_fini(struct rk_arena *arena);

#endif
