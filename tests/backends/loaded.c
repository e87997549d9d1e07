#include "tests/backends/loaded.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KDFS (RK_CAP(RK_ALG_HKDF_SHA256) | RK_CAP(RK_ALG_KBKDF_HMAC) | RK_CAP(RK_ALG_PBKDF2) | RK_CAP(RK_ALG_TLS12_PRF))
#define COMMON                                                                                                         \
    (RK_CAP(RK_ALG_CHACHA20_POLY1305) | RK_CAP(RK_ALG_SHA256) | RK_CAP(RK_ALG_SHA512) | RK_CAP(RK_ALG_HMAC_SHA256) |   \
     RK_CAP(RK_ALG_HMAC_SHA512) | KDFS | RK_CAP(RK_ALG_X25519))
#define LARGE                                                                                                          \
    (COMMON | RK_CAP(RK_ALG_AES_CCM) | RK_CAP(RK_ALG_AES_GCM) | RK_CAP(RK_ALG_AES_CMAC) | RK_CAP(RK_ALG_SHA1) |        \
     RK_CAP(RK_ALG_SHA384) | RK_CAP(RK_ALG_HMAC_SHA1) | RK_CAP(RK_ALG_HMAC_SHA384) | RK_CAP(RK_ALG_KBKDF_CMAC) |       \
     RK_CAP(RK_ALG_P256) | RK_CAP(RK_ALG_ECDSA_P256) | RK_CAP(RK_ALG_RSA1024) | RK_CAP(RK_ALG_RSA2048) |               \
     RK_CAP(RK_ALG_AES_KEY_WRAP))
#define MBEDTLS                                                                                                        \
    (LARGE | RK_CAP(RK_ALG_CTR_DRBG) | RK_CAP(RK_ALG_HMAC_DRBG) | RK_CAP(RK_ALG_ECJPAKE) |                             \
     RK_CAP(RK_ALG_AES_KEY_WRAP_PAD))
#define WOLFSSL   (LARGE | RK_CAP(RK_ALG_HASH_DRBG) | RK_CAP(RK_ALG_ED25519))
#define LIBSODIUM (COMMON | RK_CAP(RK_ALG_CHACHA20_DRBG) | RK_CAP(RK_ALG_ED25519))
#define MLKEM     (RK_CAP(RK_ALG_MLKEM512) | RK_CAP(RK_ALG_MLKEM768))
#define ASCON     (RK_CAP(RK_ALG_ASCON_AEAD128) | RK_CAP(RK_ALG_ASCON_HASH256))
#define KBKDFS    (RK_CAP(RK_ALG_KBKDF_HMAC) | RK_CAP(RK_ALG_KBKDF_CMAC))

struct loaded loaded[LOADED_COUNT] = {
    {.name = "mbedtls", .version = "3.6.6", .capabilities = MBEDTLS, .composed = KBKDFS | RK_CAP(RK_ALG_TLS12_PRF)},
    {.name = "mbedtls", .version = "2.28.3", .capabilities = MBEDTLS, .composed = KBKDFS | RK_CAP(RK_ALG_TLS12_PRF)},
    {.name = "wolfssl", .version = "5.7.2", .capabilities = WOLFSSL | MLKEM, .composed = KBKDFS},
    {.name = "wolfssl", .version = "5.5.4", .capabilities = WOLFSSL, .composed = KBKDFS},
    {.name = "libsodium", .version = "1.0.18", .capabilities = LIBSODIUM, .composed = KDFS},
    {.name = "ascon", .version = "800-232", .capabilities = ASCON},
};

static int open_one(struct loaded *one, const char *folder)
{
    const struct rk_backend *(*get)(void);
    static struct rk_host_nvm nvm = {.cut_after = UINT32_MAX};
    char path[4096];
    snprintf(path, sizeof path, "%s/%s@%s/images/backend.so", folder, one->name, one->version);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
    void *symbol = dlsym(object, "rk_backend_get");
    memcpy(&get, &symbol, sizeof get);
    one->backend = get();
    rk_host_attach_fn *attach;
    symbol = dlsym(object, "rk_host_attach");
    memcpy(&attach, &symbol, sizeof attach);
    attach(&nvm);
    symbol = dlsym(object, "rk_host_call");
    memcpy(&one->call, &symbol, sizeof one->call);
    return 0;
}

int loaded_open_all(void **state)
{
    (void)state;
    const char *folder = getenv("RK_BACKEND_IMAGES");
    if (folder == NULL) {
        fprintf(stderr, "RK_BACKEND_IMAGES is not set: run through ctest\n");
        return -1;
    }
    for (size_t i = 0; i < LOADED_COUNT; i++) {
        if (open_one(&loaded[i], folder) != 0) {
            return -1;
        }
    }
    return 0;
}

struct rk_drbg *drbg_make(const struct rk_backend *backend, union state_memory *memory, uint8_t seed)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    fill(entropy, sizeof entropy, seed);
    struct rk_drbg *drbg = (struct rk_drbg *)memory->bytes;
    if (backend->drbg_bytes > sizeof memory->bytes ||
        backend->drbg_init(drbg, backend->drbg_alg, entropy) != RK_CRYPTO_OK) {
        fprintf(stderr, "%s %s: no generator\n", backend->name, backend->version);
        abort();
    }
    return drbg;
}

void fill(uint8_t *out, size_t bytes, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < bytes; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (uint8_t)(state >> 24);
    }
}
