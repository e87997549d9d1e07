/* bench/vectors_public_key.c - planners of agreement, signatures and RSA */
#include <stdio.h>
#include <string.h>

#include "bench/vectors_internal.h"
#include "engine/core/sha256.h"

enum { P256_POINT_bytes = 65, X25519_bytes = 32 };

/* SubjectPublicKeyInfo of an uncompressed point of P-256, up to the point (RFC 5480). */
static const uint8_t p256_info[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

/* The group's key: under one name in testvectors_v1, under another in the older schema. */
static const json_t *group_key(struct rki_vector *vector, const char *name, const char *older)
{
    const json_t *key = json_object_get(vector->group, name);
    if (!key) {
        key = json_object_get(vector->group, older);
    }
    if (!json_is_object(key)) {
        snprintf(vector->fault, sizeof vector->fault, "`%s` of the test group is missing, expected an object", name);
        return NULL;
    }
    return key;
}

/* out: whether `member` is `wanted`; else there is a fault, or a reason to skip. */
static bool is_text(struct rki_vector *vector, const json_t *object, const char *member, const char *wanted)
{
    const char *text = rki_vector_text(vector, object, member);
    if (text && strcmp(text, wanted) != 0) {
        rki_vector_skip(vector, "no operation: %s %.40s", member, text);
    }
    return text && strcmp(text, wanted) == 0;
}

/* --- agreement --- */

static void plan_agree(struct rki_vector *vector, uint8_t alg, const struct rki_vector_bytes *private_key,
                       const uint8_t *public_key, size_t public_bytes)
{
    struct rki_vector_bytes secret;
    if (!rki_vector_hex(vector, vector->test, "shared", &secret)) {
        return;
    }
    struct rki_vector_step *step = rki_vector_step(vector, RKI_VECTOR_CHECKS, alg, RK_SHAPE_AGREE, 0, -1);
    if (step) {
        rki_vector_put_entropy(vector, &step->request);
        rki_vector_put(vector, &step->request, private_key);
        rki_vector_put_raw(vector, &step->request, public_key, public_bytes);
        rki_vector_put(vector, &step->reply, &secret);
    }
}

void rki_vector_ecdh_asn(struct rki_vector *vector)
{
    struct rki_vector_bytes info, private_key;
    if (!is_text(vector, vector->group, "curve", "secp256r1") ||
        !rki_vector_hex(vector, vector->test, "public", &info)) {
        return;
    }
    if (info.bytes != sizeof p256_info + P256_POINT_bytes || memcmp(info.at, p256_info, sizeof p256_info) != 0) {
        rki_vector_skip(vector, "the public key's ASN.1 is not that of an uncompressed point of P-256");
        return;
    }
    if (rki_vector_integer(vector, vector->test, "private", RK_PRIVATE_bytes, &private_key)) {
        plan_agree(vector, RK_ALG_P256, &private_key, info.at + sizeof p256_info, P256_POINT_bytes);
    }
}

void rki_vector_ecdh_point(struct rki_vector *vector)
{
    struct rki_vector_bytes point, private_key;
    if (!is_text(vector, vector->group, "curve", "secp256r1") ||
        !rki_vector_hex(vector, vector->test, "public", &point)) {
        return;
    }
    if (point.bytes != P256_POINT_bytes) {
        rki_vector_skip(vector, "a public key of %u bytes", point.bytes);
        return;
    }
    if (rki_vector_integer(vector, vector->test, "private", RK_PRIVATE_bytes, &private_key)) {
        plan_agree(vector, RK_ALG_P256, &private_key, point.at, point.bytes);
    }
}

void rki_vector_xdh(struct rki_vector *vector)
{
    struct rki_vector_bytes public_key, private_key;
    if (!is_text(vector, vector->group, "curve", "curve25519") ||
        !rki_vector_hex(vector, vector->test, "public", &public_key) ||
        !rki_vector_hex(vector, vector->test, "private", &private_key)) {
        return;
    }
    if (public_key.bytes != X25519_bytes || private_key.bytes != X25519_bytes) {
        rki_vector_skip(vector, "a key of another length than 32 bytes");
        return;
    }
    plan_agree(vector, RK_ALG_X25519, &private_key, public_key.at, public_key.bytes);
}

/* --- signatures --- */

/* in: message, hashed where the algorithm signs a digest. */
static void plan_verify(struct rki_vector *vector, uint8_t alg, const struct rki_vector_bytes *public_key)
{
    struct rki_vector_bytes message, signature;
    if (!rki_vector_hex(vector, vector->test, "msg", &message) ||
        !rki_vector_hex(vector, vector->test, "sig", &signature)) {
        return;
    }
    if (signature.bytes != rk_alg_signature_bytes(alg)) {
        rki_vector_skip(vector, "a signature of another length than %u bytes", rk_alg_signature_bytes(alg));
        return;
    }
    struct rki_vector_step *step = rki_vector_step(vector, RKI_VECTOR_CHECKS, alg, RK_SHAPE_VERIFY, 0, -1);
    if (!step) {
        return;
    }
    rki_vector_put(vector, &step->request, public_key);
    if (alg == RK_ALG_ED25519) {
        rki_vector_put(vector, &step->request, &message);
    } else {
        struct rk_sha256 hash;
        uint8_t digest[RK_SHA256_bytes];
        rk_sha256_init(&hash);
        rk_sha256_add(&hash, message.at, message.bytes);
        rk_sha256_finish(&hash, digest);
        rki_vector_put_raw(vector, &step->request, digest, sizeof digest);
    }
    rki_vector_put(vector, &step->request, &signature);
}

void rki_vector_ecdsa(struct rki_vector *vector)
{
    struct rki_vector_bytes point;
    const json_t *key = group_key(vector, "publicKey", "key");
    if (!key || !is_text(vector, key, "curve", "secp256r1") || !is_text(vector, vector->group, "sha", "SHA-256") ||
        !rki_vector_hex(vector, key, "uncompressed", &point)) {
        return;
    }
    if (point.bytes != P256_POINT_bytes) {
        rki_vector_skip(vector, "a public key of %u bytes", point.bytes);
        return;
    }
    plan_verify(vector, RK_ALG_ECDSA_P256, &point);
}

void rki_vector_eddsa(struct rki_vector *vector)
{
    struct rki_vector_bytes public_key;
    const json_t *key = group_key(vector, "publicKey", "key");
    if (!key || !is_text(vector, key, "curve", "edwards25519") || !rki_vector_hex(vector, key, "pk", &public_key)) {
        return;
    }
    if (public_key.bytes != rk_alg_public_bytes(RK_ALG_ED25519)) {
        rki_vector_skip(vector, "a public key of %u bytes", public_key.bytes);
        return;
    }
    plan_verify(vector, RK_ALG_ED25519, &public_key);
}

/* --- RSA --- */

/* out: enum rk_alg, or -1 with a reason to skip. */
static int rsa_alg(struct rki_vector *vector, const json_t *key, const char *exponent_name)
{
    struct rki_vector_bytes exponent;
    const json_t *bits = json_object_get(vector->group, "keySize");
    if (!rki_vector_integer(vector, key, exponent_name, 4, &exponent)) {
        return -1;
    }
    static const uint8_t f4[] = {0, 1, 0, 1};
    if (memcmp(exponent.at, f4, sizeof f4) != 0) {
        rki_vector_skip(vector, "another public exponent than 65537");
        return -1;
    }
    json_int_t size = json_integer_value(bits);
    if (size != 1024 && size != 2048) {
        rki_vector_skip(vector, "no operation: RSA of %d bits", (int)size);
        return -1;
    }
    return size == 1024 ? RK_ALG_RSA1024 : RK_ALG_RSA2048;
}

void rki_vector_rsa_verify(struct rki_vector *vector)
{
    struct rki_vector_bytes modulus;
    bool older = json_object_get(vector->group, "publicKey") == NULL;
    const json_t *key = older ? vector->group : json_object_get(vector->group, "publicKey");
    if (!is_text(vector, vector->group, "sha", "SHA-256")) {
        return;
    }
    int alg = rsa_alg(vector, key, older ? "e" : "publicExponent");
    if (alg >= 0 &&
        rki_vector_integer(vector, key, older ? "n" : "modulus", rk_alg_public_bytes((uint8_t)alg), &modulus)) {
        plan_verify(vector, (uint8_t)alg, &modulus);
    }
}

/* Puts n, d, p, q, dp, dq, qinv together. */
static bool rsa_private(struct rki_vector *vector, const json_t *key, uint8_t alg, struct rki_vector_bytes *out)
{
    static const char *const names[] = {"modulus",   "privateExponent", "prime1",     "prime2",
                                        "exponent1", "exponent2",       "coefficient"};
    out->bytes = 0;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct rki_vector_bytes value;
        uint16_t bytes = (uint16_t)(i < 2 ? rk_alg_public_bytes(alg) : rk_alg_public_bytes(alg) / 2);
        if (!rki_vector_integer(vector, key, names[i], bytes, &value)) {
            return false;
        }
        memcpy(out->at + out->bytes, value.at, bytes);
        out->bytes = (uint16_t)(out->bytes + bytes);
    }
    return true;
}

static void plan_decrypt(struct rki_vector *vector, int oaep)
{
    struct rki_vector_bytes private_key, ciphertext, message;
    const json_t *key = json_object_get(vector->group, "privateKey");
    if (!json_is_object(key)) {
        rki_vector_skip(vector, "a private key without the values of the Chinese remainder theorem");
        return;
    }
    int alg = rsa_alg(vector, key, "publicExponent");
    if (alg < 0 || !rsa_private(vector, key, (uint8_t)alg, &private_key) ||
        !rki_vector_hex(vector, vector->test, "ct", &ciphertext) ||
        !rki_vector_hex(vector, vector->test, "msg", &message)) {
        return;
    }
    if (ciphertext.bytes != rk_alg_signature_bytes((uint8_t)alg)) {
        rki_vector_skip(vector, "a ciphertext of another length than the modulus");
        return;
    }
    struct rki_vector_step *step = rki_vector_step(vector, RKI_VECTOR_CHECKS, (uint8_t)alg, RK_SHAPE_DECRYPT, 0, oaep);
    if (step) {
        rki_vector_put_entropy(vector, &step->request);
        rki_vector_put(vector, &step->request, &private_key);
        rki_vector_put(vector, &step->request, &ciphertext);
        rki_vector_put(vector, &step->reply, &message);
    }
}

void rki_vector_rsa_pkcs1_decrypt(struct rki_vector *vector)
{
    plan_decrypt(vector, 0);
}

void rki_vector_rsa_oaep_decrypt(struct rki_vector *vector)
{
    const char *label = rki_vector_text(vector, vector->test, "label");
    if (label && label[0]) {
        rki_vector_skip(vector, "OAEP with a label");
    }
    if (label && is_text(vector, vector->group, "sha", "SHA-256") &&
        is_text(vector, vector->group, "mgfSha", "SHA-256")) {
        plan_decrypt(vector, 1);
    }
}
