#!/bin/sh
# `rekeylab call`: right outputs, a rejected tag as a result, and one line for inputs that are wrong.
# usage: test_call.sh REKEYLAB
set -u
rekeylab=$1
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0
seal="--device atmega1284p --backend mbedtls --op aes128_ccm_8_seal"
open="--device atmega1284p --backend mbedtls --op aes128_ccm_8_open"
# RFC 3610, packet vector 1
key=c0c1c2c3c4c5c6c7c8c9cacbcccdcecf
nonce=00000003020100a0a1a2a3a4a5
aad=0001020304050607
text=08090a0b0c0d0e0f101112131415161718191a1b1c1d1e
sealed=588c979a61c663d2f066d0c2c0f989806d5f6b61dac384
tag=17e8d12cfdf926e0

# prints LINE ARGUMENTS...
prints()
{
    line=$1
    shift
    "$rekeylab" call "$@" >"$folder/out" 2>"$folder/err"
    got=$?
    if [ $got != 0 ] || ! grep -qxF -- "$line" "$folder/out" || [ -s "$folder/err" ]; then
        printf 'call %s\n  got %s: %s\n  expected the line: %s\n' "$*" $got "$(cat "$folder/out" "$folder/err")" "$line"
        failed=1
    fi
}

# refused LINE ARGUMENTS...
refused()
{
    line=$1
    shift
    "$rekeylab" call "$@" >"$folder/out" 2>"$folder/err"
    got=$?
    if [ $got != 2 ] || [ -s "$folder/out" ] || [ "$(cat "$folder/err")" != "rekeylab: $line" ]; then
        printf 'call %s\n  got %s: %s\n  expected 2: %s\n' "$*" $got "$(cat "$folder/out" "$folder/err")" \
            "rekeylab: $line"
        failed=1
    fi
}

# The options in $seal and $open are words.
# shellcheck disable=SC2086
{
    prints "ciphertext   $sealed" $seal key=$key nonce=$nonce aad=$aad plaintext=$text
    prints "tag          $tag" $seal plaintext=$text aad=$aad nonce=$nonce key=$key
    prints "plaintext    $text" $open key=$key nonce=$nonce aad=$aad ciphertext=$sealed tag=$tag
    prints "status       rejected" $open key=$key nonce=$nonce aad=$aad ciphertext=$sealed tag=17e8d12cfdf926e1
    grep -q plaintext "$folder/out" && { echo "a rejected text was printed"; failed=1; }
    prints '  "size_bytes": 23,' $seal key=$key nonce=$nonce aad=$aad plaintext=$text --json
    prints "digest       ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" \
        --device cortex-m4 --backend mbedtls --op sha256 message=616263
    prints "digest       e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" \
        --device cortex-m4 --backend libsodium --op sha256 message=
    # RFC 5869, A.3; a length in decimal and as the mailbox has it
    okm=8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8
    hkdf="--device cortex-m4 --backend mbedtls --op hkdf_sha256"
    secret=0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b
    prints "key          $okm" $hkdf salt= secret=$secret info= length=42
    prints "key          $okm" $hkdf salt= secret=$secret info= length=2a00
    prints "status       not provided by the library" --device cortex-m4 --backend libsodium --op aes_key_wrap \
        kek=$key key=$key

    refused '`key=0`: 1 hexadecimal digits, expected an even number up to 8192' $seal key=0
    refused '`key=0g`: `g` is no hexadecimal digit, expected 0-9 and a-f' $seal key=0g
    refused '`kex=00` is no input of aes128_ccm_8_seal, expected NAME=HEX with NAME one of: key,nonce,aad,plaintext' \
        $seal kex=00
    refused 'input `plaintext` of aes128_ccm_8_seal is missing, expected plaintext=HEX' \
        $seal key=$key nonce=$nonce aad=$aad
    refused '`key=00`: key is there twice, expected each input once' $seal key=$key key=00
    refused 'input `key` of aes128_ccm_8_seal has 15 bytes, expected 16' \
        $seal key=${key#??} nonce=$nonce aad=$aad plaintext=$text
    refused 'input `nonce` of aes128_ccm_8_seal has 0 bytes, expected 13' \
        $seal key=$key nonce= aad=$aad plaintext=$text
    refused 'input `tag` of aes128_ccm_8_open has 16 bytes, expected 8' \
        $open key=$key nonce=$nonce aad=$aad ciphertext=$sealed tag=$tag$tag
    refused 'input `key` of aes_key_wrap has 17 bytes, expected 16, 24 or 32' \
        --device cortex-m4 --backend mbedtls --op aes_key_wrap kek=$key key=${key}00
    refused 'input `signature` of ecdsa_p256_verify has 1 bytes, expected 64' --device cortex-m4 --backend mbedtls \
        --op ecdsa_p256_verify public=04$key$key$key$key message=$key$key signature=00
    refused '`length=4x`: expected a decimal number up to 65535, or 4 hexadecimal digits, low byte first' \
        --device cortex-m4 --backend mbedtls --op hkdf_sha256 salt= secret=00 info= length=4x
    refused "unknown operation 'sha265', expected 'sha256'" --device cortex-m4 --backend mbedtls --op sha265 message=00
    refused "unknown device 'cortex-m5', expected 'cortex-m3'" --device cortex-m5 --backend mbedtls --op sha256 message=
    refused '--device `all` is a list, expected one device' --device all --backend mbedtls --op sha256 message=
    refused '--backend `mbedtls,wolfssl` is a list, expected one backend' \
        --device cortex-m4 --backend mbedtls,wolfssl --op sha256 message=
    refused '--op is missing, expected `rekeylab call --device cortex-m4 --backend mbedtls --op sha256 message=616263`' \
        --device cortex-m4 --backend mbedtls
}
exit $failed
