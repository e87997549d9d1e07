#!/bin/sh
# One, two and four ranks give what one process alone gives, to the byte; a rank that is killed loses only what was not stored;
# a rank that reads other inputs is found out.
# usage: test_ranks.sh MPI_STUDY REKEYLAB
set -u
study=$1 rekeylab=$2
command -v mpirun >/dev/null || { echo "no mpirun: apt-get install openmpi-bin" && exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0
# More ranks than cores, and root, are nothing unusual for a test.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none

complain() {
    printf '%s\n' "$1"
    cat "$folder/stderr"
    bad=1
}

"$study" run "$folder/alone.db" >"$folder/alone.json" 2>"$folder/stderr" || complain "alone: exit status $?"
for ranks in 1 2 4; do
    mpirun -n $ranks "$study" run "$folder/$ranks.db" >"$folder/$ranks.json" 2>"$folder/stderr" ||
        complain "$ranks ranks: exit status $?"
    cmp "$folder/alone.json" "$folder/$ranks.json" || complain "$ranks ranks: another result than alone"
    [ "$(grep -c '^rank .* is process' "$folder/stderr")" -eq $ranks ] || complain "not $ranks ranks"
done

# A rank is killed in the middle; the run goes down with it, and a later one has only the rest to compute.
total=600
"$study" run "$folder/whole.db" replications=50 >"$folder/whole.json" 2>"$folder/stderr" || complain "alone: exit status $?"
HOLD_AT=20 mpirun -n 3 "$study" run "$folder/killed.db" replications=50 >"$folder/killed.json" 2>"$folder/stderr" &
starter=$!
while ! { grep -q '^20 of [0-9]* stored' "$folder/stderr" && grep -q '^rank 1 is process' "$folder/stderr"; } &&
    kill -0 $starter 2>/dev/null; do
    sleep 0.05
done
victim=$(sed -n 's/^rank 1 is process //p' "$folder/stderr")
kill -9 "$victim" || complain "rank 1 was gone before it could be killed"
wait $starter && complain "a killed rank did not show in the exit status"
[ -e "$folder/killed.db.partial" ] || complain "no database to go on with"
[ ! -e "$folder/killed.db" ] || complain "the database of a killed run has the name of a whole one"
[ ! -s "$folder/killed.json" ] || complain "a killed run printed a document"
stored=$(sed -n 's/^\([0-9]*\) of [0-9]* stored.*/\1/p' "$folder/stderr" | tail -n 1)
"$study" resume "$folder/killed.db" replications=50 >"$folder/resumed.json" 2>"$folder/stderr" || complain "resumed: exit status $?"
cmp "$folder/whole.json" "$folder/resumed.json" || complain "resumed: another result than uninterrupted"
kept=$(sed -n 's/^\([0-9]*\) kept, .*/\1/p' "$folder/stderr")
if [ "$kept" -lt "$stored" ] || [ "$kept" -ge $total ]; then
    complain "$stored of $total trials were stored when the rank was killed, $kept were kept"
fi

# All ranks compute one fleet together, before a key server that is busy, and one that costs nothing; lifetime mode stays with one.
for server in "server.time=40 s" "server.time=0 s" "engine.lifetime=true"; do
    set -- device=mote policy.mechanism=derive "policy.renew=1 h" "policy.retry=30 s" fleet.devices=70 replications=1 "$server"
    "$study" run "$folder/fleet.db" "$@" >"$folder/fleet.json" 2>"$folder/stderr" || complain "fleet alone: exit status $?"
    grep -q '"tier": "timelines"' "$folder/fleet.json" || complain "$server: not by timelines, which alone can be spread"
    for ranks in 2 4; do
        mpirun -n $ranks "$study" spread "$folder/fleet$ranks.db" "$@" >"$folder/fleet$ranks.json" 2>"$folder/stderr" ||
            complain "$server, fleet over $ranks ranks: exit status $?"
        cmp "$folder/fleet.json" "$folder/fleet$ranks.json" || complain "$server, fleet over $ranks ranks: another result"
    done
done

# Points that stop by themselves: what any rank computed ahead of a look does not show.
set -- replications=10 stop.metric=exposure_s "stop.ci95=15 %" stop.replications_max=40
"$study" run "$folder/stop.db" "$@" >"$folder/stop.json" 2>"$folder/stderr" || complain "stop alone: exit status $?"
computed=$(sed -n 's/^[0-9]* kept, \([0-9]*\) computed$/\1/p' "$folder/stderr")
if [ "$computed" -le 120 ] || [ "$computed" -ge 480 ]; then
    complain "$computed trials: the rule decides nothing between 10 and 40 of 12 points"
fi
for ranks in 2 4; do
    mpirun -n $ranks "$study" run "$folder/stop$ranks.db" "$@" >"$folder/stop$ranks.json" 2>"$folder/stderr" ||
        complain "stop, $ranks ranks: exit status $?"
    cmp "$folder/stop.json" "$folder/stop$ranks.json" || complain "stop, $ranks ranks: another result than alone"
done

# Other inputs at one rank.
STRANGE_RANK=1 mpirun -n 2 "$study" run "$folder/strange.db" >"$folder/strange.json" 2>"$folder/stderr"
status=$?
[ $status -eq 2 ] || complain "other inputs at rank 1: exit status $status, expected 2"
grep -qx "rank 1: reads other inputs than rank 0, expected the same tree, files and tools" "$folder/stderr" ||
    complain "other inputs at rank 1 were not found out"

# Bad input is one line, of rank 0.
mpirun -n 2 "$rekeylab" run no-such.yaml >"$folder/out" 2>"$folder/stderr"
status=$?
[ $status -eq 2 ] && [ ! -s "$folder/out" ] || complain "no such file: exit status $status, expected 2"
[ "$(grep -c '^rekeylab: no-such.yaml: ' "$folder/stderr")" -eq 1 ] || complain "no such file: not one line"
exit $bad
