#!/bin/sh
# The installed program, moved to another place that it may not write to and called from another folder without the tree:
# describes, shows recorded rows, runs, reports, compares; builds a library of the tree for the host. It leaves its prefix as
# it is. The package has what it should and nothing of the machine that made it.
# usage: test_install.sh BUILD [OUT]   BUILD: the configured tree. OUT: keep the packages there
set -u
build=$1
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
failed=0

fail() {
    echo "$*"
    failed=1
}

# try LINE... : a command that must succeed; what it prints is in $work/out
try() {
    "$@" >"$work/out" 2>"$work/err" || fail "$* : status $?: $(tail -n 3 "$work/err")"
}

DESTDIR=$work/stage cmake --install "$build" --prefix /usr >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$work/stage/usr" "$work/moved"
chmod -R a-w "$work/moved"
before=$(cd "$work/moved" && find . -ls | sha256sum)

# Nothing of the caller's: an own home, and no tree.
mkdir "$work/home" "$work/here"
unset REKEYLAB_ROOT XDG_CACHE_HOME
export HOME="$work/home" PATH="$work/moved/bin:$PATH"
cd "$work/here" || exit 1

try rekeylab --version
try rekeylab describe device
grep -q '^atmega1284p' "$work/out" || fail "describe device: $(cat "$work/out")"
try rekeylab bench --recorded --device cortex-m4 --backend mbedtls --op x25519_agree --json
grep -q '"status": "ok"' "$work/out" || fail "bench --recorded: $(head -n 5 "$work/out")"
try rekeylab run smoke --recorded --quiet -o "$work/here/out"
try rekeylab trace smoke --recorded --json --device 1
try rekeylab report out/results.db -o out --format md
grep -q 'smoke\|Smoke' out/report.md || fail "report: $(head -n 3 out/report.md)"
try rekeylab compare out/results.db out/results.db
try rekeylab export out/results.db --format csv
try rekeylab describe backend
try rekeylab call --device host --backend ascon --op ascon_hash256 message=00
for name in bash zsh fish; do
    try rekeylab completion $name
done

[ "$(cd "$work/moved" && find . -ls | sha256sum)" = "$before" ] || fail "the prefix was written to"
[ -d "$work/home/.cache/rekeylab" ] || fail "no cache in the home"

# The package.
if command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null; then
    mkdir "$work/packages"
    (cd "$work/packages" && cpack --config "$build/CPackConfig.cmake" -B "$work/packages" >"$work/log" 2>&1) ||
        { tail "$work/log"; exit 1; }
    deb=$(find "$work/packages" -maxdepth 1 -name 'rekeylab_*.deb')
    dpkg-deb -c "$deb" >"$work/list" || fail "no package: $(tail -n 3 "$work/log")"
    for file in bin/rekeylab lib/rekeylab/bin/rekeylab lib/rekeylab/lib/rekeylab-cycles.so \
        share/rekeylab/devices/atmega1284p/device.yaml share/rekeylab/devices/firmware/CMakeLists.txt \
        share/rekeylab/backends/fetch share/rekeylab/scenarios/smoke.yaml share/rekeylab/bench/measured/cortex-m4.csv \
        share/rekeylab/reports/page/page.html share/rekeylab/engine/lifecycle/agent.c share/man/man1/rekeylab.1 \
        share/bash-completion/completions/rekeylab share/doc/rekeylab/copyright; do
        grep -q "\./usr/$file\( \|$\)" "$work/list" || fail "the package lacks /usr/$file"
    done
    if grep -v ' \./usr\| \./$' "$work/list"; then
        fail "the package has files outside of /usr"
    fi
    dpkg-deb -f "$deb" Depends >"$work/out"
    for library in libc6 libyaml-0-2 libsqlite3-0 libjansson4 libgsl; do
        grep -q "$library" "$work/out" || fail "the package does not depend on $library: $(cat "$work/out")"
    done
    grep -q openmpi "$work/out" && fail "the package depends on MPI, which is rekeylab-mpi's: $(cat "$work/out")"
    dpkg-deb -f "$deb" Recommends | grep -q 'gcc-avr.*gnuplot-nox | gnuplot' || fail "it recommends no compilers"
    [ $# -lt 2 ] || cp "$work/packages"/*.deb "$2"
else
    echo "dpkg-deb and dpkg-shlibdeps are needed: apt-get install dpkg-dev"
    exit 1
fi
exit $failed
