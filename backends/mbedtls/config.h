/* backends/mbedtls/config.h - mbedTLS for key management on a device, for 2.28 and 3.6
 *
 * One configuration for all operations, so that a figure of one operation holds in an image that has them all.
 * In:   what backend.cmake lists as provided. Out: files, threads, time, entropy sources, self tests, PSA.
 * The families differ in what memory can hold; README.md of backends argues each choice.
 *
 * RK_MBEDTLS_DIRECT is defined for the library's own files of some primitives (backend.cmake lists them), which are called
 * by name and not through the library's tables of ciphers and digests. What the rest of the library does not know, those
 * tables do not name, and an image with one cipher or one digest does not carry it.
 */
#ifndef BACKENDS_MBEDTLS_CONFIG_H
#define BACKENDS_MBEDTLS_CONFIG_H

#include <limits.h> /* ctr_drbg.c of 2.28 uses INT_MAX without it where the C library is not glibc */

#if defined(__AVR__) || defined(__MSP430__)
#define RKI_MBEDTLS_SMALL
#endif

/* Symmetric. CCM, GCM, CMAC and key wrap reach AES through the cipher layer: one small heap block a call. */
#define MBEDTLS_AES_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_CMAC_C
#define MBEDTLS_AES_ROM_TABLES /* constant tables instead of 8 KB computed into RAM */
#if !defined(RKI_MBEDTLS_SMALL) || defined(RK_MBEDTLS_DIRECT)
#define MBEDTLS_CCM_C
#define MBEDTLS_NIST_KW_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#endif
#if defined(RK_MBEDTLS_DIRECT)
#define MBEDTLS_GCM_C
#endif

/* Hash and what stands on it. */
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_HKDF_C
#define MBEDTLS_PKCS5_C
#if !defined(RKI_MBEDTLS_SMALL) || defined(RK_MBEDTLS_DIRECT)
#define MBEDTLS_SHA1_C
#define MBEDTLS_SHA384_C /* 3.x; 2.28 has it with the other */
#define MBEDTLS_SHA512_C
#endif

/* Random numbers: strength 128 bit like the keys; the stack buffers hold our 48 bytes of entropy, not 384. */
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_CTR_DRBG_USE_128_BIT_KEY
#define MBEDTLS_CTR_DRBG_MAX_INPUT       64
#define MBEDTLS_CTR_DRBG_MAX_SEED_INPUT  64
#define MBEDTLS_HMAC_DRBG_MAX_INPUT      64
#define MBEDTLS_HMAC_DRBG_MAX_SEED_INPUT 64

/* Elliptic curves. The caller's DRBG blinds; 2.28 would otherwise seed one more inside each multiplication. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECJPAKE_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_NO_INTERNAL_RNG

/* RSA. ECDSA and RSA do not compile without the ASN.1 of their encodings, which nothing here calls. */
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_OID_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_X509_REMOVE_INFO /* 3.x: object identifiers without their names */

#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_DEPRECATED_REMOVED

#if defined(RKI_MBEDTLS_SMALL)
/* 2 to 16 KB of RAM, up to 128 KB of flash: one table of 1 KB for each direction, windows of 2 bits, looped hashes. */
#define MBEDTLS_HAVE_INT32
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_MPI_WINDOW_SIZE       1
#define MBEDTLS_MPI_MAX_SIZE          544 /* RSA-2048 squares and divides in 2 * 256 bytes and a few limbs */
#define MBEDTLS_ECP_MAX_BITS          256
#define MBEDTLS_ECP_WINDOW_SIZE       2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#else
/* Upstream's defaults, with its assembly for products of limbs. RSA keys are made here only. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_GENPRIME
#endif

#endif
