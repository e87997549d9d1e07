#!/bin/sh
# A policy of one's own decides the same in modelled, native and emulated execution, on two tiers, as C and as a shared object;
# what it says is what happens; what is missing or wrong is said in one line.
# usage: test_own.sh REKEYLAB; from the root
set -eu
rekeylab=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cp scenarios/policies/own/template.c "$out/mine.c"
cat >"$out/study.yaml" <<'YAML'
name: own
title: An own policy
question: "Does it decide?"
seed: 5
replications: 2
horizon: 6 h
device: atmega1284p
backend: wolfssl
traffic: {period: 5 min, jitter: 10 %, payload: 20 B}
link: {loss: 10 %}
policy: {renew: 1 h, own: mine.c, parameters: FLOOR=20}
YAML
# sums NAME ARGUMENTS...
sums() {
    name=$1
    shift
    "$rekeylab" run "$out/study.yaml" --recorded --quiet --fresh "$@" -o "$out/$name" --json >"$out/$name.json"
    grep '"trace_checksum"' "$out/$name.json" >"$out/$name.sums"
}
same() { cmp "$out/$1.sums" "$out/$2.sums" || { echo "$1 and $2 differ"; exit 1; }; }
differ() { ! cmp -s "$out/$1.sums" "$out/$2.sums" || { echo "$1 and $2 are the same"; exit 1; }; }
sums modelled
sums reference --tier reference
sums native --execution native
sums emulated --execution emulated
same modelled reference
same modelled native
same modelled emulated
cc -shared -fPIC -I. -DFLOOR=20 "$out/mine.c" -o "$out/mine.so"
sums object --set policy.own=mine.so --set policy.parameters=
same modelled object

# 20 messages take 100 min: the floor decides, not the hour; with FLOOR=1 it is as the policy by time.
sums floor --set policy.parameters=FLOOR=1
sums time --set policy.own=none --set policy.parameters=
differ modelled floor
same floor time
renewals() { sed -n '/"renewals_per_d"/,/mean/s/.*"mean": \([0-9]*\).*/\1/p' "$out/$1.json" | head -1; }
[ "$(renewals modelled)" -le 14 ] && [ "$(renewals floor)" -ge 20 ] || { echo "renewals: $(renewals modelled), $(renewals floor)"; exit 1; }

# refused ARGUMENTS... : the last one is the pattern
refused() {
    wanted=$1 pattern=$2
    shift 2
    status=0
    "$@" run "$out/study.yaml" --recorded --quiet -o "$out/wrong" >"$out/text" 2>&1 || status=$?
    { [ $status = "$wanted" ] && [ "$(wc -l <"$out/text")" = 1 ] && grep -q "$pattern" "$out/text"; } || {
        echo "expected $wanted and $pattern, got $status:"
        cat "$out/text"
        exit 1
    }
}
edit() { sed "$1" "$out/study.yaml" >"$out/new.yaml" && mv "$out/new.yaml" "$out/study.yaml"; }
edit 's/own: mine.c/own: none.c/'
refused 2 'study.yaml:11:27: .*none.c: No such file or directory, expected' "$rekeylab"
edit 's/own: none.c/own: mine.txt/'
refused 2 'study.yaml:11:27: .*neither .c nor .so' "$rekeylab"
edit 's/own: mine.txt/own: mine.c/; s/FLOOR=20/FLOOR=x/'
refused 2 "study.yaml:11:47: parameters: 'FLOOR=x', expected" "$rekeylab"
edit 's/FLOOR=x/FLOOR=20/; $aengine: {lifetime: true}'
refused 2 'study.yaml:11:27: own: .* in lifetime mode' "$rekeylab"
edit '$d; s/FLOOR=20/FLOOR=21/'
mkdir "$out/bin"
ln -s "$(command -v env)" "$out/bin/env"
refused 3 'mine.c: a C compiler is missing: apt-get install' env PATH="$out/bin" XDG_CACHE_HOME="$out/cache" "$rekeylab"
edit 's/mine.c, parameters: FLOOR=21/mine.so/; $aexecution: emulated'
refused 2 "study.yaml:11:27: own: 'mine.so' in emulated execution, expected a policy in C" "$rekeylab"
