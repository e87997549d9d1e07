#!/bin/sh
# `compare --functions`: cycles by function of two versions of a library. The whole is what `bench` measures; parts and the rest
# add up to it; a version beside itself differs nowhere; what cannot be is one line.
# usage: test_functions.sh REKEYLAB
set -u
rekeylab=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
complain() {
    echo "$*"
    failed=1
}

# refused STATUS PATTERN ARGUMENTS...
refused() {
    status=$1 pattern=$2
    shift 2
    "$rekeylab" compare "$@" >"$work/out" 2>"$work/err"
    got=$?
    { [ $got = "$status" ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -q "$pattern" "$work/err"; } ||
        complain "compare $*: status $got, expected $status: $(cat "$work/err")"
}

for device in atmega1284p cortex-m4; do
    "$rekeylab" compare mbedtls@2.28.3 mbedtls --functions --device $device --op sha256 >"$work/md" || complain "no table on $device"
    for side in 2.28.3 3.6.6; do
        cycles=$("$rekeylab" bench --recorded --device $device --backend mbedtls@$side --op sha256 --size 32 --json |
            sed -n 's/.*"cycles_min": \([0-9]*\).*/\1/p')
        grep '^| \*\*the whole call' "$work/md" | grep -q " $cycles " ||
            complain "$device $side: bench has $cycles cycles: $(grep whole "$work/md")"
    done
    grep -q '^| mbedtls_sha256_finish_ret | [0-9]* | 0 | -[0-9]* | -100.0 % |' "$work/md" ||
        complain "$device: mbedtls_sha256_finish_ret is only in 2.28: $(cat "$work/md")"
    awk -F'|' '/^\| \*\*the whole/ { base = $3; current = $4 }
        /^\| [a-z_(]/ && !/^\| function/ { base -= $3; current -= $4 }
        END { exit !(base < 20 && base > -20 && current < 20 && current > -20) }' "$work/md" ||
        complain "$device: parts do not add up: $(cat "$work/md")"
    "$rekeylab" compare mbedtls mbedtls --functions --device $device --op sha256 --json >"$work/json"
    grep -q '"functions": \[\]' "$work/json" || complain "$device: a version differs from itself: $(cat "$work/json")"
done

# The operation that grew most, by recorded rows.
(head -n 1 bench/measured/atmega1284p.csv && grep 'mbedtls,.*,sha256,32,' bench/measured/atmega1284p.csv) >"$work/rows.csv"
"$rekeylab" compare "$work/rows.csv" "$work/rows.csv" --upgrade mbedtls@2.28.3:mbedtls@3.6.6 --functions >"$work/md" 2>"$work/err"
grep -q '^sha256, 32 B, on atmega1284p: cycles' "$work/md" || complain "no functions of what grew: $(cat "$work/md" "$work/err")"

refused 2 'expected --device, --op' mbedtls mbedtls@2.28.3 --functions
refused 2 "unknown operation 'sha25', expected 'sha256'" mbedtls mbedtls@2.28.3 --functions --device cortex-m4 --op sha25
refused 2 "unknown backend 'mbedtl', expected 'mbedtls'" mbedtl mbedtls --functions --device cortex-m4 --op sha256
refused 2 'cannot be looked into' mbedtls mbedtls@2.28.3 --functions --device host --op sha256
refused 2 "expected --format md" a b --upgrade mbedtls@2.28.3:mbedtls@3.6.6 --functions --json
refused 1 'not provided by the library' mbedtls libsodium --functions --device cortex-m4 --op p256_agree
exit $failed
