#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# xl.cfg into XML: as a library call, and whole processes beside xl's own
# `xl create -n` (no hypervisor: build/oracle.d/xlmock.so) and, where LIBVIRT
# names it, libvirt's converter (../shared/oracle/libvirt.sh).
set -eu
cd "$(dirname "$0")/../.."
cfg=tests/bench/guest.cfg rounds=${ROUNDS:-200}
xl=$(ls /usr/lib/xen-*/bin/xl | tail -n 1)

row() { printf '%-34s %10s %10s %8s  %s\n' "$@"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

row "xl.cfg into XML" "a second" "" "" aim
row "  library call, one core" "$(build/bench/convert $cfg)" "" "" "at least 10000"
# A copy, as make install makes: a file that ld has just written maps slower.
cp build/xldm build/bench/xldm
ms=$(build/bench/process "$rounds" \
    LD_PRELOAD="$PWD/build/oracle.d/xlmock.so" "$xl" create -n $cfg \
    -- build/bench/xldm convert $cfg \
    ${LIBVIRT:+-- "$LIBVIRT" from-native $cfg})
read -r theirs ours other <<< "${ms//$'\n'/ }"
row "" "median ms" "xl ms" ratio ""
row "  xldm convert, whole process" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" "at most 0.33"
[ -z "$other" ] || row "  libvirt's converter" "$other" "$theirs" "$(ratio "$other" "$theirs")"
