/* tests/devices/too_big/too_big.c - sha256 needs more RAM than the device has, hmac_sha256 more flash, and hkdf_sha256
 * a function that does not exist; the other operations link
 */
#include "backends/backend.h"
#include "backends/feature.h"

static volatile uint8_t more_than_ram[20000];
/* An object of 128 KiB is more than the compiler accepts. */
#define QUARTER(name) static const uint8_t name[32760] __attribute__((section(".progmem." #name))) = {1}
QUARTER(first);
QUARTER(second);
QUARTER(third);
QUARTER(fourth);
static const uint8_t *volatile more_than_flash[] = {first, second, third, fourth};

int rk_of_no_library(void);

static enum rk_crypto sha256(const uint8_t *in, uint16_t in_bytes, uint8_t digest[32])
{
    more_than_ram[in_bytes] = in[0];
    digest[0] = more_than_ram[in[0]];
    return RK_CRYPTO_OK;
}

static enum rk_crypto hmac_sha256(const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                                  uint8_t mac[32])
{
    (void)in_bytes;
    mac[0] = more_than_flash[key[0] & 3][in[0] & key_bytes];
    return RK_CRYPTO_OK;
}

static enum rk_crypto hkdf_sha256(const struct rk_hkdf_job *job)
{
    job->out[0] = (uint8_t)rk_of_no_library();
    return RK_CRYPTO_OK;
}

static const struct rk_backend backend = {
    .name = "too_big",
    .version = "1",
    .capabilities = RK_CAP(RK_ALG_SHA256) | RK_CAP(RK_ALG_HMAC_SHA256) | RK_CAP(RK_ALG_HKDF_SHA256),
    .sha256 = RK_HAS(RK_ALG_SHA256) ? sha256 : NULL,
    .hmac_sha256 = RK_HAS(RK_ALG_HMAC_SHA256) ? hmac_sha256 : NULL,
    .hkdf_sha256 = RK_HAS(RK_ALG_HKDF_SHA256) ? hkdf_sha256 : NULL,
};

const struct rk_backend *rk_backend_get(void)
{
    return &backend;
}
