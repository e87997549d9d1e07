#include "engine/lifecycle/access.h"

#include "engine/lifecycle/agent.h"

/*@ // The matrix. What it does not list is refused.
  predicate may_ask(integer subject, integer event) =
    (subject == RK_SUBJECT_APPLICATION && (event == RK_EVENT_SEND || event == RK_EVENT_SESSION)) ||
    (subject == RK_SUBJECT_SYSTEM &&
      (event == RK_EVENT_START || event == RK_EVENT_RESEED || event == RK_EVENT_RECEIVE || event == RK_EVENT_TIMER)) ||
    (subject == RK_SUBJECT_OFFICER &&
      (event == RK_EVENT_COMPROMISE || event == RK_EVENT_SUSPEND || event == RK_EVENT_RESUME ||
       event == RK_EVENT_BACKUP || event == RK_EVENT_RESTORE || event == RK_EVENT_ZEROISE));
*/

/*@ terminates \true;
    assigns \nothing;
    ensures \forall integer subject; RK_SUBJECT_NOBODY < subject ==>
      (\result == subject <==> may_ask(subject, event_kind));
    ensures \result == RK_SUBJECT_NOBODY <==> event_kind >= RK_EVENT_COUNT;
*/
uint8_t rk_access_subject(uint8_t event_kind)
{
    switch (event_kind) {
    case RK_EVENT_SEND:
    case RK_EVENT_SESSION:
        return RK_SUBJECT_APPLICATION;
    case RK_EVENT_START:
    case RK_EVENT_RESEED:
    case RK_EVENT_RECEIVE:
    case RK_EVENT_TIMER:
        return RK_SUBJECT_SYSTEM;
    case RK_EVENT_COMPROMISE:
    case RK_EVENT_SUSPEND:
    case RK_EVENT_RESUME:
    case RK_EVENT_BACKUP:
    case RK_EVENT_RESTORE:
    case RK_EVENT_ZEROISE:
        return RK_SUBJECT_OFFICER;
    default:
        return RK_SUBJECT_NOBODY;
    }
}

/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> may_ask(subject, event_kind);
*/
bool rk_access_permits(uint8_t subject, uint8_t event_kind)
{
    return subject != RK_SUBJECT_NOBODY && subject == rk_access_subject(event_kind);
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
