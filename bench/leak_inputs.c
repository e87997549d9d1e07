/* bench/leak_inputs.c - see leak_inputs.h */
#include "bench/leak_inputs.h"

#include <stdio.h>
#include <string.h>

#include "bench/inputs.h"

bool rki_leak_has_name(const char *list, const char *name, size_t length)
{
    for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ') {
        if (strcspn(at, " ") == length && strncmp(at, name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Entropy is a secret where keys, texts or padding come from it, and elsewhere only blinds. */
static bool is_secret(const struct rk_operation_info *info, const char *name, size_t length)
{
    static const char always[] = "key kek plaintext private secret password";
    bool blinds = info->shape == RK_SHAPE_AGREE || info->shape == RK_SHAPE_SIGN || info->shape == RK_SHAPE_DECRYPT;
    return rki_leak_has_name(always, name, length) ||
           (info->shape == RK_SHAPE_HASH && rki_leak_has_name("message", name, length)) ||
           (!blinds && rki_leak_has_name("entropy", name, length));
}

/* Inputs that are the same for all keys, even where they belong to the key: a signature's time is looked at for the
 * private key alone. Ed25519 hashes the public key, and libraries refuse one of another pair. */
static bool is_pinned(const struct rk_operation_info *info, const char *name, size_t length)
{
    const char *pinned = info->alg == RK_ALG_ED25519 ? "entropy" : "entropy public";
    return info->shape == RK_SHAPE_SIGN && rki_leak_has_name(pinned, name, length);
}

bool rki_leak_is_default(const struct rk_operation_info *info)
{
    switch (info->shape) {
    case RK_SHAPE_SIGN:
        return info->alg != RK_ALG_RSA1024 && info->alg != RK_ALG_RSA2048;
    case RK_SHAPE_SEAL:
    case RK_SHAPE_OPEN:
    case RK_SHAPE_HASH:
    case RK_SHAPE_MAC:
    case RK_SHAPE_HKDF:
    case RK_SHAPE_KBKDF:
    case RK_SHAPE_PBKDF2:
    case RK_SHAPE_PRF:
    case RK_SHAPE_GENERATE:
    case RK_SHAPE_INIT:
    case RK_SHAPE_AGREE:
    case RK_SHAPE_WRAP:
    case RK_SHAPE_UNWRAP:
        return true;
    default:
        return false;
    }
}

const char *rki_leak_note(const struct rk_operation_info *info)
{
    switch (info->shape) {
    case RK_SHAPE_AGREE:
    case RK_SHAPE_DECRYPT:
        return "what blinds comes from one fixed entropy";
    case RK_SHAPE_SIGN:
        return info->alg == RK_ALG_ED25519
                   ? "the nonce follows the key, and so does the public key, which is hashed"
                   : "nonce and what blinds come from one fixed entropy: the private key alone changes";
    default:
        return "";
    }
}

enum rk_err rki_leak_request(int operation, uint32_t size_bytes, unsigned key, const struct rk_bench_peer *peer,
                             struct rk_call *request, struct rk_diag *diag)
{
    static _Thread_local struct rk_call first, own;
    enum rk_err err = rk_bench_inputs(operation, size_bytes, 0, 0, peer, &first, diag);
    if (!err) {
        err = rk_bench_inputs(operation, size_bytes, key, 0, peer, &own, diag);
    }
    if (err) {
        return err;
    }
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    memset(request, 0, sizeof *request);
    request->operation = own.operation;
    const char *name = rk_operation_inputs(info);
    for (unsigned i = 0; i < own.fields; i++) {
        const uint8_t *value = NULL;
        uint16_t bytes = 0;
        size_t length = strcspn(name, ",");
        RK_REQUIRE(rk_call_field(is_pinned(info, name, length) ? &first : &own, i, &value, &bytes));
        RK_REQUIRE(rk_call_append(request, value, bytes));
        name += length + (name[length] == ',');
    }
    return RK_OK;
}

bool rki_leak_secrets_differ(const struct rk_call *a, const struct rk_call *b, char follows[RKI_LEAK_NAME_bytes])
{
    const struct rk_operation_info *info = rk_operation_info(a->operation);
    const char *name = rk_operation_inputs(info);
    bool differ = false;
    follows[0] = '\0';
    for (unsigned i = 0; i < a->fields; i++) {
        const uint8_t *x = NULL, *y = NULL;
        uint16_t x_bytes = 0, y_bytes = 0;
        size_t length = strcspn(name, ",");
        RK_REQUIRE(rk_call_field(a, i, &x, &x_bytes) && rk_call_field(b, i, &y, &y_bytes));
        bool same = x_bytes == y_bytes && memcmp(x, y, x_bytes) == 0;
        if (!same && is_secret(info, name, length)) {
            differ = true;
        } else if (!same && !follows[0]) {
            snprintf(follows, RKI_LEAK_NAME_bytes, "%.*s", (int)length, name);
        }
        name += length + (name[length] == ',');
    }
    return differ;
}
