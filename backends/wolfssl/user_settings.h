/* backends/wolfssl/user_settings.h - wolfCrypt for key management on a device, for 5.5 and 5.7
 *
 * One configuration for all operations, so that a figure of one operation holds in an image that has them all. What
 * would make the contexts of all others larger is compiled apart, private to one file of the adapter, which says so
 * first: RKI_WOLFSSL_GCM, _SHA1, _SHA512 (with Ed25519), _RSA, _MLKEM.
 * Out:  TLS, ASN.1, files, threads, time, entropy sources, error strings.
 * The name of the file is the library's (WOLFSSL_USER_SETTINGS). README.md of this folder argues each choice.
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
#define NO_OLD_TLS
#define NO_SESSION_CACHE
#define NO_MD4
#define NO_MD5
#define NO_DES3
#define NO_RC4
#define NO_DSA
#define NO_DH
#define NO_SIG_WRAPPER
#define NO_DEV_RANDOM
#define WOLFSSL_USER_IO
#define WOLFSSL_NO_SOCK
#define WOLFSSL_IGNORE_FILE_WARN

/* Application cores have data caches and room: there, look-ups that a cache does not give away, and unrolled
 * arithmetic. Elsewhere there is nothing to load ahead of a look-up, and flash is short; the host's figures are not
 * time. */
#if !defined(__aarch64__) && !(defined(__arm__) && __ARM_ARCH_PROFILE == 'A')
#define WC_NO_CACHE_RESISTANT
#define WOLFSSL_SP_SMALL
#endif

/* Symmetric. */
#define HAVE_AES_DECRYPT
#define WOLFSSL_AES_DIRECT
#define WOLFSSL_AES_128
#define NO_AES_CBC
#define HAVE_CHACHA
#define HAVE_POLY1305
#define HAVE_HKDF
#define WOLFSSL_HAVE_PRF

#ifdef RKI_WOLFSSL_GCM
#define HAVE_AESGCM
#ifdef __AVR_ATmega328P__
#define GCM_SMALL /* bit by bit, without the 512 bytes of a table that is a quarter of the RAM */
#else
#define GCM_TABLE_4BIT
#endif
#else
#define HAVE_AESCCM
#define HAVE_AES_KEYWRAP
#define WOLFSSL_CMAC
#endif

#ifndef RKI_WOLFSSL_SHA1
#define NO_SHA
#endif

#ifdef RKI_WOLFSSL_SHA512
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512
#define HAVE_ED25519
#endif

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

/* Curves, with blinding and in constant time where the library has it. */
#define HAVE_CURVE25519
#ifndef RKI_WOLFSSL_RSA
#define HAVE_ECC
#define HAVE_ECC_DHE
#define ECC_USER_CURVES
#define ECC_TIMING_RESISTANT
#define USE_ECC_B_PARAM
#define WOLFSSL_HAVE_SP_ECC
#endif
#define WOLFSSL_PUBLIC_MP

#ifdef RKI_WOLFSSL_RSA
/* General arithmetic for both sizes of a key; where the library has code for 2048 bits alone, in assembly, that. */
#define WOLFSSL_SP_MATH_ALL
#define SP_INT_BITS 2048
#define WC_RSA_BLINDING
#define TFM_TIMING_RESISTANT
#define WOLFSSL_KEY_GEN
#define RSA_MIN_SIZE 1024
#else
/* P-256 by the library's code for this curve alone, in C, with 32-bit words and on the host 64-bit ones. The general
 * arithmetic (WOLFSSL_SP_MATH_ALL) takes ten times the heap on AVR and is slower there, and it draws keys otherwise. */
#define NO_RSA
#define WOLFSSL_SP_MATH
#define SP_INT_BITS 256
#endif

#ifdef RKI_WOLFSSL_MLKEM
#define WOLFSSL_SHA3
#define WOLFSSL_SHAKE128
#define WOLFSSL_SHAKE256
#define WOLFSSL_EXPERIMENTAL_SETTINGS
#define WOLFSSL_HAVE_KYBER
#define WOLFSSL_WC_KYBER
#define WOLFSSL_ML_KEM /* the hashing of FIPS 203 instead of the third round's */
#define WOLFSSL_NO_KYBER1024
#define WOLFSSL_KYBER_NO_LARGE_CODE
#endif

#if defined(__AVR__) || defined(__MSP430__)
/* 16-bit int and 32-bit long. The library's own WC_16BIT_CPU would take away the 64-bit type that the fast X25519 and
 * SHA-512 need, so the integer types are given here. */
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
#ifdef RKI_WOLFSSL_RSA
#define SP_WORD_SIZE 16 /* a quarter faster on AVR; with 32 the result is wrong on MSP430 */
#else
#define SP_WORD_SIZE 32
#endif
/* Loops instead of unrolled rounds: 15 KB less flash for AES at 26 % more cycles of CCM, 5 KB for SHA-256 at 3 %. With
 * unrolled rounds the operations of a lifecycle do not fit together in 128 KB. */
#define WOLFSSL_AES_NO_UNROLL
#define USE_SLOW_SHA
#define USE_SLOW_SHA256
#define USE_SLOW_SHA512
#define ED25519_SMALL /* the other has tables of 30 KB, in RAM on AVR */
#ifdef __AVR__
/* Tables to flash by upstream's own switch, which leaves the include to us. */
#include <avr/pgmspace.h>
#define WOLFSSL_USE_FLASHMEM
#endif
#if defined(__AVR_ATmega328P__) || defined(__MSP430__)
/* 32 and 48 KB of flash, of which the fast X25519 alone takes nearly all: the S-box only, and the 3 KB X25519. */
#define WOLFSSL_AES_SMALL_TABLES
#define CURVE25519_SMALL
#endif
#elif defined(__arm__)
#define WOLFSSL_GENERAL_ALIGNMENT 4
/* The library's assembly for P-256 and RSA-2048, by what the core can execute. */
#if __ARM_ARCH_PROFILE == 'M' && __ARM_ARCH_ISA_THUMB == 2
#define WOLFSSL_SP_ARM_CORTEX_M_ASM
#elif __ARM_ARCH_PROFILE == 'M'
#define WOLFSSL_SP_ARM_THUMB_ASM
#endif
#ifdef RKI_WOLFSSL_RSA
#if __ARM_ARCH_PROFILE == 'M'
#define WOLFSSL_HAVE_SP_RSA
#define WOLFSSL_SP_NO_3072
#endif
#if __ARM_ARCH_ISA_THUMB == 2 /* the same for the steps of the general arithmetic */
#define WOLFSSL_SP_ARM32
#else
#define WOLFSSL_SP_ARM_THUMB
#endif
#endif
#elif defined(__aarch64__)
#define HAVE___UINT128_T 1
#define WOLFSSL_SP_ARM64_ASM
#ifdef RKI_WOLFSSL_RSA
#define WOLFSSL_SP_ARM64
#define WOLFSSL_HAVE_SP_RSA
#define WOLFSSL_SP_NO_3072
#endif
#endif

#endif
