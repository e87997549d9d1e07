# engine/lifecycle/store.c
# older records of a destroyed key stay
s/if \(place != store->newest && place_holder\(.*$/if (0)/
