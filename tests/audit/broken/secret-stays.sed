# engine/lifecycle/exchange.c
# the secret of an exchange outlives it
/wipe\(exchange->secret/d
