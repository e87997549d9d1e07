#include "engine/protocol/cbor.h"

#include "engine/lifecycle/small.h"

enum { ONE_BYTE_FOLLOWS = 24, TWO_BYTES_FOLLOW = 25, NESTED_MAX = 64 };

void rk_cbor_raw(struct rk_cbor_writer *w, const uint8_t *in, uint16_t bytes)
{
    w->full = w->full || bytes > (uint16_t)(w->room - w->used);
    if (w->full || bytes == 0) {
        return;
    }
    rki_copy(w->at + w->used, in, bytes);
    w->used = (uint16_t)(w->used + bytes);
}

void rk_cbor_head(struct rk_cbor_writer *w, uint8_t major, uint16_t value)
{
    uint8_t head[3] = {(uint8_t)(major << 5 | (value < ONE_BYTE_FOLLOWS ? value : ONE_BYTE_FOLLOWS)), (uint8_t)value,
                       0};
    uint8_t bytes = value < ONE_BYTE_FOLLOWS ? 1 : 2;
    if (value > 0xFF) {
        head[0] = (uint8_t)(major << 5 | TWO_BYTES_FOLLOW);
        head[1] = (uint8_t)(value >> 8);
        head[2] = (uint8_t)value;
        bytes = 3;
    }
    rk_cbor_raw(w, head, bytes);
}

void rk_cbor_bytes(struct rk_cbor_writer *w, const uint8_t *in, uint16_t bytes)
{
    rk_cbor_head(w, RK_CBOR_BYTES, bytes);
    rk_cbor_raw(w, in, bytes);
}

/* 00 to 17 and 20 to 37: the integers -24 to 23. */
static bool is_small_int(uint8_t byte)
{
    return (byte & 0xDF) < ONE_BYTE_FOLLOWS;
}

void rk_cbor_identifier(struct rk_cbor_writer *w, const uint8_t *in, uint8_t bytes)
{
    if (bytes == 1 && is_small_int(in[0])) {
        rk_cbor_raw(w, in, 1);
    } else {
        rk_cbor_bytes(w, in, bytes);
    }
}

uint16_t rk_cbor_bytes_size(uint16_t bytes)
{
    return (uint16_t)(bytes + (bytes < ONE_BYTE_FOLLOWS ? 1 : bytes <= 0xFF ? 2 : 3));
}

static const uint8_t *take(struct rk_cbor_reader *r, uint16_t bytes)
{
    if (r->bad || bytes > r->left) {
        r->bad = true;
        return r->at;
    }
    const uint8_t *at = r->at;
    r->at += bytes;
    r->left = (uint16_t)(r->left - bytes);
    return at;
}

void rk_cbor_read_head(struct rk_cbor_reader *r, uint8_t *major, uint16_t *value)
{
    *major = RK_CBOR_SIMPLE;
    *value = 0;
    const uint8_t *head = take(r, 1);
    if (r->bad) {
        return;
    }
    *major = *head >> 5;
    *value = *head & 31;
    if (*value == ONE_BYTE_FOLLOWS) {
        const uint8_t *more = take(r, 1);
        *value = r->bad ? 0 : *more;
        r->bad = r->bad || *value < ONE_BYTE_FOLLOWS;
    } else if (*value == TWO_BYTES_FOLLOW) {
        const uint8_t *more = take(r, 2);
        *value = r->bad ? 0 : (uint16_t)(more[0] << 8 | more[1]);
        r->bad = r->bad || *value <= 0xFF;
    } else if (*value > TWO_BYTES_FOLLOW) {
        r->bad = true;
    }
}

int32_t rk_cbor_read_int(struct rk_cbor_reader *r)
{
    uint8_t major;
    uint16_t value;
    rk_cbor_read_head(r, &major, &value);
    r->bad = r->bad || major > RK_CBOR_NEGATIVE;
    return major == RK_CBOR_NEGATIVE ? -1 - (int32_t)value : (int32_t)value;
}

const uint8_t *rk_cbor_read_bytes(struct rk_cbor_reader *r, uint16_t *bytes)
{
    uint8_t major;
    rk_cbor_read_head(r, &major, bytes);
    r->bad = r->bad || major != RK_CBOR_BYTES;
    const uint8_t *at = take(r, *bytes);
    *bytes = r->bad ? 0 : *bytes;
    return at;
}

const uint8_t *rk_cbor_read_identifier(struct rk_cbor_reader *r, uint16_t *bytes)
{
    if (!r->bad && r->left > 0 && is_small_int(*r->at)) {
        *bytes = 1;
        return take(r, 1);
    }
    const uint8_t *at = rk_cbor_read_bytes(r, bytes);
    r->bad = r->bad || (*bytes == 1 && is_small_int(*at));
    return at;
}

/* No recursion: what is left to pass is a number. */
void rk_cbor_skip(struct rk_cbor_reader *r)
{
    uint16_t items = 1;
    while (!r->bad && items > 0) {
        uint8_t major;
        uint16_t value;
        rk_cbor_read_head(r, &major, &value);
        items--;
        if (major == RK_CBOR_BYTES || major == RK_CBOR_TEXT) {
            take(r, value);
        } else if (major >= RK_CBOR_TAG) {
            r->bad = true;
        } else if (major >= RK_CBOR_ARRAY) {
            r->bad = r->bad || value > NESTED_MAX;
            items = (uint16_t)(items + (major == RK_CBOR_MAP ? 2 * value : value));
            r->bad = r->bad || items > NESTED_MAX;
        }
    }
}
