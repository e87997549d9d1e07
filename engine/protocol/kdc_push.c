#include "engine/protocol/kdc_push.h"

#include "engine/lifecycle/small.h"
#include "engine/protocol/hkdf.h"

enum {
    APS_COMMAND_SECURED = 0x21,
    KEY_TRANSPORT_EXTENDED_NONCE = 0x30, /* security control; the level stands in it for the nonce and the tag only */
    LEVEL_ENC_MIC_32 = 0x05,
    COMMAND_TRANSPORT_KEY = 5,
    STANDARD_NETWORK_KEY = 1,
    CONTROL_at = 2,
    COUNTER_at = 3,
    SERVER_at = 7,
    HEADER_bytes = 15,
    COMMAND_bytes = 35,
    TAG_bytes = 4,
};

/* Seals or opens the command of a frame whose header is there. */
static enum rk_crypto crypt(const struct rk_backend *backend, const uint8_t kek[RK_KDC_KEY_bytes], bool open,
                            const uint8_t *header, uint8_t command[COMMAND_bytes + TAG_bytes])
{
    uint8_t aad[HEADER_bytes], nonce[RK_CCM_NONCE_bytes];
    rki_copy(aad, header, HEADER_bytes);
    aad[CONTROL_at] |= LEVEL_ENC_MIC_32;
    rki_copy(nonce, header + SERVER_at, RK_KDC_ADDRESS_bytes);
    rki_copy(nonce + RK_KDC_ADDRESS_bytes, header + COUNTER_at, 4);
    nonce[12] = aad[CONTROL_at];
    struct rk_aead_job job = {.alg = RK_ALG_AES_CCM,
                              .key_bytes = RK_KDC_KEY_bytes,
                              .tag_bytes = TAG_bytes,
                              .aad_bytes = HEADER_bytes,
                              .text_bytes = COMMAND_bytes,
                              .key = kek,
                              .nonce = nonce,
                              .aad = aad,
                              .in = command,
                              .out = command,
                              .tag = command + COMMAND_bytes};
    if (!rk_backend_has(backend, RK_ALG_AES_CCM)) {
        return RK_CRYPTO_UNSUPPORTED;
    }
    return open ? backend->aead_open(&job) : backend->aead_seal(&job);
}

enum rk_message_result rk_kdc_push_make(const struct rk_backend *backend, const uint8_t kek[RK_KDC_KEY_bytes],
                                        uint32_t counter, uint8_t aps_counter, const struct rk_kdc_push *push,
                                        uint8_t frame[RK_KDC_FRAME_bytes])
{
    uint8_t *command = frame + HEADER_bytes;
    frame[0] = APS_COMMAND_SECURED;
    frame[1] = aps_counter;
    frame[CONTROL_at] = KEY_TRANSPORT_EXTENDED_NONCE;
    rki_put32(frame + COUNTER_at, counter);
    rki_copy(frame + SERVER_at, push->server, RK_KDC_ADDRESS_bytes);
    command[0] = COMMAND_TRANSPORT_KEY;
    command[1] = STANDARD_NETWORK_KEY;
    rki_copy(command + 2, push->network_key, RK_KDC_KEY_bytes);
    command[18] = push->sequence;
    rki_copy(command + 19, push->device, RK_KDC_ADDRESS_bytes);
    rki_copy(command + 27, push->server, RK_KDC_ADDRESS_bytes);
    enum rk_crypto result = crypt(backend, kek, false, frame, command);
    if (result != RK_CRYPTO_OK) {
        backend->wipe(frame, RK_KDC_FRAME_bytes);
    }
    return rk_message_of(result);
}

static enum rk_message_result read_command(const uint8_t *command, const uint8_t *header,
                                           const uint8_t device[RK_KDC_ADDRESS_bytes], struct rk_kdc_push *push)
{
    if (command[0] != COMMAND_TRANSPORT_KEY || command[1] != STANDARD_NETWORK_KEY ||
        rk_differ(command + 27, header + SERVER_at, RK_KDC_ADDRESS_bytes)) {
        return RK_MESSAGE_MALFORMED;
    }
    if (rk_differ(command + 19, device, RK_KDC_ADDRESS_bytes)) {
        return RK_MESSAGE_UNKNOWN;
    }
    rki_copy(push->network_key, command + 2, RK_KDC_KEY_bytes);
    push->sequence = command[18];
    rki_copy(push->device, command + 19, RK_KDC_ADDRESS_bytes);
    rki_copy(push->server, command + 27, RK_KDC_ADDRESS_bytes);
    return RK_MESSAGE_OK;
}

enum rk_message_result rk_kdc_push_take(const struct rk_backend *backend, const uint8_t kek[RK_KDC_KEY_bytes],
                                        uint32_t *counter, const uint8_t device[RK_KDC_ADDRESS_bytes],
                                        const uint8_t *frame, uint16_t bytes, struct rk_kdc_push *push)
{
    uint8_t command[COMMAND_bytes + TAG_bytes];
    if (bytes != RK_KDC_FRAME_bytes || frame[0] != APS_COMMAND_SECURED ||
        frame[CONTROL_at] != KEY_TRANSPORT_EXTENDED_NONCE) {
        return RK_MESSAGE_MALFORMED;
    }
    uint32_t number = rki_get32(frame + COUNTER_at);
    if (number < *counter || number == UINT32_MAX) {
        return RK_MESSAGE_REPLAYED;
    }
    rki_copy(command, frame + HEADER_bytes, sizeof command);
    enum rk_message_result result = rk_message_of(crypt(backend, kek, true, frame, command));
    if (result == RK_MESSAGE_OK) {
        *counter = number + 1;
        result = read_command(command, frame, device, push);
    }
    backend->wipe(command, sizeof command);
    return result;
}
