/* The Montgomery ladder alone.
 *
 * libsodium reaches its ladder through a table of functions that also names the fixed-base multiplication and with it
 * 30 KB of precomputed Edwards points: more than the RAM, and a quarter of the flash, of a small device. The ladder is
 * static in its file, so that file is compiled as part of this one, unchanged; the linker drops what is not called.
 */
#include "crypto_scalarmult/curve25519/ref10/x25519_ref10.c"

int rki_libsodium_ladder(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);

int rki_libsodium_ladder(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32])
{
    return crypto_scalarmult_curve25519_ref10(out, scalar, point);
}
