/* engine/protocol/cbor.h - the little of CBOR that EDHOC and OSCORE are written in
 *
 * Model:  integers of -65536 to 65535, byte and text strings, arrays and maps, of definite and shortest length. A
 *         reader refuses every other encoding, so that what is hashed has one form only.
 * Units:  bytes.
 * Error:  sticky: a writer that ran out of room writes nothing more and says so in `full`; a reader that met something
 *         else says so in `bad`. Both are looked at once, at the end.
 * Source: RFC 8949, clauses 3 and 4.2.1; RFC 9528, clause 3.3.2 (identifiers).
 */
#ifndef ENGINE_PROTOCOL_CBOR_H
#define ENGINE_PROTOCOL_CBOR_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RK_CBOR_UINT = 0,
    RK_CBOR_NEGATIVE = 1,
    RK_CBOR_BYTES = 2,
    RK_CBOR_TEXT = 3,
    RK_CBOR_ARRAY = 4,
    RK_CBOR_MAP = 5,
    RK_CBOR_TAG = 6,
    RK_CBOR_SIMPLE = 7,
};

struct rk_cbor_writer {
    uint8_t *at;
    uint16_t used, room;
    bool full;
};

struct rk_cbor_reader {
    const uint8_t *at;
    uint16_t left;
    bool bad;
};

/* Writing. value: the number, or how many bytes, elements or pairs follow. */
void rk_cbor_head(struct rk_cbor_writer *w, uint8_t major, uint16_t value);
void rk_cbor_raw(struct rk_cbor_writer *w, const uint8_t *in, uint16_t bytes);
void rk_cbor_bytes(struct rk_cbor_writer *w, const uint8_t *in, uint16_t bytes);

/* An identifier: a byte string, but a string of one byte that reads as a CBOR integer of one byte stands for itself. */
void rk_cbor_identifier(struct rk_cbor_writer *w, const uint8_t *in, uint8_t bytes);

/* out: bytes that rk_cbor_bytes() takes. */
uint16_t rk_cbor_bytes_size(uint16_t bytes);

/* Reading. Pointers that come out point into the input. */
void rk_cbor_read_head(struct rk_cbor_reader *r, uint8_t *major, uint16_t *value);
int32_t rk_cbor_read_int(struct rk_cbor_reader *r);
const uint8_t *rk_cbor_read_bytes(struct rk_cbor_reader *r, uint16_t *bytes);
const uint8_t *rk_cbor_read_identifier(struct rk_cbor_reader *r, uint16_t *bytes);

/* Passes one item, with what is in it. */
void rk_cbor_skip(struct rk_cbor_reader *r);

#endif
