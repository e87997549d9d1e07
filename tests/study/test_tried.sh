#!/bin/sh
# adversary.tried: in native execution what leaked keys and captured devices really open is what bookkeeping says, for each of
# a study's points, and a program whose bookkeeping forgets what a mechanism makes keys from is found out; elsewhere it is
# refused at its line.
# usage: test_tried.sh REKEYLAB REKEYLAB_FORGETS, from the root
set -u
rekeylab=$1
forgets=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# out: how many of a study's points have so many apart of a metric: lines `POINTS "mean": APART`.
# in: the metric; then the program, and what is set.
apart() {
    metric=$1
    program=$2
    shift 2
    "$program" run scenarios/smoke.yaml --recorded --fresh --quiet -o "$folder" --execution native --set axes.backend=mbedtls \
        --set replications=1 --set 'adversary.compromise=100 /y' --set adversary.tried=true "$@" --json >"$folder/out" || return 1
    grep -A1 "\"$metric\"" "$folder/out" | grep '"mean"' | sort | uniq -c | sed 's/^ *//; s/ *"mean"/ "mean"/; s/,$//'
}

# in: what was run, lines of apart(), and what they should be.
expect() {
    if [ "$2" != "$3" ]; then
        echo "$1: apart, by points:"
        echo "$2"
        echo "expected: $3"
        failed=1
    fi
}

expect "the study" "$(apart tried_apart "$rekeylab")" '6 "mean": 0.0'

mechanisms="transport derive refresh update counter"
list="[$(echo "$mechanisms" | tr ' ' ,)]"
expect "forgetting nothing" \
    "$(apart tried_apart "$forgets" --set 'axes.policy.renew=1 h' --set "axes.policy.mechanism=$list")" '5 "mean": 0.0'
expect "captured devices, forgetting nothing" \
    "$(apart links_tried_apart "$forgets" --set 'axes.policy.renew=1 h' --set "axes.policy.mechanism=$list" --set fleet.devices=6 \
        --set fleet.batch=3 --set adversary.captured=1)" '5 "mean": 0.0'
for mechanism in $mechanisms; do
    export RK_FORGETS="$mechanism"
    set -- --set 'axes.policy.renew=1 h' --set "axes.policy.mechanism=$mechanism"
    case $(apart tried_apart "$forgets" "$@") in
        '1 "mean": 0.0' | '') echo "$mechanism: that its class was forgotten was not found" && failed=1 ;;
    esac
    # of the batch of the one that is captured, the two others
    expect "captured devices, forgetting $mechanism" \
        "$(apart links_tried_apart "$forgets" "$@" --set fleet.devices=6 --set fleet.batch=3 --set adversary.captured=1)" '1 "mean": 2.0'
    unset RK_FORGETS
done

"$rekeylab" run scenarios/smoke.yaml --recorded -o "$folder" --set adversary.tried=true >"$folder/out" 2>&1
if [ $? != 2 ] || ! grep -q 'adversary.tried: frames are real in native execution alone, expected execution: native' "$folder/out"; then
    echo "adversary.tried in modelled execution:"
    cat "$folder/out"
    failed=1
fi
exit $failed
