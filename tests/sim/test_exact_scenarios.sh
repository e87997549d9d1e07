#!/bin/sh
# Every scenario of the tree gives the same document on the tier that suits it as on the reference, but for the tier's name.
# usage: test_exact_scenarios.sh REKEYLAB; from the root. Horizons are cut, to a day or 20 min, a warm-up of days to 2 h,
# fleets of a thousand to twenty; one replication and the recorded cost rows have to do.
set -eu
rekeylab=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for scenario in scenarios/*.yaml; do
    name=$(basename "$scenario" .yaml)
    set -- --set replications=1
    if grep -qE '^horizon: [0-9]+ d$' "$scenario"; then
        set -- "$@" --set 'horizon=1 d'
    else
        set -- "$@" --set 'horizon=20 min'
    fi
    grep -qE '^warm_up: [0-9]+ d$' "$scenario" && set -- "$@" --set 'warm_up=2 h'
    grep -qE '\bdevices: [0-9]{4,}' "$scenario" && set -- "$@" --set fleet.devices=20
    for tier in reference auto; do
        "$rekeylab" run "$scenario" "$@" --recorded --tier $tier --fresh --json --quiet --output "$out/$name.$tier" |
            sed '/"tier": /d' >"$out/$name.$tier.json"
    done
    cmp "$out/$name.reference.json" "$out/$name.auto.json"
    points=$(grep -c '"energy_J_per_d"' "$out/$name.auto.json" || true)
    [ "$points" -gt 0 ] || {
        echo "$name: no point has a metric"
        exit 1
    }
    echo "$name: $points points are equal"
done
