#!/bin/sh
# `rekeylab vectors`: files of Wycheproof's schema, made of our known answers, count as they must; a file that lies is
# found out; a file that is none is refused with its place.
# usage: test_vectors.sh REKEYLAB FOLDER
set -u
rekeylab=$1
vectors=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# counts STATUS DEVICE BACKEND FILE COUNTS
counts()
{
    "$rekeylab" vectors "$vectors/$4" --device "$2" --backend "$3" --quiet --json >"$folder/out" 2>"$folder/err"
    got=$?
    found=$(sed -n 's/^ "\(passed\|failed\|skipped\|acceptable\)": \([0-9]*\),$/\1 \2/p' "$folder/out" | tr '\n' ' ')
    if [ $got != "$1" ] || [ "$found" != "$5 " ] || [ -s "$folder/err" ]; then
        printf '%s on %s with %s\n  got %s: %s\n  expected %s: %s\n' "$4" "$2" "$3" $got \
            "$found$(cat "$folder/err")" "$1" "$5"
        failed=1
    fi
}

# refused LINE: the line after the path of $folder/bad.json
refused()
{
    "$rekeylab" vectors "$folder/bad.json" --device host --backend mbedtls --quiet >"$folder/out" 2>"$folder/err"
    got=$?
    if [ $got != 2 ] || [ -s "$folder/out" ] || [ "$(cat "$folder/err")" != "$folder/bad.json$1" ]; then
        printf 'got %s: %s\nexpected 2: %s\n' $got "$(cat "$folder/err")" "$folder/bad.json$1"
        failed=1
    fi
}

counts 0 host mbedtls aead.json 'passed 3 failed 0 skipped 2 acceptable 0'
counts 0 host mbedtls mac.json 'passed 3 failed 0 skipped 0 acceptable 0'
counts 0 host mbedtls hkdf.json 'passed 1 failed 0 skipped 1 acceptable 0'
counts 0 host mbedtls keywrap.json 'passed 2 failed 0 skipped 1 acceptable 0'
counts 0 host mbedtls rsa_verify.json 'passed 2 failed 0 skipped 0 acceptable 0'
counts 0 host mbedtls rsa_decrypt.json 'passed 2 failed 0 skipped 0 acceptable 0'
counts 0 host mbedtls rsa_oaep.json 'passed 2 failed 0 skipped 0 acceptable 0'
counts 0 host wolfssl ecdh.json 'passed 2 failed 0 skipped 2 acceptable 0'
counts 0 host wolfssl ecdsa.json 'passed 2 failed 0 skipped 1 acceptable 0'
counts 0 host wolfssl eddsa.json 'passed 2 failed 0 skipped 0 acceptable 0'
counts 0 host libsodium eddsa.json 'passed 2 failed 0 skipped 0 acceptable 0'
counts 0 host libsodium xdh.json 'passed 2 failed 0 skipped 0 acceptable 1'
counts 0 host libsodium aead.json 'passed 0 failed 0 skipped 5 acceptable 0'
counts 0 atmega1284p mbedtls aead.json 'passed 3 failed 0 skipped 2 acceptable 0'
counts 0 cortex-m4 wolfssl mac.json 'passed 3 failed 0 skipped 0 acceptable 0'
counts 1 host mbedtls wrong.json 'passed 0 failed 2 skipped 0 acceptable 0'
counts 1 cortex-m4 mbedtls wrong.json 'passed 0 failed 2 skipped 0 acceptable 0'
if ! grep -q '"tcId": 2' "$folder/out" || ! grep -q '"expected": "rejected"' "$folder/out" ||
    ! grep -q '"got": "rejected"' "$folder/out"; then
    echo 'the failures of wrong.json do not say what was expected and what came'
    failed=1
fi

"$rekeylab" vectors "$vectors/mac.json" --device host --backend mbedtls --quiet --max 1 >"$folder/out"
if ! grep -q '1 passed, 0 failed, 2 skipped' "$folder/out" || ! grep -q '2  beyond --max' "$folder/out"; then
    echo "--max 1: got $(cat "$folder/out")"
    failed=1
fi

"$rekeylab" vectors "$vectors/mac.json" "$vectors/xdh.json" --device host --backend wolfssl -q --json >"$folder/out"
[ "$(grep -c '"file"' "$folder/out")" = 2 ] && [ "$(head -c 1 "$folder/out")" = '[' ] || {
    echo 'two files are no array of two'
    failed=1
}

"$rekeylab" vectors "$folder/bad.json" --device host --backend mbedtls >"$folder/out" 2>"$folder/err"
if [ $? != 2 ] ||
    [ "$(cat "$folder/err")" != "rekeylab: $folder/bad.json: cannot be read, expected a Wycheproof file" ]; then
    echo "no file: $(cat "$folder/err")"
    failed=1
fi
printf '{"algorithm": "AES-CCM",\n "testGroups": [}\n' >"$folder/bad.json"
refused ":2:17: unexpected token near '}', expected JSON"
printf '{"algorithm": "AES-CCM"}\n' >"$folder/bad.json"
refused ':1:1: no `algorithm` with `testGroups`, expected a Wycheproof file'
sed 's/"key": "c0/"key": "xx/' "$vectors/aead.json" >"$folder/bad.json"
refused ':12:6: case 1: `key` is no hexadecimal text of whole bytes'
sed 's/"result": "invalid"/"result": "sure"/' "$vectors/mac.json" >"$folder/bad.json"
refused ':34:6: case 3: `result` is `sure`, expected valid, invalid or acceptable'
grep -v '"tag"' "$vectors/mac.json" >"$folder/bad.json"
refused ':11:6: case 1: `tag` is missing, expected a text'
exit $failed
