# engine/lifecycle/store.c
# after a restart the message counter begins again
s/key->protected_messages = store->send_reserved;/key->protected_messages = 0;/
