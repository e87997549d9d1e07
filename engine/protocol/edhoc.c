/* engine/protocol/edhoc.c - see edhoc.h: the messages, which are turns of a session. Sections named are those of RFC
 * 9528 */
#include "engine/protocol/edhoc.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/edhoc_internal.h"

enum { ERROR_WRONG_SUITE = 2 };

/* --- plaintexts of message 2 and 3 --- */

/* A kid stands without its map: 3.5.3.2. */
static void put_id_cred(struct rk_cbor_writer *w, const struct rk_edhoc_credential *own)
{
    struct rk_cbor_reader map = {.at = own->id_cred, .left = own->id_cred_bytes};
    if (map.left > 2 && map.at[0] == (RK_CBOR_MAP << 5 | 1) && map.at[1] == 4) {
        map.at += 2;
        map.left = (uint16_t)(map.left - 2);
        uint16_t bytes;
        const uint8_t *kid = rk_cbor_read_bytes(&map, &bytes);
        rk_cbor_identifier(w, kid, (uint8_t)bytes);
    } else {
        rk_cbor_raw(w, own->id_cred, own->id_cred_bytes);
    }
}

/* out: the peer's credential that is meant, NULL when it is none of them. */
static const struct rk_edhoc_credential *find_peer(const struct rk_edhoc *session, struct rk_cbor_reader *r)
{
    uint8_t map[RK_EDHOC_ID_CRED_MAX_bytes] = {RK_CBOR_MAP << 5 | 1, 4};
    struct rki_span id = {.at = r->at};
    if (r->left > 0 && *r->at >> 5 == RK_CBOR_MAP) {
        rk_cbor_skip(r);
        id.bytes = (uint16_t)(r->at - id.at);
    } else {
        struct rk_cbor_writer w = {.at = map, .used = 2, .room = sizeof map};
        uint16_t bytes = 0;
        const uint8_t *kid = rk_cbor_read_identifier(r, &bytes);
        rk_cbor_bytes(&w, kid, r->bad ? 0 : bytes);
        id = (struct rki_span){.at = map, .bytes = w.full ? 0 : w.used};
    }
    for (uint8_t i = 0; !r->bad && i < session->config.peer_count; i++) {
        const struct rk_edhoc_credential *peer = &session->config.peers[i];
        if (peer->id_cred_bytes == id.bytes && !rk_differ(peer->id_cred, id.at, id.bytes)) {
            return peer;
        }
    }
    return NULL;
}

/* Passes what external authorization data there is: a negative label is critical, and none is known here. */
static enum rk_message_result pass_ead(struct rk_cbor_reader *r)
{
    bool critical = false;
    while (!r->bad && r->left > 0) {
        critical = rk_cbor_read_int(r) < 0 || critical;
        if (r->left > 0 && *r->at >> 5 == RK_CBOR_BYTES) {
            rk_cbor_skip(r);
        }
    }
    return r->bad ? RK_MESSAGE_MALFORMED : critical ? RK_MESSAGE_UNSUPPORTED : RK_MESSAGE_OK;
}

/* Puts who this side is, and its signature or MAC; prk becomes the one that the proof is under. */
static enum rk_message_result put_proof(struct rk_edhoc *session, uint8_t role, struct rk_cbor_writer *w)
{
    const struct rk_edhoc_credential *own = session->config.own;
    uint8_t value[RKI_SIGNATURE_bytes];
    uint16_t bytes = 0;
    enum rk_message_result result = rk_message_of(rki_edhoc_mix_static(session, role, own));
    if (result == RK_MESSAGE_OK) {
        result = rki_edhoc_prove(session, role, own, value, &bytes);
    }
    if (result == RK_MESSAGE_OK) {
        put_id_cred(w, own);
        rk_cbor_bytes(w, value, bytes);
        result = w->full ? RK_MESSAGE_NO_ROOM : RK_MESSAGE_OK;
    }
    return result;
}

static struct rki_span cred_of(const struct rk_edhoc_credential *credential)
{
    return (struct rki_span){.at = credential->cred, .bytes = credential->cred_bytes};
}

/* Takes what put_proof() put, from `r`, which is at it in the plaintext; the transcript goes on behind the
 * plaintext. */
static enum rk_message_result take_proof(struct rk_edhoc *session, uint8_t role, struct rk_cbor_reader *r,
                                         struct rki_span plaintext)
{
    struct rki_proof proof = {.of = find_peer(session, r)};
    proof.value.at = rk_cbor_read_bytes(r, &proof.value.bytes);
    proof.ead = (struct rki_span){.at = r->at, .bytes = r->left};
    enum rk_message_result result = pass_ead(r);
    if (result == RK_MESSAGE_OK && proof.of == NULL) {
        result = RK_MESSAGE_UNKNOWN;
    }
    if (result == RK_MESSAGE_OK) {
        result = rk_message_of(rki_edhoc_mix_static(session, role, proof.of));
    }
    if (result == RK_MESSAGE_OK) {
        result = rki_edhoc_check(session, role, &proof);
    }
    if (result == RK_MESSAGE_OK) {
        session->peer = proof.of;
        result = rk_message_of(rki_edhoc_advance(session, plaintext, cred_of(proof.of)));
    }
    return result;
}

/* --- message 1: METHOD, SUITES_I, G_X, C_I --- */

static void put_suites(struct rk_cbor_writer *w, const uint8_t *suites, uint8_t count)
{
    if (count > 1) {
        rk_cbor_head(w, RK_CBOR_ARRAY, count);
    }
    for (uint8_t i = 0; i < count; i++) {
        rk_cbor_head(w, RK_CBOR_UINT, suites[i]);
    }
}

enum rk_message_result rk_edhoc_message_1_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes)
{
    const struct rk_edhoc_config *config = &session->config;
    uint8_t listed = 0;
    while (listed < config->suite_count && config->suites[listed] != config->suite) {
        listed++;
    }
    if (session->step != RKI_MAKE_1 || listed >= config->suite_count || listed >= RK_EDHOC_SUITES_MAX ||
        config->method > 3 || config->id_bytes > RK_EDHOC_ID_MAX_bytes) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    enum rk_message_result result = rki_edhoc_draw_key(session);
    if (result != RK_MESSAGE_OK) {
        return rki_edhoc_turn(session, result, RKI_ENDED);
    }
    struct rk_cbor_writer w = {.at = out, .room = room};
    rk_cbor_head(&w, RK_CBOR_UINT, config->method);
    put_suites(&w, config->suites, (uint8_t)(listed + 1));
    rk_cbor_bytes(&w, session->own_x, RKI_G_bytes);
    rk_cbor_identifier(&w, config->id, config->id_bytes);
    *bytes = w.used;
    if (w.full) {
        return rki_edhoc_turn(session, RK_MESSAGE_NO_ROOM, RKI_ENDED);
    }
    return rki_edhoc_turn(
        session, rk_message_of(config->backend->hash(RK_ALG_SHA256, out, w.used, session->transcript)), RKI_TAKE_2);
}

static bool is_own_suite(const struct rk_edhoc_config *config, int32_t suite)
{
    for (uint8_t i = 0; i < config->suite_count; i++) {
        if (config->suites[i] == suite) {
            return true;
        }
    }
    return false;
}

/* The last suite is the one selected; none that the initiator prefers to it may be ours too: 5.2.3. out: false when
 * that does not hold. */
static bool read_suites(struct rk_edhoc *session, struct rk_cbor_reader *r)
{
    uint8_t major = RK_CBOR_UINT;
    uint16_t count = 1;
    if (r->left > 0 && *r->at >> 5 == RK_CBOR_ARRAY) {
        rk_cbor_read_head(r, &major, &count);
        r->bad = r->bad || count < 2 || count > RK_EDHOC_SUITES_MAX;
    }
    bool preferred = false;
    int32_t suite = -1;
    for (uint16_t i = 0; !r->bad && i < count; i++) {
        preferred = preferred || is_own_suite(&session->config, suite);
        suite = rk_cbor_read_int(r);
    }
    if (r->bad || preferred || !is_own_suite(&session->config, suite)) {
        return false;
    }
    session->suite = (uint8_t)suite;
    return true;
}

static enum rk_message_result read_message_1(struct rk_edhoc *session, struct rk_cbor_reader *r)
{
    int32_t method = rk_cbor_read_int(r);
    bool suite_fits = read_suites(session, r);
    uint16_t g_bytes = 0, id_bytes = 0;
    const uint8_t *g_x = rk_cbor_read_bytes(r, &g_bytes);
    const uint8_t *id = rk_cbor_read_identifier(r, &id_bytes);
    if (r->bad) {
        return RK_MESSAGE_MALFORMED;
    }
    if (method < 0 || method > 3 || (session->config.methods >> method & 1) == 0 || !suite_fits) {
        return RK_MESSAGE_UNSUPPORTED;
    }
    if (g_bytes != RKI_G_bytes || id_bytes > RK_EDHOC_ID_MAX_bytes) {
        return RK_MESSAGE_MALFORMED;
    }
    session->method = (uint8_t)method;
    session->peer_id_bytes = (uint8_t)id_bytes;
    rki_copy(session->peer_id, id, id_bytes);
    enum rk_message_result result = pass_ead(r);
    return result != RK_MESSAGE_OK ? result : rki_edhoc_take_key(session, g_x);
}

enum rk_message_result rk_edhoc_message_1_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes)
{
    if (session->step != RKI_TAKE_1) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    struct rk_cbor_reader r = {.at = in, .left = bytes};
    enum rk_message_result result = read_message_1(session, &r);
    if (result == RK_MESSAGE_OK) {
        result = rk_message_of(session->config.backend->hash(RK_ALG_SHA256, in, bytes, session->transcript));
    }
    return rki_edhoc_turn(session, result, RKI_MAKE_2);
}

enum rk_message_result rk_edhoc_wrong_suite(const struct rk_edhoc_config *config, uint8_t *out, uint16_t room,
                                            uint16_t *bytes)
{
    struct rk_cbor_writer w = {.at = out, .room = room};
    rk_cbor_head(&w, RK_CBOR_UINT, ERROR_WRONG_SUITE);
    put_suites(&w, config->suites, config->suite_count);
    *bytes = w.used;
    return w.full ? RK_MESSAGE_NO_ROOM : RK_MESSAGE_OK;
}

/* --- message 2: << G_Y, PLAINTEXT_2 xor KEYSTREAM_2 >> --- */

/* text ^= KEYSTREAM_2 = EDHOC_KDF(PRK_2e, 0, TH_2, length): 5.3.2. */
static enum rk_crypto mask(const struct rk_backend *backend, const uint8_t prk[RK_PRK_bytes],
                           const uint8_t th[RK_SHA256_bytes], uint8_t *text, uint16_t bytes)
{
    uint8_t stream[RK_EDHOC_MESSAGE_MAX_bytes];
    enum rk_crypto result = rki_edhoc_kdf(backend, prk, RKI_LABEL_KEYSTREAM_2, th, RK_SHA256_bytes, stream, bytes);
    for (uint16_t i = 0; result == RK_CRYPTO_OK && i < bytes; i++) {
        text[i] ^= stream[i];
    }
    backend->wipe(stream, sizeof stream);
    return result;
}

/* PLAINTEXT_2, and `text` of it as it is sent; prk becomes PRK_3e2m and the transcript TH_3. */
static enum rk_message_result write_plaintext_2(struct rk_edhoc *session, struct rk_cbor_writer *text)
{
    const struct rk_edhoc_credential *own = session->config.own;
    uint8_t prk_2e[RK_PRK_bytes], th_2[RK_SHA256_bytes];
    rki_copy(prk_2e, session->prk, sizeof prk_2e);
    rki_copy(th_2, session->transcript, sizeof th_2);
    rk_cbor_identifier(text, session->config.id, session->config.id_bytes);
    enum rk_message_result result = put_proof(session, RK_EDHOC_RESPONDER, text);
    if (result == RK_MESSAGE_OK) {
        struct rki_span plaintext = {.at = text->at, .bytes = text->used};
        result = rk_message_of(rki_edhoc_advance(session, plaintext, cred_of(own)));
    }
    if (result == RK_MESSAGE_OK) {
        result = rk_message_of(mask(session->config.backend, prk_2e, th_2, text->at, text->used));
    }
    session->config.backend->wipe(prk_2e, sizeof prk_2e);
    return result;
}

enum rk_message_result rk_edhoc_message_2_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes)
{
    if (session->step != RKI_MAKE_2 || session->config.id_bytes > RK_EDHOC_ID_MAX_bytes) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    uint8_t plaintext[RK_EDHOC_MESSAGE_MAX_bytes];
    struct rk_cbor_writer text = {.at = plaintext, .room = sizeof plaintext};
    enum rk_message_result result = rki_edhoc_draw_key(session);
    if (result == RK_MESSAGE_OK) {
        result = rk_message_of(rki_edhoc_agree(session, session->own_x));
    }
    if (result == RK_MESSAGE_OK) {
        result = write_plaintext_2(session, &text);
    }
    struct rk_cbor_writer w = {.at = out, .room = room};
    if (result == RK_MESSAGE_OK) {
        rk_cbor_head(&w, RK_CBOR_BYTES, (uint16_t)(RKI_G_bytes + text.used));
        rk_cbor_raw(&w, session->own_x, RKI_G_bytes);
        rk_cbor_raw(&w, plaintext, text.used);
        result = w.full ? RK_MESSAGE_NO_ROOM : RK_MESSAGE_OK;
    }
    *bytes = result == RK_MESSAGE_OK ? w.used : 0;
    session->config.backend->wipe(plaintext, sizeof plaintext);
    return rki_edhoc_turn(session, result, RKI_TAKE_3);
}

/* in: PLAINTEXT_2. The responder's identifier comes first: MAC_2 covers it. */
static enum rk_message_result read_plaintext_2(struct rk_edhoc *session, struct rki_span plaintext)
{
    struct rk_cbor_reader r = {.at = plaintext.at, .left = plaintext.bytes};
    uint16_t id_bytes = 0;
    const uint8_t *id = rk_cbor_read_identifier(&r, &id_bytes);
    if (r.bad || id_bytes > RK_EDHOC_ID_MAX_bytes) {
        return RK_MESSAGE_MALFORMED;
    }
    session->peer_id_bytes = (uint8_t)id_bytes;
    rki_copy(session->peer_id, id, id_bytes);
    return take_proof(session, RK_EDHOC_RESPONDER, &r, plaintext);
}

enum rk_message_result rk_edhoc_message_2_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes)
{
    if (session->step != RKI_TAKE_2) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    struct rk_cbor_reader r = {.at = in, .left = bytes};
    uint16_t whole = 0;
    const uint8_t *g_y = rk_cbor_read_bytes(&r, &whole);
    if (r.bad || r.left > 0 || whole <= RKI_G_bytes || whole - RKI_G_bytes > RK_EDHOC_MESSAGE_MAX_bytes) {
        return rki_edhoc_turn(session, RK_MESSAGE_MALFORMED, RKI_ENDED);
    }
    uint8_t plaintext[RK_EDHOC_MESSAGE_MAX_bytes];
    struct rki_span text = {.at = plaintext, .bytes = (uint16_t)(whole - RKI_G_bytes)};
    rki_copy(plaintext, g_y + RKI_G_bytes, text.bytes);
    enum rk_message_result result = rki_edhoc_take_key(session, g_y);
    if (result == RK_MESSAGE_OK) {
        result = rk_message_of(rki_edhoc_agree(session, g_y));
    }
    if (result == RK_MESSAGE_OK) {
        result = rk_message_of(mask(session->config.backend, session->prk, session->transcript, plaintext, text.bytes));
    }
    if (result == RK_MESSAGE_OK) {
        result = read_plaintext_2(session, text);
    }
    session->config.backend->wipe(plaintext, sizeof plaintext);
    return rki_edhoc_turn(session, result, RKI_MAKE_3);
}

/* --- message 3: << AEAD(PLAINTEXT_3) >>, under PRK_3e2m, while its proof is under PRK_4e3m --- */

/* Seals `text` in place, which has room for a tag, and puts it out as a byte string. */
static enum rk_message_result seal(const struct rk_edhoc *session, uint8_t label, const uint8_t prk[RK_PRK_bytes],
                                   const uint8_t th[RK_SHA256_bytes], struct rk_cbor_writer *text,
                                   struct rk_cbor_writer *w)
{
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    enum rk_message_result result = rki_edhoc_crypt(session, label, prk, th, false, text->at, text->used);
    if (result == RK_MESSAGE_OK) {
        rk_cbor_bytes(w, text->at, (uint16_t)(text->used + suite.tag_bytes));
        result = w->full ? RK_MESSAGE_NO_ROOM : RK_MESSAGE_OK;
    }
    return result;
}

enum rk_message_result rk_edhoc_message_3_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes)
{
    if (session->step != RKI_MAKE_3) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    const struct rk_backend *backend = session->config.backend;
    uint8_t plaintext[RK_EDHOC_MESSAGE_MAX_bytes], th_3[RK_SHA256_bytes], prk_3e2m[RK_PRK_bytes];
    struct rk_cbor_writer text = {.at = plaintext, .room = sizeof plaintext - RKI_TAG_MAX_bytes};
    struct rk_cbor_writer w = {.at = out, .room = room};
    rki_copy(prk_3e2m, session->prk, sizeof prk_3e2m);
    rki_copy(th_3, session->transcript, sizeof th_3);
    enum rk_message_result result = put_proof(session, RK_EDHOC_INITIATOR, &text);
    if (result == RK_MESSAGE_OK) {
        struct rki_span span = {.at = plaintext, .bytes = text.used};
        result = rk_message_of(rki_edhoc_advance(session, span, cred_of(session->config.own)));
    }
    if (result == RK_MESSAGE_OK) {
        result = seal(session, RKI_LABEL_K_3, prk_3e2m, th_3, &text, &w);
    }
    backend->wipe(prk_3e2m, sizeof prk_3e2m);
    backend->wipe(plaintext, sizeof plaintext);
    backend->wipe(session->private_key, sizeof session->private_key);
    *bytes = result == RK_MESSAGE_OK ? w.used : 0;
    return rki_edhoc_turn(session, result, RKI_AGREED);
}

/* Opens a byte string that is the whole message. out: its text in `text`. */
static enum rk_message_result open(struct rk_edhoc *session, uint8_t label, const uint8_t *in, uint16_t bytes,
                                   uint8_t text[RK_EDHOC_MESSAGE_MAX_bytes], uint16_t *text_bytes)
{
    struct rki_suite suite;
    rki_edhoc_suite(session->suite, &suite);
    struct rk_cbor_reader r = {.at = in, .left = bytes};
    uint16_t whole = 0;
    const uint8_t *at = rk_cbor_read_bytes(&r, &whole);
    if (r.bad || r.left > 0 || whole < suite.tag_bytes || whole > RK_EDHOC_MESSAGE_MAX_bytes) {
        return RK_MESSAGE_MALFORMED;
    }
    rki_copy(text, at, whole);
    *text_bytes = (uint16_t)(whole - suite.tag_bytes);
    return rki_edhoc_crypt(session, label, session->prk, session->transcript, true, text, *text_bytes);
}

enum rk_message_result rk_edhoc_message_3_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes)
{
    if (session->step != RKI_TAKE_3) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    uint8_t plaintext[RK_EDHOC_MESSAGE_MAX_bytes];
    struct rki_span text = {.at = plaintext};
    enum rk_message_result result = open(session, RKI_LABEL_K_3, in, bytes, plaintext, &text.bytes);
    if (result == RK_MESSAGE_OK) {
        struct rk_cbor_reader r = {.at = text.at, .left = text.bytes};
        result = take_proof(session, RK_EDHOC_INITIATOR, &r, text);
    }
    session->config.backend->wipe(plaintext, sizeof plaintext);
    session->config.backend->wipe(session->private_key, sizeof session->private_key);
    return rki_edhoc_turn(session, result, RKI_AGREED);
}

/* --- message 4: << AEAD(nothing) >>: the responder has it all --- */

enum rk_message_result rk_edhoc_message_4_make(struct rk_edhoc *session, uint8_t *out, uint16_t room, uint16_t *bytes)
{
    uint8_t tag[RKI_TAG_MAX_bytes];
    struct rk_cbor_writer text = {.at = tag}, w = {.at = out, .room = room};
    if (session->step != RKI_AGREED || session->role != RK_EDHOC_RESPONDER) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    enum rk_message_result result = seal(session, RKI_LABEL_K_4, session->prk, session->transcript, &text, &w);
    *bytes = result == RK_MESSAGE_OK ? w.used : 0;
    return rki_edhoc_turn(session, result, RKI_AGREED);
}

enum rk_message_result rk_edhoc_message_4_take(struct rk_edhoc *session, const uint8_t *in, uint16_t bytes)
{
    if (session->step != RKI_AGREED || session->role != RK_EDHOC_INITIATOR) {
        return rki_edhoc_turn(session, RK_MESSAGE_STATE, RKI_ENDED);
    }
    uint8_t text[RK_EDHOC_MESSAGE_MAX_bytes];
    uint16_t text_bytes = 0;
    enum rk_message_result result = open(session, RKI_LABEL_K_4, in, bytes, text, &text_bytes);
    if (result == RK_MESSAGE_OK) {
        struct rk_cbor_reader r = {.at = text, .left = text_bytes};
        result = pass_ead(&r);
    }
    return rki_edhoc_turn(session, result, RKI_AGREED);
}
