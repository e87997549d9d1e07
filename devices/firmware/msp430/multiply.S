; devices/firmware/msp430/multiply.S - products wider than the 16-bit hardware multiplier
;
; Names are those that clang calls with -mhwmult=16bit. Trap: clang 14 passes the operands of __mspabi_mpyll_hw as those
; of any C function (second one on the stack), libgcc's function of that name expects them in r8..r15.
; Cycles do not depend on the operands.

MPY     = 0x0130
MAC     = 0x0134
OP2     = 0x0138
RESLO   = 0x013a
RESHI   = 0x013c
SUMEXT  = 0x013e

    .macro  FUNCTION name
    .section .text.\name, "ax", @progbits
    .globl  \name
    .balign 2
\name:
    .endm

; 16 x 16 -> 16. in: r12, r13. out: r12.
    FUNCTION __mspabi_mpyi_hw
    mov     r12, &MPY
    mov     r13, &OP2
    mov     &RESLO, r12
    ret

; 32 x 32 -> 32. in: r13:r12, r15:r14. out: r13:r12.
    FUNCTION __mspabi_mpyl_hw
    mov     r12, &MPY
    mov     r14, &OP2                   ; a0 b0
    mov     r12, &MAC
    mov     &RESLO, r12
    mov     &RESHI, &RESLO
    mov     r15, &OP2                   ; a0 b1
    mov     r13, &MAC
    mov     r14, &OP2                   ; a1 b0
    mov     &RESLO, r13
    ret

; 64 x 64 -> 64. in: a3..a0 in r15:r14:r13:r12, b0..b3 on the stack above the return address. out: r15:r14:r13:r12.
; First what only reaches the upper half, modulo 2^32, then the product of the lower halves.
    FUNCTION __mspabi_mpyll_hw
    mov     2(r1), r11                  ; b0
    mov     r14, &MPY
    mov     r11, &OP2                   ; a2 b0
    mov     r12, &MAC
    mov     6(r1), &OP2                 ; a0 b2
    mov     r14, &MAC
    mov     &RESLO, r14
    mov     &RESHI, &RESLO
    mov     4(r1), &OP2                 ; a2 b1
    mov     r15, &MAC
    mov     r11, &OP2                   ; a3 b0
    mov     r12, &MAC
    mov     8(r1), &OP2                 ; a0 b3
    mov     r13, &MAC
    mov     6(r1), &OP2                 ; a1 b2
    mov     &RESLO, r15

    mov     r12, &MPY
    mov     r11, &OP2                   ; a0 b0
    mov     r13, &MAC
    mov     r11, r13                    ; b0; a1 is the multiplier's operand from here on
    mov     &RESLO, r11
    mov     &RESHI, &RESLO
    mov     #0, &RESHI
    mov     r13, &OP2                   ; a1 b0
    mov     &MAC, r13                   ; a1
    mov     r12, &MAC
    mov     4(r1), r12                  ; b1
    mov     r12, &OP2                   ; a0 b1: the only sum that can carry
    mov     r13, &MAC
    mov     &RESLO, r13
    mov     &RESHI, &RESLO
    mov     &SUMEXT, &RESHI
    mov     r12, &OP2                   ; a1 b1
    add     &RESLO, r14
    addc    &RESHI, r15
    mov     r11, r12
    ret
