/* devices/firmware/cortex-a/start_a64.S - reset and exceptions of an ARMv8-A in EL1
 *
 * The program runs on SP_EL0 and handlers on SP_EL1, so that a fault caused by a stack that left RAM can be reported.
 * Source: ARM DDI 0487, D1.10 (vector table), D1.6 (stack pointers).
 */
    .macro vector number
    .balign 128
    mov x0, #\number
    b raise
    .endm

    .section .vectors, "ax"
    .balign 2048
vectors:
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector \number
    .endr

raise:
    mrs x0, esr_el1
    mrs x1, elr_el1
    mrs x2, far_el1
    mrs x3, sp_el0
    b rk_fault_a64

    .global rk_reset
rk_reset:
    ldr x0, =rk_handler_stack + 4096
    mov sp, x0
    adr x0, vectors
    msr vbar_el1, x0
    mov x0, #3 << 20 /* FPEN: vector registers are compilers' to use */
    msr cpacr_el1, x0
    isb
    bl rk_map_memory
    mov x0, #0xff /* attributes 0: normal memory, cached */
    msr mair_el1, x0
    ldr x0, =0x803520 /* 4 GiB of addresses, pages of 4 KiB, cached and shared walks, no second table */
    msr tcr_el1, x0
    ldr x0, =rk_translation_table
    msr ttbr0_el1, x0
    isb
    tlbi vmalle1
    dsb sy
    mrs x0, sctlr_el1
    mov x1, #0x1005 /* I, C, M: caches and translation */
    orr x0, x0, x1
    msr sctlr_el1, x0
    isb
    ldr x0, =rk_stack_top
    msr spsel, #0
    mov sp, x0
    b rk_start
