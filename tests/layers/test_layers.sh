#!/bin/sh
# Reads every include line of the tree and fails on one that layers.txt does not allow, or that includes a crypto library's
# header outside its backend. usage: test_layers.sh TREE [LAYERS.TXT]
set -u
tree=$1
layers=${2:-$tree/tests/layers/layers.txt}
cd "$tree" || exit 2
find engine backends devices bench reports tests -name '*.[ch]' | LC_ALL=C sort |
    xargs awk -v layers="$layers" '
    function longest(file,    best, p) {
        best = ""
        for (p in allowed) if (index(file, p) == 1 && length(p) > length(best)) best = p
        return best
    }
    function complain(what) { printf "%s:%d: %s, expected one that tests/layers/layers.txt allows for %s\n", FILENAME, FNR, what, room; bad++ }
    BEGIN {
        while ((getline line < layers) > 0) {
            if (line ~ /^#/ || line !~ /:/) continue
            prefix = line; sub(/[ ]*:.*/, "", prefix)
            rest = line; sub(/^[^:]*:[ ]*/, "", rest)
            if (rest ~ /</) { sys = rest; sub(/.*<[ ]*/, "", sys); system_ok[prefix] = " " sys " "; sub(/<.*/, "", rest) }
            allowed[prefix] = rest
            rules++
        }
        if (!rules) { print layers ": no rules, expected FILE PREFIX: INCLUDE PREFIXES"; exit 1 }
    }
    FNR == 1 { room = longest(FILENAME); files++ }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, part, "\""); inc = part[2]; lines++
        if (room == "") { complain("file in no room"); next }
        ok = index(inc, room) == 1 && inc !~ /\.\./
        n = split(allowed[room], p, " ")
        for (i = 1; i <= n; i++) if (index(inc, p[i]) == 1) ok = 1
        if (system_ok[room] == " any ") ok = 1
        if (!ok) complain("includes \"" inc "\"")
        next
    }
    /^[ \t]*#[ \t]*include[ \t]*</ {
        inc = $0; sub(/^[^<]*</, "", inc); sub(/>.*/, "", inc); lines++
        sys = system_ok[room]
        if (sys == " any ") next
        if (sys != "" && index(sys, " " inc " ") == 0) complain("includes <" inc ">")
        if (inc ~ /^(mbedtls|psa|wolfssl|sodium)[\/.]/) complain("includes the crypto library header <" inc ">")
    }
    END { printf "%d files, %d include lines, %d not allowed\n", files, lines, bad; exit bad || !files }'
