#include "engine/sim/heap.h"

#include <stdlib.h>

#include "engine/core/err.h"

enum { ARITY = 4, FIRST_CAPACITY = 64 };

void rk_heap_reserve(struct rk_heap *heap, size_t count)
{
    rk_sim_event *item = realloc(heap->item, count * sizeof *item);
    RK_REQUIRE(item != NULL);
    heap->item = item;
    heap->capacity = count;
}

void rk_heap_push(struct rk_heap *heap, rk_sim_event event)
{
    if (heap->count == heap->capacity) {
        rk_heap_reserve(heap, heap->capacity == 0 ? FIRST_CAPACITY : 2 * heap->capacity);
    }
    rk_sim_event *item = heap->item;
    size_t at = heap->count++;
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;
        if (item[parent] <= event) {
            break;
        }
        item[at] = item[parent];
        at = parent;
    }
    item[at] = event;
}

static size_t smallest_child(const struct rk_heap *heap, size_t first)
{
    size_t end = first + ARITY < heap->count ? first + ARITY : heap->count;
    size_t best = first;
    for (size_t child = first + 1; child < end; child++) {
        best = heap->item[child] < heap->item[best] ? child : best;
    }
    return best;
}

rk_sim_event rk_heap_pop(struct rk_heap *heap)
{
    RK_ASSERT(heap->count > 0);
    rk_sim_event *item = heap->item;
    rk_sim_event top = item[0];
    rk_sim_event last = item[--heap->count];
    size_t at = 0;
    for (;;) {
        size_t first = ARITY * at + 1;
        if (first >= heap->count) {
            break;
        }
        size_t child = smallest_child(heap, first);
        if (item[child] >= last) {
            break;
        }
        item[at] = item[child];
        at = child;
    }
    item[at] = last;
    return top;
}

void rk_heap_fini(struct rk_heap *heap)
{
    free(heap->item);
    *heap = (struct rk_heap){.item = NULL};
}
