; tests/devices/regions.S - a program of its own, in assembly: no mailbox, no library, regions by id, ends in a loop
.global main
.text

; Region 3 twice, five cycles each; region 200 once: a call that pushes eight bytes, 3 + 8 * (2 + 2) + 4 cycles.
main:
    ldi r24, 3
    ldi r25, 2
again:
    sts 0xd9, r24
    nop
    ldi r20, 1
    dec r20
    breq 1f
1:  sts 0xda, r1
    dec r25
    brne again
    ldi r24, 200
    sts 0xd9, r24
    rcall deep
    sts 0xda, r1
2:  rjmp 2b

deep:
    .rept 8
    push r24
    .endr
    .rept 8
    pop r24
    .endr
    ret
