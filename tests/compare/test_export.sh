#!/bin/sh
# `export`: each format is what its reader documents, and says what the database says.
# usage: test_export.sh REKEYLAB ROOT CHECK
set -eu
rekeylab=$1
root=$2
check=$3
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$rekeylab" run "$root/scenarios/smoke.yaml" --recorded --quiet -o "$out" >"$out/text"
for format in jsonl json csv bmf github; do
    "$rekeylab" export "$out/results.db" --format "$format" >"$out/$format"
done
"$rekeylab" export "$out/results.db" --format github --bigger >"$out/bigger"
"$rekeylab" export "$out/results.db" --format csv --table trial >"$out/trial.csv"
"$rekeylab" export "$out/results.db" --format bmf --metric battery_life_d >"$out/one"
"$check" "$out"
status=0
"$rekeylab" export "$out/results.db" --metric batery_life_d >"$out/text" 2>&1 || status=$?
[ "$status" = 2 ] && grep -q "unknown metric 'batery_life_d', expected 'battery_life_d'" "$out/text"
status=0
"$rekeylab" export "$out/text" >"$out/nothing" 2>&1 || status=$?
[ "$status" = 2 ]
