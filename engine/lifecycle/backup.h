/* engine/lifecycle/backup.h - a key sealed for the backup device, and what comes back from there
 *
 * Model:   the key leaves only sealed under the backup key, which device and backup device share and which seals nothing
 *          else; only types that SP 800-57 lets leave (rk_key_type_backup_permitted()), and no compromised key. It comes
 *          back deactivated, as a key from an archive does: it processes and never protects, so that none of its nonces
 *          is used twice; a successor is agreed on at once. A key that the store knows as destroyed, or as replaced,
 *          does not come back.
 * Frame:   kind 1, key id 4, device id 4, type 1, AEAD 1, nonce 12, all in the clear and authenticated; sealed: activation
 *          8, material; tag 16.
 * Limit:   which frames the peer had sent under the key is not in a backup: they can be replayed until it is destroyed.
 *          A device that has lost its whole store cannot know what it destroyed: the backup device must (engine/model/hsm.h).
 * Units:   bytes, ns.
 * Source:  SP 800-57 Part 1 8.2.2.1 (backup), 8.3.1 (archive: such keys are deactivated); SP 800-38D 8.2.2 (random nonces).
 */
#ifndef ENGINE_LIFECYCLE_BACKUP_H
#define ENGINE_LIFECYCLE_BACKUP_H

#include "engine/lifecycle/agent.h"

/* Whether this build's agent backs up and restores: an image that is never asked to leaves it out. */
#ifdef RK_WITHOUT_BACKUP
enum { RK_BACKUP_PROVIDED = 0 };
#else
enum { RK_BACKUP_PROVIDED = 1 };
#endif

enum { RK_BACKUP_HEAD_bytes = 23, RK_BACKUP_MAX_bytes = RK_BACKUP_HEAD_bytes + 8 + RK_KEY_MAX_bytes + 16 };

struct rk_backup {
    uint32_t key_id;
    uint32_t device_id;
    uint8_t type; /* enum rk_key_type */
    uint8_t aead; /* RK_ALG_AES_CCM or RK_ALG_CHACHA20_POLY1305: seals this frame, and is what the key is for */
    uint64_t activated_ns;
    uint8_t material[RK_KEY_MAX_bytes];
};

/* in: a seeded DRBG; backup_key: as long as the AEAD's. out: the frame, RK_BACKUP_MAX_bytes at most, and its length. */
enum rk_crypto rk_backup_seal(const struct rk_backend *backend, struct rk_drbg *drbg, const uint8_t backup_key[32],
                              const struct rk_backup *backup, uint8_t *frame, uint16_t *frame_bytes);

/* out: RK_CRYPTO_OK and *backup, whose material the caller wipes; RK_CRYPTO_REJECTED for what is no frame of this kind,
 * was altered, or is under another backup key: then *backup is all zero. */
enum rk_crypto rk_backup_open(const struct rk_backend *backend, const uint8_t backup_key[32], const uint8_t *frame,
                              uint16_t frame_bytes, struct rk_backup *backup);

/* RK_EVENT_BACKUP: a frame of kind RK_FRAME_BACKUP goes to actions. out: RK_AGENT_OK; RK_AGENT_NO_KEY when none is alive;
 * RK_AGENT_DENIED when its type may not leave; RK_AGENT_NO_ENTROPY, RK_AGENT_FAILED. */
enum rk_agent_result rki_backup(struct rk_agent *agent);

/* RK_EVENT_RESTORE. out: RK_AGENT_OK: the key is back, and durable; RK_AGENT_REJECTED: no backup of this device and
 * suite; RK_AGENT_DENIED: of a type that may not have left; RK_AGENT_STALE: there is a key, or this one was destroyed or
 * replaced; RK_AGENT_FAILED: it could not be stored. */
enum rk_agent_result rki_restore(struct rk_agent *agent, const uint8_t *frame, uint16_t frame_bytes);

#endif
