# engine/lifecycle/access.c
# everybody may ask for everything
s/subject != RK_SUBJECT_NOBODY && subject == rk_access_subject\(event_kind\)/event_kind < RK_EVENT_COUNT/
