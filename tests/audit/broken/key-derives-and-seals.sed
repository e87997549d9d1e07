# engine/lifecycle/exchange.c
# data is protected by the key that its successor is derived from
s/^    if \(!chains\(agent\)\)$/    if (agent != NULL)/
