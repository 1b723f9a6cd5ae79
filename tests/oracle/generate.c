/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A random config as a user would have it: before libxl's defaults. */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

/* splitmix64: the same numbers everywhere */
static uint64_t roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

unsigned dice_below(struct dice *dice, unsigned n)
{
    return roll(dice) % n;
}

bool dice_chance(struct dice *dice, unsigned percent)
{
    return dice_below(dice, 100) < percent;
}

char *word(const char *s)
{
    return s ? strdup(s) : NULL;
}

void random_bool(struct dice *dice, libxl_defbool *b)
{
    if (dice_chance(dice, 60))
        libxl_defbool_set(b, dice_chance(dice, 50));
}

libxl_string_list random_list(struct dice *dice,
                                     const char *const *words, unsigned nwords,
                                     unsigned n)
{
    libxl_string_list list = calloc(n + 1, sizeof(*list));

    for (unsigned i = 0; i < n; i++)
        list[i] = strdup(words[dice_below(dice, nwords)]);
    return list;
}

/* ---- disks ---- */

struct bays { /* what is taken */
    unsigned ide, scsi, cdroms;
};

static void random_image(struct dice *dice, libxl_device_disk *disk)
{
    static const char *const files[] = {
        "/srv/web.img", "/srv/xen/data.qcow2", "relative.img",
        "/srv/a,b.img", "/srv/with space.raw", "/srv/a,readonly=off,,c",
    };
    static const char *const devices[] = { "/dev/vg0/root", "/dev/sdz1",
                                           "/dev/a,b" };
    static const libxl_disk_format formats[] = { LIBXL_DISK_FORMAT_QCOW2,
                                                 LIBXL_DISK_FORMAT_QCOW,
                                                 LIBXL_DISK_FORMAT_QED,
                                                 LIBXL_DISK_FORMAT_VHD };

    disk->format = LIBXL_DISK_FORMAT_RAW;
    if (dice_chance(dice, 30)) {
        disk->pdev_path = word(PICK(dice, devices));
        if (dice_chance(dice, 30))
            disk->backend = LIBXL_DISK_BACKEND_PHY;
    } else {
        disk->pdev_path = word(PICK(dice, files));
        if (dice_chance(dice, 50))
            disk->format = PICK(dice, formats);
    }
    if (!disk->backend && dice_chance(dice, 30))
        disk->backend = LIBXL_DISK_BACKEND_QDISK;
    if (dice_chance(dice, 20))
        libxl_defbool_set(&disk->discard_enable, true);
    disk->direct_io_safe = dice_chance(dice, 10);
}

/* A free number below limit, or -1. */
static int take(struct dice *dice, unsigned *taken, unsigned limit)
{
    unsigned n = dice_below(dice, limit);

    if (*taken & 1u << n)
        return -1;
    *taken |= 1u << n;
    return n;
}

static bool random_cdrom(struct dice *dice, struct bays *bays,
                         libxl_device_disk *disk)
{
    static const char *const buses[] = { "hd", "hd", "hd", "xvd", "sd" };
    /* QEMU would not start with more, but libxl goes to 4 */
    int n = take(dice, &bays->ide, dice_chance(dice, 5) ? 5 : 4);

    if (n < 0 || asprintf(&disk->vdev, "%s%c", PICK(dice, buses), 'a' + n) < 0)
        return false;
    if (disk->vdev[0] == 's') {
        if (bays->scsi & 1u << n)
            return false;
        bays->scsi |= 1u << n;
    }
    disk->is_cdrom = disk->removable = 1;
    if (dice_chance(dice, 40)) {
        disk->format = LIBXL_DISK_FORMAT_EMPTY;
        disk->pdev_path = dice_chance(dice, 50) ? strdup("") : NULL;
#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
        if (dice_chance(dice, 30))
            disk->backend = LIBXL_DISK_BACKEND_PHY;
#endif
    } else {
        random_image(dice, disk);
#ifndef LIBXL_HAVE_BUILDINFO_LLC_COLORS /* 4.17: only qdisk */
        disk->backend = LIBXL_DISK_BACKEND_UNKNOWN;
#endif
    }
    return true;
}

static bool random_hard_disk(struct dice *dice, struct bays *bays, bool ahci,
                             libxl_device_disk *disk)
{
    int n;

    random_image(dice, disk);
    disk->readwrite = 1;
    if (dice_chance(dice, 20)) {
        /* not to 'sdl', which is a display */
        n = take(dice, &bays->scsi, dice_chance(dice, 10) ? 11 : 6);
        disk->readwrite = dice_chance(dice, 80);
        return n >= 0 && asprintf(&disk->vdev, "sd%c", 'a' + n) >= 0;
    }
    n = take(dice, &bays->ide, dice_chance(dice, 10) ? 8 : ahci ? 6 : 4);
    if (n < 0)
        return false;
    if (n < 4 && dice_chance(dice, 4)) /* a partition */
        return asprintf(&disk->vdev, "%s%c%u",
                        dice_chance(dice, 50) ? "xvd" : "hd", 'a' + n,
                        1 + dice_below(dice, 3)) >= 0;
    return asprintf(&disk->vdev, "%s%c",
                    dice_chance(dice, 30) || (n > 3 && !ahci) ? "xvd" : "hd",
                    'a' + n) >= 0;
}

static void random_disks(struct dice *dice, libxl_domain_config *cfg)
{
    bool ahci = dice_chance(dice, 30);
    unsigned n = dice_below(dice, 8);
    struct bays bays = { 0 };

    if (ahci)
        cfg->b_info.u.hvm.hdtype = LIBXL_HDTYPE_AHCI;
    else if (dice_chance(dice, 20))
        cfg->b_info.u.hvm.hdtype = LIBXL_HDTYPE_IDE;
    NEW(cfg->disks, n + 1);
    for (unsigned i = 0; i < n; i++) {
        libxl_device_disk *disk = &cfg->disks[cfg->num_disks];

        libxl_device_disk_init(disk);
        if (dice_chance(dice, 30) ? random_cdrom(dice, &bays, disk)
                                  : random_hard_disk(dice, &bays, ahci, disk))
            cfg->num_disks++;
        else
            libxl_device_disk_dispose(disk);
    }
}

/* ---- NICs ---- */

static void random_nic(struct dice *dice, libxl_device_nic *nic)
{
    static const char *const models[] = {
        "e1000",    "rtl8139", "virtio-net-pci", "virtio-net", "e1000e",
        "ne2k_pci", "pcnet",   "i82551",         "vmxnet3",
    };
    static const char *const bridges[] = { "xenbr0", "br-lan", "virbr0",
                                           "ovs,1" };
    static const libxl_nic_type types[] = { LIBXL_NIC_TYPE_VIF,
                                            LIBXL_NIC_TYPE_VIF_IOEMU };

    if (dice_chance(dice, 70))
        nic->model = word(PICK(dice, models));
    if (dice_chance(dice, 60))
        nic->bridge = word(PICK(dice, bridges));
    if (dice_chance(dice, 50))
        nic->nictype = PICK(dice, types);
    if (dice_chance(dice, 20))
        nic->ifname = word("lan0");
    if (dice_chance(dice, 20))
        nic->script = word("vif-openvswitch");
    if (dice_chance(dice, 20))
        nic->ip = word("192.0.2.1");
    if (dice_chance(dice, 60)) {
        for (int i = 0; i < 6; i++)
            nic->mac[i] = dice_below(dice, 256);
        nic->mac[0] &= ~1;
        nic->mac[5] |= 1;
    }
}

static void random_nics(struct dice *dice, libxl_domain_config *cfg)
{
    unsigned n = dice_below(dice, 6), numbering = dice_below(dice, 10);

    cfg->num_nics = n;
    NEW(cfg->nics, n + 1);
    for (unsigned i = 0; i < n; i++) {
        libxl_device_nic_init(&cfg->nics[i]);
        random_nic(dice, &cfg->nics[i]);
        if (numbering < 4) /* as xl */
            cfg->nics[i].devid = i;
        else if (numbering == 4 && dice_chance(dice, 50)) /* some, in leaps */
            cfg->nics[i].devid = 3 * i + 10;
    }
}

/* ---- the rest ---- */

static void random_serial(struct dice *dice, libxl_domain_build_info *info)
{
    static const char *const ports[] = {
        "pty",
        "none",
        "null",
        "stdio",
        "file:/var/log/a,b",
        "tcp:127.0.0.1:4444,server=on,wait=off",
        "/dev/ttyS0",
    };
    unsigned n = sizeof(ports) / sizeof(*ports);

    if (dice_chance(dice, 40))
        info->u.hvm.serial = word(PICK(dice, ports));
    else if (dice_chance(dice, 30))
        info->u.hvm.serial_list =
            random_list(dice, ports, n, dice_below(dice, 5));
}

static void random_boot(struct dice *dice, libxl_domain_build_info *info)
{
    static const char *const orders[] = { "c", "d", "dc", "cdn", "n", "cda" };

    if (dice_chance(dice, 50))
        info->u.hvm.boot = word(PICK(dice, orders));
    if (dice_chance(dice, 20)) {
        info->kernel = word("/boot/vmlinuz,6.1");
        if (dice_chance(dice, 70))
            info->ramdisk = word("/boot/initrd");
        if (dice_chance(dice, 70))
            info->cmdline = word("console=ttyS0,115200 root=/dev/xvda ro");
    }
}

static void random_cpus(struct dice *dice, libxl_domain_build_info *info)
{
    if (dice_chance(dice, 20))
        return;
    info->max_vcpus = 1 + dice_below(dice, dice_chance(dice, 50) ? 4 : 16);
    if (dice_chance(dice, 20))
        return;
    info->avail_vcpus.size = (info->max_vcpus + 7) / 8;
    NEW(info->avail_vcpus.map, info->avail_vcpus.size);
    libxl_bitmap_set(&info->avail_vcpus, 0);
    for (int i = 1; i < info->max_vcpus; i++) {
        if (dice_chance(dice, 80))
            libxl_bitmap_set(&info->avail_vcpus, i);
    }
}

static libxl_string_list random_extra(struct dice *dice)
{
    static const char *const pairs[][2] = {
        { "-msg", "timestamp=on" },
        { "-rtc", "base=utc" },
        { "-global", "PIIX4_PM.disable_s3=1" },
    };
    const char *const *pair = PICK(dice, pairs);
    libxl_string_list list = calloc(3, sizeof(*list));

    list[0] = strdup(pair[0]);
    list[1] = strdup(pair[1]);
    return list;
}

static void random_platform(struct dice *dice, libxl_domain_build_info *info)
{
    static const char *const users[] = { "nobody", "xen-qemu" };

    random_cpus(dice, info);
    if (dice_chance(dice, 90)) {
        info->max_memkb = (64u << dice_below(dice, 7)) * 1024;
        if (dice_chance(dice, 10))
            info->max_memkb += 4 * dice_below(dice, 1024);
        if (dice_chance(dice, 50))
            info->target_memkb = info->max_memkb;
    }
    random_bool(dice, &info->acpi);
    random_bool(dice, &info->u.hvm.acpi);
    if (dice_chance(dice, 10))
        libxl_defbool_set(&info->u.hvm.xen_platform_pci, dice_chance(dice, 50));
    if (dice_chance(dice, 5))
        info->u.hvm.mmio_hole_memkb = (128u << dice_below(dice, 4)) * 1024;
    if (dice_chance(dice, 5)) {
        libxl_defbool_set(&info->u.hvm.gfx_passthru, true);
        info->u.hvm.gfx_passthru_kind = LIBXL_GFX_PASSTHRU_KIND_IGD;
    }
    if (dice_chance(dice, 10))
        info->u.hvm.vendor_device = LIBXL_VENDOR_DEVICE_XENSERVER;
    if (dice_chance(dice, 30))
        libxl_defbool_set(&info->dm_restrict, dice_chance(dice, 80));
    if (dice_chance(dice, 10))
        info->device_model_user = word(PICK(dice, users));
    if (dice_chance(dice, 10))
        info->extra = random_extra(dice);
    if (dice_chance(dice, 10))
        info->extra_hvm = random_extra(dice);
}

void generate_config(struct dice *dice, libxl_domain_config *cfg)
{
    static const char *const names[] = { "web", "win-10", "a,b", "with space",
                                         "x.y_z" };
    libxl_domain_build_info *info = &cfg->b_info;

    libxl_domain_config_init(cfg);
    cfg->c_info.type = LIBXL_DOMAIN_TYPE_HVM;
    cfg->c_info.name = word(PICK(dice, names));
    libxl_domain_build_info_init_type(info, LIBXL_DOMAIN_TYPE_HVM);
    random_platform(dice, info);
    random_boot(dice, info);
    random_serial(dice, info);
    generate_peripherals(dice, cfg);
    random_disks(dice, cfg);
    random_nics(dice, cfg);
}
