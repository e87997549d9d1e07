#!/bin/sh
# A probe whose device runs a lifecycle that was broken on purpose, while the host's is sound.
# usage: on_device.sh PROBE TREE CHANGE.sed STUDY.yaml REQUIREMENT VERDICT PATTERN [OPTIONS]
set -eu
probe=$1
tree=$2
change=$3
shift 3
copy=$(mktemp -d)
trap 'rm -r "$copy"' EXIT
for folder in backends bench devices engine scenarios; do
    cp -r "$tree/$folder" "$copy/"
done
for file in "$copy"/engine/lifecycle/*.c; do
    sed -E -i -f "$change" "$file"
done
! diff -r "$tree/engine/lifecycle" "$copy/engine/lifecycle" >/dev/null || {
    echo "$change: the change no longer applies"
    exit 1
}
REKEYLAB_ROOT=$copy "$probe" "$copy" "$@" --device
