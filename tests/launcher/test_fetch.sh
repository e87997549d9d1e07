#!/bin/sh
# backends/fetch without a network: what is in the cache, folders given by hand, refusals. usage: test_fetch.sh TREE
set -u
tree=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/backends"
cp "$tree/backends/fetch" "$work/tree/backends/fetch"
mkdir -p "$work/tree/backends/ascon"
cp "$tree/backends/ascon/ascon.h" "$work/tree/backends/ascon/ascon.h"
fetch=$work/tree/backends/fetch
unset REKEYLAB_MBEDTLS_SOURCE REKEYLAB_WOLFSSL_SOURCE REKEYLAB_LIBSODIUM_SOURCE
export XDG_CACHE_HOME="$work/cache" REKEYLAB_APT_DIRECTORY="$work/no-apt"
sources=$XDG_CACHE_HOME/rekeylab/sources
bad=0

# expect STATUS TEXT ARGS...: backends/fetch ARGS exits with STATUS and prints TEXT, on either stream.
expect() {
    status=$1
    text=$2
    shift 2
    got=0
    said=$("$fetch" "$@" 2>&1) || got=$?
    if [ $got -ne "$status" ] || [ "$said" != "$text" ]; then
        echo "fetch $*: exit status $got, expected $status"
        printf '  said:     %s\n  expected: %s\n' "$said" "$text"
        bad=1
    fi
}

# library NAME VERSION DIRECTORY: a folder that states to be this library in this version.
library() {
    mkdir -p "$3"
    case $1 in
    mbedtls)
        mkdir -p "$3/include/mbedtls"
        echo "#define MBEDTLS_VERSION_STRING         \"$2\"" >"$3/include/mbedtls/build_info.h"
        ;;
    wolfssl)
        mkdir -p "$3/wolfssl"
        echo "#define LIBWOLFSSL_VERSION_STRING \"$2\"" >"$3/wolfssl/version.h"
        ;;
    libsodium)
        echo "AC_INIT([libsodium],[$2],[https://bugs.example])" >"$3/configure.ac"
        ;;
    esac
}

# in_cache NAME VERSION: as a fetch leaves it.
in_cache() {
    library "$1" "$2" "$sources/$1-$2/source"
    printf 'name %s\nversion %s\n%064d  %s_%s.orig.tar.gz\n' "$1" "$2" 7 "$1" "$2" >"$sources/$1-$2/manifest"
}

usage="usage: backends/fetch [--with-version] NAME[@VERSION] (NAME: mbedtls wolfssl libsodium ascon), --list,"
expect 2 "backends/fetch: $usage or --apt-list SUITE [DIR]"
expect 2 "backends/fetch: unknown library \`openssl', expected one of: mbedtls wolfssl libsodium ascon" openssl
expect 2 "backends/fetch: \`3.6;x' is no version, expected digits and dots" 'mbedtls@3.6;x'
expect 2 "backends/fetch: \`3..6' is no version, expected digits and dots" mbedtls@3..6
expect 3 "backends/fetch: Debian has no mbedtls 3.5, only mbedtls 2.28 and 3.6, wolfssl 5.5 and 5.7, libsodium 1.0.18: \
give a folder with REKEYLAB_MBEDTLS_SOURCE=DIR" mbedtls@3.5
own=$(printf 'ascon\t%s\tpart of this tree\t%s' 800-232 "$work/tree/backends/ascon")
expect 0 "$own" --list
expect 0 "$work/tree/backends/ascon" ascon
expect 0 "800-232	$work/tree/backends/ascon" --with-version ascon@800-232
expect 3 "backends/fetch: ascon is part of this tree, only in version 800-232" ascon@800

# The newest that matches field by field; 3.60 is no 3.6, and an unfinished folder is none.
in_cache mbedtls 3.6.6
in_cache mbedtls 3.6.10
in_cache mbedtls 3.60.1
in_cache mbedtls 2.28.3
in_cache libsodium 1.0.18
library mbedtls 3.6.99 "$sources/mbedtls-3.6.99/source"
expect 0 "$sources/mbedtls-3.6.10/source" mbedtls
expect 0 "$sources/mbedtls-3.6.6/source" mbedtls@3.6.6
expect 0 "$sources/mbedtls-2.28.3/source" mbedtls@2
expect 0 "2.28.3	$sources/mbedtls-2.28.3/source" --with-version mbedtls@2.28
expect 0 "1.0.18	$sources/libsodium-1.0.18/source" --with-version libsodium

# By hand: for the name alone, and for a version only if it is that one.
library wolfssl 5.6.4 "$work/by hand"
export REKEYLAB_WOLFSSL_SOURCE="$work/by hand"
expect 0 "$work/by hand" wolfssl
expect 0 "5.6.4	$work/by hand" --with-version wolfssl@5.6
in_cache wolfssl 5.5.4
expect 0 "$sources/wolfssl-5.5.4/source" wolfssl@5.5.4
expect 0 "$(printf 'mbedtls\t%s\t%064d\t%s\n' 2.28.3 7 "$sources/mbedtls-2.28.3/source" 3.6.10 7 \
    "$sources/mbedtls-3.6.10/source" 3.6.6 7 "$sources/mbedtls-3.6.6/source" 3.60.1 7 "$sources/mbedtls-3.60.1/source"
    printf 'wolfssl\t%s\t%s\t%s\n' 5.6.4 "given by hand" "$work/by hand" \
        5.5.4 "$(printf '%064d' 7)" "$sources/wolfssl-5.5.4/source"
    printf 'libsodium\t%s\t%064d\t%s\n' 1.0.18 7 "$sources/libsodium-1.0.18/source"
    echo "$own")" --list
export REKEYLAB_WOLFSSL_SOURCE="$sources/mbedtls-3.6.6/source"
expect 3 "backends/fetch: REKEYLAB_WOLFSSL_SOURCE: $REKEYLAB_WOLFSSL_SOURCE holds no source of wolfssl, expected the \
library's top folder" wolfssl
unset REKEYLAB_WOLFSSL_SOURCE

# Nothing in the cache and no apt list: says what to do, leaves nothing half done.
expect 3 "rekeylab: fetching the source of wolfssl 5.7 (Debian source package, suite trixie)
backends/fetch: no entry for suite bookworm of the Debian archive in $work/no-apt: add one, or give a folder with \
REKEYLAB_WOLFSSL_SOURCE=DIR" wolfssl@5.7
for left in "$sources"/wolfssl-5.7* "$sources"/.new.*; do
    if [ -e "$left" ]; then
        echo "left behind: $left"
        bad=1
    fi
done

# An archive that nobody signed is refused, though the machine's own list would trust it.
archive=$work/archive
mkdir -p "$work/unsigned" "$archive/dists/trixie/main/source"
: >"$archive/dists/trixie/main/source/Sources"
printf 'Suite: trixie\nCodename: trixie\nSHA256:\n %s 0 main/source/Sources\n' \
    "$(sha256sum <"$archive/dists/trixie/main/source/Sources" | cut -d ' ' -f 1)" >"$archive/dists/trixie/Release"
echo "deb [trusted=yes] file:$archive bookworm main" >"$work/unsigned/sources.list"
REKEYLAB_APT_DIRECTORY=$work/unsigned expect 3 "rekeylab: fetching the source of wolfssl 5.7 (Debian source package, \
suite trixie)
backends/fetch: cannot read suite trixie (E: The repository 'file:$archive trixie Release' is not signed.): check the \
network and /etc/apt, or give a folder with REKEYLAB_WOLFSSL_SOURCE=DIR" wolfssl@5.7

# A cache that cannot be written to gives way to the tree's build directory.
export XDG_CACHE_HOME=/dev/null/cache
library mbedtls 3.6.6 "$work/tree/build/cache/rekeylab/sources/mbedtls-3.6.6/source"
: >"$work/tree/build/cache/rekeylab/sources/mbedtls-3.6.6/manifest"
expect 0 "$work/tree/build/cache/rekeylab/sources/mbedtls-3.6.6/source" mbedtls
exit $bad
