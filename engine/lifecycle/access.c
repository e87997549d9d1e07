#include "engine/lifecycle/access.h"

#include "engine/lifecycle/agent.h"

#define MAY(event) (1u << RK_EVENT_##event)

static uint16_t permitted(uint8_t subject)
{
    switch (subject) {
    case RK_SUBJECT_APPLICATION:
        return MAY(SEND) | MAY(SESSION);
    case RK_SUBJECT_SYSTEM:
        return MAY(START) | MAY(RECEIVE) | MAY(TIMER);
    case RK_SUBJECT_OFFICER:
        return MAY(COMPROMISE) | MAY(SUSPEND) | MAY(RESUME) | MAY(BACKUP) | MAY(RESTORE) | MAY(ZEROISE);
    default:
        return 0;
    }
}

bool rk_access_permits(uint8_t subject, uint8_t event_kind)
{
    return event_kind < RK_EVENT_COUNT && (permitted(subject) >> event_kind & 1u) != 0;
}

uint8_t rk_access_subject(uint8_t event_kind)
{
    for (uint8_t subject = 1; subject < RK_SUBJECT_COUNT; subject++)
        if (rk_access_permits(subject, event_kind))
            return subject;
    return RK_SUBJECT_NOBODY;
}

const char *rk_subject_name(unsigned subject)
{
    switch (subject) {
    case RK_SUBJECT_NOBODY:
        return "nobody";
    case RK_SUBJECT_APPLICATION:
        return "application";
    case RK_SUBJECT_SYSTEM:
        return "system";
    case RK_SUBJECT_OFFICER:
        return "officer";
    default:
        return NULL;
    }
}
