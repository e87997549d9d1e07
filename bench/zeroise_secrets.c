/* bench/zeroise_secrets.c - the secrets of an operation, from its request and its reply
 *
 * Texts that are protected are no keys and not looked for; those that are wrapped or transported are.
 */
#include <stdio.h>
#include <string.h>

#include "backends/operation_info.h"
#include "bench/rsa_keys.h"
#include "bench/zeroise_internal.h"

struct secrets {
    struct rk_zeroise_set *set;
    const struct rk_operation_info *info;
    const struct rk_call *request, *reply;
};

/* in: names between commas. out: the field of that name; false when there is none. */
static bool field(const struct rk_call *call, const char *names, const char *name, const uint8_t **value,
                  uint16_t *bytes)
{
    unsigned index = 0;
    for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',', index++) {
        if (strcspn(at, ",") == strlen(name) && strncmp(at, name, strlen(name)) == 0) {
            return rk_call_field(call, index, value, bytes);
        }
    }
    return false;
}

static bool input(const struct secrets *s, const char *name, const uint8_t **value, uint16_t *bytes)
{
    return field(s->request, rk_operation_inputs(s->info), name, value, bytes);
}

static bool output(const struct secrets *s, const char *name, const uint8_t **value, uint16_t *bytes)
{
    return field(s->reply, rk_operation_outputs(s->info), name, value, bytes);
}

static bool is_public_key_operation(const struct rk_operation_info *info)
{
    return info->shape == RK_SHAPE_VERIFY || info->shape == RK_SHAPE_HASH;
}

/* "secret", "public", or "text", which is neither. */
static const char *kind_of(const struct rk_operation_info *info, const char *name, size_t length)
{
    static const char *const secrets[] = {"key", "kek", "secret", "password", "entropy", "private", "random"};
    bool text = length == strlen("plaintext") && strncmp(name, "plaintext", length) == 0;
    if (text) {
        return info->shape == RK_SHAPE_ENCRYPT || info->shape == RK_SHAPE_DECRYPT ? "secret" : "text";
    }
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        if (strlen(secrets[i]) == length && strncmp(name, secrets[i], length) == 0) {
            return "secret";
        }
    }
    return "public";
}

bool rki_zeroise_has_secret(const struct rk_operation_info *info)
{
    const char *lists[] = {rk_operation_inputs(info), rk_operation_outputs(info)};
    for (unsigned list = 0; list < 2 && !is_public_key_operation(info); list++) {
        for (const char *at = lists[list]; *at; at += strcspn(at, ","), at += *at == ',') {
            if (strcmp(kind_of(info, at, strcspn(at, ",")), "secret") == 0) {
                return true;
            }
        }
    }
    return false;
}

/* --- fields as they are --- */

static bool is_p256(uint8_t alg)
{
    return alg == RK_ALG_P256 || alg == RK_ALG_ECDSA_P256;
}

static bool is_rsa(uint8_t alg)
{
    return alg == RK_ALG_RSA1024 || alg == RK_ALG_RSA2048;
}

/* n, d, p, q, dp, dq, qinv: bench/rsa_keys.h. */
static void add_rsa(struct secrets *s, const uint8_t *key, size_t bytes)
{
    static const char *const names[] = {"RSA d", "RSA prime p", "RSA prime q", "RSA dp", "RSA dq", "RSA qinv"};
    size_t modulus = s->info->alg == RK_ALG_RSA1024 ? 128 : 256, at = modulus;
    rk_zeroise_add_public(s->set, key, modulus);
    for (unsigned i = 0; i < 6 && at < bytes; i++) {
        size_t part = i == 0 ? modulus : modulus / 2;
        rk_zeroise_add(s->set, names[i], key + at, part, RK_ZEROISE_DEAD);
        at += part;
    }
}

/* ML-KEM's private key: s packed, the public key, its hash, z. */
static void add_mlkem(struct secrets *s, const uint8_t *key, size_t bytes)
{
    size_t packed = (bytes - 96) / 2;
    rk_zeroise_add(s->set, "ML-KEM s", key, packed, RK_ZEROISE_DEAD);
    rk_zeroise_add_public(s->set, key + packed, bytes - packed - 32);
    rk_zeroise_add(s->set, "ML-KEM z", key + bytes - 32, 32, RK_ZEROISE_DEAD);
}

static void add_private(struct secrets *s, const uint8_t *key, size_t bytes)
{
    if (is_rsa(s->info->alg)) {
        add_rsa(s, key, bytes);
    } else if (s->info->alg == RK_ALG_MLKEM512 || s->info->alg == RK_ALG_MLKEM768) {
        add_mlkem(s, key, bytes);
    } else if (is_p256(s->info->alg)) {
        rk_zeroise_add_p256(s->set, "private key", key);
    } else {
        rk_zeroise_add(s->set, "private key", key, bytes, RK_ZEROISE_DEAD);
    }
}

static void add_fields(struct secrets *s, const struct rk_call *call, const char *names)
{
    unsigned index = 0;
    for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',', index++) {
        const uint8_t *value;
        uint16_t bytes;
        char name[24];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        const char *kind = kind_of(s->info, name, strlen(name));
        if (!rk_call_field(call, index, &value, &bytes)) {
            continue;
        }
        if (strcmp(name, "private") == 0) {
            add_private(s, value, bytes);
        } else if (strcmp(kind, "secret") == 0) {
            rk_zeroise_add(s->set, strcmp(name, "plaintext") == 0 ? "transported key" : name, value, bytes,
                           RK_ZEROISE_DEAD);
        } else if (strcmp(kind, "public") == 0) {
            rk_zeroise_add_public(s->set, value, bytes);
        }
    }
}

/* --- what algorithms make of them --- */

static void add_hkdf(struct secrets *s)
{
    const uint8_t *salt = NULL, *secret = NULL;
    uint16_t salt_bytes = 0, secret_bytes = 0;
    uint8_t prk[32];
    if (input(s, "salt", &salt, &salt_bytes) && input(s, "secret", &secret, &secret_bytes)) {
        rk_zeroise_hmac_sha256(salt, salt_bytes, secret, secret_bytes, prk);
        rk_zeroise_add(s->set, "HKDF PRK", prk, sizeof prk, RK_ZEROISE_DEAD);
        rk_zeroise_add_hmac(s->set, "PRK", prk, sizeof prk, true);
    }
}

static void add_mac_key(struct secrets *s, const char *name)
{
    const uint8_t *key;
    uint16_t bytes;
    if (!input(s, name, &key, &bytes)) {
        return;
    }
    if (s->info->alg == RK_ALG_AES_CMAC || s->info->alg == RK_ALG_KBKDF_CMAC) {
        rk_zeroise_add_aes(s->set, "", key, bytes);
        rk_zeroise_add_cmac(s->set, "", key, bytes);
    } else {
        bool sha256 = s->info->alg != RK_ALG_HMAC_SHA1 && s->info->alg != RK_ALG_HMAC_SHA384 &&
                      s->info->alg != RK_ALG_HMAC_SHA512;
        rk_zeroise_add_hmac(s->set, "", key, bytes, sha256);
    }
}

static void add_aes_key(struct secrets *s, const char *name)
{
    const uint8_t *key;
    uint16_t bytes;
    if (input(s, name, &key, &bytes) && (bytes == 16 || bytes == 24 || bytes == 32)) {
        rk_zeroise_add_aes(s->set, "", key, bytes);
        if (s->info->alg == RK_ALG_AES_GCM) {
            rk_zeroise_add_ghash(s->set, "", key, bytes);
        }
    }
}

/* The nonce of an ECDSA signature gives the key away: k = (z + r d) / s. */
static void add_ecdsa_nonce(struct secrets *s)
{
    const uint8_t *d, *z, *signature;
    uint16_t bytes;
    uint8_t k[32], inverse[32], one[32] = {[31] = 1}, message[32];
    if (!input(s, "private", &d, &bytes) || !input(s, "message", &z, &bytes) || bytes != 32 ||
        !output(s, "signature", &signature, &bytes) || bytes != 64) {
        return;
    }
    rk_zeroise_p256_multiply(signature, d, k);
    rk_zeroise_p256_multiply(z, one, message);
    rk_zeroise_p256_add(k, message);
    rk_zeroise_p256_invert(signature + 32, inverse);
    rk_zeroise_p256_multiply(k, inverse, k);
    rk_zeroise_add_p256(s->set, "ECDSA nonce k", k);
}

static void add_derived(struct secrets *s)
{
    switch (s->info->shape) {
    case RK_SHAPE_SEAL:
    case RK_SHAPE_OPEN:
        if (s->info->alg == RK_ALG_AES_CCM || s->info->alg == RK_ALG_AES_GCM) {
            add_aes_key(s, "key");
        }
        break;
    case RK_SHAPE_WRAP:
    case RK_SHAPE_UNWRAP:
        add_aes_key(s, "kek");
        break;
    case RK_SHAPE_MAC:
        add_mac_key(s, "key");
        break;
    case RK_SHAPE_HKDF:
        add_hkdf(s);
        break;
    case RK_SHAPE_KBKDF:
    case RK_SHAPE_PRF:
        add_mac_key(s, "secret");
        break;
    case RK_SHAPE_PBKDF2:
        add_mac_key(s, "password");
        break;
    case RK_SHAPE_SIGN:
        if (is_p256(s->info->alg)) {
            add_ecdsa_nonce(s);
        }
        break;
    default:
        break;
    }
}

static void add_generator(struct secrets *s, uint8_t drbg_alg)
{
    const uint8_t *entropy, *length;
    uint16_t bytes;
    if (!input(s, "entropy", &entropy, &bytes) || bytes != RK_ENTROPY_bytes) {
        return;
    }
    bool generate = s->info->shape == RK_SHAPE_GENERATE;
    uint16_t wanted = 32;
    if (generate && input(s, "length", &length, &bytes) && bytes == 2) {
        wanted = (uint16_t)(length[0] | length[1] << 8);
    }
    rki_zeroise_drbg(s->set, generate ? s->info->alg : drbg_alg, entropy, wanted,
                     s->info->shape == RK_SHAPE_INIT ? 0 : 1, NULL);
}

void rki_zeroise_secrets(struct rk_zeroise_set *set, const struct rk_operation_info *info, uint8_t drbg_alg,
                         const struct rk_call *request, const struct rk_call *reply)
{
    struct secrets s = {.set = set, .info = info, .request = request, .reply = reply};
    add_fields(&s, request, rk_operation_inputs(info));
    add_fields(&s, reply, rk_operation_outputs(info));
    add_derived(&s);
    add_generator(&s, drbg_alg);
}
