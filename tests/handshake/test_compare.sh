#!/bin/sh
# Beside the protocols' files every byte that a library sends is explained, by the parts on record; a byte that a file has too
# much or too few of is not, whether in a part of a flight, or in all of it, and neither is a flight that it lacks.
# usage: test_compare.sh REKEYLAB LIBRARY EXPECTED ROOT
# EXPECTED: library, protocol, auth, then the table's row of a flight. ROOT: the tree.
set -u
rekeylab=$1
library=$2
expected=$3
root=$4
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0
raw='' update=''
[ "$library" != wolfssl ] || { raw=raw-public-key update=key-update; }
compare()
{
    "$rekeylab" handshake --device host --backend "$library" --protocol "$1" --auth "$2" >"$folder/out" || failed=1
    sed -n '/^beside/,$s/^\([0-9].*[^ ]\) *$/\1/p' "$folder/out" | tr -s ' ' | sed "s/^/$library $1 $2: /"
}
for auth in psk ecdhe-psk certificate $raw resumption; do
    compare dtls1.2 $auth
done >"$folder/got"
for auth in psk ecdhe-psk resumption $update; do
    compare tls1.3 $auth
    [ "$library" != wolfssl ] || compare dtls1.3 $auth
done >>"$folder/got"
grep "^$library " "$expected" | diff - "$folder/got" || failed=1

# An error planted in a file: FILE PROTOCOL AUTH SED UNEXPLAINED
mkdir -p "$folder/scenarios/protocols"
plant()
{
    sed "$4" "$root/scenarios/protocols/$1.yaml" >"$folder/scenarios/protocols/$1.yaml"
    if cmp -s "$root/scenarios/protocols/$1.yaml" "$folder/scenarios/protocols/$1.yaml"; then
        echo "$1: '$4' plants nothing"
        failed=1
    fi
    "$rekeylab" handshake --device host --backend "$library" --protocol "$2" --auth "$3" --files "$folder" --json \
        >"$folder/out" 2>"$folder/err"
    status=$?
    found=$(sed -n 's/.*"unexplained": \(-*[1-9][0-9]*\).*/\1/p' "$folder/out" | tr '\n' ' ')
    if [ $status != 1 ] || [ "$found" != "$5" ]; then
        echo "$1 with '$4': exit status $status, unexplained '$found', expected 1 and '$5'"
        cat "$folder/err"
        failed=1
    fi
}
plant dtls12_psk dtls1.2 psk 's/value: 53 B/value: 54 B/' "-1 -1 "
plant dtls12_ecdhe_ecdsa_x509 dtls1.2 certificate 's/value: 169 B/value: 167 B/' "2 "
plant tls13_psk tls1.3 psk 's/value: 117 B/value: 120 B/' "-3 "
exit $failed
