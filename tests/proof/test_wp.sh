#!/bin/sh
# Usage: test_wp.sh, from the root
# Frama-C's WP proves the lifecycle core's contracts, every goal of them, and no longer does once a bug is planted.
# planted/*.bug: FILE, FUNCTION, GOAL (an extended regular expression: a goal that must fail), then a sed script.
set -eu
for tool in frama-c why3 z3 cvc4; do
    command -v $tool >/dev/null || {
        echo "$tool is missing: apt-get install --no-install-recommends frama-c-base why3 z3 cvc4"
        exit 1
    }
done
here=$(dirname "$0")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
WHY3CONFIG=$out/why3.conf # nothing is written to the user's home
export WHY3CONFIG
why3 config detect >"$out/detect" 2>&1

# prove TREE SECONDS FILE FUNCTIONS [OPTION...]: contracts, and no undefined behaviour.
prove() (
    cd "$1"
    seconds=$2 file=$3 functions=$4
    shift 4
    case $file in # bytes of any struct, wiped by what the backend's table points to
    *exchange.c) set -- "$@" -wp-model Typed+Cast ;;
    esac
    frama-c -machdep gcc_x86_64 -c11 -cpp-extra-args=-I. \
        -wp -wp-fct "$functions" -wp-rte -rte-no-pointer-call -wp-prover cvc4,z3 -wp-par 2 -wp-timeout "$seconds" \
        -wp-warn-key pedantic-assigns=inactive "$@" "$file" 2>&1
)

# functions FILE: those that it defines, with commas.
functions() {
    sed -n '/;$/!s/^[a-zA-Z].*[ *]\([a-z_0-9]*\)(.*/\1/p' "$1" | sort -u | paste -s -d,
}

helpers() { # besides the rows' own functions, those by whose contracts they are proved
    case $1 in
    backup.c) echo ,alive,is_backup,rki_result,rki_key_bytes ;;
    pair.c) echo ,rk_alg_public_bytes ;;
    exchange.c) echo ,agrees,generator_spent,rki_result,rki_key_bytes ;;
    esac
}

# prove_wiped SECONDS FILE [FUNCTION]: the locals of wiped.txt, on FILE's twin in $out.
prove_wiped() {
    sed -n "s/^$2 //p" "$here/wiped.txt" | grep "^${3:-}" >"$out/rows"
    cp "$out/engine/lifecycle/$2" "$out/original.c"
    wiped=$(cat "$out/rows") awk -f "$here/wiped.awk" "$out/original.c" >"$out/engine/lifecycle/$2"
    prove "$out" "$1" "engine/lifecycle/$2" "$(cut -d' ' -f1 "$out/rows" | paste -s -d,)$(helpers "$2")" \
        -wp-model Typed+Cast -wp-prop=wiped,bounded,@assigns
    cp "$out/original.c" "$out/engine/lifecycle/$2"
}

# counted NAME LOG: every goal of it is proved.
counted() {
    goals=$(sed -n 's|^\[wp\] Proved goals: *\([0-9]*\) / *\([0-9]*\)$|\1 \2|p' "$2")
    [ -n "$goals" ] && [ "${goals% *}" = "${goals#* }" ] && [ "${goals% *}" -gt 0 ] || {
        echo "$1: proved of all goals: ${goals:-none}"
        grep -A 2 Failed "$2"
        exit 1
    }
    echo "$1: ${goals% *} goals proved"
    proved=$((proved + ${goals% *}))
}

proved=0
for file in small.h key.c key_type.c access.c policy.c wire.c exchange.c; do
    overflow=-warn-unsigned-overflow # nothing wraps, though C would allow it
    source=$file names=$(functions engine/lifecycle/$file)
    if [ $file = small.h ]; then
        overflow=-no-warn-unsigned-overflow source=small.c # shifts bits out
    fi
    case $file in
    wire.c) names=take ;; # the one place that moves through a message
    exchange.c) names=rki_exchange_wipe ;;
    esac
    prove . 20 engine/lifecycle/$source "$names" $overflow >"$out/$file.log" || {
        tail -n 20 "$out/$file.log"
        exit 1
    }
    counted "engine/lifecycle/$file" "$out/$file.log"
done

cp -r engine "$out/engine"
mkdir "$out/backends"
cp backends/*.h "$out/backends"
cut -d' ' -f1 "$here/wiped.txt" | sort -u >"$out/files"
while read -r file; do
    prove_wiped 20 "$file" >"$out/wiped.log" || {
        tail -n 20 "$out/wiped.log"
        exit 1
    }
    counted "engine/lifecycle/$file, locals wiped" "$out/wiped.log"
done <"$out/files"
bugs=0
for bug in "$here"/planted/*.bug; do
    file=engine/lifecycle/$(sed -n 's/^FILE //p' "$bug")
    function=$(sed -n 's/^FUNCTION //p' "$bug")
    goal=$(sed -n 's/^GOAL //p' "$bug")
    sed '/^FILE \|^FUNCTION \|^GOAL \|^$/d' "$bug" >"$out/script"
    sed -E -f "$out/script" "$file" >"$out/$file"
    ! cmp -s "$file" "$out/$file" || {
        echo "$bug: changes nothing in $file"
        exit 1
    }
    case $goal in
    *_wiped) prove_wiped 2 "${file##*/}" "$function" ;;
    *) prove "$out" 2 "${file%.*}.c" "$function" -warn-unsigned-overflow -wp-prop=-@assigns,-@terminates ;;
    esac >"$out/bug.log" || true
    grep -qE "\[Failed\] Goal typed_$goal" "$out/bug.log" || {
        echo "$bug: not found"
        tail -n 5 "$out/bug.log"
        exit 1
    }
    cp "$file" "$out/$file"
    bugs=$((bugs + 1))
done
[ $bugs -gt 0 ]
echo "$proved goals proved, $bugs planted bugs found"
