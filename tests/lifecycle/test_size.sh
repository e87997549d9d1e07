#!/bin/sh
# Usage: test_size.sh, from the root
# What the lifecycle core costs an AVR at -Os: flash of states, types, access, policy and store as they are linked into a
# device's program (what nothing calls, names among it, is dropped by the linker), and RAM of an agent with its keys.
set -eu
flash_max=6144
ram_max=$((160 + 8 * 64)) # 3 keys of the session and 5 provisioned
core="key key_type access policy store small" # small: what they share with the rest of the agent
command -v avr-gcc >/dev/null || {
    echo "avr-gcc is missing: apt-get install --no-install-recommends gcc-avr avr-libc binutils-avr"
    exit 1
}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cat >"$out/main.c" <<'END'
#include "engine/lifecycle/agent.h"

struct rk_agent agent;
struct rk_agent_config config;
const struct rk_backend *volatile backend;
struct rk_drbg *volatile drbg;
struct rk_nvm nvm;
struct rk_provision provision;
struct rk_event event;
struct rk_actions actions;
char key_bytes[sizeof(struct rk_key)];

int main(void)
{
    rk_agent_init(&agent, &config, backend, drbg, &nvm, &provision);
    for (;;)
        rk_agent_step(&agent, &event, &actions);
}
END
for source in engine/lifecycle/*.c "$out/main.c"; do
    avr-gcc -mmcu=atmega1284p -Os -mcall-prologues -std=c11 -ffunction-sections -fdata-sections -I. -c "$source" \
        -o "$out/$(basename "$source" .c).o"
done
avr-gcc -mmcu=atmega1284p -Wl,--gc-sections -Wl,-Map="$out/map" "$out"/*.o -o "$out/program"

# From the linker's map: bytes of the sections of NAME.o that were kept, code and constants.
kept() {
    sed '/^Discarded input sections/,/^Memory Configuration/d' "$out/map" | tr -s ' \n' ' ' |
        grep -oE '\.(text|rodata|data|progmem)[^ ]* 0x[0-9a-f]+ 0x[0-9a-f]+ [^ ]*/'"$1"'\.o ' |
        { total=0
          while read -r _ _ bytes _; do
              total=$((total + bytes))
          done
          echo $total; }
}
flash=0
for name in $core; do
    bytes=$(kept "$name")
    [ "$bytes" -gt 0 ] || [ "$name" = key_type ] || {
        echo "$name.o: nothing of it was linked"
        exit 1
    }
    echo "$name: $bytes bytes of flash"
    flash=$((flash + bytes))
done
names=$(avr-nm "$out/program" | grep -E 'rk_[a-z_]*_name$' || true)
[ -z "$names" ] || {
    echo "names that a device has no use for are linked: $names"
    exit 1
}
size_of() {
    echo $((0x$(avr-nm -S "$out/program" | awk -v name="$1" '$4 == name { print $2 }')))
}
avr-nm -S "$out/program" | grep -q ' agent$'
ram=$(size_of agent)
key=$((0x$(avr-nm -S "$out/main.o" | awk '$4 == "key_bytes" { print $2 }')))
echo "core: $flash bytes of flash of at most $flash_max; agent with its keys: $ram bytes of RAM of at most $ram_max; key: $key bytes"
[ "$flash" -le $flash_max ] && [ "$ram" -le $ram_max ] && [ "$key" -le 64 ]
