/* engine/protocol/edhoc_internal.h - key schedule and authentication, shared by the messages of edhoc.c
 *
 * Model:  EDHOC_KDF(PRK, label, context, length) = HKDF-Expand(PRK, (label, << context >>, length), length). What is
 *         hashed, signed or derived from is written into one work area, whose start is the room that rk_hkdf_expand()
 *         asks for.
 * Units:  bytes.
 * Source: RFC 9528, clauses 3.6, 4.1, 5.3 and 5.4.
 */
#ifndef ENGINE_PROTOCOL_EDHOC_INTERNAL_H
#define ENGINE_PROTOCOL_EDHOC_INTERNAL_H

#include "engine/protocol/cbor.h"
#include "engine/protocol/edhoc.h"
#include "engine/protocol/hkdf.h"

enum { RKI_G_bytes = 32, RKI_SIGNATURE_bytes = 64, RKI_TAG_MAX_bytes = 16 };

/* Whose turn it is. */
enum {
    RKI_ENDED,
    RKI_MAKE_1,
    RKI_TAKE_1,
    RKI_MAKE_2,
    RKI_TAKE_2,
    RKI_MAKE_3,
    RKI_TAKE_3,
    RKI_AGREED,   /* prk is PRK_4e3m, transcript TH_4 */
    RKI_EXPORTED, /* prk is PRK_out */
};

enum {
    RKI_LABEL_KEYSTREAM_2 = 0,
    RKI_LABEL_SALT_3E2M,
    RKI_LABEL_MAC_2,
    RKI_LABEL_K_3,
    RKI_LABEL_IV_3,
    RKI_LABEL_SALT_4E3M,
    RKI_LABEL_MAC_3,
    RKI_LABEL_PRK_OUT,
    RKI_LABEL_K_4,
    RKI_LABEL_IV_4,
    RKI_LABEL_EXPORTER,
    RKI_LABEL_UPDATE
};

struct rki_span {
    const uint8_t *at;
    uint16_t bytes;
};

/* What a plaintext of message 2 or 3 carries, pointing into it. */
struct rki_proof {
    const struct rk_edhoc_credential *of;
    struct rki_span value; /* the signature or the MAC */
    struct rki_span ead;
};

struct rki_suite {
    uint8_t aead, key_bytes, tag_bytes, mac_bytes, curve, signature;
    uint8_t application_aead, application_tag_bytes;
};

bool rki_edhoc_suite(uint8_t number, struct rki_suite *suite);
bool rki_edhoc_suite_provided(const struct rk_backend *backend, uint8_t number);

/* Whether this side, or the other, authenticates with a static key rather than a signature. */
bool rki_edhoc_is_static(const struct rk_edhoc *session, uint8_t role);

enum rk_crypto rki_edhoc_kdf(const struct rk_backend *backend, const uint8_t prk[RK_PRK_bytes], uint8_t label,
                             const uint8_t *context, uint8_t context_bytes, uint8_t *out, uint16_t out_bytes);

/* Ends a turn: what failed ends the session, what did not makes it the turn of `next`. */
enum rk_message_result rki_edhoc_turn(struct rk_edhoc *session, enum rk_message_result result, uint8_t next);

/* The own ephemeral pair; the peer's point from what the message has of it. */
enum rk_message_result rki_edhoc_draw_key(struct rk_edhoc *session);
enum rk_message_result rki_edhoc_take_key(struct rk_edhoc *session, const uint8_t g[RKI_G_bytes]);

/* TH_2 = H(G_Y, H(message_1)), PRK_2e = Extract(TH_2, G_XY): 4.1.1.1 and 5.3.2. */
enum rk_crypto rki_edhoc_agree(struct rk_edhoc *session, const uint8_t g_y[RKI_G_bytes]);

/* prk becomes PRK_3e2m, for the proof of the responder, or PRK_4e3m for that of the initiator: what a static key adds.
 * of: the credential of `role`. */
enum rk_crypto rki_edhoc_mix_static(struct rk_edhoc *session, uint8_t role, const struct rk_edhoc_credential *of);

/* prk = Extract(EDHOC_KDF(prk, salt_label, transcript), private_key * point). */
enum rk_crypto rki_edhoc_mix(struct rk_edhoc *session, uint8_t salt_label, const uint8_t *private_key,
                             const uint8_t *point);

/* transcript = H(bytes of the transcript, plaintext, cred). */
enum rk_crypto rki_edhoc_advance(struct rk_edhoc *session, struct rki_span plaintext, struct rki_span cred);

/* The proof of `role`: makes its signature or MAC into value, or checks what came. out: *bytes of value made. */
enum rk_message_result rki_edhoc_prove(struct rk_edhoc *session, uint8_t role, const struct rk_edhoc_credential *own,
                                       uint8_t value[RKI_SIGNATURE_bytes], uint16_t *bytes);
enum rk_message_result rki_edhoc_check(struct rk_edhoc *session, uint8_t role, const struct rki_proof *proof);

/* COSE_Encrypt0 of message 3 and 4, in place, the tag behind the text. label is that of the key, prk and th are those
 * before the message. */
enum rk_message_result rki_edhoc_crypt(const struct rk_edhoc *session, uint8_t label, const uint8_t prk[RK_PRK_bytes],
                                       const uint8_t th[RK_SHA256_bytes], bool open, uint8_t *text,
                                       uint16_t text_bytes);

#endif
