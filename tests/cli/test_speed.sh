#!/bin/sh
# tests/cli/test_speed.sh PROGRAM JSON - `rekeylab speed`: all workloads are there and all engines agree. No figure of time is looked at.
set -eu
program=$1
json=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" speed --quick --json >"$work/rows.json"
"$json" array <"$work/rows.json" || { echo "no JSON document"; exit 1; }
for name in limit hold cancel phold fleet cells timelines lifetime decade threads memory; do
    grep -q "\"work\": \"$name\"" "$work/rows.json" || { echo "no row of $name"; exit 1; }
done
for engine in heap buckets wheel reference queue "cells of 50" "timelines scalar" lifetime "2 threads"; do
    grep -q "\"engine\": \"$engine\"" "$work/rows.json" || { echo "no row of $engine"; exit 1; }
done
# Rows of one workload, size and renewal carry one checksum. --json is indented or not: one object a line either way.
tr -d '\n' <"$work/rows.json" | sed 's/}, *{ *"work"/}\n{"work"/g' >"$work/rows"
sed -n 's/"engine": "[^"]*, renewal each \([0-9]*\) d"/"renewal": \1/; s/"engine": "[^"]*"/"renewal": 0/
    s/.*"work": "\([a-z]*\)".*"renewal": \([0-9]*\).*"n": \([0-9]*\).*"checksum": "\([0-9a-f]*\)".*/\1-\2-\3 \4/p' "$work/rows" |
    sort -u >"$work/sums"
[ "$(wc -l <"$work/sums")" -ge 10 ] || { echo "too few checksums"; cat "$work/sums"; exit 1; }
[ "$(cut -d' ' -f1 "$work/sums" | sort -u | wc -l)" = "$(wc -l <"$work/sums")" ] || { echo "checksums differ"; cat "$work/sums"; exit 1; }
# Peers that were not asked for are named, with the way to get them.
grep -q 'apt-get install libns3-dev' "$work/rows.json" || { echo "no word about ns-3"; exit 1; }

# fails STATUS TEXT ARGS: the one line that bad usage gets.
fails() {
    expected=$1
    text=$2
    shift 2
    status=0
    "$program" speed "$@" 2>"$work/line" || status=$?
    [ "$status" = "$expected" ] && grep -qF -- "$text" "$work/line" || { echo "speed $*: status $status: $(cat "$work/line")"; exit 1; }
}
fails 2 "unknown workload 'holdd', expected 'hold'" --work holdd
fails 2 "--repeat 99, expected 1 to 15" --repeat 99
