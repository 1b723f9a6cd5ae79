#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# xl.cfg into XML: as a library call, and whole processes beside xl's own
# `xl create -n` (no hypervisor: build/oracle.d/xlmock.so) and, where LIBVIRT
# names it, libvirt's converter (../shared/oracle/libvirt.sh).
set -eu
cd "$(dirname "$0")/../.."
cfg=tests/bench/guest.cfg rounds=${ROUNDS:-40}
xl=$(ls /usr/lib/xen-*/bin/xl | tail -n 1)

row() { printf '%-34s %10s %10s %8s  %s\n' "$@"; }

median() { # COMMAND...: milliseconds of one process
    for ((i = 0; i < rounds; i++)); do
        local start=$EPOCHREALTIME
        "$@" >/dev/null 2>&1
        local end=$EPOCHREALTIME
        echo $((${end/./} - ${start/./}))
    done | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1000 }'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

row "xl.cfg into XML" "a second" "" "" aim
row "  library call, one core" "$(build/bench/convert $cfg)" "" "" "at least 10000"
row "" "median ms" "xl ms" ratio ""
theirs=$(export LD_PRELOAD=$PWD/build/oracle.d/xlmock.so
    median "$xl" create -n $cfg) # no env: it is a process, too
ours=$(median build/xldm convert $cfg)
row "  xldm convert, whole process" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" "at most 0.33"
if [ -n "${LIBVIRT-}" ]; then
    other=$(median "$LIBVIRT" from-native $cfg)
    row "  libvirt's converter" "$other" "$theirs" "$(ratio "$other" "$theirs")"
fi
