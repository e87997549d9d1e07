/* tests/devices/kernels.c - a Cortex-M firmware whose measured regions are counted by hand in test_qemu_kernels.c
 *
 * operation n runs kernel n. Every kernel starts at a multiple of 8 with r0 = r3 = cells and r4 = 0, where cells[0] is
 * the address of cells and cells[1] is 0. Kernels may change all registers but r7 and sp.
 */
#include <stdint.h>

#include "devices/firmware/mailbox.h"
#include "tests/devices/kernels.h"

__attribute__((section(".mailbox"))) struct rk_mailbox rk_mailbox;

#if __ARM_ARCH == 6
#define KERNELS_HERE KERNELS_V6M
#elif !defined(__ARM_FEATURE_DSP)
#define KERNELS_HERE(X) KERNELS_V6M(X) KERNELS_V7M(X)
#else
#define KERNELS_HERE KERNELS
#endif

#ifdef __ARM_FEATURE_DSP
#define FPU ".fpu fpv4-sp-d16\n"
#else
#define FPU ""
#endif

__attribute__((used)) static uint32_t cells[16];

/* The region begins as RK_REGION_START does; one more no-op aligns the kernel. */
#define KERNEL(name, body)                                                                                             \
    static void run_##name(void)                                                                                       \
    {                                                                                                                  \
        __asm__ volatile(".syntax unified\n" FPU "ldr r0, =cells\n"                                                    \
                         "mov r3, r0\n"                                                                                \
                         "movs r4, #0\n"                                                                               \
                         "b.n 9f\n"                                                                                    \
                         ".ltorg\n"                                                                                    \
                         ".balign 8\n"                                                                                 \
                         "9: nop\n"                                                                                    \
                         "push {r0}\n"                                                                                 \
                         "pop {r0}\n"                                                                                  \
                         "mov r9, r9\n" body "mov r10, r10\n"                                                          \
                         :                                                                                             \
                         :                                                                                             \
                         : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r12", "lr", "cc", "memory");               \
    }
KERNELS_HERE(KERNEL)
#undef KERNEL

static void (*const kernels[])(void) = {
#define KERNEL(name, body) run_##name,
    KERNELS_HERE(KERNEL)
#undef KERNEL
};

__attribute__((naked, noinline)) static void wait_and_count(void)
{
    __asm__ volatile(".syntax unified\n"
                     "ldr r0, =cells\n"
                     "movs r1, #0\n"
                     "mov r11, r11\n"
                     "isb\n"
                     ".rept 8\n"
                     "adds r1, #1\n"
                     "str r1, [r0, #60]\n"
                     ".endr\n"
                     "bx lr\n"
                     ".ltorg\n");
}

int main(void)
{
    *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* CPACR: FPU on */
    __asm__ volatile("dsb\n\tisb" : : : "memory");
    cells[0] = (uint32_t)(uintptr_t)cells;
    rk_mailbox.magic = RK_MAILBOX_MAGIC;
    for (;;) {
        wait_and_count();
        kernels[rk_mailbox.operation]();
        rk_mailbox.fields = 0;
        rk_mailbox.data_bytes = 0;
    }
}
