/* bench/vectors_plan.c - helpers of the planners, and the planners of symmetric algorithms */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/vectors_internal.h"

void rki_vector_skip(struct rki_vector *vector, const char *format, ...)
{
    if (vector->skip[0]) {
        return; /* the first reason counts */
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(vector->skip, sizeof vector->skip, format, arguments);
    va_end(arguments);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *rki_vector_text(struct rki_vector *vector, const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (!text) {
        snprintf(vector->fault, sizeof vector->fault, "`%s` is missing, expected a text", member);
    }
    return text;
}

bool rki_vector_hex(struct rki_vector *vector, const json_t *object, const char *member, struct rki_vector_bytes *out)
{
    const char *text = rki_vector_text(vector, object, member);
    if (!text) {
        return false;
    }
    size_t digits = strlen(text);
    if (digits / 2 > sizeof out->at) {
        rki_vector_skip(vector, "longer than the mailbox");
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        int value = digit(text[i]);
        if (value < 0 || digits % 2 != 0) {
            snprintf(vector->fault, sizeof vector->fault, "`%s` is no hexadecimal text of whole bytes", member);
            return false;
        }
        out->at[i / 2] = (uint8_t)(i % 2 ? out->at[i / 2] | value : value << 4);
    }
    out->bytes = (uint16_t)(digits / 2);
    return true;
}

bool rki_vector_integer(struct rki_vector *vector, const json_t *object, const char *member, uint16_t bytes,
                        struct rki_vector_bytes *out)
{
    struct rki_vector_bytes value;
    if (!rki_vector_hex(vector, object, member, &value)) {
        return false;
    }
    uint16_t zeros = 0;
    while (zeros < value.bytes && value.at[zeros] == 0) {
        zeros++;
    }
    uint16_t significant = (uint16_t)(value.bytes - zeros);
    if (significant > bytes) {
        rki_vector_skip(vector, "`%s` is longer than %u bytes", member, bytes);
        return false;
    }
    memset(out->at, 0, bytes);
    memcpy(out->at + bytes - significant, value.at + zeros, significant);
    out->bytes = bytes;
    return true;
}

struct rki_vector_step *rki_vector_step(struct rki_vector *vector, enum rki_vector_kind kind, uint8_t alg,
                                        enum rk_shape shape, unsigned key_bytes, int variant)
{
    const struct rk_operation_info *info;
    for (unsigned i = 0; (info = rk_operation_info(i)) != NULL; i++) {
        if (info->alg == alg && info->shape == shape && (key_bytes == 0 || info->key == key_bytes) &&
            (variant < 0 || info->variant == variant)) {
            struct rki_vector_step *step = &vector->step[vector->steps++];
            step->kind = kind;
            step->request.fields = 0;
            step->request.data_bytes = 0;
            step->reply.fields = 0;
            step->reply.data_bytes = 0;
            step->request.operation = (uint8_t)i;
            return step;
        }
    }
    rki_vector_skip(vector, "no operation: %s, key %u bits, variant %d", rk_alg_name(alg), 8 * key_bytes, variant);
    return NULL;
}

void rki_vector_put_raw(struct rki_vector *vector, struct rk_call *call, const void *value, size_t bytes)
{
    if (bytes > UINT16_MAX || !rk_call_append(call, value, (uint16_t)bytes)) {
        rki_vector_skip(vector, "longer than the mailbox");
    }
}

void rki_vector_put(struct rki_vector *vector, struct rk_call *call, const struct rki_vector_bytes *value)
{
    rki_vector_put_raw(vector, call, value->at, value->bytes);
}

void rki_vector_put_entropy(struct rki_vector *vector, struct rk_call *call)
{
    uint8_t entropy[RK_ENTROPY_bytes];
    for (unsigned i = 0; i < sizeof entropy; i++) {
        entropy[i] = (uint8_t)(i + 1);
    }
    rki_vector_put_raw(vector, call, entropy, sizeof entropy);
}

/* --- symmetric --- */

static int find_alg(const struct rki_vector *vector, const char *const names[], const uint8_t algs[])
{
    for (unsigned i = 0; names[i]; i++) {
        if (strcmp(names[i], vector->algorithm) == 0) {
            return algs[i];
        }
    }
    return -1;
}

static void skip_algorithm(struct rki_vector *vector)
{
    rki_vector_skip(vector, "no operation: algorithm %.40s", vector->algorithm);
}

static void plan_aead(struct rki_vector *vector)
{
    static const char *const names[] = {"AES-CCM", "AES-GCM", "CHACHA20-POLY1305", "ASCON-AEAD128", NULL};
    static const uint8_t algs[] = {RK_ALG_AES_CCM, RK_ALG_AES_GCM, RK_ALG_CHACHA20_POLY1305, RK_ALG_ASCON_AEAD128};
    int alg = find_alg(vector, names, algs);
    if (alg < 0) {
        skip_algorithm(vector);
        return;
    }
    struct rki_vector_bytes key, nonce, aad, text, sealed, tag;
    if (!rki_vector_hex(vector, vector->test, "key", &key) || !rki_vector_hex(vector, vector->test, "iv", &nonce) ||
        !rki_vector_hex(vector, vector->test, "aad", &aad) || !rki_vector_hex(vector, vector->test, "msg", &text) ||
        !rki_vector_hex(vector, vector->test, "ct", &sealed) || !rki_vector_hex(vector, vector->test, "tag", &tag)) {
        return;
    }
    if (key.bytes == 0) { /* which would stand for any */
        rki_vector_skip(vector, "key of 0 bytes");
        return;
    }
    if (nonce.bytes != rk_alg_nonce_bytes((uint8_t)alg)) {
        rki_vector_skip(vector, "nonce of %u bytes", nonce.bytes);
        return;
    }
    struct rki_vector_step *open =
        rki_vector_step(vector, RKI_VECTOR_CHECKS, (uint8_t)alg, RK_SHAPE_OPEN, key.bytes, tag.bytes);
    if (!open) {
        return;
    }
    rki_vector_put(vector, &open->request, &key);
    rki_vector_put(vector, &open->request, &nonce);
    rki_vector_put(vector, &open->request, &aad);
    rki_vector_put(vector, &open->request, &sealed);
    rki_vector_put(vector, &open->request, &tag);
    rki_vector_put(vector, &open->reply, &text);
    struct rki_vector_step *seal =
        vector->result == RKI_VECTOR_VALID
            ? rki_vector_step(vector, RKI_VECTOR_MAKES, (uint8_t)alg, RK_SHAPE_SEAL, key.bytes, tag.bytes)
            : NULL;
    if (seal) {
        rki_vector_put(vector, &seal->request, &key);
        rki_vector_put(vector, &seal->request, &nonce);
        rki_vector_put(vector, &seal->request, &aad);
        rki_vector_put(vector, &seal->request, &text);
        rki_vector_put(vector, &seal->reply, &sealed);
        rki_vector_put(vector, &seal->reply, &tag);
    }
}

/* A tag that is shorter than the MAC is its beginning. */
static void plan_mac(struct rki_vector *vector)
{
    static const char *const names[] = {"HMACSHA1", "HMACSHA256", "HMACSHA384", "HMACSHA512", "AES-CMAC", NULL};
    static const uint8_t algs[] = {RK_ALG_HMAC_SHA1, RK_ALG_HMAC_SHA256, RK_ALG_HMAC_SHA384, RK_ALG_HMAC_SHA512,
                                   RK_ALG_AES_CMAC};
    int alg = find_alg(vector, names, algs);
    if (alg < 0) {
        skip_algorithm(vector);
        return;
    }
    struct rki_vector_bytes key, text, tag;
    if (!rki_vector_hex(vector, vector->test, "key", &key) || !rki_vector_hex(vector, vector->test, "msg", &text) ||
        !rki_vector_hex(vector, vector->test, "tag", &tag)) {
        return;
    }
    if (alg == RK_ALG_AES_CMAC && key.bytes != 16 && key.bytes != 24 && key.bytes != 32) {
        rki_vector_skip(vector, "key of %u bytes", key.bytes);
        return;
    }
    if (tag.bytes == 0 || tag.bytes > rk_alg_digest_bytes((uint8_t)alg)) {
        rki_vector_skip(vector, "tag of %u bytes", tag.bytes);
        return;
    }
    struct rki_vector_step *step = rki_vector_step(vector, RKI_VECTOR_COMPARES, (uint8_t)alg, RK_SHAPE_MAC,
                                                   alg == RK_ALG_AES_CMAC ? key.bytes : 0, -1);
    if (step) {
        rki_vector_put(vector, &step->request, &key);
        rki_vector_put(vector, &step->request, &text);
        rki_vector_put(vector, &step->reply, &tag);
    }
}

static bool get_length(struct rki_vector *vector, const char *member, uint8_t length[2])
{
    const json_t *value = json_object_get(vector->test, member);
    if (!json_is_integer(value)) {
        snprintf(vector->fault, sizeof vector->fault, "`%s` is missing, expected a number", member);
        return false;
    }
    json_int_t number = json_integer_value(value);
    if (number < 1 || number > UINT16_MAX) {
        rki_vector_skip(vector, "`%s` is more than the operation takes", member);
        return false;
    }
    length[0] = (uint8_t)number;
    length[1] = (uint8_t)(number >> 8);
    return true;
}

/* Invalid cases ask for more than there is, or have a wrong key: the operation has nothing to reject. */
static bool must_be_valid(struct rki_vector *vector)
{
    if (vector->result != RKI_VECTOR_VALID) {
        rki_vector_skip(vector, "a derivation rejects nothing");
    }
    return vector->result == RKI_VECTOR_VALID;
}

static void plan_hkdf(struct rki_vector *vector)
{
    struct rki_vector_bytes secret, salt, info, key;
    uint8_t length[2];
    if (strcmp(vector->algorithm, "HKDF-SHA-256") != 0) {
        skip_algorithm(vector);
        return;
    }
    if (!must_be_valid(vector) || !rki_vector_hex(vector, vector->test, "ikm", &secret) ||
        !rki_vector_hex(vector, vector->test, "salt", &salt) || !rki_vector_hex(vector, vector->test, "info", &info) ||
        !rki_vector_hex(vector, vector->test, "okm", &key) || !get_length(vector, "size", length)) {
        return;
    }
    struct rki_vector_step *step = rki_vector_step(vector, RKI_VECTOR_MAKES, RK_ALG_HKDF_SHA256, RK_SHAPE_HKDF, 0, -1);
    if (step) {
        rki_vector_put(vector, &step->request, &salt);
        rki_vector_put(vector, &step->request, &secret);
        rki_vector_put(vector, &step->request, &info);
        rki_vector_put_raw(vector, &step->request, length, sizeof length);
        rki_vector_put(vector, &step->reply, &key);
    }
}

static void plan_pbkdf2(struct rki_vector *vector)
{
    struct rki_vector_bytes password, salt, key;
    uint8_t iterations[2], length[2];
    if (strcmp(vector->algorithm, "PBKDF2-HMACSHA256") != 0) {
        skip_algorithm(vector);
        return;
    }
    if (!must_be_valid(vector) || !rki_vector_hex(vector, vector->test, "password", &password) ||
        !rki_vector_hex(vector, vector->test, "salt", &salt) || !rki_vector_hex(vector, vector->test, "dk", &key) ||
        !get_length(vector, "iterationCount", iterations) || !get_length(vector, "dkLen", length)) {
        return;
    }
    struct rki_vector_step *step = rki_vector_step(vector, RKI_VECTOR_MAKES, RK_ALG_PBKDF2, RK_SHAPE_PBKDF2, 0, -1);
    if (step) {
        rki_vector_put(vector, &step->request, &password);
        rki_vector_put(vector, &step->request, &salt);
        rki_vector_put_raw(vector, &step->request, iterations, sizeof iterations);
        rki_vector_put_raw(vector, &step->request, length, sizeof length);
        rki_vector_put(vector, &step->reply, &key);
    }
}

static bool is_aes_key(unsigned bytes)
{
    return bytes == 16 || bytes == 24 || bytes == 32;
}

/* in: bytes of what is wrapped, 8 or more below what unwrap gets. */
static bool takes_wrapped(uint8_t alg, unsigned bytes)
{
    return alg == RK_ALG_AES_KEY_WRAP ? is_aes_key(bytes) : bytes >= 1 && bytes <= 64;
}

static void plan_wrap(struct rki_vector *vector)
{
    static const char *const names[] = {"AES-WRAP", "KW", "AES-KWP", "KWP", NULL};
    static const uint8_t algs[] = {RK_ALG_AES_KEY_WRAP, RK_ALG_AES_KEY_WRAP, RK_ALG_AES_KEY_WRAP_PAD,
                                   RK_ALG_AES_KEY_WRAP_PAD};
    int alg = find_alg(vector, names, algs);
    if (alg < 0) {
        skip_algorithm(vector);
        return;
    }
    struct rki_vector_bytes kek, key, wrapped;
    if (!rki_vector_hex(vector, vector->test, "key", &kek) || !rki_vector_hex(vector, vector->test, "msg", &key) ||
        !rki_vector_hex(vector, vector->test, "ct", &wrapped)) {
        return;
    }
    bool valid = vector->result == RKI_VECTOR_VALID;
    if (!is_aes_key(kek.bytes) || wrapped.bytes < 16 || wrapped.bytes % 8 != 0 ||
        !takes_wrapped((uint8_t)alg, wrapped.bytes - 8u) || (valid && !takes_wrapped((uint8_t)alg, key.bytes))) {
        rki_vector_skip(vector, "a KEK or key of a length that the operation does not take");
        return;
    }
    struct rki_vector_step *unwrap = rki_vector_step(vector, RKI_VECTOR_CHECKS, (uint8_t)alg, RK_SHAPE_UNWRAP, 0, -1);
    if (unwrap) {
        rki_vector_put(vector, &unwrap->request, &kek);
        rki_vector_put(vector, &unwrap->request, &wrapped);
        rki_vector_put(vector, &unwrap->reply, &key);
    }
    struct rki_vector_step *wrap =
        valid ? rki_vector_step(vector, RKI_VECTOR_MAKES, (uint8_t)alg, RK_SHAPE_WRAP, 0, -1) : NULL;
    if (wrap) {
        rki_vector_put(vector, &wrap->request, &kek);
        rki_vector_put(vector, &wrap->request, &key);
        rki_vector_put(vector, &wrap->reply, &wrapped);
    }
}

/* --- by type of test group --- */

static const struct {
    const char *type;
    rki_vector_planner *plan;
} planners[] = {
    {"AeadTest", plan_aead},
    {"MacTest", plan_mac},
    {"HkdfTest", plan_hkdf},
    {"PbkdfTest", plan_pbkdf2},
    {"KeywrapTest", plan_wrap},
    {"EcdhTest", rki_vector_ecdh_asn},
    {"EcdhEcpointTest", rki_vector_ecdh_point},
    {"XdhComp", rki_vector_xdh},
    {"EcdsaP1363Verify", rki_vector_ecdsa},
    {"EddsaVerify", rki_vector_eddsa},
    {"RsassaPkcs1Verify", rki_vector_rsa_verify},
    {"RsaesPkcs1Decrypt", rki_vector_rsa_pkcs1_decrypt},
    {"RsaesOaepDecrypt", rki_vector_rsa_oaep_decrypt},
};

static bool get_result(struct rki_vector *vector)
{
    static const char *const names[] = {"valid", "invalid", "acceptable"};
    const char *text = rki_vector_text(vector, vector->test, "result");
    for (unsigned i = 0; text && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            vector->result = (enum rki_vector_result)i;
            return true;
        }
    }
    if (text) {
        snprintf(vector->fault, sizeof vector->fault, "`result` is `%.20s`, expected valid, invalid or acceptable",
                 text);
    }
    return false;
}

void rki_vector_plan(struct rki_vector *vector)
{
    vector->skip[0] = '\0';
    vector->fault[0] = '\0';
    vector->steps = 0;
    const char *type = rki_vector_text(vector, vector->group, "type");
    if (!type || !get_result(vector)) {
        return;
    }
    for (unsigned i = 0; i < sizeof planners / sizeof planners[0]; i++) {
        if (strcmp(planners[i].type, type) == 0) {
            planners[i].plan(vector);
            return;
        }
    }
    rki_vector_skip(vector, "no operation: tests of type %.40s", type);
}
