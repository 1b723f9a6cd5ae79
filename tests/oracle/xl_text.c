/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A random xl.cfg, as text: keys and values that people write, and some that
 * xl goes on past. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

#define MAX_VALUES 10
#define BOOL "0", "1", "'1'", "\"0\"", "2"
#define TEXT "\"/srv/a\"", "'/srv/a b,c'"

struct key {
    unsigned percent;
    const char *name;
    const char *values[MAX_VALUES]; /* as they stand in the file */
};

static const struct key keys[] = {
    { 100, "memory", { "192", "512", "1024", "'2048'", "0x100", "4096" } },
    { 20, "maxmem", { "1024", "2048", "\"1024\"", "8192" } },
    { 60, "vcpus", { "1", "2", "4", "'3'", "010" } },
    { 20, "maxvcpus", { "8", "16" } },
    { 10, "cpus", { "\"1-3\"", "'0,2,^2'", "[ '0-1', '2' ]", "['3']" } },
    { 5, "cpus_soft", { "\"1-3\"", "[ '0-1' ]" } },
    { 5, "cpuid", { "'host,tm=0,sse3=x'", "'wrong'", "'host,bad'",
                    "[ '1:ecx=xxxxxxxxxx0xxxxxxxxxxxxxxxxxxxxx', 'x' ]" } },
    { 10, "hap", { BOOL, "'false'" } },
    { 5, "oos", { BOOL } },
    { 5, "pool", { "'Pool-0'" } },
    { 5, "cpu_weight", { "512" } },
    { 5, "cap", { "50" } },
    { 5, "on_poweroff", { "'destroy'", "'preserve'" } },
    { 20, "on_reboot", { "'restart'", "'rename-restart'" } },
    { 20, "on_crash", { "'coredump-destroy'", "'soft-reset'" } },
    { 5, "on_watchdog", { "'coredump-restart'" } },
    { 5, "on_soft_reset", { "'destroy'" } },
    { 5, "shadow_memory", { "16" } },
    { 5, "nomigrate", { BOOL } },
    { 8, "tsc_mode", { "'native'", "'NATIVE'", "1", "\"2\"" } },
    { 8, "timer_mode", { "'no_delay_for_missed_ticks'", "2" } },
    { 8, "altp2m", { "'external'", "1", "0" } },
    { 8, "rtc_timeoffset", { "3600", "0" } },
    { 15, "localtime", { BOOL } },
    { 5, "max_event_channels", { "2047" } },
    { 5, "max_grant_frames", { "64", "0" } },
    { 5, "vmtrace_buf_kb", { "64", "0" } },
    { 5, "vpmu", { BOOL } },
    { 5, "ioports", { "[ '3f8-3ff', '70' ]", "[]" } },
    { 5, "irqs", { "[ 4, '7' ]" } },
    { 5, "iomem", { "[ 'fe000,1', 'fe010,10@c0000' ]" } },
    { 5, "rdm", { "'strategy=host,policy=relaxed'", "'strategy=host'",
                  "'x=y'" } },
    { 8, "bios_path_override", { TEXT } },
    { 8, "bios", { "'seabios'", "'ovmf'", "'OVMF'" } },
    { 8, "firmware", { "'uefi'", "'bios'", "'ovmf'", "'/srv/fw'", "'u'" } },
    { 8, "firmware_override", { TEXT } },
    { 5, "smbios_firmware", { TEXT } },
    { 5, "acpi_firmware", { TEXT } },
    { 5, "ms_vm_genid", { "'none'" } },
    { 5, "nestedhvm", { BOOL } },
    { 25, "acpi", { BOOL, "'yes'" } },
    { 15, "apic", { BOOL } },
    { 15, "pae", { BOOL } },
    { 5, "acpi_s3", { BOOL } },
    { 5, "nx", { BOOL } },
    { 5, "hpet", { BOOL } },
    { 5, "vpt_align", { BOOL } },
    { 15, "xen_platform_pci", { BOOL } },
    { 8, "vendor_device", { "'xenserver'", "'none'" } },
    { 15, "viridian", { BOOL, "[ 'base', '!freq' ]", "['all','!base']",
                        "[ 'defaults' ]", "[]", "'on'" } },
    { 10, "mmio_hole", { "256", "1024", "'2048'", "3840" } },
    { 5, "altp2mhvm", { BOOL } },
    { 5, "msr_relaxed", { BOOL } },
    { 5, "mca_caps", { "['lmce']", "[]" } },
    { 8, "gfx_passthru", { "0", "'igd'" } },
    { 8, "boot", { "'c'", "\"dc\"", "'n'" } },
    { 8, "device_model_override", { "'/usr/bin/qemu-system-i386'" } },
    { 8, "device_model_version", { "'qemu-xen'" } },
    { 8, "device_model_user", { "'nobody'" } },
    { 15, "device_model_args", { "[ '-d', 'x,y' ]", "[]" } },
    { 15, "device_model_args_hvm", { "[ \"-global\", 'a.b=c', ]" } },
    { 5, "device_model_args_pv", { "[ '-x' ]" } },
    { 10, "dm_restrict", { BOOL } },
    { 5, "seclabel", { "'a:b'" } },
    { 5, "init_seclabel", { "'c:d'" } },
    { 30, "vnc", { BOOL, "'false'", "[1]" } },
    { 20, "vnclisten", { "'0.0.0.0'", "\"192.0.2.1:3\"", "'::1'" } },
    { 10, "vncdisplay", { "5", "0", "'7'", "'x'" } },
    { 10, "vncunused", { BOOL } },
    { 10, "vncpasswd", { "'secret'", "''" } },
    { 15, "sdl", { BOOL } },
    { 5, "opengl", { BOOL } },
    { 5, "display", { "':0'" } },
    { 15, "keymap", { "'de'" } },
    { 15, "nographic", { BOOL } },
    { 30, "vga", { "'stdvga'", "'cirrus'", "'none'", "'qxl'" } },
    { 15, "stdvga", { BOOL } },
    { 20, "videoram", { "16", "20", "'24'", "8" } },
    { 25, "serial", { "'pty'", "[ 'pty', \"file:/tmp/a,b\" ]", "'none'",
                      "[ 'null', 'none', 'tcp::4,server' ]", "[]" } },
    { 15, "hdtype", { "'ahci'", "'ide'", "'AHCI'" } },
    { 10, "vfb", { "[ 'vnc=1,vncunused=1, vnclisten=192.0.2.1' ]",
                   "[ 'type=vnc', 'sdl=1,bad,vnc=1', '' ]" } },
    { 10, "usb", { BOOL } },
    { 10, "usbdevice", { "'tablet'", "[ 'tablet', 'mouse', 'tablet' ]",
                         "'host:1.2'", "[]" } },
    { 10, "usbversion", { "1", "2", "3" } },
    { 5, "usbctrl", { "[ 'type=devicemodel,version=3' ]", "['version=2']",
                      "[ 'type=qusb, ports=4', '' ]" } },
    { 5, "usbdev", { /* untyped, xl's JSON lacks them */
                     "['type=hostdev,hostbus=0x2, hostaddr=1' ]" } },
    { 15, "soundhw", { "'hda'", "'ac97'", "'sb16'", "'ES1370'", "'gus'" } },
    { 10, "spice", { BOOL } },
    { 10, "spiceport", { "6000" } },
    { 5, "spicetls_port", { "6001" } },
    { 5, "spicehost", { "'192.0.2.1'" } },
    { 10, "spicedisable_ticketing", { BOOL } },
    { 10, "spicepasswd", { "'secret'" } },
    { 5, "spiceagent_mouse", { BOOL } },
    { 10, "spicevdagent", { BOOL } },
    { 5, "spice_clipboard_sharing", { BOOL } },
    { 5, "spiceusbredirection", { "2", "4", "0" } },
    { 5, "spice_image_compression", { "'glz'" } },
    { 5, "spice_streaming_video", { "'filter'" } },
    { 5, "vkb_device", { BOOL } },
    { 5, "pci", { "[ '03:00.0', '0000:04:00.1@5,permissive=1' ]",
                  "[ 'bdf=05:1f.7,vslot=7,seize=1,rdm_policy=strict' ]",
                  "[ '06:00.*' ]" } },
    { 5, "pci_permissive", { BOOL } },
    { 5, "pci_msitranslate", { BOOL } },
    { 8, "channel", { "[ 'connection=pty, name=a' ]",
                      "['name = b,connection=socket,path=/srv/s,x=y']" } },
    { 5, "vkb", { "['backend-type=linux, unique-id=k']" } },
    { 5, "p9", { "['tag=t,path=/srv,security_model=none']" } },
    { 5, "vtpm", { "['backend=0']" } },
    { 5, "pvcalls", { "['backend=0', '']" } },
    { 5, "some.thing_new2", { "1", "[ 'a', [ 'b' ] ]" } },
};

static const char *const sources[] = { "/srv/web.img", "/dev/vg/a",
                                       "/srv/with space", "relative",
                                       "/srv/web.img" };
static const char *const prefixed[] = { "file:/srv/b.img", "phy:/dev/sdb",
                                        "tap:qcow2:/srv/c", "file:/srv/b",
                                        "ioemu:file:/srv/d", "iscsi:iqn.a" };
static const char *const formats[] = { "",     "raw", "qcow2", "qcow", "vhd",
                                       "qed", "raw", "raw",   "raw" };
static const char *const accesses[] = { "w", "rw", "", "w", "w", "rw", "w",
                                        "w", "w",  "w", "r", "ro" };
static const char *const disk_extra[] = {
    "", "", "", "", "", "", "", "", "", "", ",backendtype=qdisk",
    ",backendtype=phy", ",discard", ",no-discard", ",direct-io-safe",
    ",untrusted", ",script=block-x", ",backend=0", ",bogus=1",
};
static const char *const nic_parts[] = {
    "mac=00:16:3e:12:34:56", "mac=00-16-3e-0-0-1", "mac=00:16:zz",
    "bridge=br0", "bridge=eth0.20", "model=e1000", "model=virtio-net",
    "type=vif", "type=ioemu", "type=other", "vifname=lan0", "script=x.sh",
    "ip=192.0.2.1", "rate=10Mb/s", "rate=1GB/s@20ms", "mtu=9000",
    "backend=net", "netdev=eth1", "trusted", "untrusted", "accel=on",
    "bogus", " model = x",
};

#define PICK(dice, list)                                                      \
    ((list)[dice_below(dice, sizeof(list) / sizeof(*(list)))])

static const char *value_of(struct dice *dice, const char *const *values,
                            unsigned max)
{
    unsigned n = 0;

    while (n < max && values[n])
        n++;
    return values[dice_below(dice, n)];
}

/* n: no two are in one place */
static void print_disk(struct dice *dice, FILE *out, unsigned n)
{
    static const char *const prefixes[] = { "hd", "hd", "xvd", "sd", "hd" };
    const char *prefix = PICK(dice, prefixes);
    const char *format = PICK(dice, formats);
    const char *access = PICK(dice, accesses);
    const char *extra = PICK(dice, disk_extra);
    char unit = (char)('a' + n);

    switch (dice_below(dice, 5)) {
    case 0:
        fprintf(out, "'%s,hd%c:cdrom,r'",
                dice_chance(dice, 50) ? PICK(dice, prefixed) : "", unit);
        break;
    case 1:
        fprintf(out, "\"format=%s, vdev=%s%c, access=%s%s, target=%s\"",
                format, prefix, unit, access, extra, PICK(dice, sources));
        break;
    case 2:
        fprintf(out, "'%s,%s%c,%s%s'", PICK(dice, prefixed), prefix, unit,
                access, extra);
        break;
    default:
        fprintf(out, "'%s,%s,%s%c,%s%s'", PICK(dice, sources), format, prefix,
                unit, access, extra);
    }
}

static void print_disks(struct dice *dice, FILE *out)
{
    unsigned n = dice_below(dice, 4);

    fprintf(out, "disk = [ # all of them\n");
    for (unsigned i = 0; i < n; i++) {
        print_disk(dice, out, i);
        fprintf(out, "%s", dice_chance(dice, 50) ? ",\n" : ",");
    }
    fprintf(out, "]\n");
    if (dice_chance(dice, 10))
        fprintf(out, "disk += [ '/srv/more,qcow2,xvdf,w' ]\n");
}

static void print_nics(struct dice *dice, FILE *out)
{
    unsigned n = dice_below(dice, 4);

    fprintf(out, "vif=[");
    for (unsigned i = 0; i < n; i++) {
        unsigned words = dice_below(dice, 5);

        fprintf(out, "%s'", i ? ", " : "");
        for (unsigned k = 0; k < words; k++)
            fprintf(out, "%s%s", k ? dice_chance(dice, 30) ? ", " : "," : "",
                    PICK(dice, nic_parts));
        if (dice_chance(dice, 10))
            fprintf(out, "%sdevid=%u", words ? "," : "", i + 7);
        fprintf(out, "'");
    }
    fprintf(out, "] ; \n");
}

static void print_kernel(struct dice *dice, FILE *out)
{
    static const char *const lines[] = {
        "kernel = '/srv/vmlinuz'\nramdisk='/srv/rd'\ncmdline=\"quiet a=b\"",
        "kernel='/usr/lib/xen/boot/hvmloader'", "kernel = '/k'; extra='x'",
        "kernel = '/k'\nroot='/dev/xvda'\nextra = 'ro'\ncmdline='both'",
        "kernel = '/k'\nroot='/dev/xvda'\nextra = 'ro'", "extra = 'alone'",
        "kernel = '/k'\ncmdline = 'a'\ncmdline += ' b'",
    };

    fprintf(out, "%s\n", PICK(dice, lines));
}

char *generate_cfg(struct dice *dice, size_t *size)
{
    static const char *const types[] = { "type = 'hvm'", "builder=\"hvm\"",
                                         "type='hv'", "type='hvm'",
                                         "builder = 'hvm'; type = 'hvm'" };
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    size_t n = sizeof(keys) / sizeof(*keys), first = dice_below(dice, n);

    if (!out)
        abort();
    fprintf(out, "%s\nname='guest %u'\n"
            "uuid='3fb4d5a0-7ea5-4fc2-870e-06e1314c00f0' # fixed\n",
            PICK(dice, types), dice_below(dice, 100));
    for (size_t i = 0; i < n; i++) {
        const struct key *k = &keys[(first + i) % n];

        if (dice_chance(dice, k->percent))
            fprintf(out, "%s%s%s\n", k->name,
                    dice_chance(dice, 50) ? " = " : "=",
                    value_of(dice, k->values, MAX_VALUES));
    }
    if (dice_chance(dice, 20))
        print_kernel(dice, out);
    if (dice_chance(dice, 80))
        print_disks(dice, out);
    if (dice_chance(dice, 80))
        print_nics(dice, out);
    if (dice_chance(dice, 20))
        fprintf(out, "dm_isolate = '%s'\n",
                dice_chance(dice, 50) ? "class" : "controller");
    fclose(out);
    return text;
}
