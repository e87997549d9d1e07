#!/bin/sh
# `compare` on results of studies: the same study is the same; a policy that costs more is worse beyond doubt; a point that is
# gone was not measured; other seeds are compared as independent.
# usage: test_results.sh REKEYLAB ROOT
set -eu
rekeylab=$1
root=$2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bad=0
complain() {
    echo "$*"
    bad=$((bad + 1))
}

run() {
    name=$1
    shift
    "$rekeylab" run "$root/scenarios/smoke.yaml" --recorded --quiet -o "$out/$name" --set replications=6 "$@" >"$out/$name.txt"
}

# expect STATUS PATTERN BASE CURRENT
expect() {
    got=0
    "$rekeylab" compare "$out/$3/results.db" "$out/$4/results.db" >"$out/text" 2>"$out/errors" || got=$?
    [ "$got" = "$1" ] || complain "exit status $got, expected $1, of $3 and $4"
    grep -qE "$2" "$out/text" "$out/errors" || { complain "no '$2' in:" && cat "$out/text" "$out/errors"; }
}

run base
run again
run dearer --set traffic.payload='100 B'
run seeded --set seed=2
expect 0 '0 of 12 worse, 0 not measured, 0 better, 0 changed' base again
expect 1 'worse .*policy.renew=1 h \| energy_radio_data_J_per_d .* \[\+' base dearer
expect 0 'better .*energy_radio_data_J_per_d' dearer base
expect 0 'the seeds differ' base seeded
expect 2 'is a results database and' base ../..
sed 's/\[every message, 1 h, never\]/[1 h, never]/' "$root/scenarios/smoke.yaml" >"$out/fewer.yaml"
"$rekeylab" run "$out/fewer.yaml" --recorded --quiet -o "$out/fewer" --set replications=6 >"$out/fewer.txt"
expect 1 'not measured \| backend=mbedtls policy.mechanism=derive policy.renew=every message \| point' base fewer
expect 0 '\| new \| backend=mbedtls policy.mechanism=derive policy.renew=every message \| point' fewer base

echo "$bad wrong"
[ "$bad" = 0 ]
