#!/bin/sh
# adversary.tried: in native execution what leaked keys really open is what bookkeeping says, for each of a study's points;
# elsewhere it is refused at its line.
# usage: test_tried.sh REKEYLAB, from the root
set -u
rekeylab=$1
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0
"$rekeylab" run scenarios/smoke.yaml --recorded --fresh --quiet -o "$folder" --execution native --set axes.backend=mbedtls \
    --set replications=1 --set 'adversary.compromise=100 /y' --set adversary.tried=true --json >"$folder/out" || failed=1
grep -A1 '"tried_apart"' "$folder/out" | grep '"mean"' | sort | uniq -c | sed 's/^ *//' >"$folder/apart"
grep -c '"tried_messages"' "$folder/out" >>"$folder/apart"
if [ "$(cat "$folder/apart")" != "6      \"mean\": 0.0,
6" ]; then
    echo "messages apart, expected 0 at each of 6 points:"
    cat "$folder/apart"
    failed=1
fi
"$rekeylab" run scenarios/smoke.yaml --recorded -o "$folder" --set adversary.tried=true >"$folder/out" 2>&1
if [ $? != 2 ] || ! grep -q 'adversary.tried: frames are real in native execution alone, expected execution: native' "$folder/out"; then
    echo "adversary.tried in modelled execution:"
    cat "$folder/out"
    failed=1
fi
exit $failed
