/* Configuration of mbedTLS for programs/sha256_mbedtls.c: the hash alone. */
#define MBEDTLS_SHA256_C
