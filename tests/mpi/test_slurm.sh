#!/bin/sh
# The array of jobs that README.md documents, under a real Slurm of one node that lives in a temporary folder: joined, its shards
# give what one run gives, to the byte.
# usage: test_slurm.sh REKEYLAB
set -u
rekeylab=$1
tree=$PWD
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch scontrol; do
    command -v $program >/dev/null || { echo "no $program: apt-get install slurm-wlm munge" && exit 77; }
done
folder=$(mktemp -d)
host=$(hostname -s)
user=$(id -un)
daemons=

stop() {
    for daemon in $daemons; do
        kill "$daemon" 2>/dev/null
    done
    for daemon in $daemons; do
        wait "$daemon" 2>/dev/null
    done
    rm -rf "$folder"
}
trap stop EXIT

# give_up STATUS TEXT [LOG]
give_up() {
    echo "$2"
    [ $# -lt 3 ] || tail -n 20 "$3"
    exit "$1"
}

# port N: the Nth port of ours that nobody listens at.
port() {
    candidate=$((20000 + ($$ * 7 + $1 * 101) % 12000))
    while grep -qi ":$(printf '%04X' $candidate) 00000000:0000 0A" /proc/net/tcp; do
        candidate=$((candidate + 1))
    done
    echo $candidate
}

cat >"$folder/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge.socket
SlurmctldPort=$(port 1)
SlurmdPort=$(port 2)
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,sched_interval=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=60 State=UP
CONF
mkdir "$folder/state" "$folder/spool"
chmod 755 "$folder"
export SLURM_CONF="$folder/slurm.conf"

# The key is nobody's but this test's.
(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --num-threads=2 \
    --pid-file="$folder/munge.pid" --log-file="$folder/munge.log" --seed-file="$folder/munge.seed" 2>"$folder/munge.err" &
daemons=$!
tries=0
while [ ! -S "$folder/munge.socket" ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || give_up 1 "munged does not start" "$folder/munge.err"
    sleep 0.1
done
slurmctld -D -i >"$folder/slurmctld.log" 2>&1 &
daemons="$daemons $!"
slurmd -D -N "$host" >"$folder/slurmd.log" 2>&1 &
daemons="$daemons $!"
tries=0
while ! scontrol show node "$host" 2>/dev/null | grep -q 'State=IDLE'; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || {
        cat "$folder/slurmctld.log"
        give_up 1 "the node does not come up" "$folder/slurmd.log"
    }
    sleep 0.1
done

# The job is the README's, word for word; ./rekeylab is the program that was built.
mkdir "$folder/job"
ln -s "$tree/scenarios" "$folder/job/scenarios"
ln -s "$rekeylab" "$folder/job/rekeylab"
awk '/^```sh slurm$/ { on = 1; next } /^```$/ { on = 0 } on' "$tree/README.md" >"$folder/job/array.sh"
[ -s "$folder/job/array.sh" ] || give_up 1 "README.md has no block \`\`\`sh slurm"
cd "$folder/job" || exit 1
export REKEYLAB_ROOT="$tree"
./rekeylab run scenarios/smoke.yaml --fresh --quiet --json -o out/one >one.json || give_up 1 "the run on its own fails"
sbatch --wait --quiet array.sh || {
    cat slurm-*.out "$folder/slurmctld.log"
    give_up 1 "the array of jobs fails" "$folder/slurmd.log"
}
shards=$(find out/smoke -name results.db | wc -l)
[ "$shards" -gt 1 ] || give_up 1 "$shards shards, expected several"
./rekeylab merge out/merged.db out/smoke/*/results.db --json >merged.json || give_up 1 "the shards cannot be joined"
cmp one.json merged.json || give_up 1 "the array of jobs gives another result than one run"
echo "$shards jobs of Slurm $(sbatch --version | sed 's/.* //'): the result of one run"
