/* bench/inputs.c - see inputs.h. The order of fields is that of backends/operation.h. */
#include <string.h>

#include "backends/operation_info.h"
#include "bench/inputs.h"
#include "bench/rsa_keys.h"
#include "engine/core/rng.h"

enum { FIELD_MAX_bytes = 256, SEED = 0x52454b45 };

/* One request in the making. */
struct maker {
    const struct rk_operation_info *info;
    const struct rk_bench_peer *peer;
    struct rk_diag *diag;
    struct rk_call *call;
    struct rk_rng_stream secret, open;
    uint32_t size;
    unsigned index;
    uint8_t mechanism;
};

static void begin(struct maker *maker, int operation, uint32_t size, unsigned index, const struct rk_bench_peer *peer,
                  struct rk_call *call, struct rk_diag *diag)
{
    struct rk_rng_key key = rk_rng_key_make(SEED, size);
    unsigned set = (unsigned)operation << 16;
    *maker = (struct maker){.info = rk_operation_info((unsigned)operation),
                            .peer = peer,
                            .diag = diag,
                            .call = call,
                            .secret = rk_rng_stream_make(key, set | (index + 1), RK_RNG_INPUT),
                            .open = rk_rng_stream_make(key, set, RK_RNG_INPUT),
                            .size = size,
                            .index = index};
    memset(call, 0, sizeof *call);
    call->operation = (uint8_t)operation;
}

/* --- fields --- */

static void put(struct rk_call *call, struct rk_rng_stream *stream, uint32_t bytes)
{
    uint8_t value[FIELD_MAX_bytes];
    RK_REQUIRE(bytes <= sizeof value);
    for (uint32_t i = 0; i < bytes; i++) {
        value[i] = (uint8_t)rk_rng_next(stream);
    }
    RK_REQUIRE(rk_call_append(call, value, (uint16_t)bytes));
}

static void put_number(struct rk_call *call, uint32_t number)
{
    uint8_t value[2] = {(uint8_t)number, (uint8_t)(number >> 8)};
    RK_REQUIRE(rk_call_append(call, value, sizeof value));
}

static void copy_field(struct rk_call *to, const struct rk_call *from, unsigned index)
{
    const uint8_t *value = NULL;
    uint16_t bytes = 0;
    RK_REQUIRE(rk_call_field(from, index, &value, &bytes));
    RK_REQUIRE(rk_call_append(to, value, bytes));
}

static unsigned nibble(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static void put_hex(struct rk_call *call, const char *hex)
{
    uint8_t value[2 * 1024];
    size_t bytes = strlen(hex) / 2;
    RK_REQUIRE(bytes <= sizeof value);
    for (size_t i = 0; i < bytes; i++) {
        value[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    RK_REQUIRE(rk_call_append(call, value, (uint16_t)bytes));
}

static bool is_rsa(uint8_t alg)
{
    return alg == RK_ALG_RSA1024 || alg == RK_ALG_RSA2048;
}

static void put_rsa_public(struct maker *maker)
{
    put_hex(maker->call, maker->info->alg == RK_ALG_RSA1024 ? RK_RSA1024_N : RK_RSA2048_N);
}

static void put_rsa_private(struct maker *maker)
{
    put_hex(maker->call, maker->info->alg == RK_ALG_RSA1024 ? RK_RSA1024_PRIVATE : RK_RSA2048_PRIVATE);
}

/* --- shapes whose inputs are free --- */

enum kind {
    NOTHING,
    KEY,    /* secret, as long as the operation says, else 32 bytes */
    TEXT,   /* secret, of the row's size */
    PUBLIC, /* known, of the row's size */
    ENTROPY,
    PASSWORD,
    MASTER,
    NONCE,
    AAD,
    SALT,
    INFO,
    LABEL,
    RANDOMS,
    LENGTH, /* the row's size */
    ITERATIONS,
    MECHANISM,
};

enum { KINDS_MAX = 4 };

static const uint8_t kinds[][KINDS_MAX] = {
    [RK_SHAPE_SEAL] = {KEY, NONCE, AAD, TEXT},
    [RK_SHAPE_HASH] = {TEXT},
    [RK_SHAPE_MAC] = {KEY, PUBLIC},
    [RK_SHAPE_HKDF] = {SALT, KEY, INFO, LENGTH},
    [RK_SHAPE_KBKDF] = {KEY, INFO, INFO, LENGTH},
    [RK_SHAPE_PBKDF2] = {PASSWORD, SALT, ITERATIONS, LENGTH},
    [RK_SHAPE_PRF] = {MASTER, LABEL, RANDOMS, LENGTH},
    [RK_SHAPE_GENERATE] = {ENTROPY, LENGTH},
    [RK_SHAPE_INIT] = {ENTROPY},
    [RK_SHAPE_KEY_PAIR] = {ENTROPY},
    [RK_SHAPE_PAKE_ONE] = {ENTROPY, PASSWORD},
    [RK_SHAPE_WRAP] = {KEY, TEXT},
    [RK_SHAPE_LIFECYCLE] = {ENTROPY},
    [RK_SHAPE_LIFECYCLE_BY] = {ENTROPY, MECHANISM},
};

static void put_kind(struct maker *maker, enum kind kind)
{
    const struct rk_operation_info *info = maker->info;
    switch (kind) {
    case KEY:
        put(maker->call, &maker->secret, info->key != 0 ? info->key : RK_SECRET_bytes);
        break;
    case TEXT:
        put(maker->call, &maker->secret, maker->size);
        break;
    case PUBLIC:
        put(maker->call, &maker->open, maker->size);
        break;
    case ENTROPY:
        put(maker->call, &maker->secret, RK_ENTROPY_bytes);
        break;
    case PASSWORD:
        put(maker->call, &maker->secret, RK_BENCH_PASSWORD_bytes);
        break;
    case MASTER:
        put(maker->call, &maker->secret, RK_BENCH_MASTER_bytes);
        break;
    case NONCE:
        put(maker->call, &maker->open, rk_alg_nonce_bytes(info->alg));
        break;
    case AAD:
        put(maker->call, &maker->open, RK_BENCH_AAD_bytes);
        break;
    case SALT:
        put(maker->call, &maker->open, RK_BENCH_SALT_bytes);
        break;
    case INFO:
        put(maker->call, &maker->open, RK_BENCH_INFO_bytes);
        break;
    case LABEL:
        put(maker->call, &maker->open, RK_BENCH_LABEL_bytes);
        break;
    case RANDOMS:
        put(maker->call, &maker->open, RK_BENCH_RANDOMS_bytes);
        break;
    case LENGTH:
        put_number(maker->call, maker->size);
        break;
    case ITERATIONS:
        put_number(maker->call, RK_BENCH_PBKDF2_ITERATIONS);
        break;
    case MECHANISM:
        RK_REQUIRE(rk_call_append(maker->call, &maker->mechanism, 1));
        break;
    case NOTHING:
        break;
    }
}

/* --- shapes whose inputs the host's build makes --- */

/* The operation of another shape with the same algorithm, key and variant: what opens has what seals. The variant of
 * EC-JPAKE is the step itself, and ECDSA signs with the keys of P-256. */
static int counterpart(const struct maker *maker, uint8_t shape)
{
    const struct rk_operation_info *mine = maker->info, *found;
    bool ecdsa = mine->alg == RK_ALG_ECDSA_P256 && shape == RK_SHAPE_KEY_PAIR;
    uint8_t alg = ecdsa ? RK_ALG_P256 : mine->alg;
    for (int i = 0; (found = rk_operation_info((unsigned)i)) != NULL; i++) {
        if (found->shape == shape && found->alg == alg && found->key == mine->key &&
            (found->variant == mine->variant || alg == RK_ALG_ECJPAKE)) {
            return i;
        }
    }
    RK_REQUIRE(!"every shape has its counterpart");
    return -1;
}

static enum rk_err on_host(const struct maker *maker, const struct rk_call *request, struct rk_call *reply)
{
    const struct rk_bench_peer *peer = maker->peer;
    *reply = *request;
    if (peer->driver->call(peer->emulator, reply) != RK_CALL_OK || reply->result != RK_CRYPTO_OK) {
        return rk_fail(maker->diag, RK_ERR_CHECK, "%s fails on the host: no input for %s",
                       rk_operation_name((enum rk_operation)request->operation), maker->info->name);
    }
    return RK_OK;
}

/* Request and reply of the counterpart with inputs of its own. */
static enum rk_err ask_host(const struct maker *maker, uint8_t shape, unsigned index, struct rk_call *request,
                            struct rk_call *reply)
{
    enum rk_err err =
        rk_bench_inputs(counterpart(maker, shape), maker->size, index, 0, maker->peer, request, maker->diag);
    return err ? err : on_host(maker, request, reply);
}

/* No index of an input set: pairs of others. */
enum { OTHER = 0x7fff };

static enum rk_err put_open(struct maker *maker)
{
    struct rk_call request, reply;
    enum rk_err err = ask_host(maker, RK_SHAPE_SEAL, maker->index, &request, &reply);
    if (err) {
        return err;
    }
    for (unsigned i = 0; i < 3; i++) {
        copy_field(maker->call, &request, i);
    }
    copy_field(maker->call, &reply, 0);
    copy_field(maker->call, &reply, 1);
    return RK_OK;
}

static enum rk_err put_unwrap(struct maker *maker)
{
    struct rk_call request, reply;
    enum rk_err err = ask_host(maker, RK_SHAPE_WRAP, maker->index, &request, &reply);
    if (err) {
        return err;
    }
    copy_field(maker->call, &request, 0);
    copy_field(maker->call, &reply, 0);
    return RK_OK;
}

/* Entropy, which blinds, and another pair's public key are the same for all indices; the private key is not. */
static enum rk_err put_agree(struct maker *maker)
{
    struct rk_call request, own, other;
    enum rk_err err = ask_host(maker, RK_SHAPE_KEY_PAIR, maker->index, &request, &own);
    if (!err) {
        err = ask_host(maker, RK_SHAPE_KEY_PAIR, OTHER, &request, &other);
    }
    if (err) {
        return err;
    }
    copy_field(maker->call, &request, 0);
    copy_field(maker->call, &own, 0);
    copy_field(maker->call, &other, 1);
    return RK_OK;
}

/* An RSA signature has one key, so that its message changes instead. */
static enum rk_err put_sign(struct maker *maker)
{
    struct rk_call request, pair;
    bool rsa = is_rsa(maker->info->alg);
    enum rk_err err = rsa ? RK_OK : ask_host(maker, RK_SHAPE_KEY_PAIR, maker->index, &request, &pair);
    if (err) {
        return err;
    }
    put(maker->call, maker->info->alg == RK_ALG_ECDSA_P256 ? &maker->secret : &maker->open, RK_ENTROPY_bytes);
    if (rsa) {
        put_rsa_private(maker);
        put_rsa_public(maker);
    } else {
        copy_field(maker->call, &pair, 0);
        copy_field(maker->call, &pair, 1);
    }
    put(maker->call, rsa ? &maker->secret : &maker->open, maker->size != 0 ? maker->size : RK_SHA256_bytes);
    return RK_OK;
}

static enum rk_err put_verify(struct maker *maker)
{
    struct rk_call request, reply;
    enum rk_err err = ask_host(maker, RK_SHAPE_SIGN, maker->index, &request, &reply);
    if (err) {
        return err;
    }
    copy_field(maker->call, &request, 2);
    copy_field(maker->call, &request, 3);
    copy_field(maker->call, &reply, 0);
    return RK_OK;
}

/* The padding is secret: it comes from the entropy. */
static enum rk_err put_encrypt(struct maker *maker)
{
    put(maker->call, &maker->secret, RK_ENTROPY_bytes);
    put_rsa_public(maker);
    put(maker->call, &maker->secret, maker->size);
    return RK_OK;
}

static enum rk_err put_decrypt(struct maker *maker)
{
    struct rk_call request, reply;
    enum rk_err err = ask_host(maker, RK_SHAPE_ENCRYPT, maker->index, &request, &reply);
    if (err) {
        return err;
    }
    put(maker->call, &maker->open, RK_ENTROPY_bytes);
    put_rsa_private(maker);
    copy_field(maker->call, &reply, 0);
    return RK_OK;
}

static enum rk_err put_encapsulate(struct maker *maker)
{
    struct rk_call request, pair;
    enum rk_err err = ask_host(maker, RK_SHAPE_KEY_PAIR, OTHER, &request, &pair);
    if (err) {
        return err;
    }
    put(maker->call, &maker->secret, RK_ENTROPY_bytes);
    copy_field(maker->call, &pair, 1);
    return RK_OK;
}

/* A ciphertext for a key of this index. */
static enum rk_err put_decapsulate(struct maker *maker)
{
    struct rk_call request, pair, reply;
    enum rk_err err = ask_host(maker, RK_SHAPE_KEY_PAIR, maker->index, &request, &pair);
    if (err) {
        return err;
    }
    memset(&request, 0, sizeof request);
    request.operation = (uint8_t)counterpart(maker, RK_SHAPE_ENCAPSULATE);
    put(&request, &maker->open, RK_ENTROPY_bytes);
    copy_field(&request, &pair, 1);
    err = on_host(maker, &request, &reply);
    if (err) {
        return err;
    }
    copy_field(maker->call, &pair, 0);
    copy_field(maker->call, &reply, 0);
    return RK_OK;
}

/* The server's message of a round, which has the client's password. in: client, the request of the client's first round;
 * its message of that round, for the second, or NULL. */
static enum rk_err server_round(struct maker *maker, const struct rk_call *client, const struct rk_call *round_one,
                                struct rk_call *reply)
{
    static const uint8_t server = 1;
    struct rk_call request = {0};
    struct rk_rng_stream entropy = maker->open;
    request.operation = (uint8_t)counterpart(maker, round_one != NULL ? RK_SHAPE_PAKE_TWO : RK_SHAPE_PAKE_ONE);
    put(&request, &entropy, RK_ENTROPY_bytes);
    copy_field(&request, client, 1);
    if (round_one != NULL) {
        copy_field(&request, round_one, 0);
    }
    RK_REQUIRE(rk_call_append(&request, &server, 1));
    return on_host(maker, &request, reply);
}

/* A frame from the key server of a full binary tree as high as the size, for its first member. */
static enum rk_err put_group(struct maker *maker)
{
    enum { TAG_bytes = 16 };
    const uint8_t tree[RK_GROUP_TREE_bytes] = {[0] = 1, [4] = 2, [12] = (uint8_t)maker->size, [13] = TAG_bytes};
    static const uint8_t server = 1;
    struct rk_call request = {.operation = maker->call->operation}, reply;
    RK_REQUIRE(rk_call_append(&request, tree, sizeof tree));
    put(&request, &maker->secret, maker->info->key);
    put(&request, &maker->secret, RK_ENTROPY_bytes);
    RK_REQUIRE(rk_call_append(&request, &server, 1));
    enum rk_err err = on_host(maker, &request, &reply);
    if (err == RK_OK) {
        copy_field(maker->call, &request, 0);
        copy_field(maker->call, &request, 1);
        copy_field(maker->call, &reply, 0);
    }
    return err;
}

static enum rk_err put_pake(struct maker *maker)
{
    struct rk_call client, own, peer;
    enum rk_err err = ask_host(maker, RK_SHAPE_PAKE_ONE, maker->index, &client, &own);
    if (!err) {
        err = server_round(maker, &client, NULL, &peer);
    }
    if (err) {
        return err;
    }
    copy_field(maker->call, &client, 0);
    copy_field(maker->call, &client, 1);
    copy_field(maker->call, &peer, 0);
    if (maker->info->shape == RK_SHAPE_PAKE_SECRET) {
        err = server_round(maker, &client, &own, &peer);
        if (!err) {
            copy_field(maker->call, &peer, 0);
        }
    }
    return err;
}

enum rk_err rk_bench_inputs(int operation, uint32_t size, unsigned index, uint8_t mechanism,
                            const struct rk_bench_peer *peer, struct rk_call *request, struct rk_diag *diag)
{
    static enum rk_err (*const makers[])(struct maker *) = {
        [RK_SHAPE_OPEN] = put_open,
        [RK_SHAPE_UNWRAP] = put_unwrap,
        [RK_SHAPE_AGREE] = put_agree,
        [RK_SHAPE_SIGN] = put_sign,
        [RK_SHAPE_VERIFY] = put_verify,
        [RK_SHAPE_ENCRYPT] = put_encrypt,
        [RK_SHAPE_DECRYPT] = put_decrypt,
        [RK_SHAPE_ENCAPSULATE] = put_encapsulate,
        [RK_SHAPE_DECAPSULATE] = put_decapsulate,
        [RK_SHAPE_PAKE_TWO] = put_pake,
        [RK_SHAPE_PAKE_SECRET] = put_pake,
        [RK_SHAPE_GROUP] = put_group,
    };
    struct maker maker;
    begin(&maker, operation, size, index, peer, request, diag);
    maker.mechanism = mechanism;
    uint8_t shape = maker.info->shape;
    if (shape < sizeof makers / sizeof makers[0] && makers[shape] != NULL) {
        return makers[shape](&maker);
    }
    RK_REQUIRE(kinds[shape][0] != NOTHING);
    for (unsigned i = 0; i < KINDS_MAX; i++) {
        put_kind(&maker, kinds[shape][i]);
    }
    return RK_OK;
}

bool rk_bench_inputs_isolate_secrets(int operation)
{
    const struct rk_operation_info *info = rk_operation_info((unsigned)operation);
    switch (info->shape) {
    case RK_SHAPE_SIGN:
        return info->alg == RK_ALG_ED25519;
    case RK_SHAPE_KEY_PAIR:
    case RK_SHAPE_VERIFY:
    case RK_SHAPE_DECRYPT:
    case RK_SHAPE_DECAPSULATE:
    case RK_SHAPE_PAKE_ONE:
    case RK_SHAPE_PAKE_TWO:
    case RK_SHAPE_PAKE_SECRET:
    case RK_SHAPE_LIFECYCLE:
    case RK_SHAPE_LIFECYCLE_BY:
    case RK_SHAPE_GROUP:
        return false;
    default:
        return true;
    }
}
