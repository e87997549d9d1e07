#!/bin/sh
# What shells offer is what the program takes: every command, every option that a command's help names, names of devices,
# operations, metrics and keys, in lists too; and bash really completes with the script.
# usage: test_completion.sh REKEYLAB
set -u
rekeylab=$1
failed=0

words() {
    "$rekeylab" completion words -- "$@" || echo "status $?"
}

# same WHAT EXPECTED GOT
same() {
    [ "$2" = "$3" ] || { printf '%s: offers\n%s\nexpected\n%s\n' "$1" "$3" "$2"; failed=1; }
}

# offers WORD ARGUMENTS... : WORD is among what is offered
offers() {
    word=$1
    shift
    words "$@" | grep -qxF -- "$word" || { echo "$*: does not offer $word: $(words "$@" | head -n 5)"; failed=1; }
}

commands=$("$rekeylab" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort)
same commands "$commands" "$(words '' | sort)"
for command in $(echo "$commands" | grep -vx test); do
    options=$("$rekeylab" "$command" --help | sed -n 's/^  \(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort)
    same "$command --" "$options" "$(words "$command" -- | sort)"
done
offers atmega1284p bench --device ''
offers cortex-m4,atmega1284p bench --device cortex-m4,at
offers mbedtls call --backend ''
offers x25519_agree bench --op x2
offers battery_life_d export results.db --metric b
offers policy.renew= run scenarios/smoke.yaml --set p
offers bmf export results.db --format ''
offers junit compare a b --format ''
offers smoke run ''
offers :file run ''
offers radio describe ''
offers cc2420 describe radio ''
same 'a number' '' "$(words bench --inputs '')"
if "$rekeylab" completion tcsh 2>/dev/null; then
    echo "a script for tcsh"
    failed=1
fi

# completed LINE : what bash offers at its end
completed() {
    PATH=$(dirname "$rekeylab"):$PATH bash --norc -c '
        eval "$(rekeylab completion bash)"
        COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        case $1 in *" ") COMP_WORDS+=("") COMP_CWORD=$((COMP_CWORD + 1)) ;; esac
        _rekeylab
        echo "${COMPREPLY[@]}"' bash "$1"
}
same 'bash: rek' 'recommend report' "$(completed 'rekeylab re' | tr ' ' '\n' | sort | tr '\n' ' ' | sed 's/ $//')"
same 'bash: list' 'cortex-m4,msp430f1611' "$(completed 'rekeylab bench --device cortex-m4,msp')"
same 'bash: file' 'scenarios/smoke.yaml' "$(completed 'rekeylab run scenarios/smoke.y')"
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        "$rekeylab" completion $shell >"${TMPDIR:-/tmp}/completion.$$"
        $shell -n "${TMPDIR:-/tmp}/completion.$$" || { echo "$shell does not read its script"; failed=1; }
        rm -f "${TMPDIR:-/tmp}/completion.$$"
    fi
done
exit $failed
