# engine/lifecycle/renew.c
# a destroyed key keeps its bytes, in memory and in its record
/wipe\(key->material/d
s/rki_store_forget\(agent, key\) != 0/false/
