#!/bin/sh
# Every shell script of the tree parses; with shellcheck, none has an error or a warning.
# usage: test_shell.sh TREE
# Exit status 77, which ctest shows as skipped, when all parse and shellcheck is not installed.
set -u
cd "$1" || exit 2
bad=0
scripts=$(find . \( -path ./build -o -path ./.git -o -path ./out \) -prune -o -type f -size -200k -print |
    while read -r file; do
        case $(head -c 24 "$file" | head -n 1 | tr -d '\000') in
        '#!/bin/sh'* | '#!/usr/bin/env bash'* | '#!/bin/bash'*) echo "$file" ;;
        esac
    done)
[ -n "$scripts" ] || { echo "no shell scripts found in $1" && exit 1; }
for script in $scripts; do
    shell="sh"
    case $(head -n 1 "$script") in
    *bash) shell=bash ;;
    esac
    $shell -n "$script" || bad=1
done
[ $bad -eq 0 ] || exit 1
command -v shellcheck >/dev/null || { echo "shellcheck is not installed" && exit 77; }
# shellcheck disable=SC2086 # paths of the tree have no blanks
shellcheck -S warning $scripts
