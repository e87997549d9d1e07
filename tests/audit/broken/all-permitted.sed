# engine/lifecycle/renew.c
# any state permits any use
s/return rk_key_permits\(key, &rules.*$/return RK_KEY_OK;/
