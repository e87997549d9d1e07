# Usage: wiped="FUNCTION LOCAL[,LOCAL...] -|POINTER[,POINTER...] all|CONDITION ..." awk -f wiped.awk FILE.c
# A twin of the source for the proof that locals are zero at every exit: each stands before its function, where a
# postcondition can speak of it, and is zero at entry, as what holds no secret yet. The library's wipe is called by
# name, so that its contract holds of every call, and so are aead_seal and key_pair, of which nothing is promised: WP
# takes a call through a table to change parameters, too. LOCAL - : the function has a contract of its own. POINTERs
# are apart from the local and from each other. Nothing else changes.
{ line[NR] = $0 }
function zero(variable) {
    return "\\forall integer i; 0 <= i < sizeof(" variable ") ==> ((uint8_t *)&" variable ")[i] == 0"
}
function hoist(name, variables, apart, only, of, n, i, k, start, at) {
    if (variables == "-") # its own contract says it
        return
    for (i = 1; i <= NR; i++)
        if (line[i] ~ "^[a-z].*[ *]" name "\\(") {
            for (k = i; line[k] !~ /;$|\)$/; k++);
            if (line[k] ~ /\)$/)
                start = i
        }
    needs = promises = ""
    n = split(variables, of, ",")
    for (k = 1; k <= n; k++) {
        at = 0
        for (i = start; start && line[i] != "}"; i++)
            if (!at && line[i] ~ "^    [a-z].* " of[k] "(\\[.*\\])?;$")
                at = i
        if (!at) {
            print FILENAME ": " name " has no local " of[k] >"/dev/stderr"
            failed = 1
            return
        }
        before[start] = before[start] "static" substr(line[at], 4) "\n"
        needs = needs "    requires " zero(of[k]) ";\n"
        if (apart != "-")
            needs = needs "    requires \\separated((uint8_t *)&" of[k] " + (0 .. sizeof(" of[k] ") - 1), " apart ");\n"
        promises = promises "    ensures wiped: " only zero(of[k]) ";\n"
        gone[at] = 1
    }
    before[start] = before[start] "/*@\n" needs promises "*/\n"
}
END {
    named["aead_seal"] = "const struct rk_aead_job *job"
    named["key_pair"] = "uint8_t alg, struct rk_drbg *drbg, uint8_t *private_key, uint8_t *public_key"
    for (last = NR; line[last] !~ /^#include/; last--);
    for (call in named)
        line[last] = line[last] "\nenum rk_crypto rk_backend_" call "(" named[call] ");"
    count = split(ENVIRON["wiped"], words, " ")
    for (w = 1; w < count && !failed; w += 4)
        hoist(words[w], words[w + 1], words[w + 2], words[w + 3] == "all" ? "" : words[w + 3] " ==> ")
    for (l = 1; l <= NR && !failed; l++) {
        gsub(/[a-z>-]*backend->wipe\(/, "rk_backend_wipes(", line[l])
        for (call in named)
            gsub("[a-z>-]*backend->" call "\\(", "rk_backend_" call "(", line[l])
        printf "%s", before[l]
        if (!gone[l])
            print line[l]
    }
    exit failed
}
