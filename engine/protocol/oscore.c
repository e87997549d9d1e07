/* engine/protocol/oscore.c - see oscore.h. Clauses named are those of RFC 8613 */
#include "engine/protocol/oscore.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/cbor.h"
#include "engine/protocol/hkdf.h"

enum {
    COSE_AES_CCM_16_64_128 = 10,
    COSE_CHACHA20_POLY1305 = 24,
    FLAG_KID = 8,
    FLAG_KID_CONTEXT = 16,
    FLAG_EXTENSION = 128,
    FLAG_NONCE = 1, /* in the second byte */
    PIV_LENGTH_mask = 7,
    NONCE_LENGTH_mask = 15,
    X_RESERVED = 128,
    PAYLOAD_MARKER = 0xFF,
    AAD_MAX_bytes = 48,
    INFO_MAX_bytes = 32,
};

/* --- context: clause 3.2 --- */

static uint8_t cose_number(uint8_t alg)
{
    return alg == RK_ALG_AES_CCM ? COSE_AES_CCM_16_64_128 : COSE_CHACHA20_POLY1305;
}

/* info = [id, id_context / nil, alg, "Key" / "IV", length]; id NULL: the common IV. */
static enum rk_crypto derive_one(const struct rk_backend *backend, const struct rk_oscore_input *input,
                                 const uint8_t *id, uint8_t id_bytes, uint8_t *out, uint8_t out_bytes)
{
    uint8_t text[INFO_MAX_bytes];
    const char *type = id != NULL ? "Key" : "IV";
    struct rk_cbor_writer info = {.at = text, .room = sizeof text};
    rk_cbor_head(&info, RK_CBOR_ARRAY, 5);
    rk_cbor_bytes(&info, id, id_bytes);
    if (input->id_context_bytes > 0) {
        rk_cbor_bytes(&info, input->id_context, input->id_context_bytes);
    } else {
        rk_cbor_raw(&info, (const uint8_t[]){0xF6}, 1);
    }
    rk_cbor_head(&info, RK_CBOR_UINT, cose_number(input->alg));
    rk_cbor_head(&info, RK_CBOR_TEXT, id != NULL ? 3 : 2);
    rk_cbor_raw(&info, (const uint8_t *)type, id != NULL ? 3 : 2);
    rk_cbor_head(&info, RK_CBOR_UINT, out_bytes);
    struct rk_kdf_job job = {.alg = RK_ALG_HKDF_SHA256,
                             .secret = input->secret,
                             .secret_bytes = input->secret_bytes,
                             .label = input->salt,
                             .label_bytes = input->salt_bytes,
                             .context = text,
                             .context_bytes = info.used,
                             .out = out,
                             .out_bytes = out_bytes};
    return info.full ? RK_CRYPTO_FAILED : backend->kdf(&job);
}

enum rk_message_result rk_oscore_derive(const struct rk_backend *backend, const struct rk_oscore_input *input,
                                        struct rk_oscore *context)
{
    bool ccm = input->alg == RK_ALG_AES_CCM;
    uint8_t nonce_bytes = ccm ? 13 : 12;
    if (input->sender_id_bytes > nonce_bytes - 6 || input->recipient_id_bytes > nonce_bytes - 6 ||
        input->id_context_bytes > RK_OSCORE_ID_CONTEXT_MAX_bytes || input->secret_bytes > RK_OSCORE_SECRET_MAX_bytes) {
        return RK_MESSAGE_NO_ROOM;
    }
    if (input->sender_id_bytes == input->recipient_id_bytes &&
        !rk_differ(input->sender_id, input->recipient_id, input->sender_id_bytes)) {
        return RK_MESSAGE_UNSUPPORTED; /* both would seal with one key and the same numbers */
    }
    static const uint8_t none[1];
    const uint8_t *sender_id = input->sender_id_bytes > 0 ? input->sender_id : none;
    const uint8_t *recipient_id = input->recipient_id_bytes > 0 ? input->recipient_id : none;
    rki_zero(context, sizeof *context);
    context->alg = input->alg;
    context->key_bytes = ccm ? 16 : 32;
    context->tag_bytes = ccm ? 8 : 16;
    context->nonce_bytes = nonce_bytes;
    context->secret_bytes = input->secret_bytes;
    context->sender_id_bytes = input->sender_id_bytes;
    context->recipient_id_bytes = input->recipient_id_bytes;
    context->id_context_bytes = input->id_context_bytes;
    rki_copy(context->secret, input->secret, input->secret_bytes);
    rki_copy(context->sender_id, sender_id, input->sender_id_bytes);
    rki_copy(context->recipient_id, recipient_id, input->recipient_id_bytes);
    if (input->id_context_bytes > 0) {
        rki_copy(context->id_context, input->id_context, input->id_context_bytes);
    }
    enum rk_crypto result =
        rk_backend_has(backend, input->alg) && rk_backend_has(backend, RK_ALG_HKDF_SHA256)
            ? derive_one(backend, input, sender_id, input->sender_id_bytes, context->sender_key, context->key_bytes)
            : RK_CRYPTO_UNSUPPORTED;
    if (result == RK_CRYPTO_OK) {
        result = derive_one(backend, input, recipient_id, input->recipient_id_bytes, context->recipient_key,
                            context->key_bytes);
    }
    if (result == RK_CRYPTO_OK) {
        result = derive_one(backend, input, NULL, 0, context->common_iv, nonce_bytes);
    }
    if (result != RK_CRYPTO_OK) {
        rk_oscore_wipe(backend, context);
    }
    return rk_message_of(result);
}

void rk_oscore_wipe(const struct rk_backend *backend, struct rk_oscore *context)
{
    backend->wipe(context, sizeof *context);
}

/* --- the option: clause 6.1, and the extension of KUDOS --- */

uint8_t rk_oscore_option_put(const struct rk_oscore_option *option, uint8_t *out)
{
    struct rk_cbor_writer w = {.at = out, .room = RK_OSCORE_OPTION_MAX_bytes};
    uint8_t flags[2] = {(uint8_t)(option->piv_bytes | (option->has_kid ? FLAG_KID : 0) |
                                  (option->has_kid_context ? FLAG_KID_CONTEXT : 0) |
                                  (option->has_nonce ? FLAG_EXTENSION : 0)),
                        FLAG_NONCE};
    if (flags[0] == 0) {
        return 0;
    }
    rk_cbor_raw(&w, flags, option->has_nonce ? 2 : 1);
    rk_cbor_raw(&w, option->piv, option->piv_bytes);
    if (option->has_kid_context) {
        rk_cbor_raw(&w, &option->kid_context_bytes, 1);
        rk_cbor_raw(&w, option->kid_context, option->kid_context_bytes);
    }
    if (option->has_nonce) {
        rk_cbor_raw(&w, &option->x, 1);
        rk_cbor_raw(&w, option->nonce, (uint16_t)((option->x & NONCE_LENGTH_mask) + 1));
    }
    if (option->has_kid) {
        rk_cbor_raw(&w, option->kid, option->kid_bytes);
    }
    return (uint8_t)w.used;
}

/* Moves `bytes` of what is left into a field of `room`. out: false when they are not there, or too many. */
static bool move(const uint8_t **at, uint16_t *left, uint8_t *field, uint16_t bytes, uint16_t room)
{
    if (bytes > *left || bytes > room) {
        return false;
    }
    rki_copy(field, *at, bytes);
    *at += bytes;
    *left = (uint16_t)(*left - bytes);
    return true;
}

enum rk_message_result rk_oscore_option_take(const uint8_t *in, uint16_t bytes, struct rk_oscore_option *option)
{
    uint8_t flags[2] = {0, 0};
    rki_zero(option, sizeof *option);
    if (bytes == 0) {
        return RK_MESSAGE_OK;
    }
    bool good = move(&in, &bytes, flags, 1, 1) && flags[0] != 0 && (flags[0] & 0x60) == 0;
    if ((flags[0] & FLAG_EXTENSION) != 0) {
        good = good && move(&in, &bytes, flags + 1, 1, 1) && flags[1] == FLAG_NONCE;
    }
    option->piv_bytes = flags[0] & PIV_LENGTH_mask;
    option->has_kid = (flags[0] & FLAG_KID) != 0;
    option->has_kid_context = (flags[0] & FLAG_KID_CONTEXT) != 0;
    option->has_nonce = flags[1] == FLAG_NONCE;
    good = good && move(&in, &bytes, option->piv, option->piv_bytes, sizeof option->piv);
    good = good && (option->piv_bytes < 2 || option->piv[0] != 0);
    if (option->has_kid_context) {
        good = good && move(&in, &bytes, &option->kid_context_bytes, 1, 1) &&
               move(&in, &bytes, option->kid_context, option->kid_context_bytes, sizeof option->kid_context);
    }
    if (option->has_nonce) {
        good = good && move(&in, &bytes, &option->x, 1, 1) && (option->x & X_RESERVED) == 0 &&
               move(&in, &bytes, option->nonce, (uint16_t)((option->x & NONCE_LENGTH_mask) + 1), sizeof option->nonce);
    }
    if (good && option->has_kid) {
        option->kid_bytes = bytes <= RK_OSCORE_ID_MAX_bytes ? (uint8_t)bytes : 0;
        good = move(&in, &bytes, option->kid, bytes, sizeof option->kid);
    }
    return good && bytes == 0 ? RK_MESSAGE_OK : RK_MESSAGE_MALFORMED;
}

/* --- nonce and associated data: clauses 5.2, 5.3 and 5.4 --- */

static void make_nonce(const struct rk_oscore *context, const uint8_t *id, uint8_t id_bytes, const uint8_t *piv,
                       uint8_t piv_bytes, uint8_t nonce[RK_CCM_NONCE_bytes])
{
    uint8_t id_end = (uint8_t)(context->nonce_bytes - RK_OSCORE_PIV_MAX_bytes);
    rki_copy(nonce, context->common_iv, RK_CCM_NONCE_bytes);
    nonce[0] ^= id_bytes;
    for (uint8_t i = 0; i < id_bytes; i++) {
        nonce[id_end - id_bytes + i] ^= id[i];
    }
    for (uint8_t i = 0; i < piv_bytes; i++) {
        nonce[context->nonce_bytes - piv_bytes + i] ^= piv[i];
    }
}

/* ["Encrypt0", h'', << [1, [alg], request_kid, request_piv, h''] >>] */
static uint16_t make_aad(const struct rk_oscore *context, const struct rk_oscore_request *request, uint8_t *aad)
{
    uint8_t external[24];
    struct rk_cbor_writer e = {.at = external, .room = sizeof external};
    rk_cbor_head(&e, RK_CBOR_ARRAY, 5);
    rk_cbor_head(&e, RK_CBOR_UINT, 1);
    rk_cbor_head(&e, RK_CBOR_ARRAY, 1);
    rk_cbor_head(&e, RK_CBOR_UINT, cose_number(context->alg));
    rk_cbor_bytes(&e, request->kid, request->kid_bytes);
    rk_cbor_bytes(&e, request->piv, request->piv_bytes);
    rk_cbor_bytes(&e, NULL, 0);
    struct rk_cbor_writer w = {.at = aad, .room = AAD_MAX_bytes};
    rk_cbor_head(&w, RK_CBOR_ARRAY, 3);
    rk_cbor_head(&w, RK_CBOR_TEXT, 8);
    rk_cbor_raw(&w, (const uint8_t *)"Encrypt0", 8);
    rk_cbor_bytes(&w, NULL, 0);
    rk_cbor_bytes(&w, external, e.used);
    return w.used;
}

/* Seals or opens text in place, the tag behind it. number_of: whose number the nonce is made from. */
static enum rk_crypto crypt(const struct rk_backend *backend, const struct rk_oscore *context,
                            const struct rk_oscore_request *request, const struct rk_oscore_request *number_of,
                            bool open, uint8_t *text, uint16_t text_bytes)
{
    uint8_t nonce[RK_CCM_NONCE_bytes], aad[AAD_MAX_bytes];
    make_nonce(context, number_of->kid, number_of->kid_bytes, number_of->piv, number_of->piv_bytes, nonce);
    struct rk_aead_job job = {.alg = context->alg,
                              .key_bytes = context->key_bytes,
                              .tag_bytes = context->tag_bytes,
                              .aad_bytes = make_aad(context, request, aad),
                              .text_bytes = text_bytes,
                              .key = open ? context->recipient_key : context->sender_key,
                              .nonce = nonce,
                              .aad = aad,
                              .in = text,
                              .out = text,
                              .tag = text + text_bytes};
    return open ? backend->aead_open(&job) : backend->aead_seal(&job);
}

/* --- protect --- */

/* Takes the next number. out: false when there is none left. */
static bool take_number(struct rk_oscore *context, uint8_t piv[RK_OSCORE_PIV_MAX_bytes], uint8_t *bytes)
{
    uint64_t number = context->next;
    if (number >> 40 != 0) {
        return false;
    }
    context->next++;
    *bytes = 1;
    while (number >> (8 * *bytes) != 0) {
        (*bytes)++;
    }
    for (uint8_t i = 0; i < *bytes; i++) {
        piv[i] = (uint8_t)(number >> (8 * (*bytes - 1 - i)));
    }
    return true;
}

/* Puts code, options and payload, and seals them. */
static enum rk_message_result seal(const struct rk_backend *backend, const struct rk_oscore *context,
                                   const struct rk_oscore_plain *plain, const struct rk_oscore_request *request,
                                   const struct rk_oscore_request *number_of, uint8_t *out, uint16_t room,
                                   uint16_t *bytes)
{
    struct rk_cbor_writer w = {.at = out, .room = room};
    rk_cbor_raw(&w, &plain->code, 1);
    rk_cbor_raw(&w, plain->options, plain->options_bytes);
    if (plain->payload_bytes > 0) {
        rk_cbor_raw(&w, (const uint8_t[]){PAYLOAD_MARKER}, 1);
        rk_cbor_raw(&w, plain->payload, plain->payload_bytes);
    }
    if (w.full || room - w.used < context->tag_bytes) {
        return RK_MESSAGE_NO_ROOM;
    }
    enum rk_crypto result = crypt(backend, context, request, number_of, false, out, w.used);
    *bytes = (uint16_t)(w.used + context->tag_bytes);
    return rk_message_of(result);
}

enum rk_message_result rk_oscore_protect_request(const struct rk_backend *backend, struct rk_oscore *context,
                                                 const struct rk_oscore_plain *plain, struct rk_oscore_option *option,
                                                 uint8_t *out, uint16_t room, uint16_t *bytes,
                                                 struct rk_oscore_request *request)
{
    rki_zero(request, sizeof *request);
    if (!take_number(context, request->piv, &request->piv_bytes)) {
        return RK_MESSAGE_STATE;
    }
    request->kid_bytes = context->sender_id_bytes;
    rki_copy(request->kid, context->sender_id, context->sender_id_bytes);
    option->piv_bytes = request->piv_bytes;
    rki_copy(option->piv, request->piv, sizeof option->piv);
    option->has_kid = true;
    option->kid_bytes = request->kid_bytes;
    rki_copy(option->kid, request->kid, sizeof option->kid);
    option->has_kid_context = context->id_context_bytes > 0;
    option->kid_context_bytes = context->id_context_bytes;
    rki_copy(option->kid_context, context->id_context, sizeof option->kid_context);
    return seal(backend, context, plain, request, request, out, room, bytes);
}

enum rk_message_result rk_oscore_protect_response(const struct rk_backend *backend, struct rk_oscore *context,
                                                  const struct rk_oscore_plain *plain,
                                                  const struct rk_oscore_request *request, bool numbered,
                                                  struct rk_oscore_option *option, uint8_t *out, uint16_t room,
                                                  uint16_t *bytes)
{
    struct rk_oscore_request own = *request;
    if (numbered) {
        own.kid_bytes = context->sender_id_bytes;
        rki_copy(own.kid, context->sender_id, sizeof own.kid);
        if (!take_number(context, own.piv, &own.piv_bytes)) {
            return RK_MESSAGE_STATE;
        }
        option->piv_bytes = own.piv_bytes;
        rki_copy(option->piv, own.piv, sizeof option->piv);
    }
    return seal(backend, context, plain, request, &own, out, room, bytes);
}

/* --- unprotect --- */

/* The bytes of an option's header that say its delta or length: 13 and 14 stand for 1 and 2 more bytes, 15 for none. */
static bool pass_extended(const uint8_t **at, uint16_t *left, uint16_t *value)
{
    uint16_t more = *value == 13 ? 1 : *value == 14 ? 2 : 0;
    if (*value == 15 || more > *left) {
        return false;
    }
    uint32_t whole = more == 0 ? *value : more == 1 ? 13u + (*at)[0] : 269u + ((uint32_t)(*at)[0] << 8 | (*at)[1]);
    *at += more;
    *left = (uint16_t)(*left - more);
    *value = (uint16_t)whole;
    return whole <= UINT16_MAX;
}

/* Finds code, options and payload in what was opened: RFC 7252, clause 3. */
static enum rk_message_result split(const uint8_t *text, uint16_t bytes, struct rk_oscore_plain *plain)
{
    rki_zero(plain, sizeof *plain);
    if (bytes == 0) {
        return RK_MESSAGE_MALFORMED;
    }
    plain->code = text[0];
    plain->options = text + 1;
    const uint8_t *at = plain->options;
    uint16_t left = (uint16_t)(bytes - 1);
    while (left > 0 && *at != PAYLOAD_MARKER) {
        uint16_t delta = *at >> 4, length = *at & 15;
        at++;
        left--;
        if (!pass_extended(&at, &left, &delta) || !pass_extended(&at, &left, &length) || length > left) {
            return RK_MESSAGE_MALFORMED;
        }
        at += length;
        left = (uint16_t)(left - length);
    }
    plain->options_bytes = (uint16_t)(at - plain->options);
    if (left > 0) {
        plain->payload = at + 1;
        plain->payload_bytes = (uint16_t)(left - 1);
        return left == 1 ? RK_MESSAGE_MALFORMED : RK_MESSAGE_OK;
    }
    return RK_MESSAGE_OK;
}

static uint64_t number_of(const uint8_t *piv, uint8_t bytes)
{
    uint64_t number = 0;
    for (uint8_t i = 0; i < bytes; i++) {
        number = number << 8 | piv[i];
    }
    return number;
}

static bool is_replayed(const struct rk_oscore *context, uint64_t number)
{
    if (context->window == 0 || number > context->newest) {
        return false;
    }
    uint64_t back = context->newest - number;
    return back >= RK_OSCORE_WINDOW || (context->window >> back & 1) != 0;
}

static void remember(struct rk_oscore *context, uint64_t number)
{
    if (context->window == 0 || number > context->newest) {
        uint64_t ahead = context->window == 0 ? RK_OSCORE_WINDOW : number - context->newest;
        context->window = ahead >= RK_OSCORE_WINDOW ? 1 : context->window << ahead | 1;
        context->newest = number;
    } else {
        context->window |= (uint32_t)1 << (context->newest - number);
    }
}

enum rk_message_result rk_oscore_unprotect_request(const struct rk_backend *backend, struct rk_oscore *context,
                                                   const struct rk_oscore_option *option, uint8_t *text, uint16_t bytes,
                                                   struct rk_oscore_plain *plain, struct rk_oscore_request *request)
{
    rki_zero(request, sizeof *request);
    if (!option->has_kid || option->piv_bytes == 0 || bytes <= context->tag_bytes) {
        return RK_MESSAGE_MALFORMED;
    }
    if (option->kid_bytes != context->recipient_id_bytes ||
        rk_differ(option->kid, context->recipient_id, option->kid_bytes) ||
        (option->has_kid_context && (option->kid_context_bytes != context->id_context_bytes ||
                                     rk_differ(option->kid_context, context->id_context, option->kid_context_bytes)))) {
        return RK_MESSAGE_UNKNOWN;
    }
    uint64_t number = number_of(option->piv, option->piv_bytes);
    if (is_replayed(context, number)) {
        return RK_MESSAGE_REPLAYED;
    }
    request->kid_bytes = option->kid_bytes;
    request->piv_bytes = option->piv_bytes;
    rki_copy(request->kid, option->kid, sizeof request->kid);
    rki_copy(request->piv, option->piv, sizeof request->piv);
    uint16_t text_bytes = (uint16_t)(bytes - context->tag_bytes);
    enum rk_crypto result = crypt(backend, context, request, request, true, text, text_bytes);
    if (result != RK_CRYPTO_OK) {
        return rk_message_of(result);
    }
    remember(context, number);
    return split(text, text_bytes, plain);
}

enum rk_message_result rk_oscore_unprotect_response(const struct rk_backend *backend, struct rk_oscore *context,
                                                    const struct rk_oscore_request *request,
                                                    const struct rk_oscore_option *option, uint8_t *text,
                                                    uint16_t bytes, struct rk_oscore_plain *plain)
{
    struct rk_oscore_request own = *request;
    if (bytes <= context->tag_bytes) {
        return RK_MESSAGE_MALFORMED;
    }
    if (option->piv_bytes > 0) {
        own.kid_bytes = context->recipient_id_bytes;
        own.piv_bytes = option->piv_bytes;
        rki_copy(own.kid, context->recipient_id, sizeof own.kid);
        rki_copy(own.piv, option->piv, sizeof own.piv);
    }
    uint16_t text_bytes = (uint16_t)(bytes - context->tag_bytes);
    enum rk_crypto result = crypt(backend, context, request, &own, true, text, text_bytes);
    return result != RK_CRYPTO_OK ? rk_message_of(result) : split(text, text_bytes, plain);
}
