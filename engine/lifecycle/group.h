/* engine/lifecycle/group.h - keys of a group: a tree of them at the key server, a path of it at each member
 *
 * Model:   members are the leaves of a complete tree; each node has a key, the root's is the group's. A member has the
 *          keys from its leaf, which is between it and the server alone, to the root. Whoever leaves knows its path, so
 *          each key of it is made anew and sealed under those of the children that are still held: d h - 1 seals in a
 *          full tree of height h, where children have d children (forward secrecy). Where somebody only joins, each key
 *          of the path is made anew and sealed under itself and under the child on the path: 2 h seals (backward
 *          secrecy). What changed since the last rekey is done at once, each node once: a batch is many changes
 *          before one rekey.
 *          A tree of height 1 is a star. With `open` a join changes nothing, the newcomer gets the keys as they are:
 *          one network key. A star a cell gives per-cell keys. In a star and a network the entries of a leave concern
 *          one member each, so they go pairwise; all else is multicast.
 * Numbers: node 0 is the root, nodes d n + 1 .. d n + d the children of n; places 0, 1, ... are the leaves from the left.
 * Frame:   kind 1, group id 4, epoch 4; then entries: sealed under 4 (a node; top bit: the key is the node's next one, else
 *          its parent's), key 16 or 32, tag. Head and node are authenticated. Each entry stands for itself: frames may
 *          be lost, and a member opens what stands on its path; children come before parents. AEAD nonce: a use, epoch,
 *          sealed under: a node's key seals one key as child and one as itself in an epoch.
 * Limit:   whoever has a node's key can forge entries under it: that a frame is the server's, and no other member's,
 *          would take a signature. Keys are in RAM: after a restart a member asks for its path.
 * Memory:  the caller's. Server: nodes * (1 + key) bytes and small state; member: (height + 1) * (4 + key).
 * Units:   bytes, nodes, epochs (rekeys so far).
 * Source:  RFC 2627, 5.4 (LKH); Wong, Gouda, Lam, "Secure group communications using key graphs", IEEE/ACM Trans.
 *          Networking 8(1), 2000; Li, Yang, Gouda, Lam, "Batch rekeying for secure group communications", WWW10, 2001.
 */
#ifndef ENGINE_LIFECYCLE_GROUP_H
#define ENGINE_LIFECYCLE_GROUP_H

#include "backends/backend.h"

enum {
    RK_GROUP_FRAME = 16, /* kind: the first byte of a frame */
    RK_GROUP_HEAD_bytes = 9,
    RK_GROUP_KEY_MAX_bytes = 32,
    RK_GROUP_ENTRY_MAX_bytes = 4 + RK_GROUP_KEY_MAX_bytes + 16,
    RK_GROUP_HEIGHT_MAX = 30,
};

struct rk_group_config {
    uint32_t id;
    uint32_t degree; /* children of a node, at least 2 */
    uint8_t height;  /* 1 to RK_GROUP_HEIGHT_MAX */
    uint8_t aead;    /* RK_ALG_AES_CCM: keys of 16 bytes; RK_ALG_CHACHA20_POLY1305: 32 */
    uint8_t tag_bytes;
    bool open; /* joins renew nothing: no backward secrecy */
};

uint8_t rk_group_key_bytes(const struct rk_group_config *config);
uint8_t rk_group_entry_bytes(const struct rk_group_config *config);

/* out: nodes of the whole tree, or 0 for a degree and height that cannot be or would make 2^31 nodes. */
uint32_t rk_group_nodes(const struct rk_group_config *config);

/* out: places, degree ^ height. */
uint32_t rk_group_places(const struct rk_group_config *config);

/* --- who is in it --- */

/* Marks of the nodes, a byte each: who is there, and what the next rekey has to do. */
struct rk_group_tree {
    struct rk_group_config config;
    uint32_t nodes, first_leaf;
    uint8_t *mark;
};

/* in: rk_group_nodes() bytes. An empty group. */
void rk_group_tree_init(struct rk_group_tree *tree, const struct rk_group_config *config, uint8_t *marks);

/* out: false: it is there already, or not there, or there is no such place. */
bool rk_group_tree_join(struct rk_group_tree *tree, uint32_t place);
bool rk_group_tree_leave(struct rk_group_tree *tree, uint32_t place);
bool rk_group_tree_has(const struct rk_group_tree *tree, uint32_t place);

/* out: entries that a rekey now would have. */
uint32_t rk_group_tree_entries(const struct rk_group_tree *tree);

/* As if it were rekeyed: nothing is left to do. */
void rk_group_tree_settle(struct rk_group_tree *tree);

/* --- key server --- */

struct rk_group_server {
    struct rk_group_tree tree;
    const struct rk_backend *backend;
    struct rk_drbg *drbg; /* seeded; the caller reseeds it */
    uint8_t *key;         /* of each node */
    uint32_t epoch;
    uint32_t node;  /* whose entries are given out; nodes: none */
    uint32_t child; /* 0: its own next key; then children from 1 on */
};

/* in: rk_group_nodes() bytes, and as many times rk_group_key_bytes(). Keys of empty places are never used. */
void rk_group_server_init(struct rk_group_server *server, const struct rk_group_config *config,
                          const struct rk_backend *backend, struct rk_drbg *drbg, uint8_t *marks, uint8_t *keys);

/* in: key: the member's own, which it has from its provisioning or a pairwise session. A group that was rekeyed before
 * and has taken back a leaver must not give it a leaf key and an epoch that it had. */
bool rk_group_join(struct rk_group_server *server, uint32_t place, const uint8_t *key);
bool rk_group_leave(struct rk_group_server *server, uint32_t place);

/* A new epoch begins. Its entries follow one by one, and must all be taken. */
void rk_group_rekey(struct rk_group_server *server);

/* out: RK_CRYPTO_OK and the next entry, or *entry_bytes 0 when there is none left; RK_CRYPTO_FAILED: no random numbers,
 * or the seal failed: may be tried again. */
enum rk_crypto rk_group_rekey_next(struct rk_group_server *server, uint8_t *entry, uint8_t *entry_bytes);

/* The present keys of a member, an entry for each level: level 0 is its parent's under its own. Between rekeys only. */
enum rk_crypto rk_group_path_entry(const struct rk_group_server *server, uint32_t place, uint8_t level, uint8_t *entry);

/* out: RK_GROUP_HEAD_bytes, before entries of the server's epoch. */
void rk_group_head(const struct rk_group_server *server, uint8_t *head);

const uint8_t *rk_group_server_key(const struct rk_group_server *server);

void rk_group_server_wipe(struct rk_group_server *server);

/* --- member --- */

struct rk_group_member {
    struct rk_group_config config;
    const struct rk_backend *backend;
    uint32_t leaf;  /* its node */
    uint32_t *made; /* by level from the leaf on: epoch of the key; 0: none yet */
    uint8_t *key;
};

/* in: height + 1 epochs and keys; its own key. */
void rk_group_member_init(struct rk_group_member *member, const struct rk_group_config *config,
                          const struct rk_backend *backend, uint32_t place, const uint8_t *own_key, uint32_t *made,
                          uint8_t *keys);

/* out: RK_CRYPTO_OK: all that concerned it was opened, or nothing did; RK_CRYPTO_REJECTED: something that did could not
 * be: it has missed a rekey and asks for its path, or the frame was altered. Entries older than what it has are left out. */
enum rk_crypto rk_group_receive(struct rk_group_member *member, const uint8_t *frame, uint16_t frame_bytes);

/* out: epoch of its group key, 0: none. */
uint32_t rk_group_epoch(const struct rk_group_member *member);

const uint8_t *rk_group_key(const struct rk_group_member *member);

void rk_group_member_wipe(struct rk_group_member *member);

#endif
