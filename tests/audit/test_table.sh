#!/bin/sh
# Each of R1 to R28 has a healthy line and something that breaks it in broken.txt, each change of broken/ is used, and the
# README's table names each.
set -eu
cd "$(dirname "$0")"
failed=0
complain() {
    echo "$1" >&2
    failed=1
}
for number in $(seq 1 28); do
    grep -qE "^R$number +healthy +PASS " broken.txt || complain "R$number: nothing healthy passes it"
    grep -qE "^R$number +(backend|lifecycle|study) " broken.txt || complain "R$number: nothing breaks it"
    grep -q "^| R$number |" ../../bench/audit/README.md || complain "R$number: not in the table of bench/audit/README.md"
done
for change in broken/*.sed; do
    name=$(basename "$change" .sed)
    grep -qE "^R[0-9]+ +(lifecycle|device) +$name " broken.txt || complain "$change: no requirement is broken by it"
    grep -q "\`$name\`" ../../bench/audit/README.md || complain "$change: not in the table of bench/audit/README.md"
done
exit $failed
