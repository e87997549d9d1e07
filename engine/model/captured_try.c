/* Links that are really made, and really tried: engine/model/captured.h. */
#include "engine/model/captured.h"

#include <stdlib.h>
#include <string.h>

#include "engine/lifecycle/group.h"
#include "engine/lifecycle/internal.h"
#include "engine/model/node_internal.h"

enum { NOW_ns = 1, GROUP_NONCE_bytes = 13, LEVELS_MAX = RK_GROUP_HEIGHT_MAX + 1 };

struct link {
    struct rk_node node; /* its two agents, with the trial's keys */
    uint8_t r1[RK_EXCHANGE_MAX_bytes], r2[RK_EXCHANGE_MAX_bytes];
    uint32_t key_id;
    uint8_t frame[RK_FRAME_MAX_bytes]; /* what the device sends; in a group text and tag under the group's key */
    uint16_t frame_bytes;
    bool grouped;
    struct rk_group_member member;
    uint32_t made[LEVELS_MAX];
    uint8_t key[LEVELS_MAX * RK_GROUP_KEY_MAX_bytes];
};

/* --- pairs --- */

static void step(struct rk_agent *agent, uint8_t kind, const void *data, uint16_t bytes, struct rk_actions *actions)
{
    const struct rk_event event = {
        .now_ns = NOW_ns, .data = data, .data_bytes = bytes, .kind = kind, .subject = rk_access_subject(kind)};
    rk_agent_step(agent, &event, actions);
    RK_REQUIRE(actions->result == RK_AGENT_OK);
}

/* A key is agreed on, and protects a text. */
static void make_pair(struct link *link)
{
    struct rk_actions actions;
    struct rk_node *node = &link->node;
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_draw_seed(node, RK_ROLE_SERVER, entropy);
    step(&node->peer, RK_EVENT_START, entropy, sizeof entropy, &actions);
    rki_draw_seed(node, RK_ROLE_DEVICE, entropy);
    step(&node->device, RK_EVENT_START, entropy, sizeof entropy, &actions);
    memcpy(link->r1, actions.frame, actions.frame_bytes);
    step(&node->peer, RK_EVENT_RECEIVE, link->r1, actions.frame_bytes, &actions);
    memcpy(link->r2, actions.frame, actions.frame_bytes);
    step(&node->device, RK_EVENT_RECEIVE, link->r2, actions.frame_bytes, &actions);
    step(&node->device, RK_EVENT_SEND, &node->index, sizeof node->index, &actions);
    RK_REQUIRE(actions.frame_kind == RK_FRAME_DATA);
    link->key_id = rki_get32(actions.frame + 1);
    link->frame_bytes = actions.frame_bytes;
    memcpy(link->frame, actions.frame, actions.frame_bytes);
}

/* --- groups --- */

static struct rk_aead_job group_job(const struct rk_group_config *tree, const uint8_t *key, uint8_t *nonce)
{
    memset(nonce, 0, GROUP_NONCE_bytes);
    return (struct rk_aead_job){.alg = tree->aead,
                                .key_bytes = rk_group_key_bytes(tree),
                                .tag_bytes = tree->tag_bytes,
                                .key = key,
                                .nonce = nonce};
}

/* The device's number under its own copy of the group's key. */
static void seal_grouped(struct link *link, const struct rk_backend *backend)
{
    uint8_t nonce[GROUP_NONCE_bytes];
    struct rk_aead_job job = group_job(&link->member.config, rk_group_key(&link->member), nonce);
    memcpy(nonce, &link->node.index, sizeof link->node.index);
    job.in = (const uint8_t *)&link->node.index;
    job.text_bytes = sizeof link->node.index;
    job.out = link->frame;
    job.tag = link->frame + job.text_bytes;
    RK_REQUIRE(backend->aead_seal(&job) == RK_CRYPTO_OK);
    link->frame_bytes = (uint16_t)(job.text_bytes + job.tag_bytes);
    link->grouped = true;
}

/* All entries of a rekey, to all members. */
static void rekey(struct rk_group_server *server, struct link *link, uint32_t links)
{
    uint8_t frame[RK_GROUP_HEAD_bytes + RK_GROUP_ENTRY_MAX_bytes], bytes;
    rk_group_rekey(server);
    for (;;) {
        rk_group_head(server, frame);
        RK_REQUIRE(rk_group_rekey_next(server, frame + RK_GROUP_HEAD_bytes, &bytes) == RK_CRYPTO_OK);
        if (bytes == 0) {
            return;
        }
        for (uint32_t i = 0; i < links; i++) {
            if (link[i].member.backend != NULL) {
                enum rk_crypto err = rk_group_receive(&link[i].member, frame, (uint16_t)(RK_GROUP_HEAD_bytes + bytes));
                RK_REQUIRE(err == RK_CRYPTO_OK);
            }
        }
    }
}

/* The members among neighbouring links; a member's own key is that of its session with the server. */
static void make_group(struct link *link, uint32_t links, const struct rk_captured *captured)
{
    const struct rk_fleet *fleet = link->node.fleet;
    const struct rk_backend *backend = fleet->inner;
    uint32_t nodes = rk_group_nodes(captured->tree);
    struct rk_group_server server;
    struct rk_drbg *drbg = calloc(1, backend->drbg_bytes);
    uint8_t *marks = calloc(nodes, 1), *keys = calloc(nodes, rk_group_key_bytes(captured->tree));
    RK_REQUIRE(drbg != NULL && marks != NULL && keys != NULL);
    uint8_t entropy[RK_ENTROPY_bytes];
    rki_draw_seed(&link->node, RK_ROLE_SERVER, entropy);
    RK_REQUIRE(backend->drbg_init(drbg, backend->drbg_alg, entropy) == RK_CRYPTO_OK);
    rk_group_server_init(&server, captured->tree, backend, drbg, marks, keys);
    for (uint32_t i = 0; i < links; i++) {
        if (captured->member[link[i].node.index] != 0) {
            const uint8_t *own = rk_agent_active(&link[i].node.device)->material;
            RK_REQUIRE(rk_group_join(&server, i, own));
            rk_group_member_init(&link[i].member, captured->tree, backend, i, own, link[i].made, link[i].key);
        }
    }
    rekey(&server, link, links);
    for (uint32_t i = 0; i < links; i++) {
        if (link[i].member.backend != NULL) {
            seal_grouped(&link[i], backend);
        }
    }
    rk_group_server_wipe(&server);
    backend->drbg_wipe(drbg, backend->drbg_alg);
    free(keys);
    free(marks);
    free(drbg);
}

/* --- trying --- */

/* Each key of a captured member's path. */
static bool opens_grouped(const struct link *link, const struct link *taken, const struct rk_backend *backend)
{
    const struct rk_group_config *tree = &link->member.config;
    uint8_t nonce[GROUP_NONCE_bytes], text[sizeof link->node.index];
    for (unsigned level = 0; taken->member.backend != NULL && level <= tree->height; level++) {
        struct rk_aead_job job = group_job(tree, taken->key + level * rk_group_key_bytes(tree), nonce);
        memcpy(nonce, &link->node.index, sizeof link->node.index);
        job.in = link->frame;
        job.out = text;
        job.text_bytes = sizeof text;
        job.tag = (uint8_t *)link->frame + job.text_bytes;
        if (backend->aead_open(&job) == RK_CRYPTO_OK) {
            return true;
        }
    }
    return false;
}

static bool opens_with(struct rk_agent *adversary, const struct rk_key *key, const struct link *link)
{
    uint8_t text[RK_TEXT_MAX_bytes];
    uint16_t text_bytes;
    return rki_data_open(adversary, key, link->frame, link->frame_bytes, text, &text_bytes) == RK_CRYPTO_OK;
}

/* Each session key that the memory holds, then the one that its long-term keys make of the link's exchange. */
static bool opens_pair(const struct link *link, const struct link *taken)
{
    struct rk_agent adversary = taken->node.device;
    uint8_t block[2 * RK_KEY_MAX_bytes] = {0};
    adversary.config.role = RK_ROLE_SERVER;
    adversary.config.device_id = link->node.device.config.device_id;
    adversary.backend = link->node.fleet->inner;
    adversary.traffic_id = 0;
    for (unsigned i = 0; i < 3; i++) {
        struct rk_key key = adversary.key[i];
        key.id = link->key_id;
        if (opens_with(&adversary, &key, link)) {
            return true;
        }
    }
    struct rk_key key = {.id = link->key_id, .state = RK_STATE_ACTIVE};
    memset(adversary.key, 0, sizeof adversary.key);
    adversary.key[RKI_NEXT].id = link->key_id;
    adversary.traffic_id = 0;
    if (rki_exchange_block(&adversary, adversary.provision.static_key, link->r1, link->r2, block) != RK_CRYPTO_OK) {
        return false;
    }
    memcpy(key.material, block, rki_key_bytes(&adversary));
    return opens_with(&adversary, &key, link);
}

static bool opens(const struct link *link, const struct link *taken)
{
    return link->grouped ? opens_grouped(link, taken, link->node.fleet->inner) : opens_pair(link, taken);
}

void rk_captured_try(const struct rk_trial *trial, const struct rk_captured *captured, uint8_t *opened)
{
    struct rk_trial alone = *trial; /* its agents, without what happens around them */
    struct rk_fleet *fleet = malloc(sizeof *fleet);
    struct link *link = calloc(trial->devices, sizeof *link);
    RK_REQUIRE(fleet != NULL && link != NULL);
    alone.cell_devices = 0;
    alone.confirmed = false;
    alone.power_spread_mdB = 0;
    alone.adversary = (struct rk_adversary_shape){.captured = 0};
    alone.group.scheme = RK_GROUP_NONE;
    alone.trace = NULL;
    RK_REQUIRE(rk_fleet_init(fleet, &alone, NULL) == RK_OK);
    for (uint32_t i = 0; i < trial->devices; i++) {
        RK_REQUIRE(rk_node_init(&link[i].node, fleet, i, NULL) == RK_OK);
        make_pair(&link[i]);
    }
    for (uint32_t i = 0; captured->member != NULL && i < trial->devices; i += captured->width) {
        uint32_t rest = trial->devices - i;
        make_group(&link[i], rest < captured->width ? rest : captured->width, captured);
    }
    for (uint32_t i = 0; i < trial->devices; i++) {
        for (uint32_t k = 0; k < captured->count && opened[i] == 0; k++) {
            opened[i] = opens(&link[i], &link[captured->device[k]]);
        }
    }
    rk_fleet_fini(fleet);
    free(link);
    free(fleet);
}
