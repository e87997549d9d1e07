#!/bin/sh
# `rekeylab report` refuses what is no results database of this version, in one line with status 2, and writes nothing.
# usage: test_report.sh REKEYLAB DATABASES
set -u
rekeylab=$1
databases=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# refused FILE PATTERN
refused()
{
    "$rekeylab" report "$folder/$1" -o "$folder/report" >"$folder/out" 2>"$folder/err"
    got=$?
    if [ $got != 2 ] || [ -s "$folder/out" ] || [ "$(wc -l <"$folder/err")" != 1 ] ||
        ! grep -q -- "$folder/$1: .*$2.*expected " "$folder/err"; then
        printf 'report %s\n  got %s: %s\n  expected 2: ... %s\n' "$1" $got "$(cat "$folder/out" "$folder/err")" "$2"
        failed=1
    fi
    [ ! -e "$folder/report" ] || { echo "report $1: something was written"; failed=1; }
}

"$databases" "$folder/foreign.db" foreign || exit 1
"$databases" "$folder/newer.db" newer || exit 1
echo 'not a database, and long enough that nobody takes it for the header of one: 0123456789 0123456789' >"$folder/text.db"
: >"$folder/empty.db"
head -c 5000 "$folder/newer.db" >"$folder/cut.db"
mkdir "$folder/folder.db"

refused missing.db 'no such file'
refused text.db 'not a database'
refused empty.db ''
refused cut.db ''
refused folder.db ''
refused foreign.db ''
refused newer.db 'schema version 99'
[ "$(wc -c <"$folder/empty.db")" = 0 ] || { echo "empty.db was written to"; failed=1; }
exit $failed
