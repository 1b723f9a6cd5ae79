# SPDX-License-Identifier: LGPL-2.1-or-later
# Helpers for the lab's cases; sourced in dom0 by bash.
# shellcheck shell=bash

# What was built for this Debian.
build=/xldm/build
if [ "$(< /host/suite)" != bookworm ]; then
    build=$build/$(< /host/suite)
fi
case_dir=${case_dir:-/run/case}
mkdir -p "$case_dir"

# die TEXT: the case has failed.
die() {
    echo "FAILED: $*" >&2
    exit 1
}

# make_disk FILE MEGABYTES TEXT: an image whose first sectors are lines of TEXT.
make_disk() {
    truncate -s "$2M" "$1"
    yes "$3" | head -c 65536 | dd of="$1" conv=notrunc status=none
}

# disk_cksum FILE [BYTES]: what the guest reports of the first BYTES
# (1024 of a disk; 2048 of a CD; 512 of an AHCI disk).
disk_cksum() {
    printf '%08x\n' "$(head -c "${2:-1024}" "$1" | cksum | cut -d' ' -f1)"
}

# guest NAME WORD...: makes $case_dir/NAME.elf, a test guest tagged NAME.
guest() {
    /xldm/tests/guest/setmode /xldm/build/guest/probe.elf \
        "$case_dir/$1.elf" "$@"
}

# make_cfg NAME [LINE...]: writes $case_dir/NAME.cfg, for the guest NAME, and
# prints its path.  LINEs are added as they stand, and may say again what is
# said here: xl takes the last.
make_cfg() {
    local name=$1
    shift
    {
        printf '%s\n' "name = '$name'" "type = 'hvm'" "memory = 64" \
            "firmware_override = '$case_dir/$name.elf'" \
            "vnc = 1" "vnclisten = '127.0.0.1'" "vga = 'stdvga'" \
            "on_poweroff = 'destroy'" "on_reboot = 'destroy'" \
            "on_crash = 'destroy'"
        printf '%s\n' "$@"
    } > "$case_dir/$name.cfg"
    echo "$case_dir/$name.cfg"
}

# now: the uptime in hundredths of a second.
now() {
    local up
    read -r up _ < /proc/uptime
    echo "${up/./}"
}

# wait_until SECONDS COMMAND...: until it succeeds.
wait_until() {
    local end=$(($(now) + $1 * 100))
    shift
    until "$@"; do
        [ "$(now)" -lt "$end" ] || return 1
        sleep 0.3
    done
}

# guest_report TAG: the lines that the guest TAG has written since
# report_mark, without Xen's prefix and the tag.
guest_report() {
    $build/tools/report "$1" "${report_skip[$1]:-0}"
}

# report_mark TAG: forgets what TAG has written up to now.
declare -A report_skip
report_mark() {
    report_skip[$1]=$($build/tools/report "$1" | wc -l)
}

# wait_for TAG PATTERN [SECONDS [COUNT]]: until a line of the report, or COUNT
# lines, match; prints the last of them.
wait_for() {
    local seconds=${3:-${WAIT:-180}}
    $build/tools/report "$1" "${report_skip[$1]:-0}" "$2" "$seconds" \
        "${4:-1}" || {
        guest_report "$1" | tail -n 15 >&2
        die "$1 has not said '$2' ${4:+$4 times }in $seconds s"
    }
}

# gone NAME: there is no such domain, not even a dying one.
gone() {
    ! xl list "$1" > /dev/null 2>&1
}

# destroy NAME: the domain, if it is there, and waits until it is gone.
destroy() {
    gone "$1" || xl destroy "$1" || :
    wait_until 60 gone "$1" || die "domain $1 does not go away"
}

# leftovers_mark: what is there now is not a leftover.
leftovers_mark() {
    $build/tools/leftovers | sort > "$case_dir/leftovers"
}

# leftovers: prints what has come since leftovers_mark, and fails if anything.
leftovers() {
    local new
    new=$($build/tools/leftovers | sort | comm -13 "$case_dir/leftovers" -)
    [ -z "$new" ] || { echo "$new"; return 1; }
}

# no_leftovers [SECONDS]: waits until there are none, or fails with the list.
no_leftovers() {
    wait_until "${1:-30}" leftovers > /dev/null ||
        die "left behind: $(leftovers)"
}
