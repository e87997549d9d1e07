# engine/lifecycle/renew.c
# a destroyed key keeps its bytes in memory
/wipe\(key->material/d
