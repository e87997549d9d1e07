/* Ladder and Edwards curve with one arithmetic between them.
 *
 * The library's field multiplication and squaring are static in a header: each file that includes it has its own, 26 KB
 * on MSP430. There this file stands for ladder.c and ed25519_ref10.c, both unchanged. What is declared here first is
 * called where the compiler would inline it.
 */
#include <stdint.h>

static __attribute__((noinline)) void fe25519_add(int32_t h[10], const int32_t f[10], const int32_t g[10]);
static __attribute__((noinline)) void fe25519_sub(int32_t h[10], const int32_t f[10], const int32_t g[10]);

#include "crypto_core/ed25519/ref10/ed25519_ref10.c"

#include "backends/libsodium/ladder.c"
