#!/bin/sh
# Every protocol is in scenarios/protocols.yaml, and on each device and library there it either has its energy or says by name
# what is missing or does not fit. Class 1 and Class 2 differ as they must.
# usage: test_protocols.sh REKEYLAB; from the root
set -u
rekeylab=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

if ! "$rekeylab" run scenarios/protocols.yaml --recorded --fresh --set replications=1 \
    -o "$folder/out" >"$folder/table" 2>"$folder/log"; then
    cat "$folder/log"
    exit 1
fi

# out: the lines of a protocol's points, each "LABEL VALUES" or "LABEL cannot run: WHY".
points_of() {
    sed -n "s/^\(device=[^ ]* backend=[^ ]* protocol=$1 .*\)/\1/p" "$folder/table"
}

known=$("$rekeylab" describe operation | sed -n 's/^ *\([a-z0-9_]*\) .*/\1/p')
for file in scenarios/protocols/*.yaml; do
    name=$(basename "$file" .yaml)
    points_of "$name" >"$folder/points"
    [ "$(wc -l <"$folder/points")" = 4 ] || complain "$name: not played on two devices with two libraries"
    while read -r device backend protocol what; do
        case $what in
        "cannot run: does not fit: ram: at least "*" B of "*" B for $name "*) ;;
        "cannot run: does not fit"* | "cannot run: "*": "*)
            operation=${what#cannot run: }
            echo "$known" | grep -qx "${operation%%:*}" || complain "$device $backend $protocol: '$what' names no operation"
            ;;
        [1-9]*) ;;
        *) complain "$device $backend $protocol: '$what', expected figures or why there are none" ;;
        esac
    done <"$folder/points"
done

# in: a point's label, and how its line goes on.
expect() {
    grep -q "^$1  *$2" "$folder/table" || complain "$1: expected '$2', found '$(grep "^$1 " "$folder/table")'"
}
expect "device=cortex-m4 backend=mbedtls protocol=dtls12_ecdhe_ecdsa_x509" "[1-9]"
expect "device=atmega1284p backend=wolfssl protocol=dtls12_ecdhe_ecdsa_x509" "cannot run: does not fit: ram: "
expect "device=atmega1284p backend=mbedtls protocol=dtls12_ecdhe_ecdsa_x509" "[1-9]"
expect "device=cortex-m4 backend=wolfssl protocol=dtls12_ecjpake" "cannot run: ecjpake_round_one: not provided by the library"
expect "device=atmega1284p backend=wolfssl protocol=kdc_push" "[1-9]"

# Sizes of a deployment: refused where a protocol has none, or not that much.
refuse() {
    expected=$1
    shift
    said=$("$rekeylab" run scenarios/protocols.yaml --recorded --quiet -o "$folder/no" "$@" 2>&1)
    case $said in *"$expected"*) ;; *) complain "$*: '$said', expected '$expected'" ;; esac
}
refuse "sizes.identity=8 B: identity: protocol kudos has none, expected default" \
    --set axes.protocol=kudos --set 'sizes.identity=8 B'
refuse "certificate: 1300 B, expected 200 B to 1200 B in protocol dtls12_ecdhe_ecdsa_x509" \
    --set axes.protocol=dtls12_ecdhe_ecdsa_x509 --set 'axes.sizes.certificate=600 B,1300 B'

echo "$bad wrong"
[ "$bad" = 0 ]
