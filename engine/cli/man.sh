#!/bin/sh
# engine/cli/man.sh - the manual page rekeylab.1, made of what the commands say to --help
#
# usage: engine/cli/man.sh REKEYLAB >engine/cli/rekeylab.1     (REKEYLAB: the built program; a test compares)
set -eu
rekeylab=$1

# Text to troff: no escapes, no dash that becomes a hyphen, no line that becomes a request.
plain() {
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\([.']\)/\\\\\&\1/"
}

version=$("$rekeylab" --version | cut -d' ' -f2)
commands=$("$rekeylab" --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')

cat <<TEXT
.\\" made by engine/cli/man.sh
.TH REKEYLAB 1 "" "Rekeylab $version" "User Commands"
.SH NAME
rekeylab \\- simulation and benchmarking of key\\-management policies for IoT devices
.SH SYNOPSIS
.B rekeylab
.I COMMAND
.RI [ OPTIONS ]
.br
.B rekeylab
.I COMMAND
.B \\-\\-help
.SH DESCRIPTION
Measures what the operations of crypto libraries and the steps of a key's life cost on emulated IoT devices, and simulates fleets of
them under policies of key renewal with what it measured.
The launcher
.B ./rekeylab
of the source tree also installs what a command needs, builds the program, and knows the command
.BR test .
.ad l
.nh
.SH COMMANDS
TEXT

for command in $commands; do
    if [ "$command" = test ]; then
        printf '.SS test [CTEST ARGS]\n'
        "$rekeylab" --help | sed -n 's/^  test *//p' | plain
        continue
    fi
    "$rekeylab" "$command" --help | plain | awk '
        NR == 1 { sub(/^usage: rekeylab /, ".SS "); print; next }
        /^example:$/ { example = 1; print ".PP\nExample:\n.PP\n.EX"; next }
        example { sub(/^  /, ""); print; next }
        /^  / {
            at = match(substr($0, 3), /  +/)
            left = at ? substr($0, 3, at - 1) : substr($0, 3)
            right = at ? substr($0, 3 + at - 1) : ""
            sub(/^ +/, "", right)
            print ".TP\n.B " left "\n" right
            next
        }
        NF { print }
        END { print ".EE" }'
done

cat <<'TEXT'
.SH EXIT STATUS
.TP
.B 0
fine
.TP
.B 1
a check found something
.TP
.B 2
bad usage or input
.TP
.B 3
something needed is missing on this machine
.SH ENVIRONMENT
.TP
.B REKEYLAB_ROOT
the source tree, where it is not the one that the program was built from
.TP
.B REKEYLAB_INSTALL
.B no
keeps the launcher from installing packages
.TP
.B XDG_CACHE_HOME
holds rekeylab/: sources of libraries, firmware, measurements (default ~/.cache)
.SH FILES
.TP
.I out/NAME/results.db
a study's results (SQLite)
.TP
.I bench/measured/DEVICE.csv
recorded cost rows
.SH SEE ALSO
README.md of the source tree, and scenarios/reference.md: the fields of every file
TEXT
