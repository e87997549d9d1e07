; tests/devices/cycles.S - one region an instruction, ten times the instruction in it: operation N runs case N
#include <avr/io.h>

.macro case number
    lds r24, rk_mailbox + 2
    cpi r24, \number
    breq 8f
    rjmp 9f
8:  sts 0xd9, r1
.endm

.macro endcase
    sts 0xda, r1
    eor r1, r1              ; mul leaves its product in r1:r0
9:
.endm

.macro ten instruction:vararg
    .rept 10
    \instruction
    .endr
.endm

.global main
.text
only_ret:
    ret

main:
    ldi r24, lo8(0x524b)    ; RK_MAILBOX_MAGIC
    sts rk_mailbox, r24
    ldi r24, hi8(0x524b)
    sts rk_mailbox + 1, r24
serve:
    ldi r24, 1
    sts 0xdb, r24
    ldi r26, lo8(scratch + 16)
    ldi r27, hi8(scratch + 16)
    movw r28, r26
    movw r30, r26
    ldi r16, 0
    case 0
    endcase
    case 1
    ten nop
    endcase
    case 2
    ten add r2, r3
    endcase
    case 3
    ten adiw r24, 1
    endcase
    case 4
    ten mul r2, r3
    endcase
    case 5
    ten ld r2, X
    endcase
    case 6
    ten ld r2, X+
    endcase
    case 7
    ten ld r2, -X
    endcase
    case 8
    ten ldd r2, Y+5
    endcase
    case 9
    ten st X+, r2
    endcase
    case 10
    ten std Z+3, r2
    endcase
    case 11
    ten lds r2, scratch
    endcase
    case 12
    ten sts scratch, r2
    endcase
    case 13
    ten push r2
    endcase
    case 14
    ten pop r2
    endcase
    case 15
    ten lpm r2, Z+
    endcase
    case 16
    ten rjmp .+0
    endcase
    case 17
    .rept 10
    jmp 1f
1:
    .endr
    endcase
    case 18
    ten rcall only_ret
    endcase
    case 19
    ten call only_ret
    endcase
    ldi r30, pm_lo8(only_ret)
    ldi r31, pm_hi8(only_ret)
    case 20
    ten icall
    endcase
    sez
    case 21
    ten nop
    endcase
    case 22
    cp r1, r1
    ten breq .+0
    endcase
    case 23
    cp r1, r1
    ten brne .+0
    endcase
    case 24
    .rept 10
    sbrc r16, 0             ; skips one word
    nop
    .endr
    endcase
    case 25
    .rept 10
    sbrc r16, 0             ; skips two words
    lds r2, scratch
    .endr
    endcase
    case 26
    .rept 10
    sbrs r16, 0             ; does not skip
    nop
    .endr
    endcase
    case 27
    ten sbi 0x1e, 0
    endcase
    case 28
    ten in r2, 0x3f
    endcase
    case 29
    ten movw r2, r4
    endcase
    case 30
    ten elpm r2, Z+
    endcase
    case 31
    ten cpse r1, r1         ; each skips the next: five are executed
    nop
    endcase
    rjmp serve

.global __do_copy_data
.lcomm scratch, 64

.section .mailbox, "aw", @nobits
.global rk_mailbox
.type rk_mailbox, @object
.size rk_mailbox, 64
rk_mailbox:
    .space 64
