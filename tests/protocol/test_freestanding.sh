#!/bin/sh
# Usage: test_freestanding.sh COMPILER [FLAGS...]
# The protocols compile as freestanding C11 without a warning, ask the C library for nothing but what GCC's freestanding mode
# asks for anyway and the lifecycle's small.c, and have no state of their own.
set -eu
compiler=$1
shift
command -v "$compiler" >/dev/null || {
    echo "$compiler is missing: apt-get install gcc-avr avr-libc gcc-arm-none-eabi"
    exit 1
}
nm=${compiler%gcc}nm
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for source in engine/protocol/*.c engine/lifecycle/small.c; do
    "$compiler" "$@" -std=c11 -ffreestanding -Wall -Wextra -Werror -I. -c "$source" -o "$out/$(basename "$source" .c).o"
done
includes=$(grep -h '#include' engine/protocol/*.[ch] | grep -v '"engine/protocol/' | sort -u)
allowed='#include "backends/backend.h"
#include "engine/lifecycle/small.h"
#include <stdbool.h>
#include <stdint.h>'
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
echo "$defined" | grep -qx rk_edhoc_begin # else nm could not read the objects
writable=$("$nm" "$out"/*.o | awk '$2 ~ /^[BbDdCc]$/ { print $3 }')
case $compiler in
    avr-*) ;; # constants live in .data on an AVR: the other compilers tell
    *) [ -z "$writable" ] || {
        echo "writable: $writable"
        exit 1
    } ;;
esac
