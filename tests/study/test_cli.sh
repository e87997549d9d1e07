#!/bin/sh
# `rekeylab run` and `rekeylab trace` on the command line: exit statuses and the exact line of what they refuse. Nothing here needs
# an emulator, a library or a measurement: every case ends before the first of them.
# usage: test_cli.sh REKEYLAB
set -u
rekeylab=$1
scenario=tests/study/tiny.yaml
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# refused STATUS LINE ARGUMENTS...: standard error is exactly LINE, standard output is empty
refused()
{
    status=$1 line=$2
    shift 2
    "$rekeylab" "$@" >"$folder/out" 2>"$folder/err" </dev/null
    got=$?
    if [ "$got" -ne "$status" ] || [ "$(cat "$folder/err")" != "$line" ] || [ -s "$folder/out" ]; then
        printf 'rekeylab %s\n  got %s: %s\n  expected %s: %s\n' "$*" "$got" "$(cat "$folder/err")" "$status" "$line"
        failed=1
    fi
}

helps()
{
    if ! "$rekeylab" "$1" --help >"$folder/out" 2>"$folder/err" || ! grep -q "^  rekeylab $1 " "$folder/out" ||
        [ -s "$folder/err" ]; then
        printf 'rekeylab %s --help: no help with an example on standard output\n' "$1"
        failed=1
    fi
}

helps run
helps trace
refused 2 "rekeylab run: too few arguments, expected STUDY.yaml" run
refused 2 "rekeylab run: unexpected argument 'more.yaml', expected STUDY.yaml" run $scenario more.yaml
refused 2 "rekeylab run: unknown option '--resum', expected '--resume'" run $scenario --resum
refused 2 "rekeylab run: --jobs: 'two', expected a whole number" run $scenario --jobs two
refused 2 "rekeylab run: --jobs: no value, expected N" run $scenario --jobs
refused 2 "rekeylab run: --quiet: '--quiet=yes', expected no value" run $scenario --quiet=yes
refused 2 "rekeylab: unknown tier 'fast', expected one of: auto reference timelines cells queue" run $scenario --tier fast
refused 2 "rekeylab: unknown tier 'referenze', expected 'reference'" run $scenario --tier referenze
for shard in 3/2 1 1/0 1/2x -1/2; do
    refused 2 "rekeylab: --shard $shard: no part of a whole, expected I/N, I from 1 to N or from 0" run $scenario --shard=$shard
done
refused 2 "rekeylab: --set axes.engine.tier=reference,queue: axis 'engine.tier': no result depends on it, expected another key" \
    run $scenario --set axes.engine.tier=reference,queue
refused 2 "rekeylab: --set execution=real: execution: 'real' is no choice, expected one of: modelled | native | emulated" \
    run $scenario --execution real
refused 2 "rekeylab: no-such.yaml: No such file or directory, expected a readable file" run no-such.yaml
refused 2 "tests/study/wrong/tag-of-12.yaml:17:14: tag: 12 B, expected 8 B or 16 B" \
    run tests/study/wrong/tag-of-12.yaml
refused 2 "rekeylab: /dev/null/results: cannot make this folder, expected one that can be written to (-o DIR)" \
    run $scenario -o /dev/null/results
refused 2 "rekeylab: --point 12: no such point, expected 0 to 11" trace $scenario --point 12
exit $failed
