#!/bin/sh
# What shells offer is what the program takes: every command, every option that a command's help names, names of devices,
# operations, metrics and keys, in lists too. Bash, and zsh and
# fish where they are installed, complete with the script what somebody types; which ones did is said at the end.
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
# A terminal in which somebody types. `rekeylab` itself notes how it was called.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/here"
cat >"$work/bin/rekeylab" <<END
#!/bin/sh
[ "\$1" = completion ] && exec "$rekeylab" "\$@"
for word; do printf '<%s>' "\$word"; done >>"$work/typed"
echo >>"$work/typed"
END
chmod +x "$work/bin/rekeylab"
: >"$work/here/one.yaml"
export PATH="$work/bin:$PATH" TERM=dumb

# types SHELL COMMAND : in a terminal of COMMAND each line is completed to what it should be
types() {
    : >"$work/typed"
    (cd "$work/here" && printf 'rekeylab %s\t\n' 'recom' 'bench --device cortex-m4,msp' 'describe rad' 'run one.y' 'run --set policy.ren'
    printf 'exit\n') >"$work/keys"
    (cd "$work/here" && timeout 60 script -qec "$2" /dev/null <"$work/keys") >"$work/screen" 2>&1
    cat >"$work/expected" <<'END'
<recommend>
<bench><--device><cortex-m4,msp430f1611>
<describe><radio>
<run><one.yaml>
<run><--set><policy.renew=>
END
    cmp -s "$work/expected" "$work/typed" || { echo "$1 completes to"; cat "$work/typed"; echo expected; cat "$work/expected" "$work/screen"; failed=1; }
    tried="$tried $1"
}

tried='' missing=''
"$rekeylab" completion bash >"$work/bashrc"
types bash "bash --rcfile '$work/bashrc' -i"
if command -v zsh >/dev/null; then
    mkdir "$work/zsh" "$work/functions"
    # shellcheck disable=SC2016
    printf 'autoload -U compinit\ncompinit -u -D\neval "$(rekeylab completion zsh)"\n' >"$work/zsh/.zshrc"
    ZDOTDIR=$work/zsh types zsh 'zsh -d -i'
    "$rekeylab" completion zsh >"$work/functions/_rekeylab"
    # shellcheck disable=SC2016
    printf 'fpath=("%s" $fpath)\nautoload -U compinit\ncompinit -u -D\n' "$work/functions" >"$work/zsh/.zshrc"
    ZDOTDIR=$work/zsh types 'zsh by a file' 'zsh -d -i'
else
    missing="$missing zsh"
fi
if command -v fish >/dev/null; then
    "$rekeylab" completion fish >"$work/rekeylab.fish"
    HOME=$work XDG_CONFIG_HOME=$work types fish "fish -C 'source $work/rekeylab.fish'"
else
    missing="$missing fish"
fi
echo "completed by:$tried${missing:+; not tried, as not installed:$missing}"
exit $failed
