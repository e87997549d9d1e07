#include "engine/lifecycle/group.h"

#include "engine/lifecycle/small.h"

/* Of a node. held: its key is known to somebody. left, joined: somebody below did since the last rekey. */
enum { PRESENT = 1, HELD = 2, LEFT = 4, JOINED = 8, CHANGED = LEFT | JOINED };

enum { GROUP_AT = 1, EPOCH_AT = 5, UNDER_bytes = 4, AAD_bytes = RK_GROUP_HEAD_bytes + UNDER_bytes, NONCE_bytes = 13 };
enum { NONCE_USE = 0x47 }; /* apart from those of frames and store, should keys ever be shared */
#define OF_ITSELF 0x80000000ul

/* --- shape --- */

uint8_t rk_group_key_bytes(const struct rk_group_config *config)
{
    return config->aead == RK_ALG_AES_CCM ? 16 : 32;
}

uint8_t rk_group_entry_bytes(const struct rk_group_config *config)
{
    return (uint8_t)(UNDER_bytes + rk_group_key_bytes(config) + config->tag_bytes);
}

uint32_t rk_group_nodes(const struct rk_group_config *config)
{
    uint64_t nodes = 1;
    if (config->degree < 2 || config->height < 1 || config->height > RK_GROUP_HEIGHT_MAX)
        return 0;
    for (uint8_t level = 0; level < config->height; level++) {
        nodes = nodes * config->degree + 1;
        if (nodes >= OF_ITSELF)
            return 0;
    }
    return (uint32_t)nodes;
}

static uint32_t parent_of(const struct rk_group_config *config, uint32_t node)
{
    return (node - 1) / config->degree;
}

static uint32_t first_leaf(const struct rk_group_config *config, uint32_t nodes)
{
    return (nodes - 1) / config->degree;
}

uint32_t rk_group_places(const struct rk_group_config *config)
{
    uint32_t nodes = rk_group_nodes(config);
    return nodes - first_leaf(config, nodes);
}

/* --- marks --- */

void rk_group_tree_init(struct rk_group_tree *tree, const struct rk_group_config *config, uint8_t *marks)
{
    tree->config = *config;
    tree->nodes = rk_group_nodes(config);
    tree->first_leaf = first_leaf(config, tree->nodes);
    tree->mark = marks;
    for (uint32_t node = 0; node < tree->nodes; node++)
        marks[node] = 0;
}

static uint32_t leaf_of(const struct rk_group_tree *tree, uint32_t place)
{
    return place < tree->nodes - tree->first_leaf ? tree->first_leaf + place : 0;
}

bool rk_group_tree_has(const struct rk_group_tree *tree, uint32_t place)
{
    uint32_t leaf = leaf_of(tree, place);
    return leaf != 0 && (tree->mark[leaf] & PRESENT) != 0;
}

bool rk_group_tree_join(struct rk_group_tree *tree, uint32_t place)
{
    uint32_t node = leaf_of(tree, place);
    if (node == 0 || (tree->mark[node] & PRESENT) != 0)
        return false;
    tree->mark[node] |= PRESENT | JOINED;
    while (node != 0) {
        node = parent_of(&tree->config, node);
        tree->mark[node] |= PRESENT | JOINED;
    }
    return true;
}

static bool any_child(const struct rk_group_tree *tree, uint32_t node)
{
    uint32_t first = node * tree->config.degree + 1;
    for (uint32_t child = first; child < first + tree->config.degree; child++)
        if ((tree->mark[child] & PRESENT) != 0)
            return true;
    return false;
}

bool rk_group_tree_leave(struct rk_group_tree *tree, uint32_t place)
{
    uint32_t node = leaf_of(tree, place);
    if (node == 0 || (tree->mark[node] & PRESENT) == 0)
        return false;
    /* Who has not been given a key yet takes none away. */
    uint8_t left = (tree->mark[node] & HELD) != 0 ? LEFT : 0;
    tree->mark[node] = left;
    while (node != 0) {
        node = parent_of(&tree->config, node);
        tree->mark[node] |= left;
        if (!any_child(tree, node))
            tree->mark[node] &= (uint8_t)~PRESENT;
    }
    return true;
}

/* Does the rekey make this inner node's key anew? */
static bool renewed(const struct rk_group_tree *tree, uint32_t node)
{
    uint8_t mark = tree->mark[node];
    if ((mark & PRESENT) == 0)
        return false;
    if (tree->config.open)
        return (mark & LEFT) != 0 || (mark & (HELD | JOINED)) == JOINED;
    return (mark & CHANGED) != 0;
}

/* Whether a node's next key is sealed under its present one: those who have it may have the next. */
static bool under_itself(const struct rk_group_tree *tree, uint32_t node)
{
    return renewed(tree, node) && (tree->mark[node] & (LEFT | HELD)) == HELD;
}

/* Whether the key of its parent, as it is after the rekey, is sealed under the child's. */
static bool under_child(const struct rk_group_tree *tree, uint32_t node, uint32_t child)
{
    uint8_t mark = tree->mark[child];
    if ((mark & PRESENT) == 0)
        return false;
    /* Where everybody else has it, or gets it under the old one, only the way of the newcomers is left. */
    bool newcomers_only = !renewed(tree, node) || under_itself(tree, node);
    return !newcomers_only || (mark & JOINED) != 0;
}

uint32_t rk_group_tree_entries(const struct rk_group_tree *tree)
{
    uint32_t entries = 0;
    for (uint32_t node = 0; node < tree->first_leaf; node++) {
        if ((tree->mark[node] & CHANGED) == 0)
            continue;
        entries += under_itself(tree, node);
        for (uint32_t child = 1; child <= tree->config.degree; child++)
            entries += under_child(tree, node, node * tree->config.degree + child);
    }
    return entries;
}

static void settle(uint8_t *mark)
{
    *mark = (*mark & PRESENT) != 0 ? PRESENT | HELD : 0;
}

void rk_group_tree_settle(struct rk_group_tree *tree)
{
    for (uint32_t node = 0; node < tree->nodes; node++)
        settle(&tree->mark[node]);
}

/* --- entries --- */

/* Parts of an entry, and of the head before it: authenticated and the nonce. */
struct seal {
    struct rk_aead_job job;
    uint8_t aad[AAD_bytes];
    uint8_t nonce[NONCE_bytes];
};

static void put_head(const struct rk_group_config *config, uint32_t epoch, uint8_t *head)
{
    head[0] = RK_GROUP_FRAME;
    rki_put32(head + GROUP_AT, config->id);
    rki_put32(head + EPOCH_AT, epoch);
}

static void seal_init(struct seal *seal, const struct rk_group_config *config, uint32_t epoch, uint32_t under,
                      const uint8_t *kek)
{
    struct rk_aead_job *job = &seal->job;
    put_head(config, epoch, seal->aad);
    rki_put32(seal->aad + RK_GROUP_HEAD_bytes, under);
    rki_zero(seal->nonce, sizeof seal->nonce);
    seal->nonce[0] = NONCE_USE;
    rki_put32(seal->nonce + 1, epoch);
    rki_put32(seal->nonce + 5, under);
    job->alg = config->aead;
    job->key_bytes = rk_group_key_bytes(config);
    job->tag_bytes = config->tag_bytes;
    job->aad_bytes = sizeof seal->aad;
    job->text_bytes = job->key_bytes;
    job->key = kek;
    job->nonce = seal->nonce;
    job->aad = seal->aad;
}

static enum rk_crypto seal_entry(const struct rk_group_server *server, uint32_t under, const uint8_t *kek,
                                 const uint8_t *key, uint8_t *entry)
{
    struct seal seal;
    seal_init(&seal, &server->tree.config, server->epoch, under, kek);
    rki_put32(entry, under);
    seal.job.in = key;
    seal.job.out = entry + UNDER_bytes;
    seal.job.tag = entry + UNDER_bytes + seal.job.text_bytes;
    return server->backend->aead_seal(&seal.job);
}

/* --- key server --- */

static uint8_t *key_of(const struct rk_group_server *server, uint32_t node)
{
    return server->key + (size_t)node * rk_group_key_bytes(&server->tree.config);
}

void rk_group_server_init(struct rk_group_server *server, const struct rk_group_config *config,
                          const struct rk_backend *backend, struct rk_drbg *drbg, uint8_t *marks, uint8_t *keys)
{
    rk_group_tree_init(&server->tree, config, marks);
    server->backend = backend;
    server->drbg = drbg;
    server->key = keys;
    server->epoch = 0;
    server->node = server->tree.nodes;
    server->child = 0;
}

bool rk_group_join(struct rk_group_server *server, uint32_t place, const uint8_t *key)
{
    if (!rk_group_tree_join(&server->tree, place))
        return false;
    rki_copy(key_of(server, leaf_of(&server->tree, place)), key, rk_group_key_bytes(&server->tree.config));
    return true;
}

bool rk_group_leave(struct rk_group_server *server, uint32_t place)
{
    if (!rk_group_tree_leave(&server->tree, place))
        return false;
    server->backend->wipe(key_of(server, leaf_of(&server->tree, place)), rk_group_key_bytes(&server->tree.config));
    return true;
}

void rk_group_rekey(struct rk_group_server *server)
{
    server->epoch++;
    server->node = server->tree.first_leaf;
    server->child = server->tree.config.degree + 1;
}

/* The next node upwards that has something to tell. out: false: all is told. */
static bool next_node(struct rk_group_server *server)
{
    struct rk_group_tree *tree = &server->tree;
    do {
        if (server->node == 0) {
            rk_group_tree_settle(tree);
            server->node = tree->nodes;
            return false;
        }
        server->node--;
    } while ((tree->mark[server->node] & CHANGED) == 0);
    server->child = 0;
    return true;
}

/* The node's next key, in its place; its own entry comes first, as that needs the old one. */
static enum rk_crypto renew_node(struct rk_group_server *server, uint8_t *entry, bool *sealed)
{
    uint8_t next[RK_GROUP_KEY_MAX_bytes];
    uint8_t bytes = rk_group_key_bytes(&server->tree.config);
    uint8_t *key = key_of(server, server->node);
    *sealed = under_itself(&server->tree, server->node);
    enum rk_crypto err = server->backend->drbg_generate(server->drbg, server->backend->drbg_alg, next, bytes);
    if (err == RK_CRYPTO_OK && *sealed)
        err = seal_entry(server, (uint32_t)(server->node | OF_ITSELF), key, next, entry);
    if (err == RK_CRYPTO_OK)
        rki_copy(key, next, bytes);
    server->backend->wipe(next, sizeof next);
    return err;
}

enum rk_crypto rk_group_rekey_next(struct rk_group_server *server, uint8_t *entry, uint8_t *entry_bytes)
{
    const struct rk_group_tree *tree = &server->tree;
    enum rk_crypto err = RK_CRYPTO_OK;
    bool sealed = false;
    *entry_bytes = 0;
    while (!sealed && err == RK_CRYPTO_OK && server->node < tree->nodes) {
        if (server->child > tree->config.degree) {
            next_node(server);
            continue;
        }
        if (server->child == 0) {
            if (renewed(tree, server->node))
                err = renew_node(server, entry, &sealed);
        } else {
            uint32_t child = server->node * tree->config.degree + server->child;
            sealed = under_child(tree, server->node, child);
            if (sealed)
                err = seal_entry(server, child, key_of(server, child), key_of(server, server->node), entry);
        }
        server->child += err == RK_CRYPTO_OK;
    }
    if (err == RK_CRYPTO_OK && sealed)
        *entry_bytes = rk_group_entry_bytes(&tree->config);
    return err;
}

enum rk_crypto rk_group_path_entry(const struct rk_group_server *server, uint32_t place, uint8_t level, uint8_t *entry)
{
    uint32_t node = leaf_of(&server->tree, place);
    if (!rk_group_tree_has(&server->tree, place) || level >= server->tree.config.height)
        return RK_CRYPTO_FAILED;
    for (uint8_t at = 0; at < level; at++)
        node = parent_of(&server->tree.config, node);
    return seal_entry(server, node, key_of(server, node), key_of(server, parent_of(&server->tree.config, node)), entry);
}

void rk_group_head(const struct rk_group_server *server, uint8_t *head)
{
    put_head(&server->tree.config, server->epoch, head);
}

const uint8_t *rk_group_server_key(const struct rk_group_server *server)
{
    return server->key;
}

void rk_group_server_wipe(struct rk_group_server *server)
{
    server->backend->wipe(server->key, (size_t)server->tree.nodes * rk_group_key_bytes(&server->tree.config));
}

/* --- member --- */

void rk_group_member_init(struct rk_group_member *member, const struct rk_group_config *config,
                          const struct rk_backend *backend, uint32_t place, const uint8_t *own_key, uint32_t *made,
                          uint8_t *keys)
{
    uint32_t nodes = rk_group_nodes(config);
    member->config = *config;
    member->backend = backend;
    member->leaf = first_leaf(config, nodes) + place;
    member->made = made;
    member->key = keys;
    for (uint8_t level = 0; level <= config->height; level++)
        made[level] = 0;
    rki_copy(keys, own_key, rk_group_key_bytes(config));
}

static uint8_t *level_key(const struct rk_group_member *member, uint8_t level)
{
    return member->key + (uint16_t)level * rk_group_key_bytes(&member->config);
}

/* out: level of the node on the member's path, or height + 1 where it is not on it. */
static uint8_t level_of(const struct rk_group_member *member, uint32_t node)
{
    uint32_t at = member->leaf;
    uint8_t level = 0;
    for (; at > node; level++)
        at = parent_of(&member->config, at);
    return at == node ? level : (uint8_t)(member->config.height + 1);
}

/* out: RK_CRYPTO_OK: opened, or none of the member's. */
static enum rk_crypto open_entry(struct rk_group_member *member, uint32_t epoch, const uint8_t *entry)
{
    uint8_t opened[RK_GROUP_KEY_MAX_bytes];
    uint8_t tag[16];
    struct seal seal;
    uint32_t under = rki_get32(entry);
    uint8_t level = level_of(member, (uint32_t)(under & ~OF_ITSELF));
    uint8_t target = (uint8_t)(level + ((under & OF_ITSELF) == 0));
    if (level > member->config.height || target > member->config.height || target == 0)
        return RK_CRYPTO_OK;
    if (member->made[target] >= epoch || (level > 0 && member->made[level] == 0))
        return RK_CRYPTO_OK;
    seal_init(&seal, &member->config, epoch, under, level_key(member, level));
    rki_copy(tag, entry + UNDER_bytes + seal.job.text_bytes, member->config.tag_bytes);
    seal.job.in = entry + UNDER_bytes;
    seal.job.out = opened;
    seal.job.tag = tag;
    enum rk_crypto err = member->backend->aead_open(&seal.job);
    if (err == RK_CRYPTO_OK) {
        rki_copy(level_key(member, target), opened, seal.job.text_bytes);
        member->made[target] = epoch;
    }
    member->backend->wipe(opened, sizeof opened);
    return err;
}

enum rk_crypto rk_group_receive(struct rk_group_member *member, const uint8_t *frame, uint16_t frame_bytes)
{
    uint8_t entry_bytes = rk_group_entry_bytes(&member->config);
    enum rk_crypto result = RK_CRYPTO_OK;
    if (frame_bytes < RK_GROUP_HEAD_bytes || (frame_bytes - RK_GROUP_HEAD_bytes) % entry_bytes != 0 ||
        frame[0] != RK_GROUP_FRAME || rki_get32(frame + GROUP_AT) != member->config.id)
        return RK_CRYPTO_REJECTED;
    uint32_t epoch = rki_get32(frame + EPOCH_AT);
    for (uint16_t at = RK_GROUP_HEAD_bytes; at < frame_bytes; at = (uint16_t)(at + entry_bytes)) {
        enum rk_crypto err = open_entry(member, epoch, frame + at);
        if (err != RK_CRYPTO_OK)
            result = err;
    }
    return result;
}

uint32_t rk_group_epoch(const struct rk_group_member *member)
{
    return member->made[member->config.height];
}

const uint8_t *rk_group_key(const struct rk_group_member *member)
{
    return level_key(member, member->config.height);
}

void rk_group_member_wipe(struct rk_group_member *member)
{
    for (uint8_t level = 0; level <= member->config.height; level++)
        member->made[level] = 0;
    member->backend->wipe(member->key, (size_t)(member->config.height + 1u) * rk_group_key_bytes(&member->config));
}
