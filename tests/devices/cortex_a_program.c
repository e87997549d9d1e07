/* tests/devices/cortex_a_program.c - a program without mailbox, whose regions test_cortex_a.c counts by hand */
#include "devices/firmware/region.h"

#define REGION(id, body)                                                                                               \
    do {                                                                                                               \
        RK_REGION_START(id);                                                                                           \
        __asm__ volatile(body : : : "memory", "cc", CLOBBERS);                                                         \
        RK_REGION_STOP(id);                                                                                            \
    } while (0)

#ifdef __aarch64__

#define CLOBBERS "x1", "x2", "x3", "x4", "x5"

static void regions(void)
{
    REGION(1, ".rept 10\n nop\n .endr");
    REGION(2, ".rept 4\n add x1, x1, x1\n .endr");
    REGION(3, "mov x2, sp\n nop\n ldr x1, [x2]\n add x1, x1, #1");
    REGION(4, "mul w1, w2, w3\n add w4, w1, w5");
    REGION(5, "stp x1, x2, [sp, #-32]!\n nop\n ldp x1, x2, [sp], #32");
    REGION(6, "b 1f\n nop\n 1: nop");
    REGION(7, "mov x1, #3\n 1: subs x1, x1, #1\n b.ne 1b");
}

#else

#define CLOBBERS "r1", "r2", "r3", "r4", "r5"

static void regions(void)
{
    REGION(1, ".rept 10\n nop\n .endr");
    REGION(2, ".rept 4\n adds r1, r1, r1\n .endr");
    REGION(3, "mov r2, sp\n nop\n ldr r1, [r2]\n adds r1, #1");
    REGION(4, "mul r1, r2, r3\n adds r4, r1, r5");
    REGION(5, "push {r1, r2, r3, r4}\n nop\n pop {r1, r2, r3, r4}");
    REGION(6, "b 1f\n nop\n 1: nop");
    REGION(7, "movs r1, #3\n 1: subs r1, #1\n bne 1b");
}

#endif

int main(void)
{
    regions();
    regions();
    return 0;
}
