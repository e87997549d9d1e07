#!/bin/sh
# test_measure.sh REKEYLAB - `rekeylab measure` by its fields and exit statuses, over the program of the Cortex-M's
# README
set -u
rekeylab=$1
root=${REKEYLAB_ROOT:?}
readme=$root/devices/firmware/cortex-m/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail()
{
    echo "$1" >&2
    failed=1
}

# refused STATUS TEXT ARGUMENTS...: exit status, one line on standard error that has the text, nothing on standard
# output
refused()
{
    status=$1
    text=$2
    shift 2
    "$rekeylab" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ "$got" -eq "$status" ] || fail "rekeylab $*: exit status $got, expected $status"
    [ ! -s "$work/out" ] || fail "rekeylab $*: says something on standard output"
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "rekeylab $*: $(wc -l <"$work/err") lines on standard error, expected 1"
    grep -qF -- "$text" "$work/err" || fail "rekeylab $*: '$(cat "$work/err")', expected '$text'"
}

sed -n '/^```asm file=kernel.S$/,/^```$/p' "$readme" | grep -v '^```' >"$work/kernel.S"
(cd "$work" && sh -c "$(grep '^arm-none-eabi-gcc ' "$readme")") || fail "the program of $readme does not build"

wanted='[{"region":7,"calls":1,"cycles":39,"cycles_low":38,"cycles_high":40,"instructions":30,"stack_bytes":0}]'
json=$("$rekeylab" measure "$work/kernel.elf" --device cortex-m0plus --json) || fail "measure: exit status $?"
json=$(printf '%s' "$json" | tr -d ' \n')
[ "$json" = "$wanted" ] || fail "measure --json: '$json', expected '$wanted'"
"$rekeylab" measure "$work/kernel.elf" --device cortex-m0plus | grep -q '^ *7  *1  *39 ' || fail "measure: no row of region 7"

refused 2 "--device is missing" measure "$work/kernel.elf"
refused 2 "cortex-m9" measure "$work/kernel.elf" --device cortex-m9
refused 2 "unknown device 'nucleo-f411', expected 'nucleo-f411re'" measure "$work/kernel.elf" --device nucleo-f411
refused 2 '--device `all` is a list, expected one device' measure "$work/kernel.elf" --device all
refused 2 "has no cycles to measure a program by" measure "$work/kernel.elf" --device host
refused 2 "No such file" measure "$work/none.elf" --device cortex-m4
refused 2 "are outside the memory of cortex-m33" measure "$work/kernel.elf" --device cortex-m33
exit $failed
