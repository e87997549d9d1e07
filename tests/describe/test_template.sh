#!/bin/sh
# devices/_template: has every field of a device and no other, is refused until it is filled, is no device, and names files
# that exist.
# usage: test_template.sh REKEYLAB TREE
set -u
program=$1
template=$2/devices/_template
REKEYLAB_ROOT=$2
export REKEYLAB_ROOT
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

# `device` is for boards only. An optional field stands behind a mark, with its default.
"$program" describe device --fields | sed -n 's/^\([a-z0-9_]*\)$/\1/p' | grep -vx device | sort >"$folder/fields"
sed -n 's/^\(# \)\{0,1\}\([a-z0-9_]*\): .*/\2/p' "$template/device.yaml" | grep -vxE 'kind|source' | sort -u >"$folder/keys"
[ -s "$folder/fields" ] || complain "describe device --fields prints no fields"
diff "$folder/fields" "$folder/keys" || complain "fields (<) and keys of the template (>) differ"

"$program" describe device | grep -q '^_template' && complain "describe device lists the template"

mkdir -p "$folder/devices"
cp -r "$template" "$folder/devices/part"
said=$(REKEYLAB_ROOT=$folder "$program" describe device part 2>&1)
[ $? = 2 ] || complain "an unfilled device is not refused"
case $said in
*device.yaml:*:*:\ name:\ *) ;;
*) complain "an unfilled device: says '$said', expected the line of 'name'" ;;
esac
# What is required has a gap; radio and battery have the usual ones.
"$program" describe device --fields | awk '/^[a-z]/ { key = $1 } /; required$/ { print key }' | grep -vxE 'radio|battery' |
    sort >"$folder/required"
sed -n '/<N>\|""/s/^\([a-z0-9_]*\): .*/\1/p' "$template/device.yaml" | sort >"$folder/gaps"
diff "$folder/required" "$folder/gaps" || complain "required fields (<) and gaps of the template (>) differ"

# shellcheck disable=SC2013 # paths are words
for file in $(grep -ohE '(devices/|\{RK_ROOT\}/)[a-z0-9_./-]*[a-z0-9]' "$template/device.cmake" "$template/device.yaml"); do
    [ -e "$2/${file#\{RK_ROOT\}/}" ] || complain "the template names $file, which does not exist"
done
[ $bad = 0 ]
