#!/bin/sh
# `rekeylab recommend` on the command line: exit statuses, one JSON array, and what it refuses.
# usage: test_recommend.sh REKEYLAB; from the root
set -u
rekeylab=$1
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

complain() {
    printf '%s\n' "$*"
    failed=1
}

# ends STATUS ARGUMENTS...: of a small study, whose results go to the folder
ends() {
    status=$1
    shift
    "$rekeylab" recommend scenarios/smoke.yaml --recorded --quiet -o "$folder/results" "$@" >"$folder/out" 2>"$folder/err" </dev/null
    got=$?
    [ "$got" -eq "$status" ] || complain "recommend $*: status $got, expected $status: $(cat "$folder/err")"
}

ends 0 --set backend=mbedtls --json
[ ! -s "$folder/err" ] || complain "--json --quiet says $(cat "$folder/err")"
case $(head -c 1 "$folder/out") in '[') ;; *) complain "--json: no array" ;; esac
[ "$(grep -c '"recommended": true' "$folder/out")" = 1 ] || complain "--json: not one recommended point"
grep -q '"robust": ' "$folder/out" || complain "--json: no robustness"
grep -q '"sensitivity": ' "$folder/out" || complain "--json: no sensitivity"

ends 0 --no-sensitivity
grep -q '^backend=mbedtls: ' "$folder/out" || complain "no answer for mbedtls: $(cat "$folder/out")"
grep -q '^situation ' "$folder/out" || complain "no table of two families"
! grep -q '^  robust ' "$folder/out" || complain "sensitivity that was not asked for"

# One family without an answer is a check that found something.
ends 1 --no-sensitivity --set 'constraints.battery_life_d=at least 500 y'
grep -q 'none of 6 points is feasible' "$folder/out" || complain "status 1 without a reason: $(cat "$folder/out")"

# refused LINE ARGUMENTS...
refused() {
    line=$1
    shift
    ends 2 "$@"
    [ "$(cat "$folder/err")" = "$line" ] || complain "says '$(cat "$folder/err")', expected '$line'"
    [ ! -s "$folder/out" ] || complain "$*: output beside a complaint"
}

refused "rekeylab: --set constraints.exposure_s=below 1 d: exposure_s: 'below 1 d' is no bound, expected 'at least X' or 'at most X'" \
    --set 'constraints.exposure_s=below 1 d'
refused "rekeylab: --set constraints.exposur_s=at most 1 d: unknown key 'exposur_s', expected 'exposure_s'" \
    --set 'constraints.exposur_s=at most 1 d'
refused "rekeylab: --set recommend.prefer=price: prefer: price without a price, expected one for recommend.price" \
    --set recommend.prefer=price
refused "rekeylab: --set recommend.over=policy.rene: over: unknown axis 'policy.rene', expected 'policy.renew'" \
    --set recommend.over=policy.rene
refused "rekeylab: --set fault.reboots=1 /y: fault.reboots: a fault in lifetime mode, expected none or the exact mode" \
    --set engine.lifetime=true --set 'fault.reboots=1 /y'
exit $failed
