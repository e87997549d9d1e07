/* engine/model/hsm.h - the backup device: a modelled hardware security module that keeps keys sealed
 *
 * Model:  it knows the backup keys of the devices enrolled, holds the frames that they back up, by device and key id,
 *         and never gives a key in the clear: what an officer gets is a frame, sealed under the backup key of the
 *         device it is for. For a replaced device the frame is opened and sealed anew inside. It refuses what does
 *         not open, what may not leave a device (rk_key_type_backup_permitted()), and, for good, keys that it was told
 *         to destroy: a device that has lost its store relies on that. Exports are counted, by copy too.
 * Units:  bytes.
 * Source: SP 800-57 Part 1 8.2.2.1, 8.3.4 (destruction of all copies); SP 800-130 6.4.
 */
#ifndef ENGINE_MODEL_HSM_H
#define ENGINE_MODEL_HSM_H

#include "engine/lifecycle/backup.h"

struct rk_hsm_device {
    uint32_t device_id;
    uint8_t backup_key[32];
};

struct rk_hsm_copy {
    uint32_t device_id;
    uint32_t key_id;
    uint32_t exports;
    uint16_t frame_bytes; /* 0: destroyed; the entry stays, so that the key does not come back */
    uint8_t frame[RK_BACKUP_MAX_bytes];
};

struct rk_hsm {
    const struct rk_backend *backend;
    struct rk_drbg *drbg;
    struct rk_hsm_device *device;
    struct rk_hsm_copy *copy;
    uint32_t devices, devices_max, copies, copies_max;
    uint32_t exports; /* of all copies */
};

/* in: room for so many devices and copies, and a seeded DRBG, all of which outlive the module. */
void rk_hsm_init(struct rk_hsm *hsm, const struct rk_backend *backend, struct rk_drbg *drbg,
                 struct rk_hsm_device *device, uint32_t devices_max, struct rk_hsm_copy *copy, uint32_t copies_max);

/* At provisioning. out: RK_AGENT_OK; RK_AGENT_INVALID when the device is enrolled; RK_AGENT_FAILED when there is no room. */
enum rk_agent_result rk_hsm_enrol(struct rk_hsm *hsm, uint32_t device_id, const uint8_t backup_key[32]);

/* Takes a frame that a device made; a newer one of the same key takes its place. out: RK_AGENT_OK; RK_AGENT_REJECTED: it
 * does not open under the key of the device that it names; RK_AGENT_DENIED: of a type that may not leave;
 * RK_AGENT_STALE: the key was destroyed; RK_AGENT_FAILED: no room. */
enum rk_agent_result rk_hsm_take(struct rk_hsm *hsm, const uint8_t *frame, uint16_t frame_bytes);

/* Gives the officer a frame of the key for device `to`, which is device_id or its replacement.
 * in: subject: enum rk_subject. out: RK_AGENT_OK and the frame, RK_BACKUP_MAX_bytes at most; RK_AGENT_DENIED: not an
 * officer; RK_AGENT_NO_KEY: no such copy, or `to` is not enrolled; RK_AGENT_STALE: destroyed; RK_AGENT_REJECTED: the copy was altered. */
enum rk_agent_result rk_hsm_release(struct rk_hsm *hsm, uint8_t subject, uint32_t device_id, uint32_t key_id,
                                    uint32_t to, uint8_t *frame, uint16_t *frame_bytes);

/* Destroys the copy of one key, or of all keys of a device (key_id 0); later frames of it are refused. Whether the
 * device had one or not, the key is remembered as destroyed (but for key_id 0).
 * out: RK_AGENT_OK, RK_AGENT_DENIED, RK_AGENT_FAILED: no room to remember it. */
enum rk_agent_result rk_hsm_destroy(struct rk_hsm *hsm, uint8_t subject, uint32_t device_id, uint32_t key_id);

/* out: copies held of a device's keys, those not destroyed. */
uint32_t rk_hsm_copies(const struct rk_hsm *hsm, uint32_t device_id);

/* Wipes the backup keys, and all copies. */
void rk_hsm_fini(struct rk_hsm *hsm);

#endif
