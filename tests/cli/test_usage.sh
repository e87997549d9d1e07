#!/bin/sh
# Every subcommand: help with an example, one line and status 2 for bad usage, JSON and nothing else with --json.
# usage: test_usage.sh REKEYLAB JSON
set -u
rekeylab=$1
json=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

complain()
{
    printf '%s\n' "$*"
    failed=1
}

run()
{
    "$rekeylab" "$@" >"$folder/out" 2>"$folder/err" </dev/null
    status=$?
}

# refused LINE ARGUMENTS...
refused()
{
    line=$1
    shift
    run "$@"
    [ $status = 2 ] || complain "rekeylab $*: status $status, expected 2"
    [ ! -s "$folder/out" ] || complain "rekeylab $*: '$(cat "$folder/out")' on standard output, expected nothing"
    [ "$(cat "$folder/err")" = "$line" ] || complain "rekeylab $*: says '$(cat "$folder/err")', expected '$line'"
}

# pure KIND ARGUMENTS...
pure()
{
    kind=$1
    shift
    run "$@"
    [ $status = 0 ] || complain "rekeylab $*: status $status: $(cat "$folder/err")"
    "$json" "$kind" <"$folder/out" || complain "rekeylab $*: standard output is not one JSON $kind"
}

run --help
commands=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$folder/out" | grep -vx test)
[ "$(echo "$commands" | wc -l)" -ge 8 ] || complain "--help names $commands"
run --version
{ [ $status = 0 ] && grep -qE '^rekeylab [0-9]+\.[0-9]+\.[0-9]+$' "$folder/out"; } || complain "--version: $(cat "$folder/out")"
run
{ [ $status = 2 ] && [ ! -s "$folder/out" ] && grep -q '^usage: ' "$folder/err"; } || complain "no command: status $status"
refused "rekeylab: unknown command 'bensh', expected 'bench'" bensh
refused "rekeylab: unknown command 'xyzzy', expected one of: $(echo "$commands" | tr '\n' ' ' | sed 's/ $//')" xyzzy

for command in $commands; do
    run "$command" --help
    { [ $status = 0 ] && [ ! -s "$folder/err" ]; } || complain "$command --help: status $status, $(cat "$folder/err")"
    grep -q "^usage: rekeylab $command" "$folder/out" || complain "$command --help: no usage"
    grep -q "^  rekeylab $command" "$folder/out" || complain "$command --help: no example"
    run "$command" --no-such-option
    { [ $status = 2 ] && [ ! -s "$folder/out" ] && [ "$(wc -l <"$folder/err")" = 1 ]; } ||
        complain "$command --no-such-option: status $status, $(cat "$folder/err")"
done

refused "rekeylab bench: unexpected argument 'sha256', expected options only" bench sha256
refused "rekeylab: unknown device 'atmega1284', expected 'atmega1284p'" bench --device atmega1284
devices=$(cd "${REKEYLAB_ROOT:?}/devices" && LC_ALL=C && export LC_ALL &&
    { printf '%s\n' */device.yaml | grep -v '^_' | sort && cd boards && printf '%s\n' *.yaml | sort; } |
    sed 's|/device.yaml$||; s|.yaml$||' | tr '\n' ' ' | sed 's/ $//')
refused "rekeylab: unknown device 'toaster', expected one of: $devices" bench --device toaster
refused "rekeylab: unknown backend 'mbed', expected one of: mbedtls wolfssl libsodium ascon" bench --backend mbed
refused "rekeylab: unknown backend 'wolfsl', expected 'wolfssl'" bench --backend wolfsl@5.7.2
refused "rekeylab: backend 'mbedtls@' has no version after the @, expected NAME@VERSION or NAME" bench --backend mbedtls@
refused "rekeylab: 'host' is there twice, expected each name once" bench --device host,host
refused "rekeylab: '' is no name in a list, expected up to 32 names, comma-separated" bench --device host,
refused "rekeylab: unknown operation 'sha25', expected 'sha256'" bench --device host --op sha25
refused "rekeylab: unknown operation '', expected a name that \`rekeylab describe operation\` lists" \
    bench --device host --op sha256,
for size in 16,,32 -1 +1 ' 16' 0x10 1e1 257 99999999999999999999 16x ''; do
    refused "rekeylab: --size \`$size\`, expected up to 16 sizes of 0 to 256 bytes between commas" \
        bench --device host --op sha256 --size "$size"
done
refused "rekeylab: --size \`16,16\`: 16 is there twice, expected each size once" \
    bench --device host --op sha256 --size 16,16
refused "rekeylab: --size 17: aes_key_wrap takes multiples of 8 from 16 to 32 bytes, expected that or other operations (--op)" \
    bench --device host --backend mbedtls --op aes_key_wrap --size 17
for inputs in 0 1001 4294967297; do
    refused "rekeylab: --inputs $inputs, expected 1 to 1000" bench --device host --inputs $inputs
done
# A letter's value may be attached, as a long name's.
for jobs in -j1 '-j 1' --jobs=1 '--jobs 1'; do
    # shellcheck disable=SC2086 # words
    pure array bench --device host --backend libsodium --op sha256 --quiet --json $jobs
done
refused "rekeylab bench: --jobs: '=1', expected a whole number" bench -j=1
refused "rekeylab bench: --quiet: '-qq', expected no value" bench -qq
refused "rekeylab bench: --jobs: no value, expected N" bench -j
refused "rekeylab bench: unknown option '-json', expected '--json'" bench -json
refused "rekeylab bench: unknown option '--jsn', expected '--json'" bench --jsn
refused "rekeylab: unknown mechanism 'derve', expected 'derive'" powercut --mechanism derve
refused "rekeylab: unknown kind 'devise', expected 'device'" describe devise
refused "rekeylab bench: --inputs: 'three', expected a whole number" bench --inputs three
refused "rekeylab: --device is missing, expected \`rekeylab call --device cortex-m4 --backend mbedtls --op sha256 message=616263\`" \
    call

pure array bench --device host --backend libsodium --op sha256 --json
pure object call --device host --backend libsodium --op sha256 message=616263 --json
pure array doctor --json
pure array describe device --json
pure object describe device cortex-m4 --json
pure object trace smoke --recorded --quiet --json
pure array bench --recorded --device cortex-m4 --backend mbedtls --op sha256 --json
for command in run trace audit recommend; do
    refused "rekeylab: unknown scenario 'smokee', expected 'smoke'" $command smokee
done
refused "rekeylab validate: unknown option '--xyzzy', expected one of --help --csv --jobs --json --quiet" validate --xyzzy
refused "rekeylab: --recorded measures nothing, expected it without --record, --check and --fresh" \
    bench --device cortex-m4 --backend mbedtls --recorded --check
refused "rekeylab: unknown operation 'sha25', expected 'sha256'" bench --device cortex-m4 --backend mbedtls --recorded --op sha25

# Every command that shows something can show it as JSON.
for command in $(echo "$commands" | grep -vx completion); do
    run "$command" --help
    grep -q '^  --json ' "$folder/out" || complain "$command: no --json"
done

# A full disk behind standard output is noticed.
if [ -e /dev/full ]; then
    for command in 'bench --device host --backend libsodium --op sha256' \
        'call --device host --backend libsodium --op sha256 message='; do
        # shellcheck disable=SC2086 # words
        "$rekeylab" $command --json --quiet >/dev/full 2>"$folder/err"
        [ $? = 2 ] || complain "$command into a full disk: expected status 2"
    done
fi
exit $failed
