# engine/lifecycle/exchange.c
# only the first key has nonces of its own
s/^    if \(bytes == 0\)$/    if (bytes == 0 || agent->key[RKI_CURRENT].id != 0)/
