# engine/lifecycle/exchange.c
# the shared secret stays on the stack
/wipe\(secret, sizeof secret\);/d
