#!/bin/sh
# A library's client on an emulated Cortex-M4 with OpenSSL's server over loopback: PSK to the byte, and certificates and 1.3
# to their end. What the server sends is the same whoever asks; lengths of its signatures are not.
# Exit status 0 says, too, that each byte is explained beside the protocol's file; for PSK, by how much they differ.
# usage: test_openssl.sh REKEYLAB LIBRARY
set -u
rekeylab=$1
library=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0
handshake()
{
    "$rekeylab" handshake --device cortex-m4 --backend "$library" --peer openssl "$@" >"$folder/out" 2>"$folder/err"
    status=$?
    if [ $status != 0 ] || ! sed -n 1p "$folder/out" | grep -q ': ok$' ||
        ! grep -q '^beside scenarios/protocols/' "$folder/out"; then
        echo "handshake $*: $status"
        cat "$folder/out" "$folder/err"
        failed=1
    fi
}
case $library in
mbedtls) expected="83 48 103 131 102 67 " differences="+16 +4 +20 +11 -7 +0 " ;;
wolfssl) expected="87 48 107 126 102 67 " differences="+20 +4 +24 +6 -7 +0 " ;;
esac
handshake --protocol dtls1.2 --auth psk
flights=$(sed -n 's/^flight [0-9]*, [a-z]*: \([0-9]*\) bytes.*/\1/p' "$folder/out" | tr '\n' ' ')
cycles=$(sed -n 's/^client: \([0-9]*\) cycles.*/\1/p' "$folder/out")
if [ "$flights" != "$expected" ] || [ "${cycles:-0}" -lt 100000 ]; then
    echo "flights '$flights', expected '$expected'; cycles '$cycles'"
    failed=1
fi
more=$(sed -n 's/^[1-6] *[a-z]* *[0-9]* *[0-9]* *\([-+][0-9]*\) .*/\1/p' "$folder/out" | tr '\n' ' ')
if [ "$more" != "$differences" ]; then
    echo "beside the file '$more', expected '$differences'"
    failed=1
fi
handshake --protocol dtls1.2 --auth certificate
handshake --protocol tls1.3 --auth ecdhe-psk
exit $failed
