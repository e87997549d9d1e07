#!/bin/sh
# `rekeylab powercut`: an 8-bit device and the host come through cuts everywhere; defects planted into the store do not, each
# by the figure that is there for it.
# usage: test_powercut.sh REKEYLAB TREE
set -u
rekeylab=$1
tree=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# cut EXIT ROOT ARGS: its exit status; the row stands in $folder/row
cut()
{
    expected=$1
    root=$2
    shift 2
    REKEYLAB_ROOT=$root "$rekeylab" powercut "$@" --quiet --json >"$folder/row" 2>"$folder/err"
    got=$?
    if [ $got != "$expected" ]; then
        printf 'powercut %s\n  exit %s, expected %s: %s\n' "$*" $got "$expected" "$(cat "$folder/err" "$folder/row")"
        failed=1
    fi
}

# says NAME VALUE: of the row itself, which comes before its transitions
says()
{
    grep -m 1 "\"$1\":" "$folder/row" | grep -q "\"$1\": $2,\$" || {
        printf '%s: expected %s\n%s\n' "$1" "$2" "$(sed -n '1,30p' "$folder/row")"
        failed=1
    }
}

comes_through()
{
    says status '"ok"'
    for figure in lost resurrected nonce_reuse replayed; do
        says $figure 0
    done
    says first null
    says cuts '[1-9][0-9]*'
    says torn '[1-9][0-9]*'
}

cut 0 "$tree" --device host --backend libsodium --mode random:600
comes_through
says cuts 600
cp "$folder/row" "$folder/once"
cut 0 "$tree" --device host --backend libsodium --mode random:600 --jobs 3
cmp "$folder/once" "$folder/row" || failed=1
cut 0 "$tree" --device host --backend libsodium --mode linear:20000 --depth 2
comes_through
says second '[1-9][0-9]*'
cut 0 "$tree" --device atmega1284p --backend mbedtls --mode random:150
comes_through
cut 0 "$tree" --device atmega328p --backend libsodium
grep -q '"status": "does not fit: flash",\|"status": "does not fit: ram",' "$folder/row" || { cat "$folder/row"; failed=1; }

# broken NAME FIGURE SED: with this change to the store, the figure is not 0.
broken()
{
    rm -rf "$folder/tree"
    mkdir -p "$folder/tree"
    for part in backends devices engine; do
        cp -r "$tree/$part" "$folder/tree/"
    done
    store=$folder/tree/engine/lifecycle/store.c
    sed "$3" "$tree/engine/lifecycle/store.c" >"$store"
    if cmp -s "$tree/engine/lifecycle/store.c" "$store"; then
        echo "$1: nothing is broken: the store was changed, so change the test"
        failed=1
        return
    fi
    cut 1 "$folder/tree" --device host --backend libsodium --mode random:300
    says "$2" '[1-9][0-9]*'
    echo "$1: $(grep -m 1 '"first":' "$folder/row")"
}

broken 'the newest record is written over' lost \
    's/    uint8_t at = agent->store.newest;/    uint8_t at = agent->store.newest - 1;/'
broken 'nothing is forgotten' resurrected \
    '/^int rki_store_forget/,/^}/s/key->id == 0/key->id != 0/'
broken 'send counters are not reserved' nonce_reuse \
    's/key->protected_messages = store->send_reserved;/key->protected_messages = 0;/'
broken 'records of a boot have one nonce' nonce_reuse 's/store->sequence++;//'
broken 'received counters are not kept' replayed \
    's/key->receive_counter = store->receive_reserved;/key->receive_counter = 0;/'

for mode in linear linear:0 random:x writes:3 write; do
    cut 2 "$tree" --device host --backend mbedtls --mode $mode
done
cut 2 "$tree" --device host --backend mbedtls --depth 3
cut 2 "$tree" --device host --backend mbedtls --mechanism derived
exit $failed
