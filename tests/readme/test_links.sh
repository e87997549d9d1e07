#!/bin/sh
# What the pages point at is there: links to pages, their headings and files; paths of the tree that stand in a text; and
# calls of rekeylab there, whose command and options it must have.
# usage: test_links.sh TREE [REKEYLAB]
set -u
tree=$(cd "$1" && pwd)
rekeylab=${2:-}
cd "$tree" || exit 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0
looked=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

# The anchors of a page's headings, as GitHub and GitLab make them.
anchors() {
    awk '/^```/ { inside = !inside } !inside && /^#+ / {
        sub(/^#+ /, ""); $0 = tolower($0); gsub(/[^a-z0-9 _-]/, ""); gsub(/ /, "-"); print }' "$1"
}

# out: LINE <tab> KIND <tab> TEXT: `link` of [text](TEXT), `span` between back quotes, outside of fenced blocks
found_in() {
    awk '
        /^[ \t]*```/ { inside = !inside; next }
        inside { next }
        {
            rest = $0
            while (match(rest, /\]\([^)]*\)/)) {
                print FNR "\tlink\t" substr(rest, RSTART + 2, RLENGTH - 3)
                rest = substr(rest, RSTART + RLENGTH)
            }
            rest = $0
            while (match(rest, /`[^`]+`/)) {
                print FNR "\tspan\t" substr(rest, RSTART + 1, RLENGTH - 2)
                rest = substr(rest, RSTART + RLENGTH)
            }
        }' "$1"
}

# check_link PLACE FOLDER-OF-PAGE PAGE LINK
check_link() {
    case $4 in http://* | https://*) return ;; esac
    file=${4%%#*}
    anchor=
    case $4 in *#*) anchor=${4#*#} ;; esac
    file=${file:+$2/$file}
    [ -e "${file:-$3}" ] || complain "$1: there is no $4"
    [ -z "$anchor" ] || anchors "${file:-$3}" | grep -qxF -- "$anchor" || complain "$1: no heading #$anchor in ${file:-$3}"
}

# check_path PLACE FOLDER-OF-PAGE PATH PAGE: from the root, or beside the page; one that is made up has capitals or marks
check_path() {
    case $3 in
    *[!a-zA-Z0-9_./@-]* | *[A-Z][A-Z]* | /* | *//*) return ;;
    */*) ;;
    *) return ;;
    esac
    first=${3%%/*}
    # Only what begins with a folder of the tree, or of the page's, is a path.
    [ -d "$first" ] || [ -d "$2/$first" ] || return 0
    for place in "$3" "$2/$3"; do
        [ ! -e "$place" ] && [ ! -e "$place.h" ] && [ ! -e "$place.c" ] || return 0
    done
    case $3 in build/* | out/*) return ;; esac
    # One that the page has its reader write.
    ! grep -q '```.*file='"$3"'$' "$4" || return 0
    complain "$1: there is no $3"
}

# check_call PLACE CALL: command and options exist
check_call() {
    call=${2#./}
    call=${call#rekeylab }
    command=${call%% *}
    case $command in test | [A-Z]* | -*) return ;; esac
    [ -e "$folder/$command" ] || "$rekeylab" "$command" --help >"$folder/$command" 2>/dev/null ||
        complain "$1: there is no command $command: $2"
    for option in $(printf '%s\n' "$call" | grep -oE -- ' --?[a-z][a-z-]*'); do
        grep -qE -- "(^  |, )$option( |,|\$)" "$folder/$command" || complain "$1: $command has no $option: $2"
    done
}

find . \( -path ./build -o -path ./out -o -path ./.git \) -prune -o -name '*.md' ! -path './reports/page/*' -print |
    LC_ALL=C sort | sed 's/^\.\///' >"$folder/pages"
while read -r page; do
    at=$(dirname "$page")
    found_in "$page" >"$folder/found"
    while IFS='	' read -r number kind text; do
        looked=$((looked + 1))
        case $kind:$text in
        link:*) check_link "$page:$number" "$at" "$page" "$text" ;;
        span:rekeylab\ * | span:./rekeylab\ *) [ -z "$rekeylab" ] || check_call "$page:$number" "$text" ;;
        span:*) check_path "$page:$number" "$at" "$text" "$page" ;;
        esac
    done <"$folder/found"
done <"$folder/pages"

echo "$looked links, paths and calls, $bad wrong"
[ $bad = 0 ] && [ $looked -gt 0 ]
