#!/bin/sh
# Handshakes of a library with itself: bytes of each flight and calls to primitives are those on record, both sides hold
# the same keys, and a second run says the same.
# usage: test_host.sh REKEYLAB LIBRARY EXPECTED
# EXPECTED: a line each: library, protocol, auth; bytes of the flights; key pairs, agreements, signatures, verifications,
# seals, opens of the client; or `not provided by the library`.
set -u
rekeylab=$1
library=$2
expected=$3
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
for protocol in dtls1.2 tls1.2 dtls1.3 tls1.3; do
    for auth in psk ecdhe-psk certificate raw-public-key resumption key-update; do
        "$rekeylab" handshake --device host --backend "$library" --protocol $protocol --auth $auth >"$folder/out"
        flights=$(sed -n 's/^flight [0-9]*, [a-z]*: \([0-9]*\) bytes.*/\1/p' "$folder/out" | tr '\n' ' ')
        calls=$(sed -n 's/^calls to primitives: client, \(.*\), hmac.*; server.*/\1/p' "$folder/out" | tr -dc '0-9,' |
            tr ',' ' ')
        if grep -q '^wolfssl.*: ok$\|^mbedtls.*: ok$' "$folder/out" && grep -q 'keys: the same$' "$folder/out"; then
            echo "$library $protocol $auth: $flights/ $calls"
        else
            echo "$library $protocol $auth: $(sed -n '1s/.*: //p' "$folder/out")"
        fi
    done
done >"$folder/got"
grep "^$library " "$expected" | diff - "$folder/got" || exit 1

for run in 1 2; do
    "$rekeylab" handshake --device host --backend "$library" --auth certificate --json >"$folder/$run"
done
grep -q '"same_keys": true' "$folder/1" && cmp "$folder/1" "$folder/2"
