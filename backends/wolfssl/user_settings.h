/* backends/wolfssl/user_settings.h - wolfCrypt for key management on a device, for 5.5 and 5.7
 *
 * One configuration for all operations, so that a figure of one operation holds in an image that has them all.
 * In:   AES-128, CCM, key wrap, ChaCha20-Poly1305, SHA-256, HMAC, HKDF, Hash_DRBG, X25519, P-256.
 * Out:  TLS, ASN.1, SHA-512, RSA, files, threads, time, entropy sources, error strings.
 * The name of the file is the library's (WOLFSSL_USER_SETTINGS). README.md of backends argues each choice.
 */
#ifndef BACKENDS_WOLFSSL_USER_SETTINGS_H
#define BACKENDS_WOLFSSL_USER_SETTINGS_H

#include <stdint.h>

#define WOLFCRYPT_ONLY
#define SINGLE_THREADED
#define NO_FILESYSTEM
#define NO_WRITEV
#define NO_ERROR_STRINGS
#define NO_MAIN_DRIVER
#define NO_ASN
#define NO_ASN_TIME
#define NO_CERTS
#define NO_CODING
#define NO_PWDBASED
#define NO_OLD_TLS
#define NO_SESSION_CACHE
#define NO_MD4
#define NO_MD5
#define NO_SHA
#define NO_DES3
#define NO_RC4
#define NO_DSA
#define NO_DH
#define NO_RSA
#define NO_SIG_WRAPPER
#define NO_DEV_RANDOM
#define WOLFSSL_USER_IO
#define WOLFSSL_NO_SOCK
#define WOLFSSL_IGNORE_FILE_WARN

/* Symmetric. Without data caches there is nothing to load ahead of the table look-ups; the host's
 * figures are not time. */
#define HAVE_AESCCM
#define HAVE_AES_KEYWRAP
#define HAVE_AES_DECRYPT
#define WOLFSSL_AES_DIRECT
#define WOLFSSL_AES_128
#define NO_AES_192
#define NO_AES_256
#define NO_AES_CBC
#define WC_NO_CACHE_RESISTANT
#define HAVE_CHACHA
#define HAVE_POLY1305
#define HAVE_HKDF

/* Hash_DRBG. SEED_SZ becomes 32 bytes. The library compares neighbouring blocks of a seed and refuses equal ones; with
 * blocks of 16 bytes instead of 4 a good seed is never refused. The reseed counter cannot be reached in a device's
 * life. */
#define HAVE_HASHDRBG
#define RNG_SECURITY_STRENGTH        256
#define ENTROPY_SCALE_FACTOR         1
#define SEED_BLOCK_SZ                16
#define WC_RESEED_INTERVAL           0xFFFFFFFFul
#define CUSTOM_RAND_GENERATE_SEED_OS rki_wolfssl_seed
struct OS_Seed;
extern int rki_wolfssl_seed(struct OS_Seed *seed, unsigned char *out, uint32_t out_bytes);

/* Key agreement, with blinding and in constant time where the library has it. */
#define HAVE_CURVE25519
#define HAVE_ECC
#define HAVE_ECC_DHE
#define ECC_USER_CURVES
#define ECC_TIMING_RESISTANT
#define USE_ECC_B_PARAM
#define WOLFSSL_PUBLIC_MP

/* P-256 by the library's code for this curve alone, in C, with 32-bit words and on the host 64-bit ones. The general
 * arithmetic (WOLFSSL_SP_MATH_ALL) takes ten times the heap on AVR and is slower there, and it draws keys otherwise. */
#define WOLFSSL_SP_MATH
#define WOLFSSL_HAVE_SP_ECC
#define WOLFSSL_SP_SMALL
#define SP_INT_BITS 256

#if defined(__AVR__) || defined(__MSP430__)
/* 16-bit int and 32-bit long. The library's own WC_16BIT_CPU would take away the 64-bit type that the fast X25519
 * needs, so the integer types are given here. */
#define WOLFSSL_TYPES
#define SIZEOF_LONG      4
#define SIZEOF_LONG_LONG 8
typedef uint8_t byte;
typedef int8_t sword8;
typedef uint8_t word8;
typedef int16_t sword16;
typedef uint16_t word16;
typedef int32_t sword32;
typedef uint32_t word32;
typedef byte word24[3];
#define SP_WORD_SIZE 32
/* Loops instead of unrolled rounds: 15 KB less flash for AES at 26 % more cycles of CCM, 5 KB for SHA-256 at 3 %. With
 * unrolled rounds the operations of a lifecycle do not fit together in 128 KB. */
#define WOLFSSL_AES_NO_UNROLL
#define USE_SLOW_SHA256
#ifdef __AVR__
/* Tables to flash by upstream's own switch, which leaves the include to us. */
#include <avr/pgmspace.h>
#define WOLFSSL_USE_FLASHMEM
#endif
#ifdef __AVR_ATmega328P__
/* 32 KB of flash: S-box only, and the 3 KB X25519 that is five times slower. */
#define WOLFSSL_AES_SMALL_TABLES
#define CURVE25519_SMALL
#endif
#elif defined(__arm__)
#define WOLFSSL_GENERAL_ALIGNMENT 4
#if __ARM_ARCH_ISA_THUMB == 2 && __ARM_ARCH_PROFILE == 'M'
#define WOLFSSL_SP_ARM_CORTEX_M_ASM /* the library's assembly for the curve's arithmetic */
#endif
#endif

#endif
