#!/bin/sh
# What backends/fetch derives from a machine's apt lists, both styles, beside what must be ignored.
# usage: test_apt_list.sh TREE
set -eu
tree=$1
lists=$tree/tests/launcher/apt
bad=0
for kind in oneline deb822 company; do
    if ! "$tree/backends/fetch" --apt-list trixie "$lists/$kind" | diff -u "$lists/$kind/expected" -; then
        echo "$lists/$kind: not the expected list"
        bad=1
    fi
done

# A list without the Debian archive is something missing, not an empty list.
status=0
said=$("$tree/backends/fetch" --apt-list trixie "$lists/none" 2>&1) || status=$?
wanted="backends/fetch: no entry for suite bookworm of the Debian archive in $lists/none"
if [ $status -ne 3 ] || [ "$said" != "$wanted" ]; then
    echo "a list without the archive: exit status $status, said: $said"
    bad=1
fi

# apt itself reads what was derived: it would ask both addresses for the suite.
if command -v apt-get >/dev/null; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/parts" "$work/lists/partial"
    "$tree/backends/fetch" --apt-list trixie "$lists/deb822" >"$work/suite.sources"
    printf '%s "%s";\n' Dir::State::lists "$work/lists" Dir::Etc::sourcelist "$work/suite.sources" \
        Dir::Etc::sourceparts "$work/parts" Dir::Cache "$work" >"$work/apt.conf"
    apt-get -c "$work/apt.conf" update --print-uris >"$work/addresses"
    for mirror in mirror second; do
        if ! grep -qF "'http://$mirror.example/debian/dists/trixie/InRelease'" "$work/addresses"; then
            echo "apt would not read suite trixie from $mirror.example, but:"
            cat "$work/addresses"
            bad=1
        fi
    done
fi
exit $bad
