#include "engine/model/meter.h"

static _Thread_local struct rk_meter *current;

const char rk_meter_operations[] =
    "aes128_ccm_seal,aes128_ccm_open,aes128_ccm_8_seal,aes128_ccm_8_open,chacha20_poly1305_seal,chacha20_poly1305_open,"
    "sha256,hmac_sha256,hkdf_sha256,ctr_drbg_generate,hmac_drbg_generate,hash_drbg_generate,chacha20_"
    "drbg_generate,"
    "drbg_init,x25519_key_pair,x25519_agree,p256_key_pair,p256_agree,aes_key_wrap,aes_key_unwrap,key_generate,"
    "key_establish,key_store,key_activate,key_renew,key_destroy,"
    "group_join_aes128_ccm,group_rekey_aes128_ccm,group_join_chacha20_poly1305,group_rekey_chacha20_poly1305";

struct rk_meter *rk_meter_use(struct rk_meter *meter)
{
    struct rk_meter *before = current;
    current = meter;
    return before;
}

static void charge(enum rk_operation op, uint32_t size_bytes)
{
    const struct rk_cost *cost = rk_costs_find(current->costs, op, size_bytes);
    if (cost == NULL) {
        current->missing = current->missing < 0 ? (int)op : current->missing;
        return;
    }
    current->usage.cycles += cost->cycles;
    current->usage.cycles_low += cost->cycles_low;
    current->usage.cycles_high += cost->cycles_high;
    current->usage.engine_ns += cost->engine_ns;
}

/* What only an exchange calls. */
static void charge_exchange(enum rk_operation op, uint32_t size_bytes)
{
    if (!current->exchange_apart) {
        charge(op, size_bytes);
    }
}

enum rk_operation rk_operation_seal(uint8_t alg, uint8_t tag_bytes)
{
    if (alg == RK_ALG_CHACHA20_POLY1305) {
        return RK_OP_chacha20_poly1305_seal;
    }
    return tag_bytes == 8 ? RK_OP_aes128_ccm_8_seal : RK_OP_aes128_ccm_seal;
}

enum rk_operation rk_operation_open(uint8_t alg, uint8_t tag_bytes)
{
    if (alg == RK_ALG_CHACHA20_POLY1305) {
        return RK_OP_chacha20_poly1305_open;
    }
    return tag_bytes == 8 ? RK_OP_aes128_ccm_8_open : RK_OP_aes128_ccm_open;
}

enum rk_operation rk_operation_agree(uint8_t curve)
{
    return curve == RK_ALG_P256 ? RK_OP_p256_agree : RK_OP_x25519_agree;
}

enum rk_operation rk_operation_group(uint8_t aead, enum rk_group_case what)
{
    static const enum rk_operation operations[2][2] = {
        {RK_OP_group_join_aes128_ccm, RK_OP_group_rekey_aes128_ccm},
        {RK_OP_group_join_chacha20_poly1305, RK_OP_group_rekey_chacha20_poly1305},
    };
    return operations[aead == RK_ALG_CHACHA20_POLY1305][what];
}

void rk_usage_add(struct rk_usage *sum, const struct rk_usage *each, uint64_t times)
{
    sum->cycles += times * each->cycles;
    sum->cycles_low += times * each->cycles_low;
    sum->cycles_high += times * each->cycles_high;
    sum->engine_ns += times * each->engine_ns;
    sum->nvm_bytes += times * each->nvm_bytes;
    sum->nvm_units += times * each->nvm_units;
    sum->nvm_erases += times * each->nvm_erases;
}

static enum rk_operation operation_generate(uint8_t alg)
{
    switch (alg) {
    case RK_ALG_HMAC_DRBG:
        return RK_OP_hmac_drbg_generate;
    case RK_ALG_HASH_DRBG:
        return RK_OP_hash_drbg_generate;
    case RK_ALG_CHACHA20_DRBG:
        return RK_OP_chacha20_drbg_generate;
    default:
        return RK_OP_ctr_drbg_generate;
    }
}

static enum rk_crypto meter_seal(const struct rk_aead_job *job)
{
    charge(rk_operation_seal(job->alg, job->tag_bytes), job->text_bytes);
    return current->inner->aead_seal(job);
}

static enum rk_crypto meter_open(const struct rk_aead_job *job)
{
    charge(rk_operation_open(job->alg, job->tag_bytes), job->text_bytes);
    return current->inner->aead_open(job);
}

/* The lifecycle hashes, authenticates and derives with SHA-256 alone. */
static enum rk_crypto meter_hash(uint8_t alg, const uint8_t *in, uint16_t in_bytes, uint8_t *digest)
{
    charge_exchange(RK_OP_sha256, in_bytes);
    return current->inner->hash(alg, in, in_bytes, digest);
}

static enum rk_crypto meter_mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in,
                                uint16_t in_bytes, uint8_t *mac)
{
    charge_exchange(RK_OP_hmac_sha256, in_bytes);
    return current->inner->mac(alg, key, key_bytes, in, in_bytes, mac);
}

static enum rk_crypto meter_kdf(const struct rk_kdf_job *job)
{
    bool extracts = job->alg == RK_ALG_HKDF_SHA256;
    unsigned made = 0;
    uint32_t message_bytes =
        extracts ? RK_SHA256_bytes + job->context_bytes + 1u : job->label_bytes + job->context_bytes + 9u;
    if (extracts) {
        charge_exchange(RK_OP_hkdf_sha256, job->out_bytes < RK_SHA256_bytes ? job->out_bytes : RK_SHA256_bytes);
        made = RK_SHA256_bytes;
    }
    for (; made < job->out_bytes; made += RK_SHA256_bytes) {
        charge_exchange(RK_OP_hmac_sha256, message_bytes);
    }
    return current->inner->kdf(job);
}

static enum rk_crypto meter_drbg_init(struct rk_drbg *drbg, uint8_t alg, const uint8_t entropy[48])
{
    charge(RK_OP_drbg_init, 0);
    return current->inner->drbg_init(drbg, alg, entropy);
}

static enum rk_crypto meter_drbg_generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    charge_exchange(operation_generate(alg), out_bytes);
    return current->inner->drbg_generate(drbg, alg, out, out_bytes);
}

static void meter_drbg_wipe(struct rk_drbg *drbg, uint8_t alg)
{
    current->inner->drbg_wipe(drbg, alg);
}

static enum rk_crypto meter_key_pair(uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key)
{
    charge_exchange(alg == RK_ALG_P256 ? RK_OP_p256_key_pair : RK_OP_x25519_key_pair, 0);
    return current->inner->key_pair(alg, drbg, private_key, public_key);
}

static enum rk_crypto meter_agree(uint8_t alg, struct rk_drbg *drbg, const uint8_t private_key[32],
                                  const uint8_t *peer_public, uint8_t secret[32])
{
    charge_exchange(rk_operation_agree(alg), 0);
    return current->inner->agree(alg, drbg, private_key, peer_public, secret);
}

static enum rk_crypto meter_key_wrap(struct rk_wrap_job *job)
{
    charge_exchange(RK_OP_aes_key_wrap, job->in_bytes);
    return current->inner->key_wrap(job);
}

static enum rk_crypto meter_key_unwrap(struct rk_wrap_job *job)
{
    charge_exchange(RK_OP_aes_key_unwrap, job->in_bytes >= 8 ? job->in_bytes - 8u : 0);
    return current->inner->key_unwrap(job);
}

void rk_meter_init(struct rk_meter *meter, const struct rk_backend *inner, struct rk_costs *costs)
{
    *meter = (struct rk_meter){.inner = inner, .costs = costs, .missing = -1};
    meter->backend = *inner;
    meter->backend.aead_seal = meter_seal;
    meter->backend.aead_open = meter_open;
    meter->backend.hash = meter_hash;
    meter->backend.mac = meter_mac;
    meter->backend.kdf = meter_kdf;
    meter->backend.drbg_init = meter_drbg_init;
    meter->backend.drbg_generate = meter_drbg_generate;
    meter->backend.drbg_wipe = meter_drbg_wipe;
    meter->backend.key_pair = meter_key_pair;
    meter->backend.agree = meter_agree;
    meter->backend.key_wrap = meter_key_wrap;
    meter->backend.key_unwrap = meter_key_unwrap;
}
