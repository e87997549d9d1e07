#!/bin/sh
# `rekeylab leak`: tells a constant operation from one that depends on its secret, says why it cannot tell, and repeats
# itself on any number of threads. What is recorded, and reports draw, is what comes out.
# usage: test_leak.sh REKEYLAB TREE
set -u
rekeylab=$1
recorded=$2/bench/measured/leak.json
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# says VERDICT DEVICE BACKEND OPERATION: the beginning of the verdict over 64 secrets
says()
{
    "$rekeylab" leak --device "$2" --backend "$3" --op "$4" --quiet --json >"$folder/out" 2>"$folder/err"
    got=$?
    if [ $got != 0 ] || ! grep -qF "\"verdict\": \"$1" "$folder/out"; then
        printf '%s on %s with %s\n  got %s: %s\n  expected: %s\n' "$4" "$2" "$3" $got \
            "$(cat "$folder/out" "$folder/err")" "$1"
        failed=1
    fi
}

# rows FILE: one a line
rows()
{
    tr -d '\n' <"$1" | sed 's/}, *{/}\n{/g; s/[][]//g; s/$/\n/' | sed 's/^ *//'
}

# With another compiler than the recorded one there is nothing to compare.
is_recorded()
{
    "$rekeylab" bench --device "$1" --backend "$2" --op aes128_ccm_seal --check --quiet 2>&1 >/dev/null |
        grep -q '^0 rows compared' && return
    "$rekeylab" leak --device "$1" --backend "$2" --op "$3" --quiet --json >"$folder/out" || failed=1
    rows "$recorded" >"$folder/recorded"
    rows "$folder/out" | grep -vxFf "$folder/recorded" && { echo '  is not in bench/measured/leak.json'; failed=1; }
}

is_recorded cortex-m4 wolfssl aes128_ccm_seal,aes128_cmac,x25519_agree
is_recorded atmega1284p wolfssl aes128_ccm_seal,aes128_cmac
is_recorded msp430f1611 mbedtls aes128_ccm_seal,sha256

says 'constant"' atmega1284p wolfssl aes128_ccm_seal
grep -q '"keys": 64,' "$folder/out" && grep -q '"distinct": 1,' "$folder/out" || { echo 'not 64 keys'; failed=1; }
says 'constant"' cortex-m4 libsodium chacha20_poly1305_seal
# The subkeys of CMAC: wolfSSL branches on the bit that is shifted out, which costs cycles where there is no IT.
says 'depends on secrets"' atmega1284p wolfssl aes128_cmac
says 'cannot tell: `ciphertext` is public and changes with the secret"' atmega1284p wolfssl chacha20_poly1305_open
says 'cannot tell: the inputs do not differ in a secret"' atmega1284p wolfssl ecdsa_p256_verify
says 'cannot tell: not provided by the library"' cortex-m4 libsodium aes128_ccm_seal
says 'cannot tell: the host has no cycle figures"' host mbedtls sha256
says 'cannot tell: not measured: for class 2 and up"' atmega1284p mbedtls rsa1024_key_pair

leak="leak --device atmega1284p --backend wolfssl --op aes128_cmac,sha256 --keys 16 --quiet --json"
# shellcheck disable=SC2086 # the options are words
{
    "$rekeylab" $leak --jobs 1 >"$folder/one"
    "$rekeylab" $leak --jobs 3 >"$folder/three"
}
cmp "$folder/one" "$folder/three" || failed=1

"$rekeylab" leak --device cortex-m4 --backend wolfssl --op sha256 --keys 1 >"$folder/out" 2>"$folder/err"
if [ $? != 2 ] || [ "$(cat "$folder/err")" != 'rekeylab: --keys 1, expected 2 to 4096' ]; then
    echo "--keys 1: $(cat "$folder/err")"
    failed=1
fi
exit $failed
