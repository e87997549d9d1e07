/* devices/host/heap.c - counts the heap; linked with --wrap=malloc,calloc,realloc,free */
#include "devices/host/heap.h"

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void __real_free(void *block);

void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void __wrap_free(void *block);

static size_t live_bytes;
static size_t peak_bytes;
static bool inside; /* a C library's calloc and realloc may call malloc and free: the outermost call counts */

void rk_heap_watch(void)
{
    peak_bytes = live_bytes;
}

uint32_t rk_heap_peak(void)
{
    return (uint32_t)peak_bytes;
}

/* What a block takes, header included. */
static size_t block_bytes(void *block)
{
    return block != NULL ? malloc_usable_size(block) + sizeof(size_t) : 0;
}

static void *count(void *block)
{
    live_bytes += block_bytes(block);
    if (live_bytes > peak_bytes) {
        peak_bytes = live_bytes;
    }
    return block;
}

void *__wrap_malloc(size_t bytes)
{
    return inside ? __real_malloc(bytes) : count(__real_malloc(bytes));
}

void *__wrap_calloc(size_t number, size_t bytes)
{
    inside = true;
    void *block = __real_calloc(number, bytes);
    inside = false;
    return count(block);
}

/* A realloc that fails keeps the old block. While it moves, both blocks exist; the allocator's own choice whether it
 * moves is not visible from here, so the peak is that of the result. */
void *__wrap_realloc(void *block, size_t bytes)
{
    size_t before = block_bytes(block);
    inside = true;
    void *after = __real_realloc(block, bytes);
    inside = false;
    if (after == NULL && bytes > 0) {
        return NULL;
    }
    live_bytes -= before;
    return count(after);
}

void __wrap_free(void *block)
{
    if (!inside) {
        live_bytes -= block_bytes(block);
    }
    __real_free(block);
}
