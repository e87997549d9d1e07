/* Ascon-AEAD128, SP 800-232 clause 4. */
#include "backends/ascon/ascon.h"

#include <string.h>

enum {
    KEY_bytes = 16,
    TAG_bytes = 16,
    RATE_bytes = 16,
    ROUNDS_OUTER = 12, /* before the first and after the last block */
    ROUNDS_INNER = 8,
    CAPACITY_at = 16, /* where the part of the state begins that no block touches */
    TAIL_at = 24,     /* the last two words */
};

static inline uint64_t load(const uint8_t in[8])
{
    uint64_t word;
    memcpy(&word, in, sizeof word);
    return word;
}

static void mix(union rki_ascon *state, uint8_t at, const uint8_t *in, uint8_t bytes)
{
    for (uint8_t i = 0; i < bytes; i++) {
        state->byte[at + i] ^= in[i];
    }
}

/* A block that is not full ends with a bit; of a length that is a multiple of the rate, a block of that bit alone. */
static void absorb(union rki_ascon *state, const uint8_t *in, uint16_t in_bytes)
{
    if (in_bytes == 0) {
        return;
    }
    for (; in_bytes >= RATE_bytes; in_bytes -= RATE_bytes, in += RATE_bytes) {
        state->word[0] ^= load(in);
        state->word[1] ^= load(in + 8);
        rki_ascon_permute(state, ROUNDS_INNER);
    }
    mix(state, 0, in, (uint8_t)in_bytes);
    state->byte[in_bytes] ^= 1;
    rki_ascon_permute(state, ROUNDS_INNER);
}

static void begin(union rki_ascon *state, const struct rk_aead_job *job)
{
    state->word[0] = 0x00001000808c0001;
    memcpy(state->byte + 8, job->key, KEY_bytes);
    memcpy(state->byte + TAIL_at, job->nonce, 16);
    rki_ascon_permute(state, ROUNDS_OUTER);
    mix(state, TAIL_at, job->key, KEY_bytes);
    absorb(state, job->aad, job->aad_bytes);
    state->byte[39] ^= 0x80;
}

/* Leaves the tag in the last two words. */
static void finish(union rki_ascon *state, const struct rk_aead_job *job)
{
    mix(state, CAPACITY_at, job->key, KEY_bytes);
    rki_ascon_permute(state, ROUNDS_OUTER);
    mix(state, TAIL_at, job->key, KEY_bytes);
}

static void encrypt(union rki_ascon *state, const uint8_t *in, uint8_t *out, uint16_t bytes)
{
    for (; bytes >= RATE_bytes; bytes -= RATE_bytes, in += RATE_bytes, out += RATE_bytes) {
        state->word[0] ^= load(in);
        state->word[1] ^= load(in + 8);
        memcpy(out, state->byte, RATE_bytes);
        rki_ascon_permute(state, ROUNDS_INNER);
    }
    mix(state, 0, in, (uint8_t)bytes);
    for (uint8_t i = 0; i < bytes; i++) {
        out[i] = state->byte[i];
    }
    state->byte[bytes] ^= 1;
}

static void decrypt(union rki_ascon *state, const uint8_t *in, uint8_t *out, uint16_t bytes)
{
    for (; bytes >= RATE_bytes; bytes -= RATE_bytes, in += RATE_bytes, out += RATE_bytes) {
        uint64_t word[2] = {load(in), load(in + 8)};
        state->word[0] ^= word[0];
        state->word[1] ^= word[1];
        memcpy(out, state->byte, RATE_bytes);
        memcpy(state->byte, word, RATE_bytes);
        rki_ascon_permute(state, ROUNDS_INNER);
    }
    for (uint8_t i = 0; i < bytes; i++) {
        uint8_t byte = in[i];
        out[i] = state->byte[i] ^ byte;
        state->byte[i] = byte;
    }
    state->byte[bytes] ^= 1;
}

static bool is_whole(const struct rk_aead_job *job)
{
    return job->key_bytes == KEY_bytes && job->tag_bytes == TAG_bytes;
}

enum rk_crypto rki_ascon_seal(const struct rk_aead_job *job)
{
    union rki_ascon state;
    if (!is_whole(job)) {
        return RK_CRYPTO_FAILED;
    }
    begin(&state, job);
    encrypt(&state, job->in, job->out, job->text_bytes);
    finish(&state, job);
    memcpy(job->tag, state.byte + TAIL_at, TAG_bytes);
    rki_ascon_wipe(&state, sizeof state);
    return RK_CRYPTO_OK;
}

enum rk_crypto rki_ascon_open(const struct rk_aead_job *job)
{
    union rki_ascon state;
    uint8_t difference = 0;
    if (!is_whole(job)) {
        return RK_CRYPTO_FAILED;
    }
    begin(&state, job);
    decrypt(&state, job->in, job->out, job->text_bytes);
    finish(&state, job);
    for (uint8_t i = 0; i < TAG_bytes; i++) {
        difference |= state.byte[TAIL_at + i] ^ job->tag[i];
    }
    rki_ascon_wipe(&state, sizeof state);
    if (difference != 0) {
        rki_ascon_wipe(job->out, job->text_bytes);
        return RK_CRYPTO_REJECTED;
    }
    return RK_CRYPTO_OK;
}
