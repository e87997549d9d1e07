#include "engine/protocol/kudos.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/cbor.h"
#include "engine/protocol/hkdf.h"

enum { X_NO_FS = 16, X_CONVERGENT = 64, NONCE_LENGTH_mask = 15, X_N_MAX_bytes = 2 * (RK_KUDOS_INPUT_MAX_bytes + 1) };
enum { IDLE, BUSY, TAKEN, PENDING };

static const uint8_t *label(void)
{
    return (const uint8_t *)"oscore key update";
}

enum { LABEL_bytes = 17 };

/* out: whether a comes before b, as CBOR byte strings: the shorter first, for its head is less. */
static bool is_before(const uint8_t *a, uint8_t a_bytes, const uint8_t *b, uint8_t b_bytes)
{
    for (uint8_t i = 0; a_bytes == b_bytes && i < a_bytes; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i];
        }
    }
    return a_bytes < b_bytes;
}

enum rk_message_result rk_kudos_update(const struct rk_backend *backend, const struct rk_oscore *in,
                                       const uint8_t *input1, uint8_t input1_bytes, const uint8_t *input2,
                                       uint8_t input2_bytes, struct rk_oscore *out)
{
    if (input1_bytes > RK_KUDOS_INPUT_MAX_bytes || input2_bytes > RK_KUDOS_INPUT_MAX_bytes) {
        return RK_MESSAGE_NO_ROOM;
    }
    uint8_t x_n[X_N_MAX_bytes], secret[RK_OSCORE_SECRET_MAX_bytes];
    uint8_t room[RK_EXPAND_BEFORE_bytes + 2 + 1 + LABEL_bytes + 1 + X_N_MAX_bytes + RK_EXPAND_AFTER_bytes];
    struct rk_cbor_writer w = {.at = x_n, .room = sizeof x_n};
    bool first = is_before(input1, input1_bytes, input2, input2_bytes);
    rk_cbor_bytes(&w, first ? input1 : input2, first ? input1_bytes : input2_bytes);
    rk_cbor_bytes(&w, first ? input2 : input1, first ? input2_bytes : input1_bytes);
    uint8_t *info = room + RK_EXPAND_BEFORE_bytes;
    info[0] = 0;
    info[1] = in->secret_bytes;
    info[2] = LABEL_bytes;
    rki_copy(info + 3, label(), LABEL_bytes);
    info[3 + LABEL_bytes] = (uint8_t)w.used;
    rki_copy(info + 4 + LABEL_bytes, x_n, w.used);
    enum rk_message_result result = rk_message_of(rk_hkdf_expand(
        backend, in->secret, in->secret_bytes, info, (uint16_t)(4 + LABEL_bytes + w.used), secret, in->secret_bytes));
    if (result == RK_MESSAGE_OK) {
        struct rk_oscore_input input = {.alg = in->alg,
                                        .secret = secret,
                                        .secret_bytes = in->secret_bytes,
                                        .salt = x_n,
                                        .salt_bytes = (uint8_t)w.used,
                                        .sender_id = in->sender_id,
                                        .sender_id_bytes = in->sender_id_bytes,
                                        .recipient_id = in->recipient_id,
                                        .recipient_id_bytes = in->recipient_id_bytes,
                                        .id_context = in->id_context,
                                        .id_context_bytes = in->id_context_bytes};
        result = rk_oscore_derive(backend, &input, out);
    }
    backend->wipe(room, sizeof room);
    backend->wipe(secret, sizeof secret);
    return result;
}

static enum rk_message_result turn(struct rk_kudos *kudos, enum rk_message_result result, uint8_t next)
{
    kudos->step = result == RK_MESSAGE_OK ? next : IDLE;
    if (result != RK_MESSAGE_OK) {
        rk_oscore_wipe(kudos->backend, &kudos->context);
    }
    return result;
}

/* Draws this side's X | N, and puts it into the option. */
static enum rk_message_result draw(struct rk_kudos *kudos, uint8_t convergent, struct rk_oscore_option *option)
{
    if (kudos->nonce_bytes < 1 || kudos->nonce_bytes > RK_OSCORE_NONCE_MAX_bytes) {
        return RK_MESSAGE_NO_ROOM;
    }
    kudos->own[0] = (uint8_t)((kudos->nonce_bytes - 1) | (kudos->no_fs ? X_NO_FS : 0) | convergent);
    kudos->own_bytes = (uint8_t)(1 + kudos->nonce_bytes);
    option->has_nonce = true;
    option->x = kudos->own[0];
    enum rk_crypto result =
        kudos->backend->drbg_generate(kudos->drbg, kudos->backend->drbg_alg, kudos->own + 1, kudos->nonce_bytes);
    rki_copy(option->nonce, kudos->own + 1, kudos->nonce_bytes);
    return rk_message_of(result);
}

/* Takes the peer's X | N from the option. */
static enum rk_message_result take(struct rk_kudos *kudos, uint8_t convergent, const struct rk_oscore_option *option)
{
    if (!option->has_nonce || (option->x & X_CONVERGENT) != convergent) {
        return RK_MESSAGE_MALFORMED;
    }
    if (((option->x & X_NO_FS) != 0) != kudos->no_fs) {
        return RK_MESSAGE_UNSUPPORTED;
    }
    kudos->peer_bytes = (uint8_t)(2 + (option->x & NONCE_LENGTH_mask));
    kudos->peer[0] = option->x;
    rki_copy(kudos->peer + 1, option->nonce, (uint16_t)(kudos->peer_bytes - 1));
    return RK_MESSAGE_OK;
}

enum rk_message_result rk_kudos_request_make(struct rk_kudos *kudos, const struct rk_oscore_plain *plain,
                                             struct rk_oscore_option *option, uint8_t *out, uint16_t room,
                                             uint16_t *bytes)
{
    enum rk_message_result result = draw(kudos, 0, option);
    if (result == RK_MESSAGE_OK) {
        result = rk_kudos_update(kudos->backend, kudos->from, kudos->own, kudos->own_bytes, NULL, 0, &kudos->context);
    }
    if (result == RK_MESSAGE_OK) {
        result = rk_oscore_protect_request(kudos->backend, &kudos->context, plain, option, out, room, bytes,
                                           &kudos->request);
    }
    return turn(kudos, result, BUSY);
}

enum rk_message_result rk_kudos_request_take(struct rk_kudos *kudos, const struct rk_oscore_option *option,
                                             uint8_t *text, uint16_t bytes, struct rk_oscore_plain *plain)
{
    enum rk_message_result result = take(kudos, 0, option);
    if (result == RK_MESSAGE_OK) {
        result = rk_kudos_update(kudos->backend, kudos->from, kudos->peer, kudos->peer_bytes, NULL, 0, &kudos->context);
    }
    if (result == RK_MESSAGE_OK) {
        result =
            rk_oscore_unprotect_request(kudos->backend, &kudos->context, option, text, bytes, plain, &kudos->request);
    }
    return turn(kudos, result, TAKEN);
}

static enum rk_message_result make_new(struct rk_kudos *kudos)
{
    return rk_kudos_update(kudos->backend, kudos->from, kudos->own, kudos->own_bytes, kudos->peer, kudos->peer_bytes,
                           &kudos->context);
}

/* Its number is its own: the request's was of another context. */
enum rk_message_result rk_kudos_response_make(struct rk_kudos *kudos, const struct rk_oscore_plain *plain,
                                              struct rk_oscore_option *option, uint8_t *out, uint16_t room,
                                              uint16_t *bytes)
{
    enum rk_message_result result = kudos->step == TAKEN ? draw(kudos, X_CONVERGENT, option) : RK_MESSAGE_STATE;
    if (result == RK_MESSAGE_OK) {
        result = make_new(kudos);
    }
    if (result == RK_MESSAGE_OK) {
        result = rk_oscore_protect_response(kudos->backend, &kudos->context, plain, &kudos->request, true, option, out,
                                            room, bytes);
    }
    return turn(kudos, result, PENDING);
}

enum rk_message_result rk_kudos_response_take(struct rk_kudos *kudos, const struct rk_oscore_option *option,
                                              uint8_t *text, uint16_t bytes, struct rk_oscore_plain *plain)
{
    enum rk_message_result result =
        kudos->step == BUSY && option->piv_bytes > 0 ? take(kudos, X_CONVERGENT, option) : RK_MESSAGE_STATE;
    if (result == RK_MESSAGE_OK) {
        result = make_new(kudos);
    }
    if (result == RK_MESSAGE_OK) {
        result =
            rk_oscore_unprotect_response(kudos->backend, &kudos->context, &kudos->request, option, text, bytes, plain);
    }
    return turn(kudos, result, IDLE);
}
