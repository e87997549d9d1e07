#include "engine/model/park_code.h"

#include <string.h>

/* A nibble before each word: ZERO or TWO_ZEROS; ZEROS or AGAIN, the word before, and a nibble with their number less 1, which
 * for zeros cannot be 0: that is all there is to come; 1 to 6 or 8 significant bytes; SEEN and the byte of its slot among
 * those seen, as it is or its complement; COMPLEMENT, or with 5 significant bytes; PAIR, two numbers of 32 bits below 256.
 * Never is all ones, and so is blank NVM; units of NVM that are written together wear alike. */
enum { ZEROS = 0, AGAIN = 7, SEEN = 9, SEEN_COMPLEMENT = 10, COMPLEMENT = 11, COMPLEMENT_5 = 12, PAIR = 13 };
enum { ZERO = 14, TWO_ZEROS = 15 };
enum { RUN_MAX = 16 };

static unsigned slot_of(uint64_t word)
{
    return (unsigned)(word * 0x9E3779B97F4A7C15ull >> 56);
}

static void put_nibble(struct rki_coder *coder, unsigned value)
{
    if (coder->half) {
        *coder->nibble++ |= (uint8_t)(value << 4);
    } else {
        *coder->nibble = (uint8_t)value;
    }
    coder->half = !coder->half;
}

static unsigned get_nibble(struct rki_coder *coder)
{
    unsigned value = coder->half ? *coder->nibble++ >> 4 : *coder->nibble & 15u;
    coder->half = !coder->half;
    return value;
}

static unsigned significant(uint64_t word)
{
    return word == 0 ? 0 : 8 - (unsigned)__builtin_clzll(word) / 8;
}

static void put_bytes(struct rki_coder *coder, unsigned code, uint64_t word, unsigned bytes)
{
    put_nibble(coder, code);
    memcpy(coder->byte, &word, bytes);
    coder->byte += bytes;
}

static bool is_pair(uint64_t word)
{
    return (word & 0xffffff00ffffff00ull) == 0;
}

static void put_word(struct rki_coder *coder, uint64_t word)
{
    unsigned slot = slot_of(word), other = slot_of(~word);
    unsigned bytes = significant(word), of_complement = significant(~word);
    if (bytes > 1 && coder->seen[slot] == word) {
        put_bytes(coder, SEEN, slot, 1);
        return;
    }
    if (bytes > 1 && coder->seen[other] == ~word) {
        put_bytes(coder, SEEN_COMPLEMENT, other, 1);
        return;
    }
    coder->seen[slot] = word;
    if (bytes > 2 && is_pair(word)) {
        put_bytes(coder, PAIR, (word & 0xff) | word >> 24, 2);
    } else if (bytes < AGAIN) {
        put_bytes(coder, bytes, word, bytes);
    } else if (of_complement <= 5) {
        put_bytes(coder, of_complement == 0 ? COMPLEMENT : COMPLEMENT_5, ~word, of_complement == 0 ? 0 : 5);
    } else {
        put_bytes(coder, 8, word, 8);
    }
}

static uint64_t get_bytes(struct rki_coder *coder, unsigned bytes)
{
    uint64_t word = 0;
    memcpy(&word, coder->byte, bytes);
    coder->byte += bytes;
    return word;
}

static uint64_t get_word(struct rki_coder *coder, unsigned code)
{
    if (code == SEEN) {
        return coder->seen[get_bytes(coder, 1)];
    }
    if (code == SEEN_COMPLEMENT) {
        return ~coder->seen[get_bytes(coder, 1)];
    }
    uint64_t word;
    if (code == PAIR) {
        word = get_bytes(coder, 2);
        word = (word & 0xff) | (word & 0xff00) << 24;
    } else if (code >= COMPLEMENT) {
        word = ~get_bytes(coder, code == COMPLEMENT ? 0 : 5);
    } else {
        word = get_bytes(coder, code);
    }
    coder->seen[slot_of(word)] = word;
    return word;
}

/* out: how many words from `image` on are `word`, RUN_MAX and `words` at most. */
static size_t run_of(uint64_t word, const uint64_t *image, size_t words)
{
    size_t run = 0;
    while (run < words && run < RUN_MAX && image[run] == word) {
        run++;
    }
    return run;
}

void rki_encode(struct rki_coder *coder, const uint64_t *image, size_t words)
{
    uint64_t before = 0;
    size_t end = words;
    while (end > 0 && image[end - 1] == 0) {
        end--;
    }
    for (size_t at = 0; at < words;) {
        size_t zeros = run_of(0, image + at, words - at);
        size_t again = zeros > 0 ? 0 : run_of(before, image + at, words - at);
        if (at >= end) {
            put_nibble(coder, ZEROS);
            put_nibble(coder, 0);
            return;
        }
        if (zeros == 1 || zeros == 2) {
            put_nibble(coder, zeros == 1 ? ZERO : TWO_ZEROS);
            at += zeros;
        } else if (zeros + again > 0) {
            put_nibble(coder, zeros > 0 ? ZEROS : AGAIN);
            put_nibble(coder, (unsigned)(zeros + again) - 1);
            at += zeros + again;
        } else {
            before = image[at++];
            put_word(coder, before);
        }
    }
}

void rki_decode(struct rki_coder *coder, uint64_t *image, const uint16_t *order, size_t words)
{
    uint64_t before = 0;
    for (size_t at = 0; at < words;) {
        unsigned code = get_nibble(coder);
        if (code >= ZERO) {
            at += code == ZERO ? 1 : 2;
        } else if (code == ZEROS) {
            unsigned more = get_nibble(coder);
            at = more == 0 ? words : at + more + 1;
        } else if (code == AGAIN) {
            for (size_t end = at + get_nibble(coder) + 1u; at < end; at++) {
                image[order == NULL ? at : order[at]] ^= before;
            }
        } else {
            before = get_word(coder, code);
            image[order == NULL ? at : order[at]] ^= before;
            at++;
        }
    }
}
