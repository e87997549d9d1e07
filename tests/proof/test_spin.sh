#!/bin/sh
# Usage: test_spin.sh, from the root
# SPIN goes through every state of renewal.pml (no bitstate hashing) and finds no fault, and one in each planted bug.
set -eu
for tool in spin gcc; do
    command -v $tool >/dev/null || {
        echo "$tool is missing: apt-get install --no-install-recommends spin gcc"
        exit 1
    }
done
model=$(pwd)/tests/proof/renewal.pml
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$out"

# explore OPTIMISATION [-DNAME]: a search to the first fault; prints what it found.
explore() {
    optimisation=$1
    shift
    spin -a "$@" "$model" >spin.log
    gcc -w "$optimisation" -DSAFETY -DCOLLAPSE -DMEMLIM=1500 -o pan pan.c
    ./pan -n -m1000000
}

fail() {
    echo "$1"
    cat pan.log
    exit 1
}

# see NAME [-DBOUND...]: every state of it, without a fault.
see() {
    name=$1
    shift
    explore -O2 "$@" >pan.log
    grep -q 'errors: 0$' pan.log || fail "$name: a fault"
    ! grep -qE 'not completed|max search depth too small|out of memory' pan.log || fail "$name: not every state was seen"
    echo "$name: $(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.log) states, all seen, no fault"
}

see 'renewal, EEPROM'
see 'renewal, flash' -DFLASH -DCOUNTERS=2

# A bug, and the assertion that must find it.
expect() {
    bug=$1 found=$2
    shift 2
    explore -O0 "-DBUG_$bug" "$@" >pan.log
    grep -q "assertion violated.*$found" pan.log || fail "BUG_$bug: not found"
    bugs=$((bugs + 1))
}

bugs=0
expect R3_FIRST accepted                # R3 before the commit: the server goes on, the device falls back
expect SERVER_FIRST accepted            # the server activates when it answers
expect OLD_REQUEST accepted             # a late R1 pushes aside the key that the device has activated
expect IN_PLACE 'd_last>asked'          # a torn commit takes the only record with it
expect NO_ID_RESERVE 'd_last>asked'     # an id asked for twice
expect NO_COUNTER_RESERVE 'd_counter>=used' # a nonce twice
expect NOT_FORGOTTEN destroyed          # a destroyed key comes back
expect NOT_RETIRED 'd_current_state!=2' # two active keys
expect COUNTER_FROM_ZERO 'd_counter>=used'  # a restart forgets what was reserved
expect NO_TOMBSTONE had_key                 # the newest record is wiped, and nothing says that there was a key
expect ONE_BLOCK 'd_last>asked' -DFLASH -DCOUNTERS=2 # flash: the block with the only record is erased
echo "$bugs planted bugs found"
