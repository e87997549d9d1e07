#!/bin/sh
# `rekeylab describe`: every kind answers, and wrong names are refused in one line with status 2.
# usage: test_describe.sh REKEYLAB TREE
set -u
program=$1
tree=$2
bad=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

# out: fails unless `describe $1` says $2 on standard error, nothing on standard output, and ends with status 2.
refused() {
    arguments=$1
    expected=$2
    # The arguments are words.
    # shellcheck disable=SC2086
    out=$("$program" describe $arguments 2>"$errors")
    status=$?
    [ "$status" = 2 ] || complain "describe $arguments: status $status, expected 2"
    [ -z "$out" ] || complain "describe $arguments: '$out' on standard output, expected nothing"
    [ "$(cat "$errors")" = "$expected" ] || complain "describe $arguments: says '$(cat "$errors")', expected '$expected'"
}

# out: fails unless `describe $1` prints the line $2.
prints() {
    # shellcheck disable=SC2086
    "$program" describe $1 | grep -qxF -- "$2" || complain "describe $1: no line '$2'"
}

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
REKEYLAB_ROOT=$tree/tests/files/tree
export REKEYLAB_ROOT

for kind in device backend operation policy protocol platform service radio accelerator battery scenario; do
    "$program" describe $kind >/dev/null || complain "describe $kind: status $?, expected 0"
done
for empty in protocol platform service accelerator; do
    prints "$empty" "$empty: no entries in this version"
done

prints "device" "sample                   Sample"
prints "device sample" "clock: 16 MHz"
prints "device sample" "    frequency in Hz kHz MHz GHz; 1 kHz to 10 GHz; required"
prints "device sample" "sleep: 750 nA +- 30 %, assumed: nobody"
prints "battery sample" "capacity: 225 mAh +- 5 %, datasheet: nobody"
prints "radio --fields" "bit_rate"
prints "scenario --fields" "policy.retry"
prints "policy ecdh" "association: A1"
prints "policy ecdh" "renewal: rekey"
prints "policy update" "renewal: key update"
prints "policy counter" "renewal: key derivation"
prints "scenario --fields" "policy_date"
prints "operation key_zeroise" "inputs: entropy"
prints "operation p256_agree" "inputs: entropy, private, peer_public"

refused "devise" "rekeylab: unknown kind 'devise', expected 'device'"
refused "device sampel" "rekeylab: unknown device 'sampel', expected 'sample'"
refused "device other-name" "$REKEYLAB_ROOT/devices/other-name/device.yaml:2:7: name: 'sample', expected 'other-name' as the folder is called"
refused "service x" "rekeylab: unknown service 'x', expected none: this version has no service entries"
refused "operation --fields" "rekeylab: --fields: no file has fields of kind operation, expected a kind loaded from a file"
refused "operation zzz" "rekeylab: unknown operation 'zzz', expected a name that \`rekeylab describe operation\` lists"

echo "$bad wrong"
[ "$bad" = 0 ]
