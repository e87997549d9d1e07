/* engine/lifecycle/access.h - who may ask for what: access to keys by role and operation
 *
 * Model:  a matrix of subjects and requests: each request is one subject's, what is listed for none is refused. The key's state
 *         and periods are asked afterwards (rk_key_permits): both must agree.
 * Source: SP 800-57 Part 2 and SP 800-130 6.7 (access control by role), ISO/IEC 19790 (user, crypto officer).
 */
#ifndef ENGINE_LIFECYCLE_ACCESS_H
#define ENGINE_LIFECYCLE_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

enum rk_subject {
    RK_SUBJECT_NOBODY,
    RK_SUBJECT_APPLICATION, /* uses keys: sends, receives, opens sessions */
    RK_SUBJECT_SYSTEM,      /* boot code, clock and radio: starts the agent, feeds timers and frames */
    RK_SUBJECT_OFFICER,     /* crypto officer: suspends, resumes, declares compromise, backs up, restores, zeroises */
    RK_SUBJECT_COUNT
};

/* out: whether subject (enum rk_subject) may raise this event (enum rk_event_kind of agent.h). */
bool rk_access_permits(uint8_t subject, uint8_t event_kind);

/* out: the subject whose event this is, for a caller that plays them all; RK_SUBJECT_NOBODY outside the enum. */
uint8_t rk_access_subject(uint8_t event_kind);

const char *rk_subject_name(unsigned subject); /* "officer"; NULL outside */

#endif
