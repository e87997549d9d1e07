#!/bin/sh
# Pages that are made from the program are what the program says now, and files for others' tools are what those read.
# usage: test_made.sh TREE REKEYLAB
set -u
tree=$1
rekeylab=$2
made=$(mktemp)
trap 'rm -f "$made"' EXIT
REKEYLAB_ROOT=$tree
export REKEYLAB_ROOT
bad=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

# same FILE COMMAND...: FILE of the tree is what the command prints
same() {
    file=$1
    shift
    "$@" >"$made" || complain "$*: status $?"
    diff "$tree/$file" "$made" || complain "$file is not what is printed now (>): (cd $tree && $* >$file)"
}
same scenarios/reference.md "$rekeylab" describe all --format md
same engine/cli/rekeylab.1 "$tree/engine/cli/man.sh" "$rekeylab"

# The manual page: no word of the formatter. A version has no date until it is released.
if ! command -v mandoc >/dev/null; then
    complain "mandoc is missing: apt-get install mandoc"
else
    said=$(mandoc -Tlint -W warning "$tree/engine/cli/rekeylab.1" | grep -v 'missing date')
    [ -z "$said" ] || complain "rekeylab.1: $said"
fi
for command in $("$rekeylab" --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p'); do
    grep -q "^\.SS $command\( \|\$\)" "$tree/engine/cli/rekeylab.1" || complain "rekeylab.1 has no command $command"
done

# CITATION.cff, by the schema of CFF 1.2.0: what is required, nothing that it does not know, and our version and licence.
citation=$tree/CITATION.cff
known=' abstract authors cff-version commit contact date-released doi identifiers keywords license license-url message
 preferred-citation references repository repository-artifact repository-code title type url version '
sed -n 's/^\([a-z-]*\):.*/\1/p' "$citation" | while read -r key; do
    echo "$known" | grep -q " $key\( \|\$\)" || echo "CITATION.cff: $key is no key of CFF 1.2.0"
done >"$made"
[ ! -s "$made" ] || complain "$(cat "$made")"
for line in 'cff-version: 1.2.0' 'message: ..*' 'title: ..*' 'authors:' 'type: software' 'license: GPL-3.0-or-later' \
    "version: $("$rekeylab" --version | cut -d' ' -f2)"; do
    grep -qx -- "$line" "$citation" || complain "CITATION.cff: no line $line"
done
[ "$(sed -n '/^authors:/,/^[a-z]/s/^  - name: //p' "$citation")" = '"Rekeylab contributors"' ] ||
    complain "CITATION.cff: authors"
[ $bad = 0 ]
