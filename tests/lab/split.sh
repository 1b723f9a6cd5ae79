# SPDX-License-Identifier: LGPL-2.1-or-later
# Helpers for cases about split domains; sourced in dom0 after lib.sh.
# shellcheck shell=bash

xldm=$build/xldm
# Xen's own, vif-bridge, is for the cases that are about it.
vif_script=${vif_script:-/xldm/tests/lab/vif-light}

# split_images: the disk and the CD that the domains below have.
split_images() {
    make_disk "$case_dir/a.img" 4 "disk a"
    make_disk "$case_dir/c.iso" 4 "cd c"
}

# make_xml NAME [CLASS=GROUP...]: writes $case_dir/NAME.xml for the guest NAME:
# an IDE disk, a CD, an e1000, VNC and a std VGA.  CLASS: disk, cdrom, nic, vnc,
# video, or emulator-CLASS=PATH, crash-CLASS=POLICY, restrict-CLASS=no.  Variables: image (of
# hda), on_poweroff, on_reboot, on_crash, PASSWD, EXTRA (more devices).
make_xml() {
    local name=$1 class word
    shift
    affinity() {
        local group='' emulator='' crash='' restrict=''
        for word; do
            case $word in
            "$class="*) group=" group='${word#*=}'" ;;
            "emulator-$class="*) emulator=" emulator='${word#*=}'" ;;
            "crash-$class="*) crash=" onCrash='${word#*=}'" ;;
            "restrict-$class="*) restrict=" restrict='${word#*=}'" ;;
            esac
        done
        [ -z "$group" ] || echo "      <devicemodel$group$emulator$crash$restrict/>"
    }
    {
        cat <<EOF
<domain type='xen'>
  <name>$name</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type>hvm</type>
    <loader>$case_dir/$name.elf</loader>
  </os>
  <on_poweroff>${on_poweroff:-destroy}</on_poweroff>
  <on_reboot>${on_reboot:-destroy}</on_reboot>
  <on_crash>${on_crash:-destroy}</on_crash>
  <features><acpi/><apic/><pae/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${image:-$case_dir/a.img}'/>
      <target dev='hda' bus='ide'/>
$(class=disk affinity "$@")
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='$case_dir/c.iso'/>
      <target dev='hdc' bus='ide'/>
      <readonly/>
$(class=cdrom affinity "$@")
    </disk>
    <interface type='bridge'>
      <mac address='00:16:3e:00:00:01'/>
      <source bridge='xenbr0'/>
      <script path='$vif_script'/>
      <model type='e1000'/>
$(class=nic affinity "$@")
    </interface>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'${PASSWD:+ passwd='$PASSWD'}>
$(class=vnc affinity "$@")
    </graphics>
    <video>
      <model type='vga'/>
$(class=video affinity "$@")
    </video>
${EXTRA:-}
  </devices>
</domain>
EOF
    } > "$case_dir/$name.xml"
    echo "$case_dir/$name.xml"
}

# unsplit_cfg NAME [LINE...]: the same devices for stock xl.
unsplit_cfg() {
    local name=$1
    shift
    make_cfg "$name" \
        "disk = [ 'format=raw,vdev=hda,backendtype=qdisk,target=$case_dir/a.img'," \
        "'format=raw,vdev=hdc,backendtype=qdisk,devtype=cdrom,target=$case_dir/c.iso' ]" \
        "vif = [ 'model=e1000,mac=00:16:3e:00:00:01,bridge=xenbr0,script=$vif_script' ]" "$@"
}

# run_unsplit NAME WORD...: the whole report of the guest under stock xl.
# Cases that ask for the same share the one of this lab.  Variable:
# unsplit_lines (an array; of its config).
unsplit_lines=()
run_unsplit() {
    local name=$1 kept
    kept=/run/unsplit/$(echo "${@:2}" "${unsplit_lines[@]}" | cksum)
    mkdir -p /run/unsplit
    if [ ! -e "$kept" ]; then
        guest "$@"
        report_mark "$name"
        xl create -q "$(unsplit_cfg "$name" "${unsplit_lines[@]}")" > /dev/null
        wait_for "$name" '^END' > /dev/null
        guest_report "$name" > "$kept.new"
        wait_until 60 gone "$name"
        mv "$kept.new" "$kept"
    fi
    cat "$kept"
}

# same_report A B: what two guests said is the same, but for how they ended.
same_report() {
    local name
    for name; do
        grep -v '^END\|^HOLD' "$case_dir/$name.report" > "$case_dir/$name.saw"
    done
    diff "$case_dir/$1.saw" "$case_dir/$2.saw" ||
        die "the guests '$1' and '$2' saw different things"
}

# group_pid NAME GROUP
group_pid() {
    xenstore-read "/libxl/$(xl domid "$1")/xldm/groups/$2/pid"
}

# dm_pid NAME: of the process that libxl knows as the device model
dm_pid() {
    xenstore-read "/local/domain/$(xl domid "$1")/image/device-model-pid"
}

# one_owner NAME: Xen says that each planned range has one owner.  Paused only.
one_owner() {
    $xldm plan "$case_dir/$1.xml" --format json 2>/dev/null |
        $build/tools/owners "$(xl domid "$1")" ||
        die "the ranges of '$1' are not each held by one server"
}

# run_split NAME CLASS=GROUP... -- WORD...: creates it paused, proves that each
# range has one owner, lets it run, and writes NAME.report.
run_split() {
    local name=$1 groups=()
    shift
    while [ "$1" != -- ]; do
        groups+=("$1")
        shift
    done
    shift
    guest "$name" "$@"
    make_xml "$name" "${groups[@]}" > /dev/null
    report_mark "$name"
    $xldm create --paused "$case_dir/$name.xml" || die "create of '$name'"
    one_owner "$name"
    xl unpause "$name"
    wait_for "$name" '^END' > /dev/null
    guest_report "$name" > "$case_dir/$name.report"
    wait_until 60 gone "$name"
}

# group_state NAME GROUP WORD: it is in that state.
group_state() {
    [ "$(xenstore-read "/libxl/$(xl domid "$1")/xldm/groups/$2/state")" = "$3" ]
}

# kill_group NAME GROUP: and waits for the new one.
kill_group() {
    local old
    old=$(group_pid "$1" "$2")
    kill -9 "$old"
    wait_until 40 eval '[ "$(group_pid '"$1 $2"')" != '"$old"' ] && group_state '"$1 $2"' running' ||
        die "group $2 of $1 was not restarted: $(tail -n 5 "/var/log/xen/qemu-dm-$1.log")"
}
