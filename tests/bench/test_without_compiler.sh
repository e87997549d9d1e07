#!/bin/sh
# Without a device's compiler a study takes the rows that the tree carries and says so; measuring says what is missing.
# usage: test_without_compiler.sh REKEYLAB TREE
set -u
rekeylab=$1
tree=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# The tree with another compiler for one device.
mkdir -p "$folder/tree/devices"
ln -s "$tree"/* "$folder/tree/" 2>/dev/null
ln -s "$tree"/devices/* "$folder/tree/devices/"
rm "$folder/tree/devices/cortex-m4"
cp -r "$tree/devices/cortex-m4" "$folder/tree/devices/"
echo 'set(RK_COMPILER gcc-that-nobody-has)' >>"$folder/tree/devices/cortex-m4/device.cmake"
export REKEYLAB_ROOT="$folder/tree"

if ! "$rekeylab" run "$tree/scenarios/smoke.yaml" --set device=cortex-m4 -o "$folder/out" --no-table \
    >"$folder/said" 2>&1; then
    echo "run: $(cat "$folder/said")"
    failed=1
fi
if ! grep -q 'gcc-that-nobody-has is not installed: .*: taking the rows recorded for mbedtls@.* on cortex-m4$' \
    "$folder/said"; then
    echo "run does not say what it takes: $(cat "$folder/said")"
    failed=1
fi
"$rekeylab" bench --device cortex-m4 --backend mbedtls --op sha256 --quiet >"$folder/said" 2>&1
status=$?
if [ $status != 3 ] || ! grep -q 'gcc-that-nobody-has is not installed: apt-get install' "$folder/said"; then
    echo "bench: status $status: $(cat "$folder/said")"
    failed=1
fi
exit $failed
