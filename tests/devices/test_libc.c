/* The device's C library against the host's: every alignment, every overlap, the heap's promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "devices/firmware/libc/heap.h"

void *rk_libc_malloc(size_t bytes);
void *rk_libc_calloc(size_t count, size_t bytes);
void *rk_libc_realloc(void *old, size_t bytes);
void rk_libc_free(void *users);
size_t rk_libc_strlen(const char *text);
int rk_libc_strcmp(const char *a, const char *b);
int rk_libc_strncmp(const char *a, const char *b, size_t bytes);
char *rk_libc_strcpy(char *to, const char *from);
char *rk_libc_strncpy(char *to, const char *from, size_t bytes);
char *rk_libc_strchr(const char *text, int value);
char *rk_libc_strstr(const char *text, const char *part);

typedef void *copy_fn(void *to, const void *from, size_t bytes);
typedef void *fill_fn(void *to, int value, size_t bytes);
typedef int compare_fn(const void *a, const void *b, size_t bytes);
typedef void *find_fn(const void *in, int value, size_t bytes);

copy_fn rk_libc_memcpy, rk_unaligned_memcpy, rk_libc_memmove, rk_unaligned_memmove;
fill_fn rk_libc_memset, rk_unaligned_memset;
compare_fn rk_libc_memcmp, rk_unaligned_memcmp;
find_fn rk_libc_memchr, rk_unaligned_memchr;

static const struct memory {
    copy_fn *copy, *move;
    fill_fn *fill;
    compare_fn *compare;
    find_fn *find;
} variants[] = {
    {rk_libc_memcpy, rk_libc_memmove, rk_libc_memset, rk_libc_memcmp, rk_libc_memchr},
    {rk_unaligned_memcpy, rk_unaligned_memmove, rk_unaligned_memset, rk_unaligned_memcmp, rk_unaligned_memchr},
};

enum { VARIANTS = sizeof variants / sizeof *variants, ROOM_bytes = 96, LONGEST_bytes = 40, OFFSETS = 9 };

static void number(uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(i * 37 + 11);
    }
}

/* Every distance of both ends from a word boundary; bytes around the copy stay. */
static void copies_between_all_alignments(void **state)
{
    _Alignas(16) uint8_t from[ROOM_bytes], to[ROOM_bytes], expected[ROOM_bytes];
    (void)state;

    number(from, sizeof from);
    for (unsigned v = 0; v < VARIANTS; v++) {
        for (size_t in = 0; in < OFFSETS; in++) {
            for (size_t out = 0; out < OFFSETS; out++) {
                for (size_t bytes = 0; bytes <= LONGEST_bytes; bytes++) {
                    memset(to, 0xee, sizeof to);
                    memset(expected, 0xee, sizeof expected);
                    memcpy(expected + out, from + in, bytes);
                    assert_ptr_equal(variants[v].copy(to + out, from + in, bytes), to + out);
                    assert_memory_equal(to, expected, sizeof to);
                }
            }
        }
    }
}

static void moves_over_itself(void **state)
{
    _Alignas(16) uint8_t block[ROOM_bytes], expected[ROOM_bytes];
    (void)state;

    for (unsigned v = 0; v < VARIANTS; v++) {
        for (size_t in = 0; in < 2 * OFFSETS; in++) {
            for (size_t out = 0; out < 2 * OFFSETS; out++) {
                for (size_t bytes = 0; bytes <= LONGEST_bytes; bytes++) {
                    number(block, sizeof block);
                    number(expected, sizeof expected);
                    memmove(expected + out, expected + in, bytes);
                    assert_ptr_equal(variants[v].move(block + out, block + in, bytes), block + out);
                    assert_memory_equal(block, expected, sizeof block);
                }
            }
        }
    }
}

static void fills(void **state)
{
    _Alignas(16) uint8_t block[ROOM_bytes], expected[ROOM_bytes];
    static const int values[] = {0, 1, 0x80, 0xff, 0x1a5, -1};
    (void)state;

    for (unsigned v = 0; v < VARIANTS; v++) {
        for (unsigned k = 0; k < sizeof values / sizeof *values; k++) {
            for (size_t out = 0; out < OFFSETS; out++) {
                for (size_t bytes = 0; bytes <= LONGEST_bytes; bytes++) {
                    number(block, sizeof block);
                    number(expected, sizeof expected);
                    memset(expected + out, values[k], bytes);
                    assert_ptr_equal(variants[v].fill(block + out, values[k], bytes), block + out);
                    assert_memory_equal(block, expected, sizeof block);
                }
            }
        }
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

/* A byte that differs, at every place, and bytes that differ behind the end. */
static void compares(void **state)
{
    _Alignas(16) uint8_t a[ROOM_bytes], b[ROOM_bytes];
    (void)state;

    for (unsigned v = 0; v < VARIANTS; v++) {
        for (size_t x = 0; x < OFFSETS; x++) {
            for (size_t y = 0; y < OFFSETS; y++) {
                for (size_t at = 0; at < LONGEST_bytes; at++) {
                    number(a + x, LONGEST_bytes);
                    number(b + y, LONGEST_bytes);
                    b[y + at] ^= 0x80;
                    assert_int_equal(variants[v].compare(a + x, b + y, at), 0);
                    int found = variants[v].compare(a + x, b + y, LONGEST_bytes);
                    assert_int_equal(sign(found), sign(a[x + at] - b[y + at]));
                    assert_int_equal(sign(variants[v].compare(b + y, a + x, LONGEST_bytes)), -sign(found));
                }
            }
        }
    }
}

static void finds_a_byte(void **state)
{
    static const uint8_t bytes[] = {1, 2, 0x80, 2, 0};
    (void)state;

    for (unsigned v = 0; v < VARIANTS; v++) {
        assert_ptr_equal(variants[v].find(bytes, 2, sizeof bytes), bytes + 1);
        assert_ptr_equal(variants[v].find(bytes, -128, sizeof bytes), bytes + 2);
        assert_ptr_equal(variants[v].find(bytes, 0, sizeof bytes), bytes + 4);
        assert_null(variants[v].find(bytes, 0, 4));
        assert_null(variants[v].find(bytes, 3, sizeof bytes));
    }
}

static void strings(void **state)
{
    static const char *const texts[] = {"", "a", "ab", "abc", "abd", "b", "\x80", "\xff", "aab", "aabab"};
    enum { TEXTS = sizeof texts / sizeof *texts };
    char mine[8], theirs[8];
    (void)state;

    for (unsigned i = 0; i < TEXTS; i++) {
        assert_int_equal(rk_libc_strlen(texts[i]), strlen(texts[i]));
        assert_ptr_equal(rk_libc_strchr(texts[i], 'b'), strchr(texts[i], 'b'));
        assert_ptr_equal(rk_libc_strchr(texts[i], '\0'), strchr(texts[i], '\0'));
        assert_ptr_equal(rk_libc_strcpy(mine, texts[i]), mine);
        assert_string_equal(mine, texts[i]);
        for (size_t bytes = 0; bytes <= sizeof mine; bytes++) {
            memset(mine, 'x', sizeof mine);
            memset(theirs, 'x', sizeof theirs);
            rk_libc_strncpy(mine, texts[i], bytes);
            strncpy(theirs, texts[i], bytes);
            assert_memory_equal(mine, theirs, sizeof mine);
        }
        for (unsigned k = 0; k < TEXTS; k++) {
            assert_int_equal(sign(rk_libc_strcmp(texts[i], texts[k])), sign(strcmp(texts[i], texts[k])));
            assert_int_equal(sign(rk_libc_strncmp(texts[i], texts[k], 2)), sign(strncmp(texts[i], texts[k], 2)));
            assert_ptr_equal(rk_libc_strstr(texts[i], texts[k]), strstr(texts[i], texts[k]));
        }
    }
}

/* --- heap -------------------------------------------------------------------------------------------------------- */

enum { HEAP_bytes = 1 << 16, HEADER_bytes = sizeof(size_t), ALIGNMENT = _Alignof(max_align_t) };

/* The test's heap begins at an odd place; it cannot be emptied, so each test reckons from where it is. */
static _Alignas(16) uint8_t heap[HEAP_bytes];
static size_t heap_used = 3;
static size_t heap_room = HEAP_bytes;

void *_sbrk(ptrdiff_t bytes)
{
    assert_true(bytes >= 0);
    if ((size_t)bytes > heap_room - heap_used) {
        return (void *)-1;
    }
    heap_used += (size_t)bytes;
    return heap + heap_used - (size_t)bytes;
}

static void blocks_are_aligned_and_apart(void **state)
{
    uint8_t *block[24];
    (void)state;

    for (unsigned i = 0; i < 24; i++) {
        block[i] = rk_libc_malloc(i);
        assert_non_null(block[i]);
        assert_int_equal((uintptr_t)block[i] % ALIGNMENT, 0);
        memset(block[i], (int)i, i);
    }
    for (unsigned i = 0; i < 24; i++) {
        for (unsigned k = 0; k < i; k++) {
            assert_int_equal(block[i][k], i);
        }
        rk_libc_free(block[i]);
    }
    rk_libc_free(NULL);
}

/* Three neighbours given back in any order are one block again: the sum of them fits without growth. */
static void neighbours_join(void **state)
{
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    enum { EACH_bytes = 10 * ALIGNMENT - HEADER_bytes, ALL_bytes = 3 * 10 * ALIGNMENT - HEADER_bytes };
    (void)state;

    for (unsigned i = 0; i < 6; i++) {
        void *all = rk_libc_malloc(ALL_bytes);
        void *fence = rk_libc_malloc(1);
        size_t before = heap_used;
        rk_libc_free(all);
        void *part[3];
        for (unsigned k = 0; k < 3; k++) {
            part[k] = rk_libc_malloc(EACH_bytes);
        }
        assert_ptr_equal(part[0], all);
        assert_int_equal(heap_used, before);
        for (unsigned k = 0; k < 3; k++) {
            rk_libc_free(part[orders[i][k]]);
        }
        assert_ptr_equal(rk_libc_malloc(ALL_bytes), all);
        assert_int_equal(heap_used, before);
        rk_libc_free(all);
        rk_libc_free(fence);
    }
}

/* A free block at the end counts: the heap grows by what is missing. */
static void grows_by_what_is_missing(void **state)
{
    (void)state;

    void *fence = rk_libc_malloc(4096);
    void *last = rk_libc_malloc(4096);
    size_t before = heap_used;
    rk_libc_free(last);
    assert_ptr_equal(rk_libc_malloc(4096 + 3 * ALIGNMENT), last);
    assert_int_equal(heap_used, before + 3 * ALIGNMENT);
    rk_libc_free(last);
    rk_libc_free(fence);
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;

    heap_room = heap_used + 20 * ALIGNMENT;
    void *most = rk_libc_malloc(15 * ALIGNMENT);
    assert_non_null(most);
    size_t before = heap_used;
    assert_null(rk_libc_malloc(HEAP_bytes));
    assert_null(rk_libc_malloc(SIZE_MAX));
    assert_null(rk_libc_malloc(SIZE_MAX - 2 * ALIGNMENT));
    assert_null(rk_libc_malloc(PTRDIFF_MAX));
    assert_null(rk_libc_calloc(SIZE_MAX / 2, 3));
    assert_null(rk_libc_calloc((size_t)1 << 32, (size_t)1 << 32));
    assert_null(rk_libc_calloc(SIZE_MAX, SIZE_MAX));
    assert_null(rk_libc_realloc(most, HEAP_bytes));
    assert_int_equal(heap_used, before);
    rk_libc_free(most);
    assert_ptr_equal(rk_libc_malloc(15 * ALIGNMENT), most);
    rk_libc_free(most);
    heap_room = HEAP_bytes;
}

static void clears_and_moves(void **state)
{
    (void)state;

    uint8_t *block = rk_libc_malloc(100);
    memset(block, 0xff, 100);
    rk_libc_free(block);
    block = rk_libc_calloc(10, 10);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(block[i], 0);
        block[i] = (uint8_t)i;
    }
    assert_ptr_equal(rk_libc_realloc(block, 50), block);
    void *fence = rk_libc_malloc(1);
    uint8_t *moved = rk_libc_realloc(block, 5000);
    assert_ptr_not_equal(moved, block);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(moved[i], i);
    }
    rk_libc_free(moved);
    rk_libc_free(fence);
    block = rk_libc_realloc(NULL, 1);
    assert_non_null(block);
    rk_libc_free(block);
    assert_non_null(block = rk_libc_calloc(0, 7));
    rk_libc_free(block);
}

/* Thirty thousand steps with contents checked; at the end everything is one block. */
static void long_use(void **state)
{
    enum { SLOTS = 32, STEPS = 30000 };
    uint8_t *block[SLOTS] = {NULL};
    size_t size[SLOTS] = {0};
    uint32_t random = 1;
    (void)state;

    for (unsigned step = 0; step < STEPS; step++) {
        random = random * 1664525u + 1013904223u;
        unsigned slot = (random >> 8) % SLOTS;
        for (size_t i = 0; i < size[slot]; i++) {
            assert_int_equal(block[slot][i], slot);
        }
        rk_libc_free(block[slot]);
        size[slot] = (random >> 16) % 700;
        block[slot] = rk_libc_malloc(size[slot]);
        assert_non_null(block[slot]);
        memset(block[slot], (int)slot, size[slot]);
    }
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        rk_libc_free(block[slot]);
    }
    size_t before = heap_used;
    size_t all = (before - ALIGNMENT) / ALIGNMENT * ALIGNMENT - HEADER_bytes;
    void *whole = rk_libc_malloc(all);
    assert_non_null(whole);
    assert_int_equal(heap_used, before);
    rk_libc_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_between_all_alignments),
        cmocka_unit_test(moves_over_itself),
        cmocka_unit_test(fills),
        cmocka_unit_test(compares),
        cmocka_unit_test(finds_a_byte),
        cmocka_unit_test(strings),
        cmocka_unit_test(blocks_are_aligned_and_apart),
        cmocka_unit_test(neighbours_join),
        cmocka_unit_test(grows_by_what_is_missing),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(clears_and_moves),
        cmocka_unit_test(long_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
