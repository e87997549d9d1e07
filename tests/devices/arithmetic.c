/* tests/devices/arithmetic.c - see arithmetic.h. Only types of fixed width, and no overflow that C leaves undefined. */
#include "tests/devices/arithmetic.h"

#include <stdbool.h>

/* Corners of each width, and values without a pattern; narrower operations take the low bits. */
static const uint64_t operands[] = {
    0,
    1,
    2,
    7,
    10,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x10001,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x123456789,
    0xfffffffffff0,
    0x7fffffffffffffff,
    0x8000000000000000,
    0xffffffffffffffff,
    0x0123456789abcdef,
    0xfedcba9876543210,
    0xffffffff80000001,
    0x9e3779b97f4a7c15,
};
enum { OPERANDS = sizeof operands / sizeof operands[0] };

/* A division that C defines. */
#define DIVIDES_U(bits) (b != 0)
#define DIVIDES_S(bits) (b != 0 && !(b == -1 && a == INT##bits##_MIN))

/* X(name, type of the operands, type of the result, condition, expression of a and b) */
#define EACH_UNSIGNED(X, n)                                                                                            \
    X(add_u##n, uint##n##_t, uint##n##_t, true, a + b)                                                                 \
    X(subtract_u##n, uint##n##_t, uint##n##_t, true, a - b)                                                            \
    X(multiply_u##n, uint##n##_t, uint##n##_t, true, (uint64_t)a *b)                                                   \
    X(divide_u##n, uint##n##_t, uint##n##_t, DIVIDES_U(n), a / b)                                                      \
    X(remainder_u##n, uint##n##_t, uint##n##_t, DIVIDES_U(n), a % b)                                                   \
    X(left_u##n, uint##n##_t, uint##n##_t, true, (uint##n##_t)(a) << (b & (n - 1)))                                    \
    X(right_u##n, uint##n##_t, uint##n##_t, true, a >> (b & (n - 1)))                                                  \
    X(rotate_u##n, uint##n##_t, uint##n##_t, true,                                                                     \
      (uint##n##_t)(a << (b & (n - 1)) % n) | a >> ((n - (b & (n - 1))) % n))                                          \
    X(less_u##n, uint##n##_t, bool, true, a < b)                                                                       \
    X(constants_u##n, uint##n##_t, uint##n##_t, true,                                                                  \
      (uint##n##_t)(a << 1) ^ (uint##n##_t)(b << 7) ^ (a >> 8) ^ (b >> 15))                                            \
    X(by_ten_u##n, uint##n##_t, uint##n##_t, true, a / 10 ^ b % 10)                                                    \
    X(operands_kept_u##n, uint##n##_t, uint##n##_t, DIVIDES_U(n), (a / b ^ a % b) + a * 3 + b)

#define EACH_SIGNED(X, n)                                                                                              \
    X(multiply_s##n, int##n##_t, int##n##_t, true, (int##n##_t)((uint64_t)a * (uint64_t)b))                            \
    X(divide_s##n, int##n##_t, int##n##_t, DIVIDES_S(n), a / b)                                                        \
    X(remainder_s##n, int##n##_t, int##n##_t, DIVIDES_S(n), a % b)                                                     \
    X(right_s##n, int##n##_t, int##n##_t, true, a >> (b & (n - 1)))                                                    \
    X(less_s##n, int##n##_t, bool, true, a < b)                                                                        \
    X(constants_s##n, int##n##_t, int##n##_t, true, (a >> 1) ^ (b >> 7) ^ (a >> 15))                                   \
    X(by_ten_s##n, int##n##_t, int##n##_t, true, a / 10 ^ b % 10)

/* Width changes and wide products, as long arithmetic of the crypto libraries uses them. */
#define EACH_MIXED(X)                                                                                                  \
    X(wide_u16, uint16_t, uint32_t, true, (uint32_t)a *b)                                                              \
    X(wide_s16, int16_t, int32_t, true, (int32_t)a *b)                                                                 \
    X(wide_u32, uint32_t, uint64_t, true, (uint64_t)a *b)                                                              \
    X(wide_s32, int32_t, int64_t, true, (int64_t)a *b)                                                                 \
    X(long_u32, uint32_t, uint64_t, true, (uint64_t)a *b + a + b)                                                      \
    X(extend_s16, int16_t, int64_t, true, (int64_t)a - b)                                                              \
    X(extend_s32, int32_t, int64_t, true, (int64_t)a - b)                                                              \
    X(narrow_64, uint64_t, uint16_t, true, (uint16_t)(a >> 13) ^ (uint16_t)(b >> 37))                                  \
    X(shift_32_of_64, uint64_t, uint64_t, true, a >> 32 ^ b << 32)                                                     \
    X(shift_51_of_64, uint64_t, uint64_t, true, a >> 51 ^ b << 13)                                                     \
    X(rotate_16_of_32, uint32_t, uint32_t, true, (a << 16 | a >> 16) ^ (b << 12 | b >> 20))                            \
    X(rotate_7_of_32, uint32_t, uint32_t, true, (a << 7 | a >> 25) ^ (b << 8 | b >> 24))                               \
    X(rotate_28_of_64, uint64_t, uint64_t, true, (a << 36 | a >> 28) ^ (b << 25 | b >> 39))                            \
    X(shift_s64, int64_t, int64_t, true, (a >> 26) ^ (b >> 25))                                                        \
    X(carry_u64, uint64_t, bool, true, a + b < a)                                                                      \
    X(borrow_u32, uint32_t, bool, true, a - b > a)                                                                     \
    X(equal_64, uint64_t, bool, true, a == b)                                                                          \
    X(negate_64, uint64_t, uint64_t, true, -a ^ ~b)                                                                    \
    X(negate_32, uint32_t, uint32_t, true, -a ^ ~b)                                                                    \
    X(mask_32, uint32_t, uint32_t, true, (a & 0x3ffffff) * 19 + (b >> 26))                                             \
    X(mask_64, uint64_t, uint64_t, true, (a & 0x7ffffffffffff) * 19 + (b >> 51))                                       \
    X(square_64, uint64_t, uint64_t, true, a *a + b)                                                                   \
    X(bytes_16, uint16_t, uint16_t, true, (uint16_t)(a << 8) | b >> 8)                                                 \
    X(bytes_32, uint32_t, uint32_t, true, (a >> 24 & 0xff) | (b >> 8 & 0xff00) | (a << 8 & 0xff0000) | b << 24)        \
    X(mixed_signs, int32_t, int64_t, true, (int64_t)a *(int16_t)b)                                                     \
    X(product_modulo, uint32_t, uint32_t, DIVIDES_U(32), (uint32_t)((uint64_t)a * a % b))                              \
    X(quotient_of_64_by_32, uint64_t, uint32_t, (uint32_t)b != 0, (uint32_t)(a / (uint32_t)b))                         \
    X(sum_of_products, uint32_t, uint64_t, true, (uint64_t)a *b + (uint64_t)(a >> 1) * (b >> 1))                       \
    X(difference_s64, int64_t, bool, true, a > b)                                                                      \
    X(shift_by_u8, uint32_t, uint32_t, true, a << ((uint8_t)b & 31))                                                   \
    X(multiply_u8, uint8_t, uint16_t, true, (uint16_t)(a * b))                                                         \
    X(divide_u8, uint8_t, uint8_t, DIVIDES_U(8), a / b)                                                                \
    X(remainder_s8, int8_t, int8_t, DIVIDES_S(8), a % b)

#define EACH(X)                                                                                                        \
    EACH_UNSIGNED(X, 16)                                                                                               \
    EACH_UNSIGNED(X, 32)                                                                                               \
    EACH_UNSIGNED(X, 64)                                                                                               \
    EACH_SIGNED(X, 16)                                                                                                 \
    EACH_SIGNED(X, 32)                                                                                                 \
    EACH_SIGNED(X, 64)                                                                                                 \
    EACH_MIXED(X)

#define FUNCTION(name, operand, kind, condition, expression)                                                           \
    static __attribute__((noinline)) bool name(uint64_t left, uint64_t right, uint64_t *out)                           \
    {                                                                                                                  \
        operand a = (operand)left;                                                                                     \
        operand b = (operand)right;                                                                                    \
        if (!(condition)) {                                                                                            \
            return false;                                                                                              \
        }                                                                                                              \
        *out = (uint64_t)(kind)(expression);                                                                           \
        return true;                                                                                                   \
    }
EACH(FUNCTION)

static const struct {
    const char *name;
    bool (*run)(uint64_t left, uint64_t right, uint64_t *out);
} operations[] = {
#define ROW(name, operand, kind, condition, expression) {#name, name},
    EACH(ROW)};
_Static_assert(sizeof operations / sizeof operations[0] == ARITHMETIC_OPERATIONS, "the count in arithmetic.h");

const char *arithmetic_name(unsigned operation)
{
    return operations[operation].name;
}

void arithmetic_run(unsigned operation, struct arithmetic_result *result)
{
    uint16_t low = 0xffff, high = 0;
    result->count = 0;
    for (unsigned i = 0; i < OPERANDS; i++) {
        for (unsigned k = 0; k < OPERANDS; k++) {
            uint64_t value;
            if (!operations[operation].run(operands[i], operands[k], &value)) {
                continue;
            }
            result->count++;
            for (const uint16_t *part = (const uint16_t[]){(uint16_t)value, (uint16_t)(value >> 16),
                                                           (uint16_t)(value >> 32), (uint16_t)(value >> 48)},
                                *end = part + 4;
                 part < end; part++) {
                low = (uint16_t)(low + *part); /* Fletcher's checksum, modulo 2^16: no runtime is needed for it */
                high = (uint16_t)(high + low);
            }
        }
    }
    result->digest = (uint32_t)high << 16 | low;
}
