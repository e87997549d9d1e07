#!/bin/sh
# The test of README commands must find what it is for: a command that fails, and a README without any.
# usage: test_readme_self.sh FOLDER
set -u
here=$1
tree=$(mktemp -d)
trap 'rm -r "$tree"' EXIT
failed=0

# says STATUS LINE: with the tree as it is
says()
{
    out=$(sh "$here/test_readme.sh" "$tree" /bin/echo)
    got=$?
    if [ $got != "$1" ] || ! echo "$out" | grep -qxF -- "$2"; then
        printf 'got %s: %s\nexpected %s: %s\n' $got "$out" "$1" "$2"
        failed=1
    fi
}

cat >"$tree/README.md" <<'TEXT'
```sh
false, but not tested
```
TEXT
says 1 "0 commands, 0 failed"
cat >>"$tree/README.md" <<'TEXT'
```sh test
# a comment
./rekeylab one   # another
./rekeylab two \
    >two
test "$(cat two)" = two
```
TEXT
says 0 "3 commands, 0 failed"
printf '```sh test\n./rekeylab three\nfalse\n```\n' >>"$tree/README.md"
says 1 "README.md:13: false"
exit $failed
