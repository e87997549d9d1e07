; devices/firmware/msp430/start.S - reset: watchdog held, stack, initial values, zeroes, main()
;
; _exit writes the event "ends" of devices/firmware/region.h and stays. An interrupt that nobody serves does the same.

    .macro  FUNCTION name
    .section .text.\name, "ax", @progbits
    .globl  \name
    .balign 2
\name:
    .endm

    FUNCTION rk_reset
    mov     #0x5a80, &0x0120            ; WDTPW | WDTHOLD
    mov     #rk_stack_top, r1
    mov     #rk_data_begin, r12
    mov     #rk_data_image, r13
    jmp     2f
1:  mov     @r13, 0(r12)
    add     #2, r13
    add     #2, r12
2:  cmp     #rk_data_end, r12
    jnz     1b
    mov     #rk_bss_begin, r12
    jmp     4f
3:  mov     #0, 0(r12)
    add     #2, r12
4:  cmp     #end, r12
    jnz     3b
    call    #main

    FUNCTION _exit
    mov     #2, &0x01f4                 ; RK_REGION_EXIT
1:  jmp     1b

; Sixteen vectors from 0xFFE0, reset last. A program that serves an interrupt has its own section .vectors.
    .section .vectors, "a", @progbits
    .rept   15
    .word   _exit
    .endr
    .word   rk_reset
