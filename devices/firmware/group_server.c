/* devices/firmware/group_server.c - on the host: the key server of a full tree, for the frame of one member */
#include <string.h>

#include "backends/operation.h"
#include "devices/firmware/payload.h"
#include "devices/firmware/payload_shape.h"

enum { NODES_MAX = (2 << RK_GROUP_HEIGHT_MEASURED_MAX) - 1 };

/* A rekey, all of it. out: bytes with its head; 0: there is no room, or the library failed. */
static uint16_t rekey(struct rk_group_server *server, uint8_t *frame, size_t room)
{
    size_t at = RK_GROUP_HEAD_bytes, each = rk_group_entry_bytes(&server->tree.config);
    if (at + rk_group_tree_entries(&server->tree) * each > room) {
        return 0;
    }
    rk_group_rekey(server);
    rk_group_head(server, frame);
    for (uint8_t bytes = 1; bytes != 0; at += bytes) {
        if (rk_group_rekey_next(server, frame + at, &bytes) != RK_CRYPTO_OK) {
            return 0;
        }
    }
    return (uint16_t)at;
}

/* The present keys of a path. */
static uint16_t path(const struct rk_group_server *server, uint32_t place, uint8_t *frame)
{
    uint16_t at = RK_GROUP_HEAD_bytes;
    rk_group_head(server, frame);
    for (uint8_t level = 0; level < server->tree.config.height; level++) {
        if (rk_group_path_entry(server, place, level, frame + at) != RK_CRYPTO_OK) {
            return 0;
        }
        at = (uint16_t)(at + rk_group_entry_bytes(&server->tree.config));
    }
    return at;
}

static uint16_t frame_for(struct rk_group_server *server, uint32_t place, uint8_t variant, uint8_t *frame, size_t room)
{
    if (variant == RK_GROUP_JOIN) {
        return path(server, place, frame);
    }
    return rk_group_leave(server, place ^ 1u) ? rekey(server, frame, room) : 0;
}

/* in: own key of the member at `place`; the others' are drawn. */
static enum rk_crypto fill(struct rk_group_server *server, uint32_t place, const uint8_t *own)
{
    static uint8_t frame[NODES_MAX * RK_GROUP_ENTRY_MAX_bytes * 2];
    const struct rk_group_config *config = &server->tree.config;
    enum rk_crypto err = RK_CRYPTO_OK;
    for (uint32_t at = 0; at < rk_group_places(config) && err == RK_CRYPTO_OK; at++) {
        uint8_t key[RK_GROUP_KEY_MAX_bytes];
        err = server->backend->drbg_generate(server->drbg, server->backend->drbg_alg, key, sizeof key);
        rk_group_join(server, at, at == place ? own : key);
    }
    return err == RK_CRYPTO_OK && rekey(server, frame, sizeof frame) == 0 ? RK_CRYPTO_FAILED : err;
}

enum rk_crypto rk_payload_group_server(struct rki_exchange *x, const struct rk_group_config *config, uint32_t place,
                                       uint8_t variant)
{
    static uint8_t marks[NODES_MAX], keys[NODES_MAX * RK_GROUP_KEY_MAX_bytes];
    const struct rk_backend *backend = rk_backend_get();
    const uint16_t room = RK_MAILBOX_DATA_bytes / 2;
    uint8_t *frame = rki_exchange_output(x, room);
    if (x->in[2].bytes != RK_ENTROPY_bytes || frame == NULL || backend->drbg_bytes == 0 ||
        rk_group_nodes(config) > NODES_MAX) {
        return RK_CRYPTO_FAILED;
    }
    PAYLOAD_STATE(memory, backend->drbg_bytes);
    struct rk_group_server server;
    struct rk_drbg *drbg = (struct rk_drbg *)memory;
    enum rk_crypto err = backend->drbg_init(drbg, backend->drbg_alg, x->in[2].at);
    rk_group_server_init(&server, config, backend, drbg, marks, keys);
    if (err == RK_CRYPTO_OK) {
        err = fill(&server, place, x->in[1].at);
    }
    uint16_t bytes = err == RK_CRYPTO_OK ? frame_for(&server, place, variant, frame, room) : 0;
    if (bytes == 0) {
        return RK_CRYPTO_FAILED;
    }
    rki_exchange_shorten(x, frame, bytes);
    uint8_t *key = rki_exchange_output(x, rk_group_key_bytes(config));
    if (key == NULL) {
        return RK_CRYPTO_FAILED;
    }
    memcpy(key, rk_group_server_key(&server), rk_group_key_bytes(config));
    return RK_CRYPTO_OK;
}
