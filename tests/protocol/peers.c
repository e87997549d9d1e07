#include "tests/protocol/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool peers_have(const struct rk_backend *backend, uint8_t method, uint8_t suite)
{
    struct rki_suite what;
    return rki_edhoc_suite_provided(backend, suite) && rki_edhoc_suite(suite, &what) &&
           (method == 3 || rk_backend_has(backend, what.signature));
}

static void make_pair(struct peers *peers, const struct rk_backend *backend, struct rk_drbg *drbg, uint8_t alg,
                      int side)
{
    if (backend->key_pair(alg, drbg, peers->private_keys[side], peers->public_keys[side]) != RK_CRYPTO_OK) {
        fprintf(stderr, "%s: no key pair\n", backend->name);
        abort();
    }
}

/* { 2: "peer", 8: { 1: { 1: kty, 2: h'kid', -1: crv, -2: x } } } and its name { 4: h'kid' }. */
static void make_ccs(struct peers *peers, int side)
{
    static const uint8_t head[] = {0xA2, 0x02, 0x64, 'p',  'e',  'e',  'r',  0x08, 0xA1, 0x01,
                                   0xA4, 0x01, 0x02, 0x02, 0x41, 0x00, 0x20, 0x01, 0x21};
    uint8_t kid = (uint8_t)(0x2B + side), name[] = {0xA1, 4, 0x41, kid};
    struct rk_cbor_writer w = {.at = peers->creds[side], .room = sizeof peers->creds[side]};
    rk_cbor_raw(&w, head, sizeof head);
    peers->creds[side][15] = kid;
    rk_cbor_bytes(&w, peers->public_keys[side] + (peers->public_keys[side][0] == 4), 32);
    memcpy(peers->id_creds[side], name, sizeof name);
    peers->own[side].id_cred_bytes = sizeof name;
    peers->own[side].cred_bytes = w.used;
}

/* A byte string of 200 and the name { 34: [-15, hash of 8 bytes] }. */
static void make_certificate(struct peers *peers, const struct rk_backend *backend, int side)
{
    uint8_t certificate[200], hash[RK_SHA256_bytes], name[14] = {0xA1, 0x18, 0x22, 0x82, 0x2E, 0x48};
    struct rk_cbor_writer w = {.at = peers->creds[side], .room = sizeof peers->creds[side]};
    fill(certificate, sizeof certificate, (uint32_t)side + 50);
    memcpy(certificate + 60, peers->public_keys[side], RK_PUBLIC_MAX_bytes);
    backend->hash(RK_ALG_SHA256, certificate, sizeof certificate, hash);
    memcpy(name + 6, hash, 8);
    rk_cbor_bytes(&w, certificate, sizeof certificate);
    memcpy(peers->id_creds[side], name, sizeof name);
    peers->own[side].id_cred_bytes = sizeof name;
    peers->own[side].cred_bytes = w.used;
}

void peers_begin(struct peers *peers, const struct rk_backend *backend, uint8_t method, uint8_t suite,
                 enum peers_credential credential)
{
    struct rki_suite what;
    rki_edhoc_suite(suite, &what);
    *peers = (struct peers){.suite = suite, .spoil_message = -1, .resize_message = -1};
    struct rk_drbg *drbg = drbg_make(backend, &peers->memory, (uint8_t)(method + 4 * suite));
    for (int side = 0; side < 2; side++) {
        bool is_static = (method >> (side == 0) & 1) != 0;
        make_pair(peers, backend, drbg, is_static ? what.curve : what.signature, side);
        if (credential == PEERS_KID) {
            make_ccs(peers, side);
        } else {
            make_certificate(peers, backend, side);
        }
        peers->own[side].id_cred = peers->id_creds[side];
        peers->own[side].cred = peers->creds[side];
        peers->own[side].public_key = peers->public_keys[side];
        peers->known[side] = peers->own[side];
        peers->own[side].private_key = peers->private_keys[side];
    }
    struct rk_edhoc_config config = {.backend = backend,
                                     .drbg = drbg,
                                     .suites = &peers->suite,
                                     .suite_count = 1,
                                     .suite = suite,
                                     .own = &peers->own[0],
                                     .peers = &peers->known[1],
                                     .peer_count = 1,
                                     .method = method,
                                     .methods = 15,
                                     .id_bytes = 1,
                                     .id = {0x0E}};
    rk_edhoc_begin(&peers->initiator, RK_EDHOC_INITIATOR, &config);
    config.own = &peers->own[1];
    config.peers = &peers->known[0];
    config.id[0] = 0x27;
    rk_edhoc_begin(&peers->responder, RK_EDHOC_RESPONDER, &config);
}

/* Adds what was counted since to one side's. */
static void credit(struct counts *to)
{
    unsigned *sum = (unsigned *)to, *more = (unsigned *)&counts;
    for (size_t i = 0; i < sizeof counts / sizeof *sum; i++) {
        sum[i] += more[i];
        more[i] = 0;
    }
}

/* The message on its way. out: its length there. */
static uint16_t carry(struct peers *peers, int message)
{
    uint16_t bytes = peers->sizes[message];
    if (peers->spoil_message == message && peers->spoil_at < bytes) {
        peers->messages[message][peers->spoil_at] ^= 0x04;
    }
    return (uint16_t)(bytes + (peers->resize_message == message ? peers->resize_by : 0));
}

enum rk_message_result peers_run(struct peers *peers)
{
    static enum rk_message_result (*const make[])(struct rk_edhoc *, uint8_t *, uint16_t, uint16_t *) = {
        rk_edhoc_message_1_make, rk_edhoc_message_2_make, rk_edhoc_message_3_make};
    static enum rk_message_result (*const take[])(struct rk_edhoc *, const uint8_t *, uint16_t) = {
        rk_edhoc_message_1_take, rk_edhoc_message_2_take, rk_edhoc_message_3_take};
    struct rk_edhoc *ends[] = {&peers->initiator, &peers->responder};
    counts = (struct counts){0};
    for (int m = 0; m < 3; m++) {
        enum rk_message_result result =
            make[m](ends[m % 2], peers->messages[m], RK_EDHOC_MESSAGE_MAX_bytes - 1, &peers->sizes[m]);
        credit(&peers->counts[m % 2]);
        if (result == RK_MESSAGE_OK) {
            result = take[m](ends[1 - m % 2], peers->messages[m], carry(peers, m));
            credit(&peers->counts[1 - m % 2]);
        }
        if (result != RK_MESSAGE_OK) {
            return result;
        }
    }
    return RK_MESSAGE_OK;
}
