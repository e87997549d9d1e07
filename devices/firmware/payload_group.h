/* devices/firmware/payload_group.h - the shape of a group's operations: a member takes a frame
 *
 * A part of payload.c, and of its translation unit. The member is static, as a product's is, with room for the height
 * that is measured at most; it begins with its own key alone. The region is rk_group_receive(). On the host one more
 * field, a byte 1, plays the key server: group_server.c.
 */
#ifndef DEVICES_FIRMWARE_PAYLOAD_GROUP_H
#define DEVICES_FIRMWARE_PAYLOAD_GROUP_H

#include <string.h>

#include "devices/firmware/payload.h"
#include "devices/firmware/payload_shape.h"
#include "engine/lifecycle/group.h"
#include "engine/lifecycle/small.h"

enum {
#ifdef RK_USES /* one AEAD an image */
    PAYLOAD_GROUP_KEY_bytes = (RK_USES & RK_CAP(RK_ALG_AES_CCM)) != 0 ? 16 : RK_GROUP_KEY_MAX_bytes,
#else
    PAYLOAD_GROUP_KEY_bytes = RK_GROUP_KEY_MAX_bytes,
#endif
    PAYLOAD_GROUP_LEVELS = RK_GROUP_HEIGHT_MEASURED_MAX + 1,
};

static inline bool payload_tree(const struct rki_field *tree, uint8_t alg, struct rk_group_config *config,
                                uint32_t *place)
{
    if (tree->bytes != RK_GROUP_TREE_bytes) {
        return false;
    }
    config->id = rki_get32(tree->at);
    config->degree = rki_get32(tree->at + 4);
    *place = rki_get32(tree->at + 8);
    config->height = tree->at[12];
    config->tag_bytes = tree->at[13];
    config->aead = alg;
    config->open = false;
    return config->height <= RK_GROUP_HEIGHT_MEASURED_MAX && config->tag_bytes <= 16 && rk_group_nodes(config) != 0 &&
           *place < rk_group_places(config);
}

static inline enum rk_crypto shape_GROUP(struct rki_exchange *x, struct payload_op op)
{
    static uint32_t made[PAYLOAD_GROUP_LEVELS];
    static uint8_t keys[PAYLOAD_GROUP_LEVELS * PAYLOAD_GROUP_KEY_bytes];
    static struct rk_group_member member;
    struct rk_group_config config;
    uint32_t place;
    if (x->inputs < 3 || x->in[1].bytes != op.key_bytes || !payload_tree(&x->in[0], op.alg, &config, &place)) {
        return RK_CRYPTO_FAILED;
    }
#ifndef RK_ONLY
    if (x->inputs == 4) {
        return rk_payload_group_server(x, &config, place, op.variant);
    }
#endif
    uint8_t *key = rki_exchange_output(x, op.key_bytes);
    if (x->inputs != 3 || key == NULL) {
        return RK_CRYPTO_FAILED;
    }
    rk_group_member_init(&member, &config, rk_backend_get(), place, x->in[1].at, made, keys);
    enum rk_crypto result;
    PAYLOAD_MEASURE(result, rk_group_receive(&member, x->in[2].at, x->in[2].bytes));
    if (result == RK_CRYPTO_OK && rk_group_epoch(&member) != 0) {
        memcpy(key, rk_group_key(&member), op.key_bytes);
    }
    rk_group_member_wipe(&member);
    return result;
}

#endif
