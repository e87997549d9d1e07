/* P-256 by p256-m: key pair, shared secret, signature, verification in regions 0 to 3, as its README times them.
 * A verification that fails leaves region 3 out: the figure is then missing, not wrong. */
#include <stddef.h>
#include <stdint.h>

#include "devices/firmware/region.h"
#include "p256-m.h"

/* What mbedTLS's p256-m draws from. Uniform enough for a nonce that nobody attacks; the same on every device. */
int psa_generate_random(uint8_t *output, size_t output_size)
{
    static uint32_t state = 1;
    for (size_t i = 0; i < output_size; i++) {
        state = state * 1664525u + 1013904223u;
        output[i] = (uint8_t)(state >> 24);
    }
    return 0;
}

/* mbedTLS's wipe, which lives in a file that wants its whole platform layer. */
void mbedtls_platform_zeroize(void *memory, size_t bytes)
{
    volatile uint8_t *at = memory;
    while (bytes-- > 0) {
        *at++ = 0;
    }
}

static uint8_t private_key[32], public_key[64], secret[32], digest[32], signature[64];

int main(void)
{
    for (int i = 0; i < 32; i++) {
        digest[i] = (uint8_t)(7 * i + 1);
    }
    RK_REGION_START(0);
    p256_gen_keypair(private_key, public_key);
    RK_REGION_STOP(0);
    RK_REGION_START(1);
    p256_ecdh_shared_secret(secret, private_key, public_key);
    RK_REGION_STOP(1);
    RK_REGION_START(2);
    p256_ecdsa_sign(signature, private_key, digest, sizeof digest);
    RK_REGION_STOP(2);
    if (p256_ecdsa_verify(signature, public_key, digest, sizeof digest) == P256_SUCCESS) {
        RK_REGION_START(3);
        p256_ecdsa_verify(signature, public_key, digest, sizeof digest);
        RK_REGION_STOP(3);
    }
    RK_REGION_EXIT();
    return secret[0];
}
