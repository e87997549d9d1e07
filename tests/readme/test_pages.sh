#!/bin/sh
# What the pages say works, works: every command of every page is run, in a copy of the tree with the built program as its
# ./rekeylab. One that takes long or changes the machine is run as commands.txt says: with smaller values, or by another
# test. Each page has a copy of its own; files that it has the reader write are written.
# usage: test_pages.sh TREE REKEYLAB BUILD [PAGE...]
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$1" && pwd)
rekeylab=$2
build=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Without pages all of them, and a line of commands.txt that no page has is one too many.
all=
if [ $# = 0 ]; then
    all=yes
    cd "$tree" || exit 2
    # shellcheck disable=SC2046 # names of pages have no spaces
    set -- $(find . \( -path ./build -o -path ./out -o -path ./.git \) -prune -o -name '*.md' -print | LC_ALL=C sort)
fi
# Not by ctest, whose log this test is written to.
find "$build" -name CTestTestfile.cmake -exec sed -n 's/^add_test(\[*=*\[*\([A-Za-z0-9_.-]*\).*/\1/p' {} + >"$folder/tests"
: >"$folder/used"
bad=0
ran=0
instead=0
elsewhere=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

# A copy of what is in the tree, without what was built; .git is only read.
copy_tree() {
    rm -rf "$folder/tree"
    mkdir "$folder/tree"
    for entry in "$tree"/*; do
        case ${entry##*/} in
        rekeylab | build | out) ;;
        *) cp -r "$entry" "$folder/tree/" ;;
        esac
    done
    [ ! -e "$tree/.git" ] || ln -s "$tree/.git" "$folder/tree/.git"
    ln -s "$rekeylab" "$folder/tree/rekeylab"
}

# try PLACE COMMAND
try() {
    began=$(date +%s)
    if ! (cd "$folder/tree" && REKEYLAB_ROOT=$folder/tree exec sh -c "$2") >"$folder/log" 2>&1 </dev/null; then
        complain "$1: $2"
        tail -n 5 "$folder/log"
    fi
    took=$(($(date +%s) - began))
    [ "$took" -lt 5 ] || echo "$took s: $2"
}

# Is each option of command $1 in $2, too?
same_options() {
    for option in $(printf '%s\n' "$1" | grep -oE -- ' --[a-z-]+'); do
        printf '%s\n' "$2" | grep -qE -- "$option([ =]|\$)" || return 1
    done
}

# try_instead PLACE COMMAND: as commands.txt says
try_instead() {
    awk -v command="$2" '
        /^(#|$)/ { next }
        /^[^ ]/ { mine = $0 == command; next }
        mine { sub(/^ +/, ""); print }' "$here/commands.txt" >"$folder/instead"
    echo "$2" >>"$folder/used"
    [ -s "$folder/instead" ] || complain "$1: $2: fence it as \`sh test\`, or give tests/readme/commands.txt what stands for it"
    while read -r line <&3; do
        case $line in
        by\ *)
            grep -qxF -- "${line#by }" "$folder/tests" || complain "$1: $2: there is no test ${line#by }"
            elsewhere=$((elsewhere + 1))
            ;;
        *)
            instead=$((instead + 1))
            try "$1" "$line"
            ;;
        esac
    done 3<"$folder/instead"
    # What stands for a command has its options; a test of its own has them somewhere.
    if ! grep -q '^by ' "$folder/instead" && ! same_options "$2" "$(cat "$folder/instead")"; then
        complain "$1: $2: what stands for it in commands.txt has not all of its options"
    fi
}

for page in "$@"; do
    awk -f "$here/commands.awk" "$tree/$page" >"$folder/commands"
    [ -s "$folder/commands" ] || continue
    copy_tree
    while IFS='	' read -r number how text; do
        place=${page#./}:$number
        case $how in
        test)
            ran=$((ran + 1))
            try "$place" "$text"
            ;;
        sh) try_instead "$place" "$text" ;;
        file)
            file=$folder/tree/$text
            mkdir -p "$(dirname "$file")"
            : >"$file"
            ;;
        text) printf '%s\n' "$text" >>"$file" ;;
        loose) complain "$place: a command in an indented block, expected one fenced as \`sh\`" ;;
        esac
    done <"$folder/commands"
done
if [ -n "$all" ]; then
    grep -vE '^(#| |$)' "$here/commands.txt" >"$folder/lines"
    while read -r line; do
        grep -qxF -- "$line" "$folder/used" || complain "commands.txt: no page has: $line"
    done <"$folder/lines"
fi
echo "$ran commands as they stand, $instead in place of others, $elsewhere by other tests, $bad wrong"
[ $bad = 0 ] && [ $((ran + instead)) -gt 0 ]
