# The device's agent destroys keys in name alone: what its state holds stays, to the end of life and beyond.
s/^( *)(agent->)?backend->wipe\((key->material|agent->key|agent->traffic|exchange->secret|&agent->exchange).*;/\1;/
