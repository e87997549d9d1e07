; devices/firmware/msp430/shift.S - shifts of 32 and 64 bits by a variable number of bits
;
; Names and conventions are those that clang calls: 32 bits in r13:r12 by r14, 64 bits in r15:r14:r13:r12 by the word on
; the stack. Whole words first, then bit by bit: cycles depend on the number of bits, as for any shift of this CPU.

    .macro  FUNCTION name
    .section .text.\name, "ax", @progbits
    .globl  \name
    .balign 2
\name:
    .endm

    FUNCTION __mspabi_slll
    cmp     #16, r14
    jnc     2f
    mov     r12, r13
    mov     #0, r12
    sub     #16, r14
    jmp     2f
1:  add     r12, r12
    addc    r13, r13
2:  sub     #1, r14
    jc      1b
    ret

    FUNCTION __mspabi_srll
    cmp     #16, r14
    jnc     2f
    mov     r13, r12
    mov     #0, r13
    sub     #16, r14
    jmp     2f
1:  clrc
    rrc     r13
    rrc     r12
2:  sub     #1, r14
    jc      1b
    ret

    FUNCTION __mspabi_sral
    cmp     #16, r14
    jnc     2f
    mov     r13, r12
    add     r13, r13                    ; sign to carry
    subc    r13, r13                    ; 0 when it is set, else -1
    inv     r13
    sub     #16, r14
    jmp     2f
1:  rra     r13
    rrc     r12
2:  sub     #1, r14
    jc      1b
    ret

    FUNCTION __ashldi3
    mov     2(r1), r11
    jmp     2f
1:  mov     r14, r15
    mov     r13, r14
    mov     r12, r13
    mov     #0, r12
2:  sub     #16, r11
    jc      1b
    add     #16, r11
    jmp     4f
3:  add     r12, r12
    addc    r13, r13
    addc    r14, r14
    addc    r15, r15
4:  sub     #1, r11
    jc      3b
    ret

    FUNCTION __lshrdi3
    mov     2(r1), r11
    jmp     2f
1:  mov     r13, r12
    mov     r14, r13
    mov     r15, r14
    mov     #0, r15
2:  sub     #16, r11
    jc      1b
    add     #16, r11
    jmp     4f
3:  clrc
    rrc     r15
    rrc     r14
    rrc     r13
    rrc     r12
4:  sub     #1, r11
    jc      3b
    ret

    FUNCTION __ashrdi3
    mov     2(r1), r11
    jmp     2f
1:  mov     r13, r12
    mov     r14, r13
    mov     r15, r14
    add     r15, r15                    ; sign to carry
    subc    r15, r15
    inv     r15
2:  sub     #16, r11
    jc      1b
    add     #16, r11
    jmp     4f
3:  rra     r15
    rrc     r14
    rrc     r13
    rrc     r12
4:  sub     #1, r11
    jc      3b
    ret
