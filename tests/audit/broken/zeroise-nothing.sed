# engine/lifecycle/store.c
# nothing is overwritten at the end of life
s/if \(place != store->newest && place_holder\(.*$/if (0)/
s/if \(place_content\(agent, place, record\) == REFUSED\)/if (0)/
