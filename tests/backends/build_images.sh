#!/bin/sh
# tests/backends/build_images.sh TREE OUT - builds what the tests of this folder load or look into
#
# OUT/<name>@<version>/backend.so for every library and version that is supported, through devices/firmware as the
# program builds them, and OUT/avr/images/<operation>.elf for the look at what is left out of an image.
set -eu
tree=$1
out=$2

build() {
    name=$1
    version=$2
    device=$3
    folder=$4
    shift 4
    source=$("$tree/backends/fetch" "$name@$version")
    cmake -S "$tree/devices/firmware" -B "$folder" -G Ninja -DRK_DEVICE="$device" -DRK_BACKEND="$name" \
        -DRK_LIBRARY_SOURCE="$source" -DRK_LIBRARY_VERSION="$version" >"$folder.log" 2>&1 ||
        { cat "$folder.log"; exit 1; }
    ninja -C "$folder" "$@" >>"$folder.log" 2>&1 || { tail -n 30 "$folder.log"; exit 1; }
}

mkdir -p "$out"
for library in mbedtls@3.6.6 mbedtls@2.28.3 wolfssl@5.7.2 wolfssl@5.5.4 libsodium@1.0.18 ascon@800-232; do
    build "${library%@*}" "${library#*@}" host "$out/$library"
done
for library in mbedtls@3.6.6 wolfssl@5.7.2 libsodium@1.0.18; do
    build "${library%@*}" "${library#*@}" atmega1284p "$out/avr-$library" images/sha256.elf images/hkdf_sha256.elf \
        images/empty.elf
done
