#!/bin/sh
# `compare --functions` of our own code: two git revisions, the second with a regression seeded into one function of device code. The function
# is named and its cycles are those that the whole call grew by, on simavr and on QEMU; what did not change has no row. What grew most by the
# revisions' recorded rows is found without being asked for. What cannot be is one line, and nothing is left behind.
# usage: test_functions_trees.sh REKEYLAB ROOT
set -eu
rekeylab=$1
root=$2
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/tree" "$out/tmp"
export TMPDIR="$out/tmp" REKEYLAB_ROOT="$out/tree"
cp -r "$root/backends" "$root/devices" "$root/engine" "$root/bench" "$out/tree"
rm -rf "$out/tree/bench/measured"
cd "$out/tree"
bad=0
complain() {
    echo "$*"
    bad=$((bad + 1))
}

keep() {
    git add -A
    git -c user.name=test -c user.email=test@localhost commit -q -m "$1"
}

# record: the rows of the tree as it is
record() {
    "$rekeylab" bench --device atmega1284p,cortex-m4 --backend ascon --op ascon_aead128_seal,ascon_hash256 --quiet --record >"$out/text"
}

# refused PATTERN ARGUMENTS...
refused() {
    pattern=$1
    shift
    got=0
    "$rekeylab" compare --functions "$@" >"$out/text" 2>"$out/errors" || got=$?
    { [ $got = 2 ] && [ "$(wc -l <"$out/errors")" = 1 ] && grep -q "$pattern" "$out/errors"; } ||
        complain "compare --functions $*: status $got, expected 2: $(cat "$out/errors")"
}

git init -q -b main
record
keep before
sed -i 's|    state->word\[0\] = 0x00001000808c0001;|&\n    for (volatile int i = 0; i < 40; i++) {}|' backends/ascon/aead.c
git diff --quiet && complain "nothing was seeded"
record
keep after
seeded=$(sed -n '/0x00001000808c0001/q; s/^static void \([a-z_]*\)(.*/\1/p' backends/ascon/aead.c | tail -n 1)

for device in atmega1284p cortex-m4; do
    "$rekeylab" compare --functions HEAD~1 HEAD --device $device --backend ascon --op ascon_aead128_seal >"$out/text"
    awk -F '|' -v name="$seeded" '
        /the whole call/ { grown = $5; base = $3 }
        NF > 4 && $2 !~ /function|whole|---|all others/ { rows++; named = index($2, name) > 0; part = $5 }
        END { off = part - grown; exit !(rows == 1 && named && grown > 100 && off < base / 50 && off > -base / 50) }' "$out/text" ||
        complain "$device: expected the cycles to be in $seeded: $(cat "$out/text")"
    grep -q '^| function | HEAD~1 | HEAD | difference' "$out/text" || complain "$device: revisions are not named"
    "$rekeylab" compare --functions HEAD~1 . --device $device --backend ascon --op ascon_hash256 --json >"$out/json"
    grep -q '"functions": \[\]' "$out/json" || complain "$device: ascon_hash256 differs: $(cat "$out/json")"
    grep -q '"tree": "HEAD~1"' "$out/json" || complain "$device: no tree in $(cat "$out/json")"
done

got=0
"$rekeylab" compare --functions HEAD~1 HEAD >"$out/text" || got=$?
[ $got = 1 ] || complain "rows that became worse end with $got"
grep -q "^ascon_aead128_seal, 16 B, ascon@.*, on .*: cycles in the code" "$out/text" || complain "not found by its rows: $(cat "$out/text")"
grep -q "^| $seeded" "$out/text" || complain "no $seeded in what grew most: $(cat "$out/text")"
grep -q '^ascon_hash256, .*: cycles in the code' "$out/text" && complain "what did not grow is among what grew most"

refused "'HEAD~9', expected a folder with a source tree, or a git revision" HEAD~9 HEAD --device cortex-m4 --backend ascon --op ascon_hash256
refused 'expected --device, --op' HEAD~1 HEAD --device cortex-m4 --backend ascon
refused "unknown backend 'asco', expected 'ascon'" HEAD~1 HEAD --device cortex-m4 --backend asco --op ascon_hash256
echo '/* another */' >>devices/firmware/mailbox.h
keep foreign
git checkout -q HEAD~1
refused 'its devices/firmware/mailbox.h is not that of this program' HEAD main --device cortex-m4 --backend ascon --op ascon_hash256
[ -z "$(ls "$TMPDIR")" ] || complain "left behind: $(ls "$TMPDIR")"

echo "$bad wrong"
[ "$bad" = 0 ]
