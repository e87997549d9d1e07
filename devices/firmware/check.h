/* devices/firmware/check.h - questions to the lifecycle's rules on the device, and its answers
 *
 * Model:  operation lifecycle_check takes a field of questions and gives a field of as many answers. Its image has no
 *         crypto library and fits every device: it holds the same key.c, key_type.c and access.c as the image `lifecycle`,
 *         compiled with the same flags.
 * Layout: as the structs lie in memory, little endian: naturally aligned, so that one layout serves all devices.
 * Units:  ns, messages.
 */
#ifndef DEVICES_FIRMWARE_CHECK_H
#define DEVICES_FIRMWARE_CHECK_H

#include <stddef.h>
#include <stdint.h>

enum rk_check_kind {
    RK_CHECK_TRANSITION, /* rk_key_transition() */
    RK_CHECK_USE,        /* rk_key_permits() */
    RK_CHECK_ACCESS,     /* rk_access_permits() */
};

struct rk_check_question {
    uint8_t kind;    /* enum rk_check_kind */
    uint8_t profile; /* enum rk_profile */
    uint8_t type;    /* enum rk_key_type */
    uint8_t state;   /* of the key before */
    uint8_t compromised;
    uint8_t wanted;  /* state, use or event */
    uint8_t reason;  /* of a transition */
    uint8_t subject; /* of an access */
    uint32_t protected_messages;
    uint32_t messages_max;
    uint64_t activated_ns;
    uint64_t changed_ns;
    uint64_t originator_ns;
    uint64_t overlap_ns;
    uint64_t now_ns;
    uint64_t data_ns;
};

struct rk_check_answer {
    int8_t result;       /* enum rk_key_result; access: 1 granted, 0 refused */
    uint8_t state;       /* of the key afterwards */
    uint8_t compromised; /* the same */
    uint8_t recorded;    /* bits: the record was written, names the key and now, `from`, `to`, the reason */
    uint8_t activated;   /* activated_ns is now */
    uint8_t changed;     /* changed_ns is now */
    uint8_t untouched;   /* the whole key is as it was */
    uint8_t unused;
};

enum {
    RK_CHECK_RECORDED = 1,
    RK_CHECK_RECORDED_NOW = 2,
    RK_CHECK_RECORDED_FROM = 4,
    RK_CHECK_RECORDED_TO = 8,
    RK_CHECK_RECORDED_REASON = 16,
    RK_CHECK_RECORDED_ALL = 31,
};

_Static_assert(sizeof(struct rk_check_question) == 64 && sizeof(struct rk_check_answer) == 8, "one layout everywhere");

#endif
