#include "bench/audit/witness.h"

#include <string.h>

static _Thread_local struct rk_witness *current;

struct rk_witness *rk_witness_use(struct rk_witness *witness)
{
    struct rk_witness *before = current;
    current = witness;
    return before;
}

/* FNV-1a: tells inputs apart, nothing more. */
static uint64_t fold(uint64_t hash, const uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ data[i]) * 0x100000001b3ull;
    }
    return (hash ^ bytes) * 0x100000001b3ull;
}

#define FOLD_SEED 0xcbf29ce484222325ull

static bool failing(unsigned call)
{
    if (current->fail_call != (int)call) {
        return false;
    }
    current->fail_call = -1;
    return true;
}

static struct rk_log_entry *note(unsigned what, uint8_t alg, enum rk_crypto result, uint16_t bytes)
{
    struct rk_log_entry *entry = rk_log_add(current->log, current->now_ns, current->party, RK_LOG_CALL);
    entry->call.what = (uint8_t)what;
    entry->call.alg = alg;
    entry->call.result = (int8_t)result;
    entry->call.bytes = bytes;
    entry->call.key = RK_NO_VALUE;
    entry->call.out = RK_NO_VALUE;
    return entry;
}

static int made(uint8_t kind, const uint8_t *data, uint16_t bytes)
{
    return rk_log_value(current->log, kind, current->party, data, bytes);
}

/* Random bytes and public values that stand in an input are parents of what is made from it. */
static void parents_in(int value, const uint8_t *input, size_t bytes)
{
    const struct rk_log *log = current->log;
    for (size_t i = 0; i < log->values; i++) {
        const struct rk_value *candidate = &log->value[i];
        if (candidate->bytes >= 16 && candidate->bytes <= bytes &&
            memmem(input, bytes, candidate->data, candidate->bytes) != NULL) {
            rk_log_parent(current->log, value, (int)i);
        }
    }
}

static void note_aead(unsigned what, const struct rk_aead_job *job, enum rk_crypto result, const uint8_t *text)
{
    uint16_t at = 0;
    struct rk_log_entry *entry = note(what, job->alg, result, job->text_bytes);
    entry->call.key = rk_log_find(current->log, job->key, job->key_bytes, &at);
    entry->call.key_at = at;
    memcpy(entry->call.nonce, job->nonce, rk_alg_nonce_bytes(job->alg));
    entry->call.input = fold(fold(FOLD_SEED, text, job->text_bytes), job->aad, job->aad_bytes);
    entry->call.memory = job->out;
}

static enum rk_crypto witness_seal(const struct rk_aead_job *job)
{
    uint8_t text[1024]; /* out may be in */
    uint16_t bytes = job->text_bytes < sizeof text ? job->text_bytes : sizeof text;
    memcpy(text, job->in, bytes);
    enum rk_crypto result = failing(RK_CALL_SEAL) ? RK_CRYPTO_FAILED : current->inner->aead_seal(job);
    note_aead(RK_CALL_SEAL, job, result, text);
    return result;
}

static enum rk_crypto witness_open(const struct rk_aead_job *job)
{
    enum rk_crypto result = failing(RK_CALL_OPEN) ? RK_CRYPTO_FAILED : current->inner->aead_open(job);
    note_aead(RK_CALL_OPEN, job, result, job->out);
    return result;
}

static enum rk_crypto witness_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                  uint16_t in_bytes, uint8_t *mac)
{
    uint16_t at = 0;
    enum rk_crypto result =
        failing(RK_CALL_MAC) ? RK_CRYPTO_FAILED : current->inner->mac(alg, key, key_bytes, in, in_bytes, mac);
    struct rk_log_entry *entry = note(RK_CALL_MAC, alg, result, in_bytes);
    entry->call.key = rk_log_find(current->log, key, key_bytes, &at);
    entry->call.key_at = at;
    entry->call.input = fold(FOLD_SEED, in, in_bytes);
    entry->call.memory = mac;
    if (result == RK_CRYPTO_OK) {
        int out = made(RK_VALUE_MAC, mac, rk_alg_digest_bytes(alg));
        entry->call.out = out;
        rk_log_parent(current->log, out, entry->call.key);
        parents_in(out, in, in_bytes);
    }
    return result;
}

static enum rk_crypto witness_kdf(const struct rk_kdf_job *job)
{
    uint16_t at = 0;
    enum rk_crypto result = failing(RK_CALL_KDF) ? RK_CRYPTO_FAILED : current->inner->kdf(job);
    struct rk_log_entry *entry = note(RK_CALL_KDF, job->alg, result, job->out_bytes);
    entry->call.key = rk_log_find(current->log, job->secret, job->secret_bytes, &at);
    entry->call.key_at = at;
    entry->call.input = fold(fold(FOLD_SEED, job->label, job->label_bytes), job->context, job->context_bytes);
    uint16_t context_bytes = job->context_bytes;
    memcpy(entry->call.context, job->context,
           context_bytes < sizeof entry->call.context ? context_bytes : sizeof entry->call.context);
    entry->call.memory = job->out;
    if (result == RK_CRYPTO_OK) {
        int out = made(RK_VALUE_DERIVED, job->out, job->out_bytes);
        entry->call.out = out;
        rk_log_parent(current->log, out, entry->call.key);
        parents_in(out, job->label, job->label_bytes);
        parents_in(out, job->context, job->context_bytes);
    }
    return result;
}

static enum rk_crypto witness_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    enum rk_crypto result =
        failing(RK_CALL_DRBG_INIT) ? RK_CRYPTO_FAILED : current->inner->drbg_init(drbg, alg, entropy);
    int out = made(RK_VALUE_ENTROPY, entropy, RK_ENTROPY_bytes);
    struct rk_log_entry *entry = note(RK_CALL_DRBG_INIT, alg, result, RK_ENTROPY_bytes);
    entry->call.memory = drbg;
    entry->call.out = out;
    return result;
}

static enum rk_crypto witness_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    enum rk_crypto result =
        failing(RK_CALL_GENERATE) ? RK_CRYPTO_FAILED : current->inner->drbg_generate(drbg, alg, out, out_bytes);
    struct rk_log_entry *entry = note(RK_CALL_GENERATE, alg, result, out_bytes);
    entry->call.memory = out;
    if (result == RK_CRYPTO_OK) {
        entry->call.out = made(RK_VALUE_RANDOM, out, out_bytes);
    }
    return result;
}

static void witness_drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    current->inner->drbg_wipe(drbg, alg);
    note(RK_CALL_DRBG_WIPE, alg, RK_CRYPTO_OK, 0)->call.memory = drbg;
}

static enum rk_crypto witness_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    enum rk_crypto result =
        failing(RK_CALL_KEY_PAIR) ? RK_CRYPTO_FAILED : current->inner->key_pair(alg, drbg, private_key, public_key);
    struct rk_log_entry *entry = note(RK_CALL_KEY_PAIR, alg, result, rk_alg_private_bytes(alg));
    entry->call.memory = private_key;
    if (result == RK_CRYPTO_OK) {
        int secret = made(RK_VALUE_PRIVATE, private_key, rk_alg_private_bytes(alg));
        entry->call.out = secret;
        rk_log_parent(current->log, made(RK_VALUE_PUBLIC, public_key, rk_alg_public_bytes(alg)), secret);
    }
    return result;
}

static enum rk_crypto witness_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                    const uint8_t *peer_public, uint8_t secret[32])
{
    uint16_t at = 0;
    enum rk_crypto result =
        failing(RK_CALL_AGREE) ? RK_CRYPTO_FAILED : current->inner->agree(alg, drbg, private_key, peer_public, secret);
    struct rk_log_entry *entry = note(RK_CALL_AGREE, alg, result, RK_SECRET_bytes);
    entry->call.key = rk_log_find(current->log, private_key, RK_PRIVATE_bytes, &at);
    entry->call.input = fold(FOLD_SEED, peer_public, rk_alg_public_bytes(alg));
    entry->call.memory = secret;
    if (result == RK_CRYPTO_OK) {
        /* A consistency check multiplies the base point: then it is the own public value again. */
        int known = rk_log_find(current->log, secret, RK_SECRET_bytes, &at);
        bool own = known != RK_NO_VALUE && current->log->value[known].kind == RK_VALUE_PUBLIC;
        int out = own ? known : made(RK_VALUE_SHARED, secret, RK_SECRET_bytes);
        entry->call.out = out;
        rk_log_parent(current->log, out, entry->call.key);
        parents_in(out, peer_public, rk_alg_public_bytes(alg));
    }
    return result;
}

static enum rk_crypto witness_wrap(struct rk_wrap_job *job)
{
    uint16_t at = 0;
    enum rk_crypto result = failing(RK_CALL_WRAP) ? RK_CRYPTO_FAILED : current->inner->key_wrap(job);
    struct rk_log_entry *entry = note(RK_CALL_WRAP, job->alg, result, job->in_bytes);
    entry->call.key = rk_log_find(current->log, job->kek, job->kek_bytes, &at);
    entry->call.memory = job->out;
    int in = rk_log_find(current->log, job->in, job->in_bytes, &at);
    if (in != RK_NO_VALUE && current->log->value[in].kind == RK_VALUE_RANDOM) {
        current->log->value[in].kind = RK_VALUE_UNWRAPPED;
        rk_log_parent(current->log, in, entry->call.key);
    }
    return result;
}

static enum rk_crypto witness_unwrap(struct rk_wrap_job *job)
{
    uint16_t at = 0;
    enum rk_crypto result = failing(RK_CALL_UNWRAP) ? RK_CRYPTO_FAILED : current->inner->key_unwrap(job);
    struct rk_log_entry *entry = note(RK_CALL_UNWRAP, job->alg, result, job->out_bytes);
    entry->call.key = rk_log_find(current->log, job->kek, job->kek_bytes, &at);
    entry->call.memory = job->out;
    if (result == RK_CRYPTO_OK) {
        int whole = rk_log_find(current->log, job->out, job->out_bytes, &at);
        int out = whole != RK_NO_VALUE ? whole : made(RK_VALUE_UNWRAPPED, job->out, job->out_bytes);
        entry->call.out = out;
        rk_log_parent(current->log, out, entry->call.key);
    }
    return result;
}

/* After the library's, so that what is noted is what it left. */
static void witness_wipe(void *memory, size_t bytes)
{
    current->inner->wipe(memory, bytes);
    bool wiped = true;
    for (size_t i = 0; i < bytes; i++) {
        wiped = wiped && ((const uint8_t *)memory)[i] == 0;
    }
    struct rk_log_entry *entry = note(RK_CALL_WIPE, 0, wiped ? RK_CRYPTO_OK : RK_CRYPTO_FAILED,
                                      bytes > UINT16_MAX ? UINT16_MAX : (uint16_t)bytes);
    entry->call.memory = memory;
}

void rk_witness_init(struct rk_witness *witness, const struct rk_backend *inner, struct rk_log *log)
{
    *witness = (struct rk_witness){.backend = *inner, .inner = inner, .log = log, .fail_call = -1};
    struct rk_backend *backend = &witness->backend;
    backend->aead_seal = witness_seal;
    backend->aead_open = witness_open;
    backend->mac = witness_mac;
    backend->kdf = witness_kdf;
    backend->drbg_init = witness_drbg_init;
    backend->drbg_generate = witness_generate;
    backend->drbg_wipe = witness_drbg_wipe;
    backend->key_pair = inner->key_pair == NULL ? NULL : witness_key_pair;
    backend->agree = inner->agree == NULL ? NULL : witness_agree;
    backend->key_wrap = inner->key_wrap == NULL ? NULL : witness_wrap;
    backend->key_unwrap = inner->key_unwrap == NULL ? NULL : witness_unwrap;
    backend->wipe = witness_wipe;
}
