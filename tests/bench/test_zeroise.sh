#!/bin/sh
# `rekeylab zeroise`: our own code leaves nothing on 8, 16 and 32 bits; what a library leaves is listed; bad input is refused.
# A wipe that is left out of the lifecycle is found, counted as ours and named.
# usage: test_zeroise.sh REKEYLAB TREE
set -u
rekeylab=$1
tree=$2
root=$tree
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# gives STATUS ARGUMENTS...: the command's exit status; its output in $folder/out
gives()
{
    expected=$1
    shift
    REKEYLAB_ROOT=$root "$rekeylab" zeroise --quiet "$@" >"$folder/out" 2>"$folder/err"
    got=$?
    if [ $got != "$expected" ]; then
        printf 'zeroise %s\n  got %s: %s\n  expected %s\n' "$*" $got "$(head -c 2000 "$folder/out" "$folder/err")" "$expected"
        failed=1
    fi
}

fast=aes128_ccm_seal,aes128_ccm_open,hmac_sha256,hkdf_sha256,kbkdf_cmac_aes128,aes_key_wrap,aes_key_unwrap,drbg_init
for device in atmega1284p msp430f1611 cortex-m4; do
    gives 0 --device $device --backend mbedtls --op $fast --json
    if [ "$(grep -c '"status": "ok"' "$folder/out")" != 8 ]; then
        echo "$device: not all operations were searched"
        failed=1
    fi
done
gives 0 --device msp430f1611 --backend mbedtls --op lifecycle --json
for after in return destroy; do
    grep -q "\"after\": \"$after\"" "$folder/out" || { echo "lifecycle: nothing after $after"; failed=1; }
done
# wolfSSL's HKDF leaves the PRK in its own frame: the frame is named, and wiping the dead stack takes it away.
# ML-KEM's library code leaves shared secrets: its frame, not ours.
gives 0 --device cortex-m4 --backend wolfssl --op hkdf_sha256,mlkem512_encapsulate --json
cp "$folder/out" "$folder/rows.json"
grep -q '"what": "HKDF PRK"' "$folder/out" || { echo 'the PRK of HKDF was not found'; failed=1; }
grep -q '"symbol": "wc_HKDF"' "$folder/out" || { echo 'the frame of the PRK was not named'; failed=1; }
gives 0 --findings "$folder/rows.json"
for finding in '| wolfssl | `wc_HKDF`, stack | HKDF PRK | hkdf_sha256 | 32 | 1920 | cortex-m4 |' \
    '| wolfssl | `wc_KyberKey_EncapsulateWithRandom`, stack | secret | mlkem512_encapsulate | 32 | 1920 | cortex-m4 |' \
    '2 searches, 1 devices, 1 libraries; residues of our own code: 0.'; do
    grep -qF "$finding" "$folder/out" || { echo "no finding: $finding"; cat "$folder/out"; failed=1; }
done
sed 's/"ours": 0/"ours": 1/' "$folder/rows.json" >"$folder/ours.json"
gives 1 --findings "$folder/ours.json"
echo '[{"device": "x"}]' >"$folder/other.json"
gives 2 --findings "$folder/other.json"
grep -q 'item 1 is no row of' "$folder/err" || { cat "$folder/err"; failed=1; }
gives 2 --json "$folder/rows.json"
gives 0 --device cortex-m4 --backend wolfssl --op hkdf_sha256 --wipe-stack --json
grep -q '"library": 0' "$folder/out" || { echo 'the PRK of HKDF outlasts wiping'; failed=1; }
gives 0 --device atmega1284p --backend wolfssl --op aes_key_wrap --optimise O2 --json
grep -q '"optimise": "O2"' "$folder/out" || { echo 'not the level asked for'; failed=1; }
gives 2 --device cortex-m4 --backend mbedtls --op sha256
grep -q "operation 'sha256' has no secret" "$folder/err" || { cat "$folder/err"; failed=1; }
gives 2 --device cortex-m4 --backend mbedtls --op aes_key_wrap --optimise O9
grep -q "optimisation level 'O9'" "$folder/err" || { cat "$folder/err"; failed=1; }

# broken NAME FILE SED: with this change to the lifecycle, something of ours is left.
broken()
{
    rm -rf "$folder/tree"
    mkdir -p "$folder/tree"
    for part in backends devices engine; do
        cp -r "$tree/$part" "$folder/tree/"
    done
    sed "$3" "$tree/engine/lifecycle/$2" >"$folder/tree/engine/lifecycle/$2"
    if cmp -s "$tree/engine/lifecycle/$2" "$folder/tree/engine/lifecycle/$2"; then
        echo "$1: nothing is broken: $2 was changed, so change the test"
        failed=1
        return
    fi
    root=$folder/tree
    gives 1 --device cortex-m4 --backend mbedtls --op lifecycle --json
    grep -q '"ours": [1-9]' "$folder/out" || { echo "$1: nothing of ours was found"; failed=1; }
}

broken 'the ephemeral key outlasts the exchange' exchange.c '/^void rki_exchange_wipe/,/^}/{/backend->wipe(/d}'
broken 'a destroyed key keeps its material' renew.c '/backend->wipe(key->material/d'
exit $failed
