#!/bin/sh
# tests/backends/test_pruning.sh OUT - an image holds its operation and nothing else
#
# In the AVR image of SHA-256 there is no symbol of a cipher, a curve or a generator, and the image of `empty` has no
# SHA-256. Were RK_HAS() ignored anywhere in an adapter, the table of primitives would bring them all in.
set -eu
out=$1
failed=0

look() {
    image=$1
    pattern=$2
    found=$(avr-nm --defined-only "$image" | awk '{print $NF}' | grep -Ei "$pattern" || true)
    if [ -n "$found" ]; then
        echo "$image holds what it does not use:" $found
        failed=1
    fi
}

for library in mbedtls@3.6.6 wolfssl@5.7.2 libsodium@1.0.18; do
    images=$out/avr-$library/images
    # The search itself works: the image has SHA-256, by the names of all three libraries.
    avr-nm --defined-only "$images/sha256.elf" | grep -Eqi 'sha256_transform|transform_sha256|sha256_process' ||
        { echo "$images/sha256.elf: no SHA-256 in it"; failed=1; }
    look "$images/sha256.elf" 'ecp_|ecc|mpi_|fe_|fe25519|ge25519|curve|aes|ccm|chacha|poly1305|drbg_(seed|update|reseed)|rng'
    # Of the derivations that we compose, the image of HKDF has that one.
    look "$images/hkdf_sha256.elf" 'kbkdf|pbkdf2|tls12|composed_kdf|ecp_|ecc|fe25519|aes|chacha'
    look "$images/empty.elf" 'transform|sha256_process|ecp_|ecc|aes|chacha'
done
exit $failed
