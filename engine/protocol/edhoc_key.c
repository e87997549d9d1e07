/* engine/protocol/edhoc_key.c - see edhoc_internal.h */
#include "engine/lifecycle/small.h"
#include "engine/protocol/edhoc_internal.h"

enum { CONTEXT_MAX_bytes = 64, INFO_HEAD_bytes = 3, INFO_bytes = INFO_HEAD_bytes + CONTEXT_MAX_bytes + 3 };

bool rki_edhoc_suite(uint8_t number, struct rki_suite *suite)
{
    bool p256 = number == 2 || number == 3 || number == 5;
    bool chacha = number >= 4;
    bool long_tag = number % 2 == 1;
    *suite = (struct rki_suite){
        .aead = chacha ? RK_ALG_CHACHA20_POLY1305 : RK_ALG_AES_CCM,
        .key_bytes = chacha ? 32 : 16,
        .tag_bytes = chacha || long_tag ? 16 : 8,
        .mac_bytes = chacha || long_tag ? 16 : 8,
        .curve = p256 ? RK_ALG_P256 : RK_ALG_X25519,
        .signature = p256 ? RK_ALG_ECDSA_P256 : RK_ALG_ED25519,
        .application_aead = chacha ? RK_ALG_CHACHA20_POLY1305 : RK_ALG_AES_CCM,
        .application_tag_bytes = chacha ? 16 : 8,
    };
    return number < RK_EDHOC_SUITES;
}

bool rki_edhoc_suite_provided(const struct rk_backend *backend, uint8_t number)
{
    struct rki_suite suite;
    return rki_edhoc_suite(number, &suite) && rk_backend_has(backend, suite.aead) &&
           rk_backend_has(backend, suite.curve) && rk_backend_has(backend, RK_ALG_SHA256) &&
           rk_backend_has(backend, RK_ALG_HMAC_SHA256);
}

bool rki_edhoc_is_static(const struct rk_edhoc *session, uint8_t role)
{
    return (session->method >> (role == RK_EDHOC_INITIATOR) & 1) != 0;
}

enum rk_crypto rki_edhoc_kdf(const struct rk_backend *backend, const uint8_t prk[RK_PRK_bytes], uint8_t label,
                             const uint8_t *context, uint8_t context_bytes, uint8_t *out, uint16_t out_bytes)
{
    uint8_t room[RK_EXPAND_BEFORE_bytes + INFO_bytes + RK_EXPAND_AFTER_bytes];
    struct rk_cbor_writer info = {.at = room + RK_EXPAND_BEFORE_bytes, .room = INFO_bytes};
    rk_cbor_head(&info, RK_CBOR_UINT, label);
    rk_cbor_bytes(&info, context, context_bytes);
    rk_cbor_head(&info, RK_CBOR_UINT, out_bytes);
    enum rk_crypto result =
        info.full ? RK_CRYPTO_FAILED : rk_hkdf_expand(backend, prk, RK_PRK_bytes, info.at, info.used, out, out_bytes);
    backend->wipe(room, sizeof room);
    return result;
}

enum rk_crypto rki_edhoc_mix(struct rk_edhoc *session, uint8_t salt_label, const uint8_t *private_key,
                             const uint8_t *point)
{
    const struct rk_backend *backend = session->config.backend;
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    uint8_t salt[RK_PRK_bytes], secret[RK_SECRET_bytes];
    enum rk_crypto result =
        rki_edhoc_kdf(backend, session->prk, salt_label, session->transcript, RK_SHA256_bytes, salt, sizeof salt);
    if (result == RK_CRYPTO_OK) {
        result = backend->agree(suite.curve, session->config.drbg, private_key, point, secret);
    }
    if (result == RK_CRYPTO_OK) {
        result = rk_hkdf_extract(backend, salt, secret, sizeof secret, session->prk);
    }
    backend->wipe(salt, sizeof salt);
    backend->wipe(secret, sizeof secret);
    return result;
}

enum rk_crypto rki_edhoc_advance(struct rk_edhoc *session, struct rki_span plaintext, struct rki_span cred)
{
    const struct rk_backend *backend = session->config.backend;
    uint8_t work[RK_EDHOC_WORK_bytes];
    struct rk_cbor_writer w = {.at = work, .room = sizeof work};
    rk_cbor_bytes(&w, session->transcript, RK_SHA256_bytes);
    rk_cbor_raw(&w, plaintext.at, plaintext.bytes);
    rk_cbor_raw(&w, cred.at, cred.bytes);
    enum rk_crypto result = w.full ? RK_CRYPTO_FAILED : backend->hash(RK_ALG_SHA256, work, w.used, session->transcript);
    backend->wipe(work, w.used);
    return result;
}

/* --- proofs --- */

/* MAC_2 is over C_R, ID_CRED, TH_2, CRED, EAD; MAC_3 over the same without C_R. */
static enum rk_crypto make_mac(struct rk_edhoc *session, uint8_t role, const struct rki_proof *proof, uint8_t work[],
                               uint8_t *mac, uint16_t mac_bytes)
{
    const struct rk_edhoc_credential *of = proof->of;
    bool second = role == RK_EDHOC_RESPONDER;
    uint8_t prefix[1 + RK_EDHOC_ID_MAX_bytes];
    struct rk_cbor_writer c_r = {.at = prefix, .room = sizeof prefix};
    if (second) {
        bool own = session->role == RK_EDHOC_RESPONDER;
        rk_cbor_identifier(&c_r, own ? session->config.id : session->peer_id,
                           own ? session->config.id_bytes : session->peer_id_bytes);
    }
    struct rk_cbor_writer info = {.at = work + RK_EXPAND_BEFORE_bytes,
                                  .room = RK_EDHOC_WORK_bytes - RK_EXPAND_BEFORE_bytes - RK_EXPAND_AFTER_bytes};
    rk_cbor_head(&info, RK_CBOR_UINT, second ? RKI_LABEL_MAC_2 : RKI_LABEL_MAC_3);
    rk_cbor_head(&info, RK_CBOR_BYTES,
                 (uint16_t)(c_r.used + of->id_cred_bytes + rk_cbor_bytes_size(RK_SHA256_bytes) + of->cred_bytes +
                            proof->ead.bytes));
    rk_cbor_raw(&info, prefix, c_r.used);
    rk_cbor_raw(&info, of->id_cred, of->id_cred_bytes);
    rk_cbor_bytes(&info, session->transcript, RK_SHA256_bytes);
    rk_cbor_raw(&info, of->cred, of->cred_bytes);
    rk_cbor_raw(&info, proof->ead.at, proof->ead.bytes);
    rk_cbor_head(&info, RK_CBOR_UINT, mac_bytes);
    return info.full ? RK_CRYPTO_FAILED
                     : rk_hkdf_expand(session->config.backend, session->prk, RK_PRK_bytes, info.at, info.used, mac,
                                      mac_bytes);
}

/* Puts ["Signature1", << ID_CRED >>, << TH, CRED, EAD >>, MAC] into work, or for ECDSA its digest. out: its length, 0:
 * too long, or the library failed. */
static uint16_t make_signed(struct rk_edhoc *session, const struct rki_proof *proof, uint8_t alg,
                            const uint8_t mac[RK_SHA256_bytes], uint8_t work[])
{
    const struct rk_edhoc_credential *of = proof->of;
    struct rk_cbor_writer w = {.at = work, .room = RK_EDHOC_WORK_bytes};
    rk_cbor_head(&w, RK_CBOR_ARRAY, 4);
    rk_cbor_head(&w, RK_CBOR_TEXT, 10);
    rk_cbor_raw(&w, (const uint8_t *)"Signature1", 10);
    rk_cbor_bytes(&w, of->id_cred, of->id_cred_bytes);
    rk_cbor_head(&w, RK_CBOR_BYTES,
                 (uint16_t)(rk_cbor_bytes_size(RK_SHA256_bytes) + of->cred_bytes + proof->ead.bytes));
    rk_cbor_bytes(&w, session->transcript, RK_SHA256_bytes);
    rk_cbor_raw(&w, of->cred, of->cred_bytes);
    rk_cbor_raw(&w, proof->ead.at, proof->ead.bytes);
    rk_cbor_bytes(&w, mac, RK_SHA256_bytes);
    if (w.full || alg == RK_ALG_ED25519) {
        return w.full ? 0 : w.used;
    }
    uint8_t digest[RK_SHA256_bytes];
    if (session->config.backend->hash(RK_ALG_SHA256, work, w.used, digest) != RK_CRYPTO_OK) {
        return 0;
    }
    rki_copy(work, digest, sizeof digest);
    return sizeof digest;
}

enum rk_message_result rki_edhoc_prove(struct rk_edhoc *session, uint8_t role, const struct rk_edhoc_credential *own,
                                       uint8_t value[RKI_SIGNATURE_bytes], uint16_t *bytes)
{
    const struct rk_backend *backend = session->config.backend;
    struct rki_proof proof = {.of = own};
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    bool is_static = rki_edhoc_is_static(session, role);
    uint8_t work[RK_EDHOC_WORK_bytes], mac[RK_SHA256_bytes];
    *bytes = is_static ? suite.mac_bytes : RKI_SIGNATURE_bytes;
    enum rk_crypto result =
        make_mac(session, role, &proof, work, is_static ? value : mac, is_static ? suite.mac_bytes : sizeof mac);
    if (result == RK_CRYPTO_OK && !is_static) {
        struct rk_sign_job job = {.alg = suite.signature,
                                  .message_bytes = make_signed(session, &proof, suite.signature, mac, work),
                                  .drbg = session->config.drbg,
                                  .private_key = own->private_key,
                                  .public_key = own->public_key,
                                  .message = work,
                                  .signature = value};
        result = !rk_backend_has(backend, suite.signature) ? RK_CRYPTO_UNSUPPORTED
                 : job.message_bytes == 0                  ? RK_CRYPTO_FAILED
                                                           : backend->sign(&job);
    }
    backend->wipe(work, sizeof work);
    backend->wipe(mac, sizeof mac);
    return rk_message_of(result);
}

enum rk_message_result rki_edhoc_check(struct rk_edhoc *session, uint8_t role, const struct rki_proof *proof)
{
    const struct rk_backend *backend = session->config.backend;
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    bool is_static = rki_edhoc_is_static(session, role);
    uint16_t mac_bytes = is_static ? suite.mac_bytes : RK_SHA256_bytes;
    if (proof->value.bytes != (is_static ? mac_bytes : RKI_SIGNATURE_bytes)) {
        return RK_MESSAGE_MALFORMED;
    }
    uint8_t work[RK_EDHOC_WORK_bytes], mac[RK_SHA256_bytes];
    enum rk_crypto result = make_mac(session, role, proof, work, mac, mac_bytes);
    if (result == RK_CRYPTO_OK && is_static) {
        result = rk_differ(mac, proof->value.at, mac_bytes) ? RK_CRYPTO_REJECTED : RK_CRYPTO_OK;
    } else if (result == RK_CRYPTO_OK) {
        struct rk_sign_job job = {.alg = suite.signature,
                                  .message_bytes = make_signed(session, proof, suite.signature, mac, work),
                                  .public_key = proof->of->public_key,
                                  .message = work,
                                  .signature = (uint8_t *)proof->value.at};
        result = !rk_backend_has(backend, suite.signature) ? RK_CRYPTO_UNSUPPORTED
                 : job.message_bytes == 0                  ? RK_CRYPTO_FAILED
                                                           : backend->verify(&job);
    }
    backend->wipe(work, sizeof work);
    backend->wipe(mac, sizeof mac);
    return rk_message_of(result);
}

/* --- COSE_Encrypt0 --- */

enum rk_message_result rki_edhoc_crypt(const struct rk_edhoc *session, uint8_t label, const uint8_t prk[RK_PRK_bytes],
                                       const uint8_t th[RK_SHA256_bytes], bool open, uint8_t *text, uint16_t text_bytes)
{
    const struct rk_backend *backend = session->config.backend;
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    uint8_t key[32], nonce[RK_CCM_NONCE_bytes], aad[11 + 34];
    struct rk_cbor_writer a = {.at = aad, .room = sizeof aad};
    rk_cbor_head(&a, RK_CBOR_ARRAY, 3);
    rk_cbor_head(&a, RK_CBOR_TEXT, 8);
    rk_cbor_raw(&a, (const uint8_t *)"Encrypt0", 8);
    rk_cbor_bytes(&a, NULL, 0);
    rk_cbor_bytes(&a, th, RK_SHA256_bytes);
    enum rk_crypto result = rki_edhoc_kdf(backend, prk, label, th, RK_SHA256_bytes, key, suite.key_bytes);
    if (result == RK_CRYPTO_OK) {
        result = rki_edhoc_kdf(backend, prk, (uint8_t)(label + 1), th, RK_SHA256_bytes, nonce,
                               rk_alg_nonce_bytes(suite.aead));
    }
    if (result == RK_CRYPTO_OK) {
        struct rk_aead_job job = {.alg = suite.aead,
                                  .key_bytes = suite.key_bytes,
                                  .tag_bytes = suite.tag_bytes,
                                  .aad_bytes = a.used,
                                  .text_bytes = text_bytes,
                                  .key = key,
                                  .nonce = nonce,
                                  .aad = aad,
                                  .in = text,
                                  .out = text,
                                  .tag = text + text_bytes};
        result = open ? backend->aead_open(&job) : backend->aead_seal(&job);
    }
    backend->wipe(key, sizeof key);
    backend->wipe(nonce, sizeof nonce);
    return rk_message_of(result);
}
