# SPDX-License-Identifier: LGPL-2.1-or-later
# Helpers for cases about a domain's life; sourced after lib.sh.
# shellcheck shell=bash
. /xldm/tests/lab/split.sh

# three NAME [WORD...]: split.sh's make_xml for three QEMUs: the disks in
# storage, nic0 in net, the display in the primary.
three() {
    local name=$1
    shift
    make_xml "$name" disk=storage cdrom=storage nic=net vnc=primary "$@"
}

# line_of FILE TEXT: the number of the first line that has TEXT.
line_of() {
    grep -n -m 1 -F -e "$2" "$1" | cut -d: -f1
}

# has FILE TEXT...: FILE has every TEXT.
has() {
    local file=$1 text
    shift
    for text; do
        grep -q -F -e "$text" "$file" ||
            die "'$text' is not in: $(cat "$file")"
    done
}

# fails STATUS COMMAND...: it fails with that exit status; its messages are in
# $case_dir/err then.
fails() {
    local wanted=$1 rc=0
    shift
    "$@" > "$case_dir/out" 2> "$case_dir/err" || rc=$?
    [ $rc = "$wanted" ] || {
        cat "$case_dir/out" "$case_dir/err" >&2
        die "exit status $rc of: $*"
    }
}

# qemus DOMID: the QEMUs of a domain, one pid a line.
qemus() {
    pgrep -f -- "xen-qemu-system-i386 -xen-domid $1 "
}

# holds NAME GROUP FILE: how often its QEMU has the file open.
holds() {
    find "/proc/$(group_pid "$1" "$2")/fd" -lname "$3" | wc -l
}

# backend NAME KIND DEVID: the state of a PV half.
backend() {
    xenstore-read "/local/domain/0/backend/$2/$(xl domid "$1")/$3/state"
}

# The card that the lab's machine has for guests (tests/lab/boot).
card=0000:00:10.0

# take_card: it is assignable now.  give_back_card: forgets what libxl notes of
# the drivers of cards.
take_card() {
    modprobe xen-pciback
    xl pci-assignable-list | grep -q "$card" ||
        xl pci-assignable-add "$card" 2>&1
}
give_back_card() {
    xenstore-rm /libxl/pci
}

# card_files NAME GROUP: $case_dir/card.xml is the card for that group, and the
# domain of $case_dir/NAME.xml, if it is there, may have one: libxl gives none
# to others.
card_files() {
    [ ! -e "$case_dir/$1.xml" ] || sed -i "s,<pae/>,&<xen><passthrough state='on'/></xen>," "$case_dir/$1.xml"
    cat > "$case_dir/card.xml" <<END
<hostdev mode='subsystem' type='pci' managed='no'>
  <source><address domain='0' bus='0' slot='0x10' function='0'/></source>
  <devicemodel group='$2'/>
</hostdev>
END
}
