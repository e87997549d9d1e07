#!/bin/sh
# Each policy of scenarios/policies/own answers alike on the host, an AVR, an MSP430 and a Cortex-M; each of wrong/ is refused with
# the line of its .expected, a regular expression, and leaves no shared object behind.
# usage: test_check.sh REKEYLAB; from the root
set -eu
rekeylab=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bad=0
for file in scenarios/policies/own/*.c; do
    "$rekeylab" describe policy "$file" --check >"$out/text" 2>&1 || { cat "$out/text"; bad=1; }
    [ "$(grep -c ': the same answers; a decision takes [0-9]* to [0-9]* cycles' "$out/text")" = 3 ] || { cat "$out/text"; bad=1; }
done
for file in tests/policy/wrong/*.c; do
    expected=${file%.c}.expected
    status=0
    XDG_CACHE_HOME=$out/cache "$rekeylab" describe policy "$file" --check --device atmega1284p >"$out/text" 2>&1 || status=$?
    case $(cat "$expected") in
        [0-9]*) wanted=2 ;;
        *) wanted=1 ;;
    esac
    { [ $status = $wanted ] && [ "$(wc -l <"$out/text")" = 1 ] && grep -q "$file:$(sed 's/[()*]/[&]/g; s/\[0-9\]\[[*]\]/[0-9]*/g' "$expected")" "$out/text"; } || {
        echo "$file: expected $wanted and '$(cat "$expected")', got $status:"
        cat "$out/text"
        bad=1
    }
done
[ -z "$(find "$out/cache" -name '*.o')" ] || { echo "objects are left in the cache"; bad=1; }
"$rekeylab" describe policy scenarios/policies/own/template.c --check --parameters FLOOR=7 --json >"$out/json"
grep -q '"cycles_max": [1-9]' "$out/json"
exit $bad
