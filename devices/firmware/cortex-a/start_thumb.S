/* devices/firmware/cortex-a/start_thumb.S - reset and exceptions of an ARMv7-A, all in Thumb
 *
 * The program runs in System mode and handlers on a stack of their own, so that a fault caused by a stack that left RAM
 * can be reported. The offset of the vector, the address of the instruction, the fault's status and address, and the
 * program's stack pointer go to rk_fault_thumb().
 * Source: ARM DDI 0406, B1.8 (exceptions), B4.1 (system registers).
 */
    .syntax unified
    .thumb

    .equ MODE_SUPERVISOR, 0x13
    .equ MODE_ABORT, 0x17
    .equ MODE_UNDEFINED, 0x1b
    .equ MODE_SYSTEM, 0x1f

    .section .vectors, "ax"
    .balign 32
vectors:
    b.w .
    b.w undefined
    b.w supervisor
    b.w prefetch_abort
    b.w data_abort
    b.w .
    b.w .
    b.w .

undefined:
    movs r0, #4
    subs r1, lr, #2
    movs r2, #0
    movs r3, #0
    b raise

supervisor:
    movs r0, #8
    subs r1, lr, #2
    movs r2, #0
    movs r3, #0
    b raise

prefetch_abort:
    movs r0, #12
    subs r1, lr, #4
    mrc p15, 0, r2, c5, c0, 1 /* IFSR */
    mrc p15, 0, r3, c6, c0, 2 /* IFAR */
    b raise

data_abort:
    movs r0, #16
    sub r1, lr, #8
    mrc p15, 0, r2, c5, c0, 0 /* DFSR */
    mrc p15, 0, r3, c6, c0, 0 /* DFAR */

raise:
    cps #MODE_SYSTEM
    mov r12, sp
    cps #MODE_SUPERVISOR
    push {r12}
    bl rk_fault_thumb

    .macro stack mode
    cps #\mode
    mov sp, r0
    .endm

    .global rk_reset
    .thumb_func
    .type rk_reset, %function
rk_reset:
    ldr r0, =rk_handler_stack + 4096
    stack MODE_ABORT
    stack MODE_UNDEFINED
    stack MODE_SUPERVISOR
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0 /* VBAR */
    bl rk_map_memory
    movs r2, #0xff
    mcr p15, 0, r2, c10, c2, 0 /* MAIR0, attributes 0: normal memory, cached */
    ldr r2, =0x80803500
    mcr p15, 0, r2, c2, c0, 2 /* TTBCR: long descriptors, cached and shared walks, no second table */
    ldr r2, =rk_translation_table
    movs r3, #0
    mcrr p15, 0, r2, r3, c2 /* TTBR0 */
    isb
    movs r2, #0
    mcr p15, 0, r2, c8, c7, 0 /* TLBIALL */
    dsb
    mrc p15, 0, r0, c1, c0, 0
    ldr r1, =0x40001005 /* TE, I, C, M: exceptions in Thumb, caches and translation */
    orrs r0, r1
    bic r0, #2 /* A: loads from any address, as compilers expect of an ARMv7-A */
    mcr p15, 0, r0, c1, c0, 0
    isb
    cps #MODE_SYSTEM
    ldr r0, =rk_stack_top
    mov sp, r0
    bl rk_start
