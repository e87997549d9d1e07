#!/bin/sh
# Every scenario of the tree begins with its question, ranks what answers it, and is in the README; every service is on every
# platform that suits it. That each runs, on two tiers, is for tests/sim/test_exact_scenarios.sh.
# usage: test_scenarios.sh REKEYLAB; from the root
set -u
rekeylab=$1
bad=0

complain() {
    echo "$*"
    bad=$((bad + 1))
}

# out: the value of a field of `describe KIND NAME`.
value_of() {
    "$rekeylab" describe "$1" "$2" | sed -n "s/^$3: //p" | head -n 1
}

count=0
for scenario in scenarios/*.yaml; do
    name=$(basename "$scenario" .yaml)
    count=$((count + 1))
    question=$(value_of scenario "$name" question)
    [ "$(head -n 1 "$scenario")" = "# $question" ] || complain "$scenario: first line is not '# $question'"
    case $question in *\?) ;; *) complain "$scenario: '$question' is no question" ;; esac
    grep -qF "| \`$name.yaml\` | $question |" scenarios/README.md || complain "scenarios/README.md: no line of $name.yaml"
    # The page of the wearable answers by device, and smoke asks nothing that could be ranked.
    case $name in healthcare-wearable | smoke) continue ;; esac
    [ "$(value_of scenario "$name" rank.metric)" != none ] || complain "$scenario: ranks nothing"
done
[ "$count" -ge 24 ] || complain "$count scenarios, expected at least 24"

for service in scenarios/services/*.yaml; do
    name=$(basename "$service" .yaml)
    asked=$("$rekeylab" describe scenario "$name-platforms" | sed -n 's/^axes.platform: //p')
    for platform in $(value_of service "$name" platforms | tr -d ,); do
        case " $asked," in *" $platform,"*) ;; *) complain "$name-platforms.yaml: not on $platform" ;; esac
    done
done

echo "$bad wrong"
[ "$bad" = 0 ]
