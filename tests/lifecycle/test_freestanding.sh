#!/bin/sh
# Usage: test_freestanding.sh lifecycle|protocol COMPILER [FLAGS...]
# The room compiles as freestanding C11 without a warning, asks the C library for nothing but what GCC's freestanding mode
# asks for anyway (memcpy, memset, memmove, memcmp and the compiler's own helpers), and has no state of its own.
set -eu
room=engine/$1
compiler=$2
shift 2
case $room in
    engine/lifecycle) more='' known=rk_agent_step includes_more='#include <stddef.h>
' ;;
    *) more=engine/lifecycle/small.c known=rk_edhoc_begin includes_more='' ;;
esac
command -v "$compiler" >/dev/null || {
    echo "$compiler is missing: apt-get install gcc-avr avr-libc gcc-arm-none-eabi"
    exit 1
}
nm=${compiler%gcc}nm
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for source in "$room"/*.c $more; do
    "$compiler" "$@" -std=c11 -ffreestanding -Wall -Wextra -Werror -I. -c "$source" -o "$out/$(basename "$source" .c).o"
done
includes=$(grep -h '#include' "$room"/*.[ch] | grep -vE "\"($room/|engine/lifecycle/small.h)" | sort -u)
allowed="#include \"backends/backend.h\"
#include <stdbool.h>
$includes_more#include <stdint.h>"
[ "$includes" = "$allowed" ] || {
    echo "includes beyond the allowed ones:"
    echo "$includes"
    exit 1
}
defined=$("$nm" "$out"/*.o | awk '$2 ~ /[TDRBC]/ { print $3 }' | sort -u)
wanted=$("$nm" "$out"/*.o | awk '$1 == "U" { print $2 }' | sort -u)
echo "$wanted" | grep -vxF "$defined" | grep -vxE '_?(memcpy|memset|memmove|memcmp)|__.*' >"$out/foreign" || true
[ ! -s "$out/foreign" ] || {
    echo "symbols from elsewhere:"
    cat "$out/foreign"
    exit 1
}
echo "$defined" | grep -qx $known # else nm could not read the objects
# No state: nothing writable in the objects.
writable=$("$nm" "$out"/*.o | awk '$2 ~ /^[BbDdCc]$/ { print $3 }')
case $compiler in
    avr-*) ;; # constants live in .data on an AVR: the other compilers tell
    *) [ -z "$writable" ] || {
        echo "writable: $writable"
        exit 1
    } ;;
esac
