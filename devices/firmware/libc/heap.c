/* devices/firmware/libc/heap.c - malloc, calloc, realloc, free: first fit, see heap.h */
#include "devices/firmware/libc/heap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct block {
    size_t bytes;       /* of the whole block */
    struct block *next; /* while it is free; the user's bytes begin here */
};

enum {
    ALIGNMENT = _Alignof(max_align_t),
    HEADER_bytes = offsetof(struct block, next),
    LEAST_bytes = sizeof(struct block) > ALIGNMENT ? sizeof(struct block) : ALIGNMENT,
};

static struct block *free_list;

static inline uint8_t *end_of(const struct block *block)
{
    return (uint8_t *)block + block->bytes;
}

static inline struct block *block_of(void *users)
{
    return (struct block *)((uint8_t *)users - HEADER_bytes);
}

static inline size_t round_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* out: bytes of a block that holds what the user wants; 0 when there can be none. */
static size_t block_bytes(size_t wanted)
{
    if (wanted > PTRDIFF_MAX - HEADER_bytes - ALIGNMENT) {
        return 0;
    }
    size_t bytes = round_up(HEADER_bytes + wanted);
    return bytes < LEAST_bytes ? LEAST_bytes : bytes;
}

/* Cuts a block after `bytes` and puts the rest behind it into the list. in: link is where the rest's predecessor points
 * to what comes after it. */
static void split(struct block *block, size_t bytes, struct block **link)
{
    if (block->bytes - bytes < LEAST_bytes) {
        return;
    }
    struct block *rest = (struct block *)((uint8_t *)block + bytes);
    rest->bytes = block->bytes - bytes;
    rest->next = *link;
    *link = rest;
    block->bytes = bytes;
}

/* The heap's end, brought to where a block can begin: the user's bytes are aligned. out: NULL when RAM is used up. */
static struct block *heap_end(void)
{
    uintptr_t end = (uintptr_t)_sbrk(0);
    uintptr_t gap = round_up(end + HEADER_bytes) - HEADER_bytes - end;

    if (gap > 0 && (intptr_t)_sbrk((ptrdiff_t)gap) == -1) {
        return NULL;
    }
    return (struct block *)(end + gap);
}

/* in: last free block and the link to it, or NULL; it grows if it lies at the end. out: a block of at least `bytes`. */
static struct block *grow(size_t bytes, struct block *last, struct block **last_link)
{
    struct block *block = heap_end();
    size_t have = 0;

    if (block == NULL) {
        return NULL;
    }
    if (last != NULL && end_of(last) == (uint8_t *)block) {
        block = last;
        have = last->bytes;
    }
    if ((intptr_t)_sbrk((ptrdiff_t)(bytes - have)) == -1) {
        return NULL;
    }
    if (have > 0) {
        *last_link = last->next;
    }
    block->bytes = bytes;
    return block;
}

void *malloc(size_t wanted)
{
    size_t bytes = block_bytes(wanted);
    struct block **link = &free_list;
    struct block **last_link = NULL;

    if (bytes == 0) {
        return NULL;
    }
    while (*link != NULL && (*link)->bytes < bytes) {
        last_link = link;
        link = &(*link)->next;
    }
    struct block *block = *link;
    if (block != NULL) {
        *link = block->next;
        split(block, bytes, link);
    } else {
        block = grow(bytes, last_link != NULL ? *last_link : NULL, last_link);
    }
    return block != NULL ? &block->next : NULL;
}

/* Makes one of two blocks when they touch. */
static void join(struct block *low, struct block *high)
{
    if (high != NULL && end_of(low) == (uint8_t *)high) {
        low->bytes += high->bytes;
        low->next = high->next;
    }
}

void free(void *users)
{
    if (users == NULL) {
        return;
    }
    struct block *block = block_of(users);
    struct block *before = NULL;
    struct block **link = &free_list;

    while (*link != NULL && *link < block) {
        before = *link;
        link = &before->next;
    }
    block->next = *link;
    *link = block;
    join(block, block->next);
    if (before != NULL) {
        join(before, block);
    }
}

void *calloc(size_t count, size_t bytes)
{
    const size_t half = (size_t)1 << (sizeof(size_t) * 4);

    if ((count | bytes) >= half && count != 0 && bytes > SIZE_MAX / count) {
        return NULL;
    }
    void *users = malloc(count * bytes);
    return users != NULL ? memset(users, 0, count * bytes) : NULL;
}

/* Never shrinks a block; grows one by moving it. */
void *realloc(void *old, size_t wanted)
{
    size_t had = old != NULL ? block_of(old)->bytes - HEADER_bytes : 0;

    if (old != NULL && wanted <= had) {
        return old;
    }
    void *users = malloc(wanted);
    if (users != NULL && old != NULL) {
        memcpy(users, old, had);
        free(old);
    }
    return users;
}
