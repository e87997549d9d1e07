/* Configuration of mbedTLS for programs/p256m.c. */
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
