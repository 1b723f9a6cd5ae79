# SPDX-License-Identifier: LGPL-2.1-or-later
# Helpers for cases that run domains by xldm itself; sourced after lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154  # case_dir is lib.sh's

xldm=${XLDM:-/xldm/build/xldm}

on_poweroff=destroy on_reboot=restart on_crash=destroy
image=  # of hda; empty: $case_dir/NAME.img, made if need be
declare -A dm=([primary]='' [storage]='' [net]='') # more attributes of a group

# make_xml NAME: writes $case_dir/NAME.xml and prints its path.  The guest NAME
# on three QEMUs: hda in storage, nic0 in net, the display in the primary.
make_xml() {
    local disk=${image:-$case_dir/$1.img}
    [ -n "$image" ] || [ -e "$disk" ] || make_disk "$disk" 4 "disk of $1"
    cat > "$case_dir/$1.xml" <<END
<domain type='xen'>
  <name>$1</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type>hvm</type>
    <loader type='rom'>$case_dir/$1.elf</loader>
    <boot dev='hd'/>
  </os>
  <on_poweroff>$on_poweroff</on_poweroff>
  <on_reboot>$on_reboot</on_reboot>
  <on_crash>$on_crash</on_crash>
  <features><acpi/><apic/><pae/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='$disk'/>
      <target dev='hda' bus='ide'/>
      <devicemodel group='storage' ${dm[storage]}/>
    </disk>
    <interface type='bridge'>
      <mac address='00:16:3e:00:00:01'/>
      <source bridge='xenbr0'/>
      <script path='/xldm/tests/lab/vif-light'/>
      <model type='e1000'/>
      <devicemodel group='net' ${dm[net]}/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>
      <devicemodel group='primary' ${dm[primary]}/>
    </graphics>
    <video><model type='cirrus'/></video>
  </devices>
</domain>
END
    echo "$case_dir/$1.xml"
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
