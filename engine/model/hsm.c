#include "engine/model/hsm.h"

#include <string.h>

void rk_hsm_init(struct rk_hsm *hsm, const struct rk_backend *backend, struct rk_drbg *drbg,
                 struct rk_hsm_device *device, uint32_t devices_max, struct rk_hsm_copy *copy, uint32_t copies_max)
{
    *hsm = (struct rk_hsm){.backend = backend,
                           .drbg = drbg,
                           .device = device,
                           .devices_max = devices_max,
                           .copy = copy,
                           .copies_max = copies_max};
}

static const struct rk_hsm_device *device_find(const struct rk_hsm *hsm, uint32_t device_id)
{
    for (uint32_t i = 0; i < hsm->devices; i++) {
        if (hsm->device[i].device_id == device_id) {
            return &hsm->device[i];
        }
    }
    return NULL;
}

static struct rk_hsm_copy *copy_find(const struct rk_hsm *hsm, uint32_t device_id, uint32_t key_id)
{
    for (uint32_t i = 0; i < hsm->copies; i++) {
        if (hsm->copy[i].device_id == device_id && hsm->copy[i].key_id == key_id) {
            return &hsm->copy[i];
        }
    }
    return NULL;
}

/* out: the copy's entry, a new one without a frame where there is none; NULL: no room. */
static struct rk_hsm_copy *copy_get(struct rk_hsm *hsm, uint32_t device_id, uint32_t key_id)
{
    struct rk_hsm_copy *copy = copy_find(hsm, device_id, key_id);
    if (copy == NULL && hsm->copies < hsm->copies_max) {
        copy = &hsm->copy[hsm->copies++];
        *copy = (struct rk_hsm_copy){.device_id = device_id, .key_id = key_id};
    }
    return copy;
}

enum rk_agent_result rk_hsm_enrol(struct rk_hsm *hsm, uint32_t device_id, const uint8_t backup_key[32])
{
    if (device_find(hsm, device_id) != NULL) {
        return RK_AGENT_INVALID;
    }
    if (hsm->devices == hsm->devices_max) {
        return RK_AGENT_FAILED;
    }
    struct rk_hsm_device *device = &hsm->device[hsm->devices++];
    device->device_id = device_id;
    memcpy(device->backup_key, backup_key, sizeof device->backup_key);
    return RK_AGENT_OK;
}

/* The names in a frame that nobody has authenticated yet say whose key opens it. */
static const struct rk_hsm_device *device_of(const struct rk_hsm *hsm, const uint8_t *frame, uint16_t frame_bytes)
{
    enum { DEVICE_AT = 5 };
    if (frame_bytes < RK_BACKUP_HEAD_bytes) {
        return NULL;
    }
    const uint8_t *at = frame + DEVICE_AT;
    return device_find(hsm, at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

enum rk_agent_result rk_hsm_take(struct rk_hsm *hsm, const uint8_t *frame, uint16_t frame_bytes)
{
    struct rk_backup backup;
    const struct rk_hsm_device *device = device_of(hsm, frame, frame_bytes);
    if (device == NULL ||
        rk_backup_open(hsm->backend, device->backup_key, frame, frame_bytes, &backup) != RK_CRYPTO_OK) {
        return RK_AGENT_REJECTED;
    }
    hsm->backend->wipe(backup.material, sizeof backup.material);
    if (!rk_key_type_backup_permitted(backup.type)) {
        return RK_AGENT_DENIED;
    }
    const struct rk_hsm_copy *known = copy_find(hsm, backup.device_id, backup.key_id);
    if (known != NULL && known->frame_bytes == 0) {
        return RK_AGENT_STALE;
    }
    struct rk_hsm_copy *copy = copy_get(hsm, backup.device_id, backup.key_id);
    if (copy == NULL) {
        return RK_AGENT_FAILED;
    }
    memcpy(copy->frame, frame, frame_bytes);
    copy->frame_bytes = frame_bytes;
    return RK_AGENT_OK;
}

/* Checks the copy and seals it anew for another device. */
static enum rk_agent_result reseal(struct rk_hsm *hsm, const struct rk_hsm_copy *copy,
                                   const struct rk_hsm_device *owner, const struct rk_hsm_device *target,
                                   uint8_t *frame, uint16_t *frame_bytes)
{
    struct rk_backup backup;
    if (rk_backup_open(hsm->backend, owner->backup_key, copy->frame, copy->frame_bytes, &backup) != RK_CRYPTO_OK) {
        return RK_AGENT_REJECTED;
    }
    enum rk_crypto err = RK_CRYPTO_OK;
    if (owner == target) {
        memcpy(frame, copy->frame, copy->frame_bytes);
        *frame_bytes = copy->frame_bytes;
    } else {
        backup.device_id = target->device_id;
        err = rk_backup_seal(hsm->backend, hsm->drbg, target->backup_key, &backup, frame, frame_bytes);
    }
    hsm->backend->wipe(&backup, sizeof backup);
    return err == RK_CRYPTO_OK ? RK_AGENT_OK : RK_AGENT_FAILED;
}

enum rk_agent_result rk_hsm_release(struct rk_hsm *hsm, uint8_t subject, uint32_t device_id, uint32_t key_id,
                                    uint32_t to, uint8_t *frame, uint16_t *frame_bytes)
{
    if (subject != RK_SUBJECT_OFFICER) {
        return RK_AGENT_DENIED;
    }
    const struct rk_hsm_device *owner = device_find(hsm, device_id);
    const struct rk_hsm_device *target = device_find(hsm, to);
    struct rk_hsm_copy *copy = copy_find(hsm, device_id, key_id);
    if (owner == NULL || target == NULL || copy == NULL) {
        return RK_AGENT_NO_KEY;
    }
    if (copy->frame_bytes == 0) {
        return RK_AGENT_STALE;
    }
    enum rk_agent_result result = reseal(hsm, copy, owner, target, frame, frame_bytes);
    if (result == RK_AGENT_OK) {
        copy->exports++;
        hsm->exports++;
    }
    return result;
}

static void copy_destroy(struct rk_hsm *hsm, struct rk_hsm_copy *copy)
{
    hsm->backend->wipe(copy->frame, sizeof copy->frame);
    copy->frame_bytes = 0;
}

enum rk_agent_result rk_hsm_destroy(struct rk_hsm *hsm, uint8_t subject, uint32_t device_id, uint32_t key_id)
{
    if (subject != RK_SUBJECT_OFFICER) {
        return RK_AGENT_DENIED;
    }
    for (uint32_t i = 0; i < hsm->copies; i++) {
        struct rk_hsm_copy *copy = &hsm->copy[i];
        if (copy->device_id == device_id && (key_id == 0 || copy->key_id == key_id)) {
            copy_destroy(hsm, copy);
        }
    }
    return key_id == 0 || copy_get(hsm, device_id, key_id) != NULL ? RK_AGENT_OK : RK_AGENT_FAILED;
}

uint32_t rk_hsm_copies(const struct rk_hsm *hsm, uint32_t device_id)
{
    uint32_t held = 0;
    for (uint32_t i = 0; i < hsm->copies; i++) {
        held += hsm->copy[i].device_id == device_id && hsm->copy[i].frame_bytes != 0;
    }
    return held;
}

void rk_hsm_fini(struct rk_hsm *hsm)
{
    hsm->backend->wipe(hsm->device, hsm->devices_max * sizeof *hsm->device);
    hsm->backend->wipe(hsm->copy, hsm->copies_max * sizeof *hsm->copy);
    hsm->devices = hsm->copies = 0;
}
