#!/bin/sh
# What the README files say works, works: runs every block that is fenced as ```sh test, line by line, in a folder of its
# own that looks like the tree, with ./rekeylab being the built program.
# usage: test_readme.sh TREE REKEYLAB [README...]
set -u
tree=$1
rekeylab=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ $# -gt 0 ] || set -- "$tree"/README.md "$tree"/*/README.md "$tree"/*/*/README.md
for entry in "$tree"/*; do
    case ${entry##*/} in
    rekeylab | build | out) ;;
    *) ln -s "$entry" "$folder/" ;;
    esac
done
ln -s "$rekeylab" "$folder/rekeylab"
cd "$folder" || exit 2

ran=0
failed=0
for readme in "$@"; do
    [ -r "$readme" ] || continue
    # Lines inside of tested blocks, with their number; a line that ends in \ goes on.
    awk '
        /^```/ { inside = !inside && $0 ~ /^```sh test[ \t]*$/; next }
        !inside || /^[ \t]*(#.*)?$/ { next }
        { line = line $0 }
        sub(/\\$/, "", line) { next }
        { print FNR "\t" line; line = "" }' "$readme" >lines
    while IFS='	' read -r number line; do
        ran=$((ran + 1))
        if ! sh -c "$line" >log 2>&1 </dev/null; then
            echo "${readme#"$tree"/}:$number: $line"
            tail -n 5 log
            failed=$((failed + 1))
        fi
    done <lines
done
echo "$ran commands, $failed failed"
[ $failed = 0 ] && [ $ran -gt 0 ]
