/* tests/devices/a64_zoo.S - instructions that compilers seldom emit, for test_a64.c. Never executed. */
    .arch armv8-a+crc
    .text
    adr x1, .
    adrp x2, .
    add x3, sp, #16
    add sp, x4, x5, uxtx
    adds x6, x7, w8, sxtw #2
    sub sp, sp, x9, lsl #1
    subs w10, w11, #4095
    cmp sp, x12
    cmn w13, #1
    cmp x0, #200
    and sp, x14, #0xff
    ands x15, x16, #0xf0f0f0f0f0f0f0f0
    tst w17, #1
    orn x18, x19, x20, ror #3
    eon w21, w22, w23
    bics x24, x25, x26
    movz x27, #1, lsl #16
    movn w28, #5
    movk x29, #7, lsl #48
    bfi x1, x2, #3, #4
    bfxil w3, w4, #1, #2
    sbfiz x5, x6, #1, #2
    ubfx w7, w8, #9, #10
    extr x9, x10, x11, #12
    ror w12, w13, #14
    lslv x14, x15, x16
    asr w17, w18, w19
    adc x20, x21, x22
    sbcs w23, w24, w25
    ngc x26, x27
    rbit x1, x2
    rev w3, w4
    rev16 x5, x6
    rev32 x7, x8
    clz w9, w10
    cls x11, x12
    crc32cx w13, w14, x15
    csel x16, x17, x18, ne
    csinc w19, w20, w21, eq
    cset x22, lt
    cneg w23, w24, mi
    csinv x25, x26, x27, vs
    ccmp x1, x2, #3, eq
    ccmn w3, #4, #5, ne
    madd w1, w2, w3, w4
    msub w5, w6, w7, w8
    mul w9, w10, w11
    mneg w12, w13, w14
    madd x1, x2, x3, x4
    msub x5, x6, x7, x8
    mul x9, x10, x11
    smaddl x12, w13, w14, x15
    umsubl x16, w17, w18, x19
    umull x20, w21, w22
    smnegl x23, w24, w25
    umulh x26, x27, x28
    smulh x1, x2, x3
    udiv x4, x5, x6
    sdiv w7, w8, w9
    b .
    bl .
    b.eq .
    cbz w1, .
    cbnz x2, .
    tbz x3, #40, .
    tbnz w4, #5, .
    br x5
    blr x6
    ret
    ret x7
    nop
    yield
    wfe
    wfi
    sev
    dmb ish
    dsb sy
    isb
    clrex
    svc #1
    hlt #2
    brk #3
    mrs x8, nzcv
    msr fpcr, x9
    msr daifset, #2
    dc cvac, x10
    tlbi vmalle1
    ldr x1, .
    ldrsw x2, .
    ldr q3, .
    prfm pldl1keep, [x4]
    prfm pldl1keep, .
    ldrb w1, [x2]
    ldrh w3, [x4, #2]
    ldrsb x5, [x6], #1
    ldrsh w7, [x8, #2]!
    ldrsw x9, [x10, x11, lsl #2]
    ldr w12, [sp, #4]
    ldur x13, [x14, #-8]
    ldtr x15, [x16]
    strb w1, [x2, w3, uxtw]
    strh w4, [x5], #2
    str x6, [sp, #-16]!
    stur w7, [x8, #-4]
    sttrb w9, [x10]
    str x11, [x12, x13]
    str wzr, [x14]
    ldr x0, [sp], #16
    ldp x1, x2, [x3]
    ldp w4, w5, [x6], #8
    ldpsw x7, x8, [x9, #8]!
    ldnp x10, x11, [x12]
    stp x13, x14, [sp, #-16]!
    stp w15, wzr, [x16]
    stnp x17, x18, [x19]
    ldp q1, q2, [x3]
    stp d4, d5, [x6]
    ldp s7, s8, [x9]
    ldr b1, [x2]
    ldr h3, [x4, #2]
    ldr s5, [x6], #4
    ldr d7, [x8, x9]
    ldr q10, [x11, #16]
    str q12, [x13, #-16]!
    stur d14, [x15, #1]
    ldxr x1, [x2]
    ldaxrb w3, [x4]
    stxr w5, x6, [x7]
    stlxrh w8, w9, [x10]
    ldxp x11, x12, [x13]
    stlxp w14, x15, x16, [x17]
    ldar w18, [x19]
    stlr x20, [x21]
    ld1 {v1.16b}, [x2]
    ld1 {v3.8b, v4.8b}, [x5], #16
    ld1 {v6.4s, v7.4s, v8.4s}, [x9]
    ld1 {v10.2d, v11.2d, v12.2d, v13.2d}, [x14], x15
    st1 {v16.16b, v17.16b}, [x18]
    ld2 {v19.4h, v20.4h}, [x21]
    st3 {v22.8h, v23.8h, v24.8h}, [x25]
    st4 {v26.4s, v27.4s, v28.4s, v29.4s}, [x1]
    ld1 {v1.s}[1], [x2]
    ld1r {v3.16b}, [x4]
    ld2 {v5.d, v6.d}[1], [x7]
    ld4r {v8.8b, v9.8b, v10.8b, v11.8b}, [x12]
    add v1.16b, v2.16b, v3.16b
    mla v4.4s, v5.4s, v6.4s
    umlal v7.2d, v8.2s, v9.2s
    ext v10.16b, v11.16b, v12.16b, #4
    tbl v13.16b, {v14.16b, v15.16b}, v16.16b
    movi v17.2d, #0
    shl v18.4s, v19.4s, #7
    sri v20.4s, v21.4s, #25
    rev32 v22.8h, v23.8h
    cnt v24.8b, v25.8b
    addv b26, v27.8b
    dup v1.4s, w2
    dup v3.2d, v4.d[1]
    ins v5.s[1], w6
    mov v7.d[0], v8.d[1]
    umov w9, v10.b[3]
    smov x11, v12.h[2]
    fmov d13, x14
    fmov w15, s16
    fmov d17, d18
    fmov s19, #1.0
    scvtf d20, x21
    ucvtf s22, w23
    fcvtzs x24, d25
    fcvtau w26, s27
    fadd d1, d2, d3
    fmadd s4, s5, s6, s7
    fdiv d8, d9, d10
    fcmp d11, d12
    fcsel d13, d14, d15, gt
