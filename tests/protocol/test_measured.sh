#!/bin/sh
# Usage: test_measured.sh REKEYLAB DEVICE BACKEND [whole]
# Rows of bench/protocol/measured.csv are what the device takes now, to the cycle. whole: and EDHOC takes what the recorded
# primitives of bench/measured take together, and not much more. Exit status 77: another compiler than the recorded one.
set -eu
export LC_ALL=C
rekeylab=$1
device=$2
backend=$3
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bench/protocol/measure "$device" "$backend" "$rekeylab" >"$out/now"
grep "^$device,$backend," bench/protocol/measured.csv >"$out/recorded"
if [ "$(cut -d, -f4 "$out/recorded" | sort -u)" != "$(cut -d, -f4 "$out/now" | sort -u)" ]; then
    echo "recorded with $(cut -d, -f4 "$out/recorded" | sort -u), here is $(cut -d, -f4 "$out/now" | sort -u)"
    exit 77
fi
if ! diff "$out/recorded" "$out/now" >"$out/difference"; then
    echo "bench/protocol/measured.csv is not what $device with $backend takes; recorded <, now >:"
    cat "$out/difference"
    exit 1
fi
[ "${4:-}" = whole ] || exit 0
awk -F, -v device="$device" -v backend="$backend" '
    FILENAME ~ /cortex/ && $2 == backend && $3 == version { cost[$6] = $10 }
    FILENAME !~ /cortex/ { version = $3; turn[$6 "," $7] = $9 }
    function check(what, whole, parts) {
        printf "%s: %d cycles, of which %d are key pair, agreements, signatures and point\n", what, whole, parts
        if (!(parts > 0 && whole > parts && whole < 1.1 * parts)) { print "expected 1 to 1.1 times"; bad = 1 }
    }
    END {
        for (method = 0; method <= 3; method += 3) {
            pk = cost["p256_key_pair"] + cost["p256_agree"] + turn["p256_point,"]
            pk += method == 0 ? cost["ecdsa_p256_sign"] + cost["ecdsa_p256_verify"] : 2 * cost["p256_agree"]
            initiator = turn["edhoc_initiator_message_1," method] + turn["edhoc_initiator_message_2," method] \
                + turn["edhoc_initiator_message_3," method]
            responder = turn["edhoc_responder_message_1," method] + turn["edhoc_responder_message_2," method] \
                + turn["edhoc_responder_message_3," method]
            check("initiator, method " method, initiator, pk)
            check("responder, method " method, responder, pk)
        }
        exit bad
    }' "$out/now" "bench/measured/$device.csv"
