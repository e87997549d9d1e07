#include <stdlib.h>
#include <sys/mman.h>

#include "bench/engine/work.h"
#include "engine/core/err.h"

enum { LINE_BYTES = 64, ACCESSES = 2000000 };

struct line {
    uint32_t next;
    uint32_t unused[LINE_BYTES / sizeof(uint32_t) - 1];
};

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* One cycle through all lines in random order (Sattolo). */
static void link_lines(struct line *line, uint32_t count)
{
    uint64_t state = 88172645463325252;
    for (uint32_t i = 0; i < count; i++) {
        line[i].next = i;
    }
    for (uint32_t i = count - 1; i > 0; i--) {
        uint32_t k = (uint32_t)(draw(&state) % i);
        uint32_t next = line[i].next;
        line[i].next = line[k].next;
        line[k].next = next;
    }
}

void rk_speed_memory(size_t bytes, double *dependent_ns, double *independent_ns)
{
    uint32_t count = (uint32_t)(bytes / LINE_BYTES);
    struct line *line = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    RK_REQUIRE(line != MAP_FAILED && count > 1);
    madvise(line, bytes, MADV_HUGEPAGE); /* a wish */
    link_lines(line, count);
    uint32_t at = 0;
    double start_s = rk_speed_cpu_s();
    for (unsigned i = 0; i < ACCESSES; i++) {
        at = line[at].next;
    }
    *dependent_ns = (rk_speed_cpu_s() - start_s) * 1e9 / ACCESSES;
    uint64_t state = 1 + at;
    uint64_t sum = 0;
    start_s = rk_speed_cpu_s();
    for (unsigned i = 0; i < ACCESSES; i++) {
        sum += line[(draw(&state) >> 32) * count >> 32].next;
    }
    *independent_ns = (rk_speed_cpu_s() - start_s) * 1e9 / ACCESSES;
    volatile uint64_t kept = sum; /* so that the loop is not taken for useless */
    (void)kept;
    munmap(line, bytes);
}
