/* devices/firmware/handshake/payload.c - a handshake behind the mailbox: received bytes in, bytes to send out
 *
 * The measured region is the library's work on one request. What is sent becomes a field a datagram; a stream has one.
 */
#include "devices/firmware/payload.h"

#include <string.h>

#include "backends/handshake/handshake.h"
#include "devices/firmware/region.h"

uint16_t rk_handshake_counts[RK_HANDSHAKE_COUNTS];

static struct {
    struct rki_exchange x;
    const uint8_t *in;
    size_t in_bytes;
    uint8_t *stream; /* the field that a stream's pieces go to; NULL: none yet */
    uint16_t stream_bytes;
    uint8_t streaming;
} wire;

int rk_handshake_send(const uint8_t *data, size_t bytes)
{
    if (wire.streaming && wire.stream != NULL) {
        if (bytes > (size_t)(RK_MAILBOX_DATA_bytes - wire.x.end)) {
            return -1;
        }
        memcpy(wire.stream + wire.stream_bytes, data, bytes);
        wire.stream_bytes = (uint16_t)(wire.stream_bytes + bytes);
        rki_exchange_shorten(&wire.x, wire.stream, wire.stream_bytes);
        return 0;
    }
    uint8_t *field = bytes <= UINT16_MAX ? rki_exchange_output(&wire.x, (uint16_t)bytes) : NULL;
    if (field == NULL) {
        return -1;
    }
    memcpy(field, data, bytes);
    wire.stream = field;
    wire.stream_bytes = (uint16_t)bytes;
    return 0;
}

size_t rk_handshake_receive(uint8_t *data, size_t room)
{
    size_t bytes = wire.in_bytes < room ? wire.in_bytes : room;
    memcpy(data, wire.in, bytes);
    wire.in += bytes;
    wire.in_bytes = wire.streaming ? wire.in_bytes - bytes : 0;
    return bytes;
}

static int begin(const struct rk_handshake *side)
{
    const struct rki_field *field = &wire.x.in[0];
    if (field->bytes != 4) {
        return RK_HANDSHAKE_FAILED;
    }
    const struct rk_handshake_setup setup = {field->at[0], field->at[1], field->at[2], field->at[3]};
    memset(rk_handshake_counts, 0, sizeof rk_handshake_counts);
    wire.streaming = setup.protocol == RK_TLS12 || setup.protocol == RK_TLS13;
    return side->begin(&setup);
}

/* The reply's own field for a text that was received. */
static int read_text(const struct rk_handshake *side)
{
    enum { TEXT_MAX_bytes = 256 };
    uint8_t text[TEXT_MAX_bytes];
    size_t bytes = sizeof text;
    int result = side->read(text, &bytes);
    uint8_t *field = result == RK_HANDSHAKE_DONE ? rki_exchange_output(&wire.x, (uint16_t)bytes) : NULL;
    if (field != NULL) {
        memcpy(field, text, bytes);
    }
    return result;
}

static int serve(const struct rk_handshake *side, uint8_t operation)
{
    int result = RK_HANDSHAKE_FAILED;
    RK_REGION_START(RK_REGION_OPERATION);
    switch (operation) {
    case RK_HANDSHAKE_BEGIN:
        result = begin(side);
        break;
    case RK_HANDSHAKE_STEP:
        result = side->step();
        break;
    case RK_HANDSHAKE_WRITE:
        result = side->write(wire.x.in[0].at, wire.x.in[0].bytes);
        break;
    case RK_HANDSHAKE_READ:
        result = read_text(side);
        break;
    case RK_HANDSHAKE_UPDATE:
        result = side->update != NULL ? side->update() : RK_HANDSHAKE_UNSUPPORTED;
        break;
    case RK_HANDSHAKE_AGAIN:
        memset(rk_handshake_counts, 0, sizeof rk_handshake_counts);
        result = side->again();
        break;
    default:
        break;
    }
    RK_REGION_STOP(RK_REGION_OPERATION);
    return result;
}

static int tell_keys(const struct rk_handshake *side)
{
    uint8_t *keys = rki_exchange_output(&wire.x, RK_HANDSHAKE_KEYS_bytes);
    uint8_t *counts = rki_exchange_output(&wire.x, 2 * RK_HANDSHAKE_COUNTS);
    if (keys == NULL || counts == NULL) {
        return RK_HANDSHAKE_FAILED;
    }
    for (unsigned i = 0; i < RK_HANDSHAKE_COUNTS; i++) {
        counts[2 * i] = (uint8_t)rk_handshake_counts[i];
        counts[2 * i + 1] = (uint8_t)(rk_handshake_counts[i] >> 8);
    }
    return side->keys(keys);
}

void rk_payload_call(struct rk_mailbox *mailbox)
{
    const struct rk_handshake *side = rk_handshake_get();
    bool whole = rki_exchange_begin(&wire.x, mailbox);
    uint8_t *told = whole ? rki_exchange_output(&wire.x, 1) : NULL;
    if (told == NULL) {
        rki_exchange_reply(&wire.x, RK_CRYPTO_FAILED);
        return;
    }
    wire.in = wire.x.in[0].at;
    wire.in_bytes = wire.x.inputs > 0 ? wire.x.in[0].bytes : 0;
    wire.stream = NULL;
    bool keys = mailbox->operation == RK_HANDSHAKE_KEYS;
    *told = (uint8_t)(keys ? tell_keys(side) : serve(side, mailbox->operation));
    rki_exchange_reply(&wire.x, RK_CRYPTO_OK);
}
