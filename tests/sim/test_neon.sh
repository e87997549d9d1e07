#!/bin/sh
# The NEON kernel, built as the host's own build does it, against the scalar one, under qemu-user.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
    if ! command -v "$tool" >/dev/null; then
        echo "$tool is missing: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"
        exit 77
    fi
done
# Random123 and GSL are headers here; -idirafter keeps the host's C library behind the target's.
aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -D_GNU_SOURCE -I. -idirafter /usr/include \
    tests/sim/neon_equals_scalar.c engine/model/stretch_scalar.c engine/model/stretch_neon.c -o "$work/neon"
qemu-aarch64 "$work/neon"
