#!/bin/sh
# The test of commands must find what it is for: a command that fails, one that nobody said how to try, and pages without any.
# usage: test_pages_self.sh FOLDER
set -u
here=$(mktemp -d)
tree=$here/tree
mkdir "$tree"
trap 'rm -r "$here"' EXIT
cp "$1"/test_pages.sh "$1"/commands.awk "$here"
failed=0

# says STATUS LINE: with the tree as it is
says()
{
    out=$(sh "$here/test_pages.sh" "$tree" /bin/echo "$here")
    got=$?
    if [ $got != "$1" ] || ! printf '%s\n' "$out" | grep -qxF -- "$2"; then
        printf 'got %s: %s\nexpected %s: %s\n' $got "$out" "$1" "$2"
        failed=1
    fi
}

: >"$here/commands.txt"
echo "A page." >"$tree/README.md"
says 1 "0 commands as they stand, 0 in place of others, 0 by other tests, 0 wrong"
cat >>"$tree/README.md" <<'TEXT'
   ```sh test
   # a comment
   ./rekeylab one   # another
   ./rekeylab two \
       >two
   test "$(cat two)" = two
   ```
```text file=room/three
three
```
```sh test
grep -qx three room/three
```
TEXT
says 0 "4 commands as they stand, 0 in place of others, 0 by other tests, 0 wrong"
# shellcheck disable=SC2016 # back quotes are the page's
printf '```sh test\nfalse\n```\n' >"$tree/wrong.md"
says 1 "wrong.md:2: false"
# shellcheck disable=SC2016
printf '```sh\n./rekeylab long --op all\n```\n' >"$tree/wrong.md"
says 1 "wrong.md:2: ./rekeylab long --op all: fence it as \`sh test\`, or give tests/readme/commands.txt what stands for it"
printf './rekeylab long --op all\n    test -L rekeylab # --op\n' >"$here/commands.txt"
says 0 "4 commands as they stand, 1 in place of others, 0 by other tests, 0 wrong"
printf './rekeylab long --op all\n    test -e rekeylab\n' >"$here/commands.txt"
says 1 "wrong.md:2: ./rekeylab long --op all: what stands for it in commands.txt has not all of its options"
printf './rekeylab long --op all\n    by nobody\n' >"$here/commands.txt"
says 1 "wrong.md:2: ./rekeylab long --op all: there is no test nobody"
printf './rekeylab long --op all\n    true --op\n./rekeylab gone\n    true\n' >"$here/commands.txt"
says 1 "commands.txt: no page has: ./rekeylab gone"
printf 'In a text:\n\n    ./rekeylab long\n' >"$tree/wrong.md"
says 1 "wrong.md:3: a command in an indented block, expected one fenced as \`sh\`"
exit $failed
