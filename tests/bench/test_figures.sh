#!/bin/sh
# Each number of the table in bench/README.md is the median of a recorded row of its operation.
# usage: test_figures.sh TREE
set -u
cd "$1" || exit 2
found=0
failed=0
for pair in $(sed -n 's/^| `\([a-z0-9_]*\)`[^|]*|\(.*\)/\1 \2/p' bench/README.md | tr -d ',' |
    awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^[0-9][0-9][0-9][0-9]+$/) print $1 ":" $i }'); do
    found=$((found + 1))
    # op, size_bytes, status, cycles_min, cycles_median
    if ! cat bench/measured/*.csv | grep -qE ",${pair%:*},[0-9]+,[a-z ]+,[0-9]+,${pair#*:},"; then
        echo "bench/README.md: ${pair%:*}: no recorded row has ${pair#*:} cycles"
        failed=1
    fi
done
echo "$found figures"
[ $failed = 0 ] && [ $found -ge 40 ]
