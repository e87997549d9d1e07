/* The library's chacha20_ref.c, unchanged, for MSP430: key and nonce are set up by calls. The compiler would inline that
 * into each of the file's four streams, 850 bytes.
 */
#include <stdint.h>

struct chacha_ctx;
static __attribute__((noinline)) void chacha_keysetup(struct chacha_ctx *context, const uint8_t *key);
static __attribute__((noinline)) void chacha_ivsetup(struct chacha_ctx *context, const uint8_t *iv,
                                                     const uint8_t *counter);
static __attribute__((noinline)) void chacha_ietf_ivsetup(struct chacha_ctx *context, const uint8_t *iv,
                                                          const uint8_t *counter);

#include "crypto_stream/chacha20/ref/chacha20_ref.c"
