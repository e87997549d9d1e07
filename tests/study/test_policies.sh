#!/bin/sh
# Every policy of scenarios/policies is described, has its source, and gives a study that runs, the same on two tiers; a scenario's
# own values win; a file that is none of a policy is refused at its place.
# usage: test_policies.sh REKEYLAB; from the root
set -eu
rekeylab=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
names=$(ls scenarios/policies/*.yaml | sed 's|.*/||; s|\.yaml$||' | paste -sd, | sed 's/,/, /g')
cat >"$out/all.yaml" <<YAML
name: all
title: Every policy
question: "Does each run?"
seed: 3
replications: 2
horizon: 100 d
device: cortex-m4
backend: mbedtls
traffic: {period: 1 h, payload: 40 B, session: 7 d}
fault: {reboots: 3 /y}
policy: {overlap: 5 min}
axes: {policy.name: [$names]}
YAML
for tier in reference timelines; do
    "$rekeylab" run "$out/all.yaml" --recorded --quiet --fresh --tier $tier -o "$out/$tier" --json >"$out/$tier.json"
    grep '"trace_checksum"' "$out/$tier.json" >"$out/$tier.sums"
done
cmp "$out/reference.sums" "$out/timelines.sums"
[ "$(grep -c '"status": "ok"' "$out/reference.json")" = "$(ls scenarios/policies/*.yaml | wc -l)" ]
[ "$(ls scenarios/policies/*.yaml | wc -l)" -ge 12 ]
for file in scenarios/policies/*.yaml; do
    "$rekeylab" describe policy "$(basename "$file" .yaml)" >"$out/text"
    grep -q '^source: ..' "$out/text" || { echo "$file: no source is shown"; exit 1; }
done

# A scenario's own value wins over its policy's.
"$rekeylab" run "$out/all.yaml" --recorded --quiet -o "$out/own" --set policy.name=daily --set 'policy.renew=7 d' --json >"$out/own.json"
"$rekeylab" run "$out/all.yaml" --recorded --quiet -o "$out/weekly" --set policy.name=weekly --json >"$out/weekly.json"
grep '"trace_checksum"' "$out/own.json" >"$out/own.sums"
grep '"trace_checksum"' "$out/weekly.json" | cmp - "$out/own.sums"

# refused SED-SCRIPT PATTERN
refused() {
    sed "$1" "$out/all.yaml" >"$out/wrong.yaml"
    status=0
    "$rekeylab" run "$out/wrong.yaml" --recorded --quiet -o "$out/wrong" >"$out/text" 2>&1 || status=$?
    [ $status = 2 ] && grep -qE "$2" "$out/text" || { echo "expected $2, got:"; cat "$out/text"; exit 1; }
}
refused 's/^axes.*/policy: {name: dayly}/; /^policy: {overlap/d' "wrong.yaml:1[0-9]:16: .*'dayly', expected"
refused 's/overlap: 5 min/renew: 50 % of limit/' 'renew: a share of the limit with suite.limits: none'
refused 's/overlap: 5 min/window: 7 d, window_at: 6 d, window_lasts: 2 d/' 'window_lasts: the window does not lie within 7 d'
