/* tests/devices/too_big/too_big.c - sha256 needs more RAM than the device has, hmac_sha256 more flash, and hkdf_sha256
 * a function that does not exist; sha1 links. An image has the table's entry that it uses, and no other
 */
#include "backends/backend.h"
#include "backends/feature.h"

static volatile uint8_t more_than_ram[RAM_bytes];
#define QUARTER(name) static const uint8_t name[QUARTER_bytes] __attribute__((section(".progmem." #name))) = {1}
QUARTER(first);
QUARTER(second);
QUARTER(third);
QUARTER(fourth);
static const uint8_t *volatile more_than_flash[] = {first, second, third, fourth};

int rk_of_no_library(void);

static enum rk_crypto hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    if (RK_HAS(RK_ALG_SHA256) && alg == RK_ALG_SHA256) {
        more_than_ram[in_bytes] = in[0];
        digest[0] = more_than_ram[in[0]];
    }
    return RK_CRYPTO_OK;
}

static enum rk_crypto mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *mac)
{
    (void)alg;
    (void)in_bytes;
    mac[0] = more_than_flash[key[0] & 3][in[0] & key_bytes];
    return RK_CRYPTO_OK;
}

static enum rk_crypto kdf(const struct rk_kdf_job *job)
{
    job->out[0] = (uint8_t)rk_of_no_library();
    return RK_CRYPTO_OK;
}

static const struct rk_backend backend = {
    .name = "too_big",
    .version = "1",
    .capabilities = RK_PROVIDES & RK_USES,
    .hash = hash,
    .mac = mac,
    .kdf = kdf,
};

const struct rk_backend *rk_backend_get(void)
{
    return &backend;
}
