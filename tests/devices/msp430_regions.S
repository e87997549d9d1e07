; tests/devices/msp430_regions.S - a program of its own, in assembly: no mailbox, no library, regions by id, ends in a loop
; The same as regions.S, with what the user's guide says each instruction takes.
    .globl  main
    .section .text.main, "ax", @progbits

; Region 3 twice: nop 1, mov #1 1, sub #1 1, jz 2. Region 200 once: call 5, eight pushes of 3, eight pops of 2, ret 3.
; Region 0 is empty.
main:
    mov     #2, r10
1:  mov     #3, &0x01f0
    nop
    mov     #1, r12
    sub     #1, r12
    jz      2f
2:  mov     #3, &0x01f2
    sub     #1, r10
    jnz     1b
    mov     #200, &0x01f0
    call    #deep
    mov     #200, &0x01f2
    mov     #0, &0x01f0
    mov     #0, &0x01f2
3:  jmp     3b

deep:
    .rept   8
    push    r12
    .endr
    .rept   8
    pop     r12
    .endr
    ret
