# engine/lifecycle/agent.c
# counters that were seen are accepted again
s/\|\| counter < key->receive_counter //
