#include "tests/audit/faulty.h"

#include <string.h>

static const struct rk_backend *inner;

/* The same bytes whatever was drawn before. */
static enum rk_crypto generate_constant(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    (void)drbg, (void)alg;
    for (uint16_t i = 0; i < out_bytes; i++) {
        out[i] = (uint8_t)(0x5A ^ i);
    }
    return RK_CRYPTO_OK;
}

/* A key pair that does not ask the generator. */
static enum rk_crypto key_pair_constant(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    uint8_t entropy[RK_ENTROPY_bytes] = {0};
    enum rk_crypto result = inner->drbg_init(drbg, inner->drbg_alg, entropy);
    return result != RK_CRYPTO_OK ? result : inner->key_pair(alg, drbg, private_key, public_key);
}

static const struct fault {
    const char *name;
    struct rk_backend wrong; /* the entries that are not NULL replace the library's */
} faults[] = {
    {"constant-random", {.drbg_generate = generate_constant}},
    {"constant-pairs", {.key_pair = key_pair_constant}},
};

const struct rk_backend *faulty_make(const char *fault, const struct rk_backend *library)
{
    static struct rk_backend backend;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct rk_backend *wrong = &faults[i].wrong;
        if (strcmp(faults[i].name, fault) != 0) {
            continue;
        }
        inner = library;
        backend = *library;
#define REPLACE(entry) backend.entry = wrong->entry != NULL ? wrong->entry : library->entry
        REPLACE(aead_seal);
        REPLACE(aead_open);
        REPLACE(mac);
        REPLACE(kdf);
        REPLACE(drbg_init);
        REPLACE(drbg_generate);
        REPLACE(drbg_wipe);
        REPLACE(key_pair);
        REPLACE(agree);
        REPLACE(sign);
        REPLACE(verify);
        REPLACE(key_wrap);
        REPLACE(key_unwrap);
        REPLACE(wipe);
#undef REPLACE
        return &backend;
    }
    return NULL;
}
