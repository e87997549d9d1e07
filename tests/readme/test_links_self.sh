#!/bin/sh
# The test of links must find what it is for.
# usage: test_links_self.sh FOLDER
set -u
here=$1
tree=$(mktemp -d)
trap 'rm -r "$tree"' EXIT
mkdir "$tree/room"
echo '# A heading, with (marks)' >"$tree/room/page.md"
# A program with one command that has one option.
cat >"$tree/rekeylab" <<'PROGRAM'
#!/bin/sh
[ "$1" = run ] && echo '  -j, --jobs N   threads'
PROGRAM
chmod +x "$tree/rekeylab"
failed=0

# says LINE TEXT: the page README.md with that text makes the test say the line
says()
{
    printf '%s\n' "$2" >"$tree/README.md"
    out=$(sh "$here/test_links.sh" "$tree" "$tree/rekeylab")
    if ! printf '%s\n' "$out" | grep -qxF -- "$1"; then
        printf '%s\n  says: %s\n  expected: %s\n' "$2" "$out" "$1"
        failed=1
    fi
}

# shellcheck disable=SC2016 # back quotes are the page's
{
    says '5 links, paths and calls, 0 wrong' \
        '[a](room/page.md) [b](room/page.md#a-heading-with-marks) `room/page.md` `./rekeylab run -j 2` [c](https://no.example)'
    says 'README.md:1: there is no room/gone.md' '[a](room/gone.md)'
    says 'README.md:1: no heading #gone in ./room/page.md' '[a](room/page.md#gone)'
    says 'README.md:1: there is no room/gone.c' 'a `room/gone.c`'
    says 'README.md:1: there is no command ran: ./rekeylab ran' '`./rekeylab ran`'
    says 'README.md:1: run has no --job: rekeylab run --job 2' '`rekeylab run --job 2`'
}
exit $failed
