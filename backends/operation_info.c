/* backends/operation_info.c - the list of backends/operation.h, spelled out once for the host */
#include "backends/operation_info.h"

#include <stddef.h>
#include <string.h>

#include "backends/backend.h"

struct shape {
    const char *inputs, *outputs;
};

static const struct shape shapes[] = {
#define SHAPE(shape, in, out) [RK_SHAPE_##shape] = {in, out},
    RK_SHAPES(SHAPE)
#undef SHAPE
};

static const struct rk_operation_info operations[] = {
#define OPERATION_INFO(name, alg, shape, key, variant, sizes, least, help)                                             \
    {#name, alg, RK_SHAPE_##shape, key, variant, least, sizes, help},
    RK_OPERATIONS(OPERATION_INFO)
#undef OPERATION_INFO
};

static const char *const names[] = {
#define OPERATION_NAME(name, alg, shape, key, variant, sizes, least, help) #name,
    RK_OPERATIONS(OPERATION_NAME)
#undef OPERATION_NAME
        NULL};

static const char *const algorithms[RK_ALG_COUNT] = {
    [RK_ALG_AES_CCM] = "aes_ccm",
    [RK_ALG_AES_GCM] = "aes_gcm",
    [RK_ALG_CHACHA20_POLY1305] = "chacha20_poly1305",
    [RK_ALG_ASCON_AEAD128] = "ascon_aead128",
    [RK_ALG_SHA1] = "sha1",
    [RK_ALG_SHA256] = "sha256",
    [RK_ALG_SHA384] = "sha384",
    [RK_ALG_SHA512] = "sha512",
    [RK_ALG_ASCON_HASH256] = "ascon_hash256",
    [RK_ALG_HMAC_SHA1] = "hmac_sha1",
    [RK_ALG_HMAC_SHA256] = "hmac_sha256",
    [RK_ALG_HMAC_SHA384] = "hmac_sha384",
    [RK_ALG_HMAC_SHA512] = "hmac_sha512",
    [RK_ALG_AES_CMAC] = "aes_cmac",
    [RK_ALG_HKDF_SHA256] = "hkdf_sha256",
    [RK_ALG_KBKDF_HMAC] = "kbkdf_hmac",
    [RK_ALG_KBKDF_CMAC] = "kbkdf_cmac",
    [RK_ALG_PBKDF2] = "pbkdf2",
    [RK_ALG_TLS12_PRF] = "tls12_prf",
    [RK_ALG_CTR_DRBG] = "ctr_drbg",
    [RK_ALG_HMAC_DRBG] = "hmac_drbg",
    [RK_ALG_HASH_DRBG] = "hash_drbg",
    [RK_ALG_CHACHA20_DRBG] = "chacha20_drbg",
    [RK_ALG_X25519] = "x25519",
    [RK_ALG_P256] = "p256",
    [RK_ALG_ECDSA_P256] = "ecdsa_p256",
    [RK_ALG_ED25519] = "ed25519",
    [RK_ALG_RSA1024] = "rsa1024",
    [RK_ALG_RSA2048] = "rsa2048",
    [RK_ALG_ECJPAKE] = "ecjpake",
    [RK_ALG_MLKEM512] = "mlkem512",
    [RK_ALG_MLKEM768] = "mlkem768",
    [RK_ALG_AES_KEY_WRAP] = "aes_key_wrap",
    [RK_ALG_AES_KEY_WRAP_PAD] = "aes_key_wrap_pad",
};

enum { OPERATION_COUNT = sizeof operations / sizeof operations[0] };

const struct rk_operation_info *rk_operation_info(unsigned operation)
{
    return operation < OPERATION_COUNT ? &operations[operation] : NULL;
}

const char *rk_operation_inputs(const struct rk_operation_info *info)
{
    return shapes[info->shape].inputs;
}

const char *rk_operation_outputs(const struct rk_operation_info *info)
{
    return shapes[info->shape].outputs;
}

const char *const *rk_operation_names(void)
{
    return names;
}

int rk_operation_find(const char *name)
{
    for (int i = 0; i < OPERATION_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *rk_alg_name(unsigned alg)
{
    return alg < RK_ALG_COUNT ? algorithms[alg] : NULL;
}

const char *rk_operation_name(enum rk_operation operation)
{
    switch (operation) {
    case RK_OP_lifecycle_step:
        return "lifecycle_step";
    case RK_OP_lifecycle_check:
        return "lifecycle_check";
    case RK_OP_empty:
        return "empty";
    default:
        return (int)operation < OPERATION_COUNT ? names[operation] : "no operation";
    }
}
