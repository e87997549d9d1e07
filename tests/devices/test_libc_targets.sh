#!/bin/sh
# The device's C library as each target compiles it: no warning, no header of another C library, and no function that
# calls itself because the compiler found memcpy in memcpy. usage: test_libc_targets.sh TREE
set -u
tree=$1
libc=$tree/devices/firmware/libc
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
bad=0

complain() {
    echo "$1"
    bad=$((bad + 1))
}

# check COMPILER...: the C library with this compiler and these flags.
check() {
    for optimise in -Os -O2 -O3; do
        for file in memory string heap sbrk process; do
            object=$scratch/$file.o
            if ! "$@" -std=gnu11 -Wall -Wextra -Werror $optimise -ffunction-sections -fno-asynchronous-unwind-tables \
                -fno-unwind-tables -I"$tree" -isystem "$libc/include" -MD -MF "$scratch/headers" -c "$libc/$file.c" \
                -o "$object"; then
                complain "$* $optimise: $file.c does not compile"
                continue
            fi
            # stddef.h and stdarg.h are the compiler's own, in a folder named after its version; gcc reads stdc-predef.h
            # unasked.
            foreign=$(tr -s ' \\' '\n' <"$scratch/headers" | grep '\.h$' |
                grep -v -e "^$libc/" -e '/lib/.*/[0-9.]*/include/' -e '/stdc-predef\.h$')
            [ -z "$foreign" ] || complain "$* $optimise: $file.c includes $foreign"
        done
        # A function's section that refers to a function of this file is a call that the source has not.
        calls=$(readelf -rW "$scratch/memory.o" | grep -e '[^a-z_]mem[a-z]*' | grep -v '^Relocation section')
        [ -z "$calls" ] || complain "$* $optimise: memory.c calls itself: $calls"
        undefined=$(readelf -sW "$scratch/memory.o" | awk '$7 == "UND" && $8 != "" { print $8 }')
        [ -z "$undefined" ] || complain "$* $optimise: memory.c needs $undefined"
    done
}

check clang --target=msp430-none-elf -mmcu=msp430f1611 -mhwmult=16bit
check aarch64-linux-gnu-gcc -mcpu=cortex-a53
check aarch64-linux-gnu-gcc -mcpu=cortex-a53 -mstrict-align
check arm-none-eabi-gcc -mthumb -mcpu=cortex-m0plus
[ "$bad" = 0 ] && echo "no complaint"
