#!/bin/sh
# link_logged.sh LOG COMMAND... - links, and keeps what the linker says in LOG. An image that does not fit its device
# leaves the reason there; one that links leaves no log.
log=$1
shift
if "$@" 2>"$log"; then
    cat "$log" >&2
    rm -f "$log"
else
    status=$?
    cat "$log" >&2
    exit $status
fi
