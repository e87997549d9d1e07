/* bench/inputs.c - see inputs.h. The order of fields is that of backends/operation.h. */
#include <string.h>

#include "backends/operation_info.h"
#include "bench/inputs.h"
#include "engine/core/rng.h"

enum { FIELD_MAX_bytes = 256, SEED = 0x52454b45 };

/* Uniform bytes: secrets change with the index of the input set, what an onlooker may know does not. */
struct source {
    struct rk_rng_stream secret, open;
};

static struct source source_for(unsigned set, unsigned index, unsigned size_bytes)
{
    struct rk_rng_key key = rk_rng_key_make(SEED, size_bytes);
    return (struct source){.secret = rk_rng_stream_make(key, set << 16 | (index + 1), RK_RNG_INPUT),
                           .open = rk_rng_stream_make(key, set << 16, RK_RNG_INPUT)};
}

static void put(struct rk_call *call, struct rk_rng_stream *stream, uint16_t bytes)
{
    uint8_t value[FIELD_MAX_bytes];
    RK_REQUIRE(bytes <= sizeof value);
    for (uint16_t i = 0; i < bytes; i++) {
        value[i] = (uint8_t)rk_rng_next(stream);
    }
    RK_REQUIRE(rk_call_append(call, value, bytes));
}

static void put_secret(struct rk_call *call, struct source *source, uint16_t bytes)
{
    put(call, &source->secret, bytes);
}

static void put_open(struct rk_call *call, struct source *source, uint16_t bytes)
{
    put(call, &source->open, bytes);
}

static void put_length(struct rk_call *call, uint32_t length)
{
    uint8_t value[2] = {(uint8_t)length, (uint8_t)(length >> 8)};
    RK_REQUIRE(rk_call_append(call, value, sizeof value));
}

static void copy_field(struct rk_call *to, const struct rk_call *from, unsigned index)
{
    const uint8_t *value = NULL;
    uint16_t bytes = 0;
    RK_REQUIRE(rk_call_field(from, index, &value, &bytes));
    RK_REQUIRE(rk_call_append(to, value, bytes));
}

/* Fields of the operations whose inputs are free. out: false for the others. */
static bool put_free(int operation, uint32_t size, uint8_t mechanism, struct source *source, struct rk_call *call)
{
    switch (operation) {
    case RK_OP_aes128_ccm_seal:
    case RK_OP_aes128_ccm_8_seal:
        put_secret(call, source, 16);
        put_open(call, source, RK_CCM_NONCE_bytes);
        put_open(call, source, RK_BENCH_AAD_bytes);
        put_secret(call, source, (uint16_t)size);
        return true;
    case RK_OP_chacha20_poly1305_seal:
        put_secret(call, source, 32);
        put_open(call, source, RK_CHACHA_NONCE_bytes);
        put_open(call, source, RK_BENCH_AAD_bytes);
        put_secret(call, source, (uint16_t)size);
        return true;
    case RK_OP_sha256:
        put_secret(call, source, (uint16_t)size);
        return true;
    case RK_OP_hmac_sha256:
        put_secret(call, source, RK_BENCH_HMAC_KEY_bytes);
        put_open(call, source, (uint16_t)size);
        return true;
    case RK_OP_hkdf_sha256:
        put_open(call, source, RK_BENCH_SALT_bytes);
        put_secret(call, source, RK_SECRET_bytes);
        put_open(call, source, RK_BENCH_INFO_bytes);
        put_length(call, size);
        return true;
    case RK_OP_ctr_drbg_generate:
    case RK_OP_hmac_drbg_generate:
    case RK_OP_hash_drbg_generate:
    case RK_OP_chacha20_drbg_generate:
        put_secret(call, source, RK_ENTROPY_bytes);
        put_length(call, size);
        return true;
    case RK_OP_aes_key_wrap:
        put_secret(call, source, 16);
        put_secret(call, source, (uint16_t)size);
        return true;
    case RK_OP_key_establish:
    case RK_OP_key_renew:
        put_secret(call, source, RK_ENTROPY_bytes);
        RK_REQUIRE(rk_call_append(call, &mechanism, 1));
        return true;
    case RK_OP_x25519_key_pair:
    case RK_OP_p256_key_pair:
    case RK_OP_drbg_init:
    case RK_OP_key_generate:
    case RK_OP_key_store:
    case RK_OP_key_activate:
    case RK_OP_key_destroy:
        put_secret(call, source, RK_ENTROPY_bytes);
        return true;
    default:
        return false;
    }
}

/* Runs `operation` on the host's build with free inputs. */
static enum rk_err on_host(int operation, uint32_t size, unsigned index, unsigned set, const struct rk_bench_peer *peer,
                           struct rk_call *request, struct rk_call *reply, struct rk_diag *diag)
{
    struct source source = source_for(set, index, size);
    memset(request, 0, sizeof *request);
    request->operation = (uint8_t)operation;
    RK_REQUIRE(put_free(operation, size, 0, &source, request));
    *reply = *request;
    if (peer->driver->call(peer->emulator, reply) != RK_CALL_OK || reply->result != RK_CRYPTO_OK) {
        return rk_fail(diag, RK_ERR_CHECK, "%s on the host failed: no input for its counterpart",
                       rk_operation_info((unsigned)operation)->name);
    }
    return RK_OK;
}

/* open: key, nonce, aad of a seal and its ciphertext and tag. */
static enum rk_err put_sealed(int seal, uint32_t size, unsigned index, const struct rk_bench_peer *peer,
                              struct rk_call *call, struct rk_diag *diag)
{
    struct rk_call request, reply;
    enum rk_err err = on_host(seal, size, index, (unsigned)seal, peer, &request, &reply, diag);
    if (err) {
        return err;
    }
    for (unsigned i = 0; i < 3; i++) {
        copy_field(call, &request, i);
    }
    copy_field(call, &reply, 0);
    copy_field(call, &reply, 1);
    return RK_OK;
}

/* agree: entropy, which blinds, and another pair's public key are the same for all indices; the private key is not. */
static enum rk_err put_agree(int key_pair, unsigned index, const struct rk_bench_peer *peer, struct rk_call *call,
                             struct rk_diag *diag)
{
    struct rk_call request, own, other;
    enum rk_err err = on_host(key_pair, 0, index, (unsigned)key_pair, peer, &request, &own, diag);
    if (err) {
        return err;
    }
    err = on_host(key_pair, 0, 0, RK_OP_COUNT + (unsigned)key_pair, peer, &request, &other, diag);
    if (err) {
        return err;
    }
    copy_field(call, &request, 0);
    copy_field(call, &own, 0);
    copy_field(call, &other, 1);
    return RK_OK;
}

static enum rk_err put_wrapped(uint32_t size, unsigned index, const struct rk_bench_peer *peer, struct rk_call *call,
                               struct rk_diag *diag)
{
    struct rk_call request, reply;
    enum rk_err err = on_host(RK_OP_aes_key_wrap, size, index, RK_OP_aes_key_wrap, peer, &request, &reply, diag);
    if (err) {
        return err;
    }
    copy_field(call, &request, 0);
    copy_field(call, &reply, 0);
    return RK_OK;
}

enum rk_err rk_bench_inputs(int operation, uint32_t size, unsigned index, uint8_t mechanism,
                            const struct rk_bench_peer *peer, struct rk_call *request, struct rk_diag *diag)
{
    memset(request, 0, sizeof *request);
    request->operation = (uint8_t)operation;
    struct source source = source_for((unsigned)operation, index, size);
    if (put_free(operation, size, mechanism, &source, request)) {
        return RK_OK;
    }
    switch (operation) {
    case RK_OP_aes128_ccm_open:
        return put_sealed(RK_OP_aes128_ccm_seal, size, index, peer, request, diag);
    case RK_OP_aes128_ccm_8_open:
        return put_sealed(RK_OP_aes128_ccm_8_seal, size, index, peer, request, diag);
    case RK_OP_chacha20_poly1305_open:
        return put_sealed(RK_OP_chacha20_poly1305_seal, size, index, peer, request, diag);
    case RK_OP_x25519_agree:
        return put_agree(RK_OP_x25519_key_pair, index, peer, request, diag);
    case RK_OP_p256_agree:
        return put_agree(RK_OP_p256_key_pair, index, peer, request, diag);
    case RK_OP_aes_key_unwrap:
        return put_wrapped(size, index, peer, request, diag);
    default:
        return rk_fail(diag, RK_ERR_INPUT, "operation %d has no inputs here", operation);
    }
}

bool rk_bench_inputs_isolate_secrets(int operation)
{
    return operation != RK_OP_x25519_key_pair && operation != RK_OP_p256_key_pair &&
           operation < (int)RK_OP_key_generate;
}
