/* user_settings.h of wolfSSL for programs/wolfcrypt_*.c, after IDE/STM32Cube's default: SP math in C for P-256 and
 * RSA-2048, no hardware. RK_SP_SMALL: its small form. RK_SP_THUMB: the assembly for ARMv6-M, small, as wolfSSL's figures
 * of the NUCLEO-G071RB. */
#ifndef BENCH_VALIDATION_PROGRAMS_WOLFCRYPT_H
#define BENCH_VALIDATION_PROGRAMS_WOLFCRYPT_H

#include <stddef.h>

#define WOLFCRYPT_ONLY
#define SINGLE_THREADED
#define NO_FILESYSTEM
#define NO_WRITEV
#define NO_MAIN_DRIVER
#define NO_DEV_RANDOM
#define NO_OLD_RNGNAME
#define NO_ERROR_STRINGS
#define WOLFSSL_GENERAL_ALIGNMENT 4
#define SIZEOF_LONG_LONG          8
#define SIZEOF_LONG               4
#define NO_DSA
#define NO_DH
#define NO_MD4
#define NO_MD5
#define NO_SHA
#define NO_DES3
#define NO_RC4
#define NO_PWDBASED
#define NO_SIG_WRAPPER
#define NO_WOLFSSL_MEMORY

#define HAVE_CHACHA
#define HAVE_POLY1305
#define HAVE_AES_CBC
#define HAVE_HASHDRBG
#define HAVE_ECC
#define ECC_USER_CURVES
#define HAVE_ECC_DHE
#define ECC_TIMING_RESISTANT
#define WC_RSA_BLINDING

#define WOLFSSL_SP_MATH
#define WOLFSSL_HAVE_SP_RSA
#define WOLFSSL_HAVE_SP_ECC
#define SP_WORD_SIZE 32
#define WOLFSSL_SP_NO_3072
#if defined(RK_SP_THUMB) || defined(RK_SP_SMALL)
#define WOLFSSL_SP_SMALL
#endif
#ifdef RK_SP_THUMB
#define WOLFSSL_SP_ASM
#define WOLFSSL_SP_ARM_THUMB_ASM
#endif

/* A counter: what the signatures and keys are made of matters to nobody here. */
int rk_validation_seed(unsigned char *output, unsigned int bytes);
#define CUSTOM_RAND_GENERATE_SEED rk_validation_seed

#endif
