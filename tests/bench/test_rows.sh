#!/bin/sh
# The same rows, bit for bit: from the cache or measured anew, on one thread or two, alone or among others, from one input or
# four where cycles do not follow the input.
# usage: test_rows.sh REKEYLAB
set -u
rekeylab=$1
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

rows()
{
    name=$1
    shift
    if ! "$rekeylab" bench --json --quiet "$@" >"$folder/$name" 2>"$folder/err" || [ -s "$folder/err" ]; then
        echo "bench $*: $(cat "$folder/err")"
        failed=1
    fi
}

same()
{
    if ! cmp -s "$folder/$1" "$folder/$2"; then
        echo "not the same rows:"
        diff "$folder/$1" "$folder/$2" | head -n 20
        failed=1
    fi
}

for device in atmega1284p cortex-m4; do
    ops=aes128_ccm_seal,sha256,hmac_drbg_generate,hash_drbg_generate,key_store,key_generate
    [ $device = atmega1284p ] || ops=$ops,x25519_agree # its cycles follow the input
    rows first --device $device --backend mbedtls --op $ops
    rows again --device $device --backend mbedtls --op $ops
    rows fresh1 --device $device --backend mbedtls --op $ops --fresh --jobs 1
    rows fresh2 --device $device --backend mbedtls --op $ops --fresh --jobs 2
    same first again
    same first fresh1
    same first fresh2
    rows many --device $device --backend mbedtls --op sha256 --size 32,64,128 --fresh
    rows alone --device $device --backend mbedtls --op sha256 --size 128 --fresh
    sed '/^ {/,/^ }/!d' "$folder/many" | tail -n "$(grep -c '^ ' "$folder/alone")" >"$folder/last"
    grep '^ ' "$folder/alone" >"$folder/only"
    same last only
    # Operations that allocate: a heap that grows at the first call would make it dearer than the next.
    ops=aes128_ccm_seal,hmac_sha256,key_store
    rows one --device $device --backend mbedtls --op $ops --inputs 1
    rows four --device $device --backend mbedtls --op $ops --inputs 4
    same one four
done

# The host has answers and no figures of time.
rows host --device host --backend libsodium --op sha256,chacha20_poly1305_seal
[ "$(grep -c '"status": "ok"' "$folder/host")" = 6 ] || { echo "host: not six rows that are ok"; failed=1; }
for figure in cycles_min cycles_median cycles_high instructions stack_bytes flash_bytes time_s energy_J; do
    [ "$(grep -c "\"$figure\": null" "$folder/host")" = 6 ] || { echo "host: $figure is not null"; failed=1; }
done
exit $failed
