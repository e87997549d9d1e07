#!/bin/sh
# Each header of ours compiles alone. usage: test_headers.sh TREE CC
set -u
tree=$1
cc=$2
cd "$tree" || exit 2
count=0
bad=0
for header in $(find engine backends devices bench reports tests -name '*.h' | LC_ALL=C sort); do
    case $header in
    # Adapters include their library, which is not on the host: the firmware project compiles them.
    backends/mbedtls/* | backends/wolfssl/* | backends/libsodium/*) continue ;;
    esac
    count=$((count + 1))
    if ! printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        "$cc" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -fsyntax-only -x c -; then
        echo "$header: does not compile alone"
        bad=$((bad + 1))
    fi
done
echo "$count headers, $bad do not compile alone"
[ "$bad" = 0 ] && [ "$count" -gt 0 ]
