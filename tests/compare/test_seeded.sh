#!/bin/sh
# Three regressions seeded into device code, each measured anew and each found by the gate for what it is: 2 % of cycles, 64 bytes
# of stack, 1 KiB of flash. Unchanged code measured again and again raises no alarm.
# usage: test_seeded.sh REKEYLAB ROOT CHECK [RERUNS]
set -eu
rekeylab=$1
root=$2
reruns=${4:-4}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/tree"
cp -r "$root/backends" "$root/devices" "$root/engine" "$root/bench" "$out/tree"
source=$out/tree/backends/ascon/aead.c
cp "$source" "$out/aead.c"
bad=0
complain() {
    echo "$*"
    bad=$((bad + 1))
}

# measure NAME OPTIONS...: the rows of the tree as it is
measure() {
    name=$1
    shift
    rm -rf "$out/tree/bench/measured" "${out:?}/$name"
    REKEYLAB_ROOT=$out/tree "$rekeylab" bench --device atmega1284p,cortex-m4 --backend ascon --quiet --record \
        --op ascon_aead128_seal,ascon_hash256 "$@" >"$out/text"
    mv "$out/tree/bench/measured" "$out/$name"
}

# found NAME FIGURE: the gate fails for FIGURE of the operation that was changed, on both devices, and for no other operation
found() {
    if "$rekeylab" compare "$out/base" "$out/$1" --gate "$root/bench/ci/gate.yaml" --json >"$out/json"; then
        complain "$1: passes"
    fi
    "$rekeylab" compare "$out/base" "$out/$1" --gate "$root/bench/ci/gate.yaml" >"$out/text" || true
    for device in atmega1284p cortex-m4; do
        grep -q "| worse | $device ascon ascon_aead128_seal .* | $2 |" "$out/text" ||
            { complain "$1: no $2 on $device:" && cat "$out/text"; }
    done
    if grep -q 'worse.*ascon_hash256' "$out/text"; then
        complain "$1: found in an operation that did not change"
    fi
}

# seed C: into what begins each seal
seed() {
    sed "s|    state->word\\[0\\] = 0x00001000808c0001;|&$1|" "$out/aead.c" >"$source"
    cmp -s "$out/aead.c" "$source" && complain "nothing was seeded"
    return 0
}

measure base
again=0
while [ "$again" -lt "$reruns" ]; do
    again=$((again + 1))
    measure again --fresh
    "$rekeylab" compare "$out/base" "$out/again" >"$out/text" || complain "alarm on rerun $again: $(cat "$out/text")"
    grep -q ' 0 better, 0 changed' "$out/text" || complain "rerun $again differs: $(cat "$out/text")"
done

seed '\n#ifdef __AVR__\n    for (volatile uint16_t i = 0; i < 200; i++) {}\n#else\n    for (volatile int i = 0; i < 20; i++) {}\n#endif\n'
measure cycles
found cycles cycles_median
grep -E 'ascon_aead128_seal 64 B \| cycles_median .*\+[1-3]\.[0-9]+ %' "$out/text" >"$out/line" || complain "cycles: not by 2 %"
seed '\n    volatile uint8_t pad[64];\n    pad[0] = pad[63] = 1;\n'
measure stack
found stack stack_bytes
seed '\n    static const volatile uint8_t table[1024] = {1};\n    (void)table[state->byte[0]];\n'
measure flash
found flash flash_bytes

echo "$bad wrong"
[ "$bad" = 0 ]
