# engine/lifecycle/backup.c
# keys of every type are backed up
s/!rk_key_type_backup_permitted\(key->type\)/false/
