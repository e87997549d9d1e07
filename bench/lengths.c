/* bench/lengths.c - see lengths.h */
#include "bench/lengths.h"

#include <stdio.h>
#include <string.h>

#include "backends/backend.h"

static const struct rk_input_length any_length = {0, UINT16_MAX, 1};
static const struct rk_input_length aes_key_length = {16, 32, 8};

static struct rk_input_length exactly(uint16_t bytes)
{
    return (struct rk_input_length){bytes, bytes, 1};
}

/* Of the operation where a cipher takes it; any for HMAC; by its mode for a key that is wrapped. */
static struct rk_input_length length_of_key(const struct rk_operation_info *info)
{
    if (info->shape == RK_SHAPE_WRAP) {
        return info->alg == RK_ALG_AES_KEY_WRAP ? aes_key_length : (struct rk_input_length){1, 64, 1};
    }
    bool fixed = info->shape == RK_SHAPE_SEAL || info->shape == RK_SHAPE_OPEN || info->shape == RK_SHAPE_GROUP ||
                 info->alg == RK_ALG_AES_CMAC || info->alg == RK_ALG_KBKDF_CMAC;
    return fixed ? exactly(info->key) : any_length;
}

static struct rk_input_length length_of_wrapped(const struct rk_operation_info *info)
{
    return info->alg == RK_ALG_AES_KEY_WRAP ? (struct rk_input_length){24, 40, 8} : (struct rk_input_length){16, 72, 8};
}

static struct rk_input_length length_of_ciphertext(const struct rk_operation_info *info)
{
    switch (info->shape) {
    case RK_SHAPE_DECRYPT:
        return exactly(rk_alg_signature_bytes(info->alg));
    case RK_SHAPE_DECAPSULATE:
        return exactly(rk_alg_kem_bytes(info->alg));
    default:
        return any_length;
    }
}

struct rk_input_length rk_input_length(const struct rk_operation_info *info, const char *input)
{
    bool digest = (info->shape == RK_SHAPE_SIGN || info->shape == RK_SHAPE_VERIFY) && info->alg != RK_ALG_ED25519;
    const struct {
        const char *input;
        struct rk_input_length length;
    } lengths[] = {
        {"key", length_of_key(info)},
        {"kek", aes_key_length},
        {"wrapped", length_of_wrapped(info)},
        {"secret", info->alg == RK_ALG_KBKDF_CMAC ? exactly(info->key) : any_length},
        {"nonce", exactly(rk_alg_nonce_bytes(info->alg))},
        {"tag", exactly(info->variant)},
        {"entropy", exactly(RK_ENTROPY_bytes)},
        {"length", exactly(2)},
        {"iterations", exactly(2)},
        {"mechanism", exactly(1)},
        {"private", exactly(rk_alg_private_bytes(info->alg))},
        {"public", exactly(rk_alg_public_bytes(info->alg))},
        {"peer_public", exactly(rk_alg_public_bytes(info->alg))},
        {"signature", exactly(rk_alg_signature_bytes(info->alg))},
        {"message", digest ? exactly(RK_SHA256_bytes) : any_length},
        {"ciphertext", length_of_ciphertext(info)},
        {"tree", exactly(RK_GROUP_TREE_bytes)},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (strcmp(lengths[i].input, input) == 0) {
            return lengths[i].length;
        }
    }
    return any_length;
}

void rk_input_length_text(struct rk_input_length length, char text[RK_INPUT_LENGTH_TEXT_bytes])
{
    if (length.least == length.most) {
        snprintf(text, RK_INPUT_LENGTH_TEXT_bytes, "%u", length.least);
    } else if (length.most == UINT16_MAX) {
        snprintf(text, RK_INPUT_LENGTH_TEXT_bytes, "any");
    } else if (length.most == length.least + 2 * length.step) {
        snprintf(text, RK_INPUT_LENGTH_TEXT_bytes, "%u, %u or %u", length.least, length.least + length.step,
                 length.most);
    } else if (length.step == 1) {
        snprintf(text, RK_INPUT_LENGTH_TEXT_bytes, "%u to %u", length.least, length.most);
    } else {
        snprintf(text, RK_INPUT_LENGTH_TEXT_bytes, "%u to %u in steps of %u", length.least, length.most, length.step);
    }
}
