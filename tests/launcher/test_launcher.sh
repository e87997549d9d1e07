#!/bin/sh
# The launcher with made-up tools: what it installs, when it configures, what it hands over.
# usage: test_launcher.sh TREE
set -u
tree=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/a tree" "$work/bin" "$work/elsewhere" "$work/home"
cp "$tree/rekeylab" "$work/a tree/rekeylab"
build="$work/a tree/build"
export CALLS="$work/calls"
bad=0

# made_up NAME: a program that notes its call, then does what standard input says.
made_up() {
    {
        printf '#!/bin/sh\necho "%s $*" >>"$CALLS"\n' "$1"
        cat
    } >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

made_up id <<'DO'
echo "${FAKE_UID:-0}"
DO
made_up dpkg-query <<'DO'
shift 3
for package in "$@"; do
    case " ${FAKE_MISSING-} " in
    *" $package "*) echo "dpkg-query: no packages found matching $package" >&2 ;;
    *) echo "installed $package" ;;
    esac
done
DO
made_up apt-get <<'DO'
exit "${FAKE_APT_STATUS:-0}"
DO
made_up cmake <<'DO'
printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\n' "$2" >"$4/CMakeCache.txt"
touch "$4/build.ninja"
[ -z "${FAKE_CMAKE_FAILS-}" ] || { echo "cmake is unhappy"; exit 1; }
DO
made_up ninja <<'DO'
[ -z "${FAKE_NINJA_FAILS-}" ] || { echo "ninja is unhappy"; exit 1; }
shift
mkdir -p "$2/bin"
cat >"$2/bin/rekeylab" <<'PROGRAM'
#!/bin/sh
echo "program in $PWD, root $REKEYLAB_ROOT, mbedtls from $REKEYLAB_MBEDTLS_SOURCE:"
printf "[%s]" "$@"
echo
exit 7
PROGRAM
chmod +x "$2/bin/rekeylab"
DO
made_up ctest <<'DO'
exit 5
DO
export PATH="$work/bin:$PATH" HOME="$work/home"
unset XDG_CACHE_HOME REKEYLAB_INSTALL REKEYLAB_MBEDTLS_SOURCE CMAKE_ARGS
cd "$work/elsewhere" || exit 1

# call STATUS ARGS...: calls the launcher, checks its exit status, leaves its output in $said and
# the tools' calls in $CALLS.
call() {
    expected=$1
    shift
    : >"$CALLS"
    got=0
    said=$("$work/a tree/rekeylab" "$@" 2>"$work/stderr") || got=$?
    if [ $got -ne "$expected" ]; then
        printf 'rekeylab %s: exit status %s, expected %s\n' "$*" $got "$expected"
        cat "$work/stderr"
        bad=1
    fi
}

has() {
    if ! grep -qF -- "$2" "$1"; then
        printf '%s lacks: %s\n' "${1##*/}" "$2"
        cat "$1"
        bad=1
    fi
}

lacks() {
    if grep -qE -- "$2" "$1"; then
        printf '%s has: %s\n' "${1##*/}" "$2"
        cat "$1"
        bad=1
    fi
}

# Without rights, the exact command, and nothing is built.
export FAKE_UID=1000 FAKE_MISSING="gcc-avr libgsl-dev" FAKE_APT_STATUS=1
made_up sudo <<'DO'
exit 1
DO
call 3 bench
has "$work/stderr" "apt-get update && apt-get install --no-install-recommends libgsl-dev gcc-avr"
lacks "$CALLS" '^cmake'

# As root: installs exactly what is missing, configures, builds, hands over words and place unchanged; exit status too.
export FAKE_UID=0 FAKE_APT_STATUS=0
call 7 run "a study.yaml" -o ../out
has "$work/stderr" "rekeylab: installing libgsl-dev gcc-avr"
has "$CALLS" "install --no-install-recommends libgsl-dev gcc-avr"
has "$CALLS" "cmake -S $work/a tree -B $build -G Ninja"
wanted="program in $work/elsewhere, root $work/a tree, mbedtls from :
[run][a study.yaml][-o][../out]"
if [ "$said" != "$wanted" ]; then
    printf 'the program said: %s\nexpected: %s\n' "$said" "$wanted"
    bad=1
fi

# Later calls: no look at packages, no configuring, not a word.
call 7 bench
lacks "$CALLS" '^(dpkg-query|apt-get|cmake)'
has "$CALLS" "ninja --quiet -C $build rekeylab"
lacks "$work/stderr" .

# What only looks at the machine does not install emulators and cross compilers.
FAKE_MISSING="gcc-avr libgsl-dev" call 7 doctor
has "$CALLS" "install --no-install-recommends libgsl-dev"
lacks "$CALLS" 'install.*gcc-avr'

# A library's folder is what the program and backends/fetch find in the environment.
mkdir -p "$work/elsewhere/my mbedtls"
call 7 "-DREKEYLAB_MBEDTLS_SOURCE=my mbedtls" bench
echo "$said" >"$work/said"
has "$work/said" "mbedtls from $work/elsewhere/my mbedtls"
call 2 -DREKEYLAB_MBEDTLS_SOURCE=nowhere bench
call 2 -DCMAKE_BUILD_TYPE=Debug bench

# As one of several processes it needs MPI, once.
FAKE_MISSING="gcc-avr libopenmpi-dev" OMPI_COMM_WORLD_SIZE=2 call 7 run study.yaml
has "$CALLS" "install --no-install-recommends libopenmpi-dev"
OMPI_COMM_WORLD_SIZE=2 call 7 run study.yaml
lacks "$CALLS" '^(dpkg-query|apt-get|cmake)'

# MPI that came after the configuration is looked for again, and found.
echo 'MPI_C_COMPILER:FILEPATH=MPI_C_COMPILER-NOTFOUND' >>"$build/CMakeCache.txt"
made_up mpicc </dev/null
call 7 bench
has "$CALLS" "cmake -S"
call 7 bench
lacks "$CALLS" '^cmake'

# A build directory that another place's tree configured is configured again.
call 7 bench
call 7 bench
lacks "$CALLS" '^cmake'
sed -i 's/a tree/old tree/' "$build/CMakeCache.txt"
call 7 bench
has "$CALLS" "cmake -S"

# test: ctest's arguments and exit status.
call 5 test -R "one test"
has "$CALLS" "ninja --quiet -C $build all"
has "$CALLS" "ctest --test-dir $build --output-on-failure -j 2 -R one test"

# Failures show their log; a failed configuration is not taken for a good one.
FAKE_NINJA_FAILS=yes call 2 bench
has "$work/stderr" "ninja is unhappy"
rm "$build/build.ninja"
FAKE_CMAKE_FAILS=yes call 2 bench
has "$work/stderr" "cmake is unhappy"
lacks "$CALLS" '^ninja'
call 7 bench
has "$CALLS" "cmake -S"

# A HOME that cannot be written to.
HOME=/dev/null call 7 bench
[ -d "$build/cache" ] || { echo "no build/cache for a HOME that cannot be written to" && bad=1; }

# Two at once: one configures, both run.
rm "$build/build.ninja"
: >"$CALLS"
"$work/a tree/rekeylab" bench >"$work/first" 2>&1 &
"$work/a tree/rekeylab" bench >"$work/second" 2>&1
wait
for output in first second; do
    has "$work/$output" "[bench]"
done
if [ "$(grep -c '^cmake' "$CALLS")" -ne 1 ]; then
    echo "two at once: cmake was called $(grep -c '^cmake' "$CALLS") times, expected once"
    bad=1
fi
exit $bad
