# engine/lifecycle/backup.c
# a restored key is of no use
s/key->state = RK_STATE_DEACTIVATED;/key->state = RK_STATE_DESTROYED;/
