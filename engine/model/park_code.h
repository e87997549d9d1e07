/* engine/model/park_code.h - words of 64 bits in few bytes: for parked nodes (engine/model/park.h)
 *
 * Model: a nibble before each word says how it is written; zeros, repetitions, words seen before, small numbers and their
 *        complements are short. What was encoded in one go is decoded in one go.
 * Units: bytes and words, in the names.
 */
#ifndef ENGINE_MODEL_PARK_CODE_H
#define ENGINE_MODEL_PARK_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RKI_SEEN_SLOTS = 256 };

struct rki_coder {
    uint64_t seen[RKI_SEEN_SLOTS];
    uint8_t *nibble, *byte; /* where the next one goes, or comes from */
    bool half;              /* the upper half of *nibble is next */
};

/* in: room for `words` / 2 + 1 nibbles at `nibble` and 8 * words bytes at `byte`. */
void rki_encode(struct rki_coder *coder, const uint64_t *image, size_t words);

/* Exclusive or of what was encoded into image. in: the order of its words, NULL: as they are. */
void rki_decode(struct rki_coder *coder, uint64_t *image, const uint16_t *order, size_t words);

#endif
