/* devices/firmware/libc/include/limits.h - what the compiler says of its types
 *
 * Here because gcc's own goes on to the C library of the machine that a cross compiler was made for.
 */
#ifndef RK_LIBC_LIMITS_H
#define RK_LIBC_LIMITS_H

#define CHAR_BIT __CHAR_BIT__

#define SCHAR_MAX __SCHAR_MAX__
#define SCHAR_MIN (-SCHAR_MAX - 1)
#define SHRT_MAX  __SHRT_MAX__
#define SHRT_MIN  (-SHRT_MAX - 1)
#define INT_MAX   __INT_MAX__
#define INT_MIN   (-INT_MAX - 1)
#define LONG_MAX  __LONG_MAX__
#define LONG_MIN  (-LONG_MAX - 1L)
#define LLONG_MAX __LONG_LONG_MAX__
#define LLONG_MIN (-LLONG_MAX - 1LL)

#define UCHAR_MAX (SCHAR_MAX * 2 + 1) /* the preprocessor knows no casts, and libraries ask it */
#if __SHRT_MAX__ == __INT_MAX__
#define USHRT_MAX (SHRT_MAX * 2u + 1u)
#else
#define USHRT_MAX (SHRT_MAX * 2 + 1)
#endif
#define UINT_MAX   (INT_MAX * 2u + 1u)
#define ULONG_MAX  (LONG_MAX * 2ul + 1ul)
#define ULLONG_MAX (LLONG_MAX * 2ull + 1ull)

#ifdef __CHAR_UNSIGNED__
#define CHAR_MIN 0
#define CHAR_MAX UCHAR_MAX
#else
#define CHAR_MIN SCHAR_MIN
#define CHAR_MAX SCHAR_MAX
#endif

#endif
