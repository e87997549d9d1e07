#include "tests/protocol/aes_block.h"

#include <string.h>

enum { ROUNDS = 10 };

static uint8_t product(uint8_t a, uint8_t b)
{
    uint8_t sum = 0;
    for (; b != 0; b >>= 1) {
        sum ^= (b & 1) ? a : 0;
        a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1B : 0));
    }
    return sum;
}

/* The inverse in GF(2^8), a^254, then the affine step. */
static uint8_t s_box(uint8_t a)
{
    uint8_t inverse = 1, square = a;
    for (int bit = 1; bit < 8; bit++) {
        square = product(square, square);
        inverse = product(inverse, square);
    }
    uint8_t out = 0x63;
    for (int i = 0; i < 5; i++) {
        out ^= (uint8_t)(inverse << i | inverse >> (8 - i));
    }
    return out;
}

static uint8_t inverse_s_box(uint8_t a)
{
    for (unsigned i = 0; i < 256; i++) {
        if (s_box((uint8_t)i) == a) {
            return (uint8_t)i;
        }
    }
    return 0;
}

static void expand(const uint8_t key[16], uint8_t keys[ROUNDS + 1][16])
{
    uint8_t constant = 1;
    memcpy(keys[0], key, 16);
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < 4; i++) {
            keys[round][i] = keys[round - 1][i] ^ s_box(keys[round - 1][12 + (i + 1) % 4]);
        }
        keys[round][0] ^= constant;
        constant = product(constant, 2);
        for (int i = 4; i < 16; i++) {
            keys[round][i] = keys[round - 1][i] ^ keys[round][i - 4];
        }
    }
}

static void add_key(uint8_t state[16], const uint8_t key[16])
{
    for (int i = 0; i < 16; i++) {
        state[i] ^= key[i];
    }
}

/* Row r of column c goes to column c - r, or back. */
static void shift(uint8_t state[16], int sign)
{
    uint8_t from[16];
    memcpy(from, state, 16);
    for (int column = 0; column < 4; column++) {
        for (int row = 0; row < 4; row++) {
            state[4 * column + row] = from[4 * ((column + sign * row + 4) % 4) + row];
        }
    }
}

static void mix(uint8_t state[16], const uint8_t factors[4])
{
    for (int column = 0; column < 4; column++) {
        uint8_t from[4];
        memcpy(from, state + 4 * column, 4);
        for (int row = 0; row < 4; row++) {
            uint8_t sum = 0;
            for (int i = 0; i < 4; i++) {
                sum ^= product(from[(row + i) % 4], factors[i]);
            }
            state[4 * column + row] = sum;
        }
    }
}

void aes_block_encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
    uint8_t keys[ROUNDS + 1][16], state[16];
    expand(key, keys);
    memcpy(state, in, 16);
    add_key(state, keys[0]);
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < 16; i++) {
            state[i] = s_box(state[i]);
        }
        shift(state, 1);
        if (round < ROUNDS) {
            mix(state, (const uint8_t[]){2, 3, 1, 1});
        }
        add_key(state, keys[round]);
    }
    memcpy(out, state, 16);
}

void aes_block_decrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
    uint8_t keys[ROUNDS + 1][16], state[16];
    expand(key, keys);
    memcpy(state, in, 16);
    for (int round = ROUNDS; round > 0; round--) {
        add_key(state, keys[round]);
        if (round < ROUNDS) {
            mix(state, (const uint8_t[]){14, 11, 13, 9});
        }
        shift(state, -1);
        for (int i = 0; i < 16; i++) {
            state[i] = inverse_s_box(state[i]);
        }
    }
    add_key(state, keys[0]);
    memcpy(out, state, 16);
}
