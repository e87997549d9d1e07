/* tests/devices/kernels.h - the kernels: KERNELS(X), X(name, assembly), in the order of what a core must have */
#ifndef TESTS_DEVICES_KERNELS_H
#define TESTS_DEVICES_KERNELS_H

/* Continues at `offset` of a 1 KiB page, which is where QEMU ends a block of an M-profile core. */
#define AT_PAGE_OFFSET(offset) "b.w 1f\n.ltorg\n.balign 1024\n.space " #offset "\n1:\n"

/* What every Cortex-M has. */
#define KERNELS_V6M(X)                                                                                                 \
    X(nothing, "")                                                                                                     \
    X(straight, "adds r1, #1\n adds r2, #1\n eors r1, r2\n lsls r1, r1, #3\n mov r5, r1\n"                             \
                "movs r6, #1\n orrs r1, r6\n mvns r1, r1\n uxtb r1, r1\n rev r1, r1\n")                                \
    X(load, "ldr r1, [r0]\n")                                                                                          \
    X(load_four, "ldr r1, [r0]\n ldr r2, [r0, #4]\n ldr r5, [r0, #8]\n ldr r6, [r0, #12]\n")                           \
    X(load_base_loaded, "ldr r1, [r0]\n ldr r2, [r1]\n")                                                               \
    X(load_index_loaded, "ldr r1, [r0, #4]\n ldr r2, [r3, r1]\n")                                                      \
    X(load_index_free, "ldr r1, [r0, #4]\n ldr r2, [r3, r4]\n")                                                        \
    X(store, "str r1, [r0, #8]\n")                                                                                     \
    X(store_index, "str r4, [r3, r4]\n str r0, [r0]\n")                                                                \
    X(load_store, "ldr r1, [r0]\n str r1, [r3, #20]\n")                                                                \
    X(load_store_index, "ldr r1, [r0]\n str r1, [r3, r4]\n")                                                           \
    X(address_waits, "adds r1, r0, #4\n ldr r2, [r1]\n")                                                               \
    X(address_waits_store, "adds r1, r0, #4\n str r4, [r1]\n")                                                         \
    X(address_ready, "adds r1, r0, #4\n nop\n ldr r2, [r1]\n")                                                         \
    X(branch, "b.n 1f\n nop\n 1:\n")                                                                                   \
    X(branch_not_taken, "cmp r0, r0\n bne.n 1f\n nop\n 1:\n")                                                          \
    X(loop, "movs r1, #10\n 1: subs r1, #1\n bne.n 1b\n")                                                              \
    X(call, "b.n 2f\n nop\n 1: bx lr\n nop\n 2: bl 1b\n")                                                              \
    X(call_register, "adr r1, 1f\n adds r1, #1\n b.n 2f\n .balign 4\n 1: bx lr\n nop\n 2: blx r1\n")                   \
    X(push_pop, "push {r4-r7}\n pop {r4-r7}\n")                                                                        \
    X(return_by_pop, "bl 1f\n b.n 2f\n 1: push {r4, lr}\n pop {r4, pc}\n 2:\n")                                        \
    X(multiple, "ldm r0!, {r1, r2, r5, r6}\n stm r3!, {r0, r4}\n")                                                     \
    X(product, "muls r1, r2, r1\n")                                                                                    \
    X(state, "cpsid i\n cpsie i\n")                                                                                    \
    X(another_region, "mov r10, r10\n movs r1, #5\n cmp r0, #5\n mov r9, r9\n adds r1, #1\n adds r1, #1\n")

/* What ARMv7-M and later have. */
#define KERNELS_V7M(X)                                                                                                 \
    X(load_base_update, "ldr r1, [r0]\n ldr r2, [r3], #4\n")                                                           \
    X(branch_wide_aligned, "b.n 1f\n nop\n 1: add.w r1, r1, #1\n")                                                     \
    X(branch_wide_unaligned, "b.n 1f\n nop\n nop\n 1: add.w r1, r1, #1\n")                                             \
    X(load_pc, "ldr.w pc, 2f\n .balign 4\n 2: .word 3f + 1\n 3:\n")                                                    \
    X(table_branch, "tbb [pc, r4]\n 1: .byte (2f - 1b) / 2\n .balign 2\n 2:\n")                                        \
    X(pairs, "ldrd r1, r2, [r3, #8]\n strd r1, r2, [r3, #16]\n")                                                       \
    X(multiply, "mul r1, r1, r2\n mla r1, r1, r2, r5\n umull r1, r2, r5, r6\n umlal r1, r2, r5, r6\n")                 \
    X(divide, "udiv r1, r0, r3\n")                                                                                     \
    X(it_run, "cmp r0, r0\n itt eq\n moveq r1, r2\n ldreq r5, [r0]\n")                                                 \
    X(it_skipped, "cmp r0, r0\n itt ne\n movne r1, r2\n ldrne r5, [r0]\n")                                             \
    X(it_multiple, "cmp r0, r0\n ite eq\n ldmeq r0, {r1, r2, r5}\n ldmne r0, {r1, r2, r5}\n")                          \
    X(it_branch, "cmp r0, r0\n it eq\n beq.n 1f\n nop\n 1:\n")                                                         \
    X(it_over_page, AT_PAGE_OFFSET(1018) "cmp r0, r0\n ittt eq\n ldreq r1, [r0]\n ldreq r2, [r0]\n ldreq r5, [r0]\n")  \
    X(wide_over_page, AT_PAGE_OFFSET(1022) "add.w r1, r1, #1\n add.w r1, r1, #1\n")                                    \
    X(narrow_before_page, AT_PAGE_OFFSET(1020) "adds r1, #1\n adds r1, #1\n add.w r1, r1, #1\n ldr r2, [r0]\n")        \
    X(pair_over_page, AT_PAGE_OFFSET(1022) "ldr r1, [r0]\n ldr r2, [r0]\n")

/* What the Cortex-M4 and M33 have. */
#define KERNELS_V7EM(X)                                                                                                \
    X(multiply_dsp, "umaal r1, r2, r5, r6\n smulbb r1, r2, r5\n")                                                      \
    X(floating, "vldr s0, [r0]\n vldmia r0, {s0-s3}\n vadd.f32 s4, s0, s1\n vmul.f32 s4, s0, s1\n"                     \
                "vmla.f32 s4, s0, s1\n vfma.f32 s4, s0, s1\n vdiv.f32 s4, s0, s1\n vsqrt.f32 s4, s0\n"                 \
                "vmov r1, r2, d2\n vmov r1, s4\n vpush {d0-d1}\n vpop {d0-d1}\n vstr d0, [r3, #24]\n")

#define KERNELS(X) KERNELS_V6M(X) KERNELS_V7M(X) KERNELS_V7EM(X)

#endif
