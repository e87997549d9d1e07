/* engine/lifecycle/small.h - functions so small that a PC inlines them and an 8- or 16-bit device had better call them
 *
 * Model:  on AVR and MSP430 they are declared here and small.c has the one copy; elsewhere they are inline.
 *         RKI_CALLED keeps a function of one file from being copied to each place that calls it there.
 * Units:  ns, bytes; integers in memory are little endian.
 * Freestanding: copies and fills are builtins, which the compiler may lower to the C library's memcpy and memset.
 */
#ifndef ENGINE_LIFECYCLE_SMALL_H
#define ENGINE_LIFECYCLE_SMALL_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__AVR__) || defined(__MSP430__)
#define RKI_SMALL
#define RKI_CALLED __attribute__((noinline))
#else
#define RKI_CALLED
#define RKI_SMALL static inline
#define RKI_SMALL_BODIES
#endif

static inline void rki_copy(uint8_t *to, const uint8_t *from, uint16_t bytes)
{
    __builtin_memcpy(to, from, bytes);
}

static inline void rki_zero(void *memory, uint16_t bytes)
{
    __builtin_memset(memory, 0, bytes);
}

/*@ requires \valid(out + (0 .. 3));
    terminates \true;
    assigns out[0 .. 3];
*/
RKI_SMALL void rki_put32(uint8_t *out, uint32_t value);
/*@ requires \valid_read(in + (0 .. 3));
    terminates \true;
    assigns \nothing;
*/
RKI_SMALL uint32_t rki_get32(const uint8_t *in);
/*@ requires \valid(out + (0 .. 7));
    terminates \true;
    assigns out[0 .. 7];
*/
RKI_SMALL void rki_put64(uint8_t *out, uint64_t value);
/*@ requires \valid_read(in + (0 .. 7));
    terminates \true;
    assigns \nothing;
*/
RKI_SMALL uint64_t rki_get64(const uint8_t *in);

/* Sum that stays at UINT64_MAX, which means never. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result == (a_ns + b_ns < UINT64_MAX ? a_ns + b_ns : UINT64_MAX);
*/
RKI_SMALL uint64_t rki_add_ns(uint64_t a_ns, uint64_t b_ns);
RKI_SMALL uint64_t rki_earlier_ns(uint64_t a_ns, uint64_t b_ns);
/* out: whether now_ns is not before at_ns. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> now_ns >= at_ns;
*/
RKI_SMALL bool rki_reached(uint64_t now_ns, uint64_t at_ns);

#ifdef RKI_SMALL_BODIES
RKI_SMALL void rki_put32(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
    out[2] = (uint8_t)(value >> 16);
    out[3] = (uint8_t)(value >> 24);
}

RKI_SMALL uint32_t rki_get32(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

RKI_SMALL void rki_put64(uint8_t *out, uint64_t value)
{
    rki_put32(out, (uint32_t)value);
    rki_put32(out + 4, (uint32_t)(value >> 32));
}

RKI_SMALL uint64_t rki_get64(const uint8_t *in)
{
    return (uint64_t)rki_get32(in) | (uint64_t)rki_get32(in + 4) << 32;
}

RKI_SMALL uint64_t rki_add_ns(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < UINT64_MAX - b_ns ? a_ns + b_ns : UINT64_MAX;
}

RKI_SMALL uint64_t rki_earlier_ns(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

RKI_SMALL bool rki_reached(uint64_t now_ns, uint64_t at_ns)
{
    return now_ns >= at_ns;
}
#endif

#endif
