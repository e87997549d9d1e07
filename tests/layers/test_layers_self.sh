#!/bin/sh
# The layer test must find what it is for: a tree with three forbidden lines and one allowed one.
set -eu
here=$(cd "$1" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/engine/lifecycle" "$tree/engine/core" "$tree/bench" "$tree/backends" "$tree/devices" "$tree/reports" "$tree/tests"
printf '#include <stdio.h>\n#include "engine/core/err.h"\n#include "backends/backend.h"\n' >"$tree/engine/lifecycle/bad.c"
printf '#include <mbedtls/aes.h>\n' >"$tree/bench/bad.c"
if out=$(sh "$here/test_layers.sh" "$tree" "$here/layers.txt"); then
    echo "passed a tree that breaks the layers"
    exit 1
fi
echo "$out"
[ "$(echo "$out" | grep -c 'expected one that')" = 3 ]
