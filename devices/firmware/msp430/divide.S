; devices/firmware/msp430/divide.S - quotients and remainders of 16, 32 and 64 bits
;
; Restoring division, a bit a turn. The dividend leaves its registers at the top while the quotient enters at the bottom.
; Signed division is unsigned division of the magnitudes; the remainder has the dividend's sign, as in C.
; Conventions (MSP430 EABI, SLAA534): 16 bits r12 / r13, 32 bits r13:r12 / r15:r14, 64 bits r11:r10:r9:r8 /
; r15:r14:r13:r12 with the result in r15:r14:r13:r12. Division by zero gives all ones, and the dividend as remainder.

    .macro  FUNCTION name
    .section .text.\name, "ax", @progbits
    .globl  \name
    .balign 2
\name:
    .endm

; ---- 16 bits: rk_divide16 leaves the quotient in r12 and the remainder in r14; uses r15 ----

    FUNCTION rk_divide16
    mov     #0, r14
    mov     #16, r15
1:  add     r12, r12
    addc    r14, r14
    jc      2f                          ; the remainder has a seventeenth bit
    cmp     r13, r14
    jnc     3f
2:  sub     r13, r14
    bis     #1, r12
3:  sub     #1, r15
    jnz     1b
    ret

    FUNCTION __mspabi_divu
    br      #rk_divide16

    FUNCTION __mspabi_remu
    call    #rk_divide16
    mov     r14, r12
    ret

; r11 keeps the sign of the result.
    FUNCTION __mspabi_divi
    mov     r12, r11
    xor     r13, r11
    call    #rk_magnitudes16
    call    #rk_divide16
    tst     r11
    jge     1f
    inv     r12
    add     #1, r12
1:  ret

    FUNCTION __mspabi_remi
    mov     r12, r11
    call    #rk_magnitudes16
    call    #rk_divide16
    mov     r14, r12
    tst     r11
    jge     1f
    inv     r12
    add     #1, r12
1:  ret

    FUNCTION rk_magnitudes16
    tst     r12
    jge     1f
    inv     r12
    add     #1, r12
1:  tst     r13
    jge     2f
    inv     r13
    add     #1, r13
2:  ret

; ---- 32 bits: rk_divide32 leaves the quotient in r13:r12 and the remainder in r11:r10, which its callers save ----

    FUNCTION rk_divide32
    push    r9
    mov     #0, r10
    mov     #0, r11
    mov     #32, r9
1:  add     r12, r12
    addc    r13, r13
    addc    r10, r10
    addc    r11, r11
    jc      3f
    cmp     r15, r11
    jnc     4f
    jnz     3f
    cmp     r14, r10
    jnc     4f
3:  sub     r14, r10
    subc    r15, r11
    bis     #1, r12
4:  sub     #1, r9
    jnz     1b
    pop     r9
    ret

    FUNCTION __mspabi_divul
    push    r10
    call    #rk_divide32
    pop     r10
    ret

    FUNCTION __mspabi_remul
    push    r10
    call    #rk_divide32
    mov     r10, r12
    mov     r11, r13
    pop     r10
    ret

    FUNCTION __mspabi_divli
    push    r10
    mov     r13, r11
    xor     r15, r11
    push    r11
    call    #rk_magnitudes32
    call    #rk_divide32
    pop     r11
    pop     r10
    tst     r11
    jge     9f
    br      #rk_negate32
9:  ret

    FUNCTION __mspabi_remli
    push    r10
    push    r13
    call    #rk_magnitudes32
    call    #rk_divide32
    mov     r10, r12
    mov     r11, r13
    pop     r11
    pop     r10
    tst     r11
    jge     9f
    br      #rk_negate32
9:  ret

    FUNCTION rk_negate32
    inv     r12
    inv     r13
    add     #1, r12
    adc     r13
    ret

    FUNCTION rk_magnitudes32
    tst     r15
    jge     1f
    inv     r14
    inv     r15
    add     #1, r14
    adc     r15
1:  tst     r13
    jge     9f
    br      #rk_negate32
9:  ret

; ---- 64 bits: rk_divide64 divides r11:r10:r9:r8 by r15:r14:r13:r12. out: quotient in r11..r8, remainder in r7..r4,
; which its callers save ----

    FUNCTION rk_divide64
    push    #64
    mov     #0, r4
    mov     #0, r5
    mov     #0, r6
    mov     #0, r7
1:  add     r8, r8
    addc    r9, r9
    addc    r10, r10
    addc    r11, r11
    addc    r4, r4
    addc    r5, r5
    addc    r6, r6
    addc    r7, r7
    jc      2f
    cmp     r15, r7
    jnc     3f
    jnz     2f
    cmp     r14, r6
    jnc     3f
    jnz     2f
    cmp     r13, r5
    jnc     3f
    jnz     2f
    cmp     r12, r4
    jnc     3f
2:  sub     r12, r4
    subc    r13, r5
    subc    r14, r6
    subc    r15, r7
    bis     #1, r8
3:  sub     #1, 0(r1)
    jnz     1b
    add     #2, r1
    ret

; clang 14 takes r8 to r10 for kept, as of any call, though they hold an operand.
    .macro  SAVE
    push    r10
    push    r9
    push    r8
    push    r7
    push    r6
    push    r5
    push    r4
    .endm

    .macro  RESTORE
    pop     r4
    pop     r5
    pop     r6
    pop     r7
    pop     r8
    pop     r9
    pop     r10
    .endm

    .macro  RESULT r0, r1, r2, r3
    mov     \r0, r12
    mov     \r1, r13
    mov     \r2, r14
    mov     \r3, r15
    .endm

    FUNCTION __mspabi_divull
    SAVE
    call    #rk_divide64
    RESULT  r8, r9, r10, r11
    RESTORE
    ret

    FUNCTION __mspabi_remull
    SAVE
    call    #rk_divide64
    RESULT  r4, r5, r6, r7
    RESTORE
    ret

    FUNCTION __mspabi_divlli
    SAVE
    mov     r11, r4
    xor     r15, r4
    push    r4
    call    #rk_magnitudes64
    call    #rk_divide64
    RESULT  r8, r9, r10, r11
    pop     r11
    RESTORE
    tst     r11
    jge     9f
    br      #rk_negate64
9:  ret

    FUNCTION __mspabi_remlli
    SAVE
    push    r11
    call    #rk_magnitudes64
    call    #rk_divide64
    RESULT  r4, r5, r6, r7
    pop     r11
    RESTORE
    tst     r11
    jge     9f
    br      #rk_negate64
9:  ret

    FUNCTION rk_negate64
    inv     r12
    inv     r13
    inv     r14
    inv     r15
    add     #1, r12
    adc     r13
    adc     r14
    adc     r15
    ret

    FUNCTION rk_magnitudes64
    tst     r11
    jge     1f
    inv     r8
    inv     r9
    inv     r10
    inv     r11
    add     #1, r8
    adc     r9
    adc     r10
    adc     r11
1:  tst     r15
    jge     9f
    br      #rk_negate64
9:  ret
