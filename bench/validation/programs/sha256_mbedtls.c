/* SHA-256 over 128 and 512 bytes: regions 0 and 1. As usnistgov/Lightweight-Cryptography-Benchmarking hashes: one call,
 * context included. */
#include "devices/firmware/region.h"
#include "mbedtls/sha256.h"

enum { SHORT_bytes = 128, LONG_bytes = 512 };

static unsigned char message[LONG_bytes];
static unsigned char digest[32];

int main(void)
{
    for (int i = 0; i < LONG_bytes; i++) {
        message[i] = (unsigned char)i;
    }
    RK_REGION_START(0);
    mbedtls_sha256_ret(message, SHORT_bytes, digest, 0);
    RK_REGION_STOP(0);
    RK_REGION_START(1);
    mbedtls_sha256_ret(message, LONG_bytes, digest, 0);
    RK_REGION_STOP(1);
    RK_REGION_EXIT();
    return digest[0];
}
