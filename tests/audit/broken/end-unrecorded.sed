# engine/lifecycle/renew.c
# a key ends without a record
s/^        rki_record_push\(agent, &record\);/        if (to != RK_STATE_DESTROYED) rki_record_push(agent, \&record);/
