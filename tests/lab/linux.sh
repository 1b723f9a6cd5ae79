# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest with Debian's kernel; sourced in dom0 after lib.sh.
# shellcheck shell=bash
. /xldm/tests/lab/domain.sh

said=$case_dir/said # what it writes to its serial port
kernel=$case_dir/vmlinuz
cp "$(grep -l -F "$(uname -r)" /xldm/build/lab/*/vmlinuz | head -n 1)" "$kernel"

# The guest's whole system: busybox, drivers, and a report on its serial port.
make_initrd() {
    local root=$case_dir/initrd module
    mkdir -p "$root"/{bin,proc,sys,dev,mod}
    cp /usr/bin/busybox "$root/bin/"
    modprobe -aD ata_piix sd_mod sr_mod e1000 xen_blkfront xen_netfront |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$root/order"
    while read -r module; do
        cp "$module" "$root/mod/"
        echo "insmod /mod/${module##*/}"
    done < "$root/order" > "$root/load"
    cat > "$root/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev
exec > /dev/ttyS0 2>&1
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
while read -r insmod module; do $b insmod "$module"; done < /load
$b sleep 5 # disks are found in the background
for disk in /sys/block/*d[a-z] /sys/block/sr*; do
    name=${disk##*/}
    [ -e "/dev/$name" ] || continue
    echo "DISK $name $($b head -c 1024 /dev/$name | $b md5sum | $b cut -d' ' -f1)"
done
for card in /sys/class/net/e*; do
    driver=$($b readlink -f "$card/device/driver")
    echo "CARD $($b cat "$card/address") ${driver##*/}"
done
for ata in /sys/class/ata_device/*; do
    echo "ATA $($b cat "$ata/class")"
done
echo "READY"
while :; do
    $b awk '/^MemTotal/ { print "MEMORY " $2 }' /proc/meminfo
    echo FUNCTIONS /sys/bus/pci/devices/*
    $b sleep 1
done
END
    chmod +x "$root/init"
    (cd "$root" && find . | busybox cpio -o -H newc 2> /dev/null) |
        gzip -1 > "$case_dir/initrd.img" # QEMU gives it byte by byte
    rm -rf "$root"
}

# linux_xml CLASS=GROUP...: $case_dir/linux.xml, as make_xml writes it, with a USB
# controller in group usb.
linux_xml() {
    make_initrd
    EXTRA="    <serial type='file'><source path='$said'/></serial>
    <controller type='usb' index='0' ports='6'>
      <xldm:usbctrl type='devicemodel' version='2'/>
      <devicemodel group='usb'/>
    </controller>"
    make_xml linux "$@" > /dev/null
    sed -i -e "s,^<domain,& xmlns:xldm='https://xldm.org/schemas/domain/1.0'," \
        -e "s,<loader>.*,<kernel>$kernel</kernel><initrd>$case_dir/initrd.img</initrd><cmdline>console=ttyS0 loglevel=4 net.ifnames=0 mitigations=off</cmdline>," \
        -e "s,>64</memory>,>256</memory>," \
        "$case_dir/linux.xml"
}

linux_up() {
    $xldm create --paused "$case_dir/linux.xml"
    one_owner linux
    xl unpause linux
    up() { grep -q '^READY' "$said" || gone linux; }
    wait_until 400 up && ! gone linux ||
        die "the guest does not come up: $(tail -n 20 "$said")"
    cat "$said"
}
