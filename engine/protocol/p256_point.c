/* engine/protocol/p256_point.c - see p256_point.h; Montgomery products with limbs of the machine's own size */
#include "engine/protocol/p256_point.h"

#include "engine/lifecycle/small.h"

#if defined(__AVR__) || defined(__MSP430__)
typedef uint16_t limb;
typedef uint32_t wide;
typedef int32_t signed_wide;
#else
typedef uint32_t limb;
typedef uint64_t wide;
typedef int64_t signed_wide;
#endif

enum { LIMB_bits = 8 * sizeof(limb), LIMBS = 256 / LIMB_bits, COORDINATE_bytes = 32 };

/* p = 2^256 - 2^224 + 2^192 + 2^96 - 1, least limb first; a table would be RAM on an AVR. */
static limb prime(uint8_t i)
{
    if (i < 96 / LIMB_bits || i >= 224 / LIMB_bits) {
        return (limb)-1;
    }
    return i == 192 / LIMB_bits;
}

/* out: whether a >= p. */
static bool is_too_large(const limb a[LIMBS])
{
    for (uint8_t i = LIMBS; i-- > 0;) {
        if (a[i] != prime(i)) {
            return a[i] > prime(i);
        }
    }
    return true;
}

static void subtract_prime(limb a[LIMBS])
{
    limb borrow = 0;
    for (uint8_t i = 0; i < LIMBS; i++) {
        wide difference = (wide)a[i] - prime(i) - borrow;
        a[i] = (limb)difference;
        borrow = (limb)(difference >> LIMB_bits) & 1;
    }
}

/* sum = a + b mod p; it may be one of them. */
static void add(limb sum[LIMBS], const limb a[LIMBS], const limb b[LIMBS])
{
    limb carry = 0;
    for (uint8_t i = 0; i < LIMBS; i++) {
        wide total = (wide)a[i] + b[i] + carry;
        sum[i] = (limb)total;
        carry = (limb)(total >> LIMB_bits);
    }
    if (carry != 0 || is_too_large(sum)) {
        subtract_prime(sum);
    }
}

/* a = p - a, for 0 < a < p; zero gives p, which add() takes. */
static void negate(limb a[LIMBS])
{
    limb borrow = 0;
    for (uint8_t i = 0; i < LIMBS; i++) {
        wide difference = (wide)prime(i) - a[i] - borrow;
        a[i] = (limb)difference;
        borrow = (limb)(difference >> LIMB_bits) & 1;
    }
}

/* t = (t + t[0] * p) / 2^LIMB_bits. -1/p is 1 modulo a limb, so that the quotient digit is t[0] itself; what its
 * product with p adds stands at the powers of p alone. */
static void reduce(limb t[LIMBS + 2])
{
    limb digit = t[0];
    signed_wide carry = 0;
    for (uint8_t i = 1; i <= LIMBS; i++) {
        signed_wide sum = carry + t[i];
        if (i == 96 / LIMB_bits || i == 192 / LIMB_bits || i == LIMBS) {
            sum += digit;
        } else if (i == 224 / LIMB_bits) {
            sum -= digit;
        }
        t[i - 1] = (limb)sum;
        carry = sum >> LIMB_bits;
    }
    t[LIMBS] = (limb)(t[LIMBS + 1] + carry);
}

/* product = a * b / 2^256 mod p; it may be one of them. */
static void multiply(limb product[LIMBS], const limb a[LIMBS], const limb b[LIMBS])
{
    limb t[LIMBS + 2] = {0};
    for (uint8_t i = 0; i < LIMBS; i++) {
        limb carry = 0;
        for (uint8_t j = 0; j < LIMBS; j++) {
            wide sum = (wide)a[i] * b[j] + t[j] + carry;
            t[j] = (limb)sum;
            carry = (limb)(sum >> LIMB_bits);
        }
        wide top = (wide)t[LIMBS] + carry;
        t[LIMBS] = (limb)top;
        t[LIMBS + 1] = (limb)(top >> LIMB_bits);
        reduce(t);
    }
    for (uint8_t i = 0; i < LIMBS; i++) {
        product[i] = t[i];
    }
    if (t[LIMBS] != 0 || is_too_large(product)) {
        subtract_prime(product);
    }
}

static void square_times(limb a[LIMBS], uint8_t times)
{
    while (times-- > 0) {
        multiply(a, a, a);
    }
}

/* a = a * 2^256 mod p: Montgomery's form of it. */
static void enter(limb a[LIMBS])
{
    for (uint16_t i = 0; i < 256; i++) {
        add(a, a, a);
    }
}

static void load(limb a[LIMBS], const uint8_t in[COORDINATE_bytes])
{
    for (uint8_t i = 0; i < LIMBS; i++) {
        limb value = 0;
        for (uint8_t j = 0; j < sizeof(limb); j++) {
            value = (limb)(value << 8 | in[COORDINATE_bytes - sizeof(limb) * (i + 1) + j]);
        }
        a[i] = value;
    }
}

static void store(uint8_t out[COORDINATE_bytes], const limb a[LIMBS])
{
    for (uint8_t i = 0; i < COORDINATE_bytes; i++) {
        out[COORDINATE_bytes - 1 - i] = (uint8_t)(a[i / sizeof(limb)] >> (8 * (i % sizeof(limb))));
    }
}

/* The curve's b. */
static void load_b(limb b[LIMBS])
{
    static const uint8_t bytes[COORDINATE_bytes] = {
        0x5A, 0xC6, 0x35, 0xD8, 0xAA, 0x3A, 0x93, 0xE7, 0xB3, 0xEB, 0xBD, 0x55, 0x76, 0x98, 0x86, 0xBC,
        0x65, 0x1D, 0x06, 0xB0, 0xCC, 0x53, 0xB0, 0xF6, 0x3B, 0xCE, 0x3C, 0x3E, 0x27, 0xD2, 0x60, 0x4B,
    };
    load(b, bytes);
}

/* root = a^((p + 1) / 4); (p + 1) / 4 = ((2^32 - 1) * 2^128 + 2^96 + 1) * 2^94. */
static void square_root(limb root[LIMBS], const limb a[LIMBS])
{
    limb part[LIMBS];
    rki_copy((uint8_t *)root, (const uint8_t *)a, COORDINATE_bytes);
    for (uint8_t bits = 1; bits < 32; bits = (uint8_t)(2 * bits)) {
        rki_copy((uint8_t *)part, (const uint8_t *)root, COORDINATE_bytes);
        square_times(root, bits);
        multiply(root, root, part);
    }
    square_times(root, 32);
    multiply(root, root, a);
    square_times(root, 96);
    multiply(root, root, a);
    square_times(root, 94);
}

bool rk_p256_point(const uint8_t x_bytes[32], uint8_t point[65])
{
    limb x[LIMBS], square[LIMBS], other[LIMBS];
    load(x, x_bytes);
    if (is_too_large(x)) {
        return false;
    }
    enter(x);
    multiply(square, x, x);
    multiply(square, square, x);
    add(other, x, x);
    add(other, other, x);
    negate(other);
    add(square, square, other);
    load_b(other);
    enter(other);
    add(square, square, other);
    square_root(x, square);
    multiply(other, x, x);
    for (uint8_t i = 0; i < LIMBS; i++) {
        if (other[i] != square[i]) {
            return false;
        }
    }
    limb one[LIMBS] = {1};
    multiply(x, x, one);
    point[0] = 4;
    rki_copy(point + 1, x_bytes, COORDINATE_bytes);
    store(point + 1 + COORDINATE_bytes, x);
    return true;
}
