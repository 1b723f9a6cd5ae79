/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks and CD-ROMs: on IDE, AHCI or SCSI, or paravirtual only. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "devices/disk_xml.h"
#include "devices/foreign.h"

/* ------------------------------------------------------- argv side ---- */

enum bus { BUS_NONE, BUS_IDE, BUS_CDROM, BUS_AHCI, BUS_SCSI };

/* A vdev as libxl reads it (libxl__device_disk_dev_number): the disk's index
 * and the number its PV half goes by; -1 if it is none. */
static int vdev_number(const char *vdev, int *index)
{
    static const struct {
        const char *prefix;
        int max;
    } names[] = { { "xvd", (1 << 20) - 1 }, { "hd", 3 }, { "sd", 15 } };
    size_t i;
    long n = -1, part = 0;
    const char *p = vdev;

    for (i = 0; i < 3; i++)
        if (!strncmp(vdev, names[i].prefix, strlen(names[i].prefix)))
            break;
    if (i < 3) {
        p += strlen(names[i].prefix);
        if (!islower((unsigned char)*p))
            return -1;
        for (; islower((unsigned char)*p) && n < names[i].max; p++)
            n = (n + 1) * 26 + *p - 'a';
    } else if (vdev[0] == 'd' && isdigit((unsigned char)vdev[1])) {
        char *end;

        n = strtol(vdev + 1, &end, 10);
        if (*end != 'p' || !isdigit((unsigned char)end[1]))
            return -1;
        p = end + 1;
    } else {
        return -1;
    }
    if (isdigit((unsigned char)*p))
        part = strtol(p, (char **)&p, 10);
    if (*p || part > 255 || n > (i < 3 ? names[i].max : (1 << 20) - 1))
        return -1;
    *index = n;
    if (i == 1)
        return (n < 2 ? 3 : 22) << 8 | (n & 1) << 6 | part;
    if (i == 2)
        return 8 << 8 | n << 4 | part;
    return n <= 15 && part <= 15 ? 202 << 8 | n << 4 | part
                                 : 1 << 28 | n << 8 | part;
}

/* The index a PV device number came from. */
static int number_index(unsigned long v)
{
    if (v >> 28 == 1)
        return v >> 8 & 0xfffff;
    switch (v >> 8) {
    case 3:
        return v >> 6 & 1;
    case 22:
        return 2 + (v >> 6 & 1);
    }
    return v >> 4 & 0xf;
}

static bool is_block(const libxl_device_disk *disk)
{
    if (disk->backend != LIBXL_DISK_BACKEND_UNKNOWN)
        return disk->backend == LIBXL_DISK_BACKEND_PHY;
    return disk->format == LIBXL_DISK_FORMAT_RAW && disk->pdev_path &&
           (disk->script || !strncmp(disk->pdev_path, "/dev/", 5));
}

static const char *qemu_format(const libxl_device_disk *disk)
{
    if (is_block(disk))
        return "raw";
    switch (disk->format) {
    case LIBXL_DISK_FORMAT_QCOW:
        return "qcow";
    case LIBXL_DISK_FORMAT_QCOW2:
        return "qcow2";
    case LIBXL_DISK_FORMAT_VHD:
        return "vpc";
    case LIBXL_DISK_FORMAT_QED:
        return "qed";
    default:
        return "raw";
    }
}

/* Where libxl's builder puts it; sets the index on that bus. */
static enum bus disk_bus(const libxl_device_disk *disk, libxl_hdtype hdtype,
                         int *index)
{
    if (!disk->vdev || vdev_number(disk->vdev, index) < 0)
        return BUS_NONE;
    if (disk->is_cdrom)
        return *index > 4 ? BUS_NONE : BUS_CDROM; /* 4: libxl's bound */
    if (disk->format == LIBXL_DISK_FORMAT_EMPTY || disk->backend_domname ||
        disk->script)
        return BUS_NONE;
    if (!strncmp(disk->vdev, "sd", 2))
        return BUS_SCSI;
    if (hdtype == LIBXL_HDTYPE_AHCI)
        return *index < 6 ? BUS_AHCI : BUS_NONE;
    return *index < 4 ? BUS_IDE : BUS_NONE;
}

static void emit_cdrom(struct xldm__emit *e, const libxl_device_disk *disk,
                       int index)
{
    struct xldm__arena *a = e->argv->arena;
    int ignored, number = vdev_number(disk->vdev, &ignored);
    const char *media = "";

    if (disk->format != LIBXL_DISK_FORMAT_EMPTY && disk->pdev_path &&
        *disk->pdev_path)
        media = xldm__fmt(a, ",file=%s,format=%s",
                          xldm__escape(a, disk->pdev_path), qemu_format(disk));
    xldm__argv_add(e->argv, "-drive");
    xldm__argv_addf(e->argv, "if=none,readonly=on,id=ide-%i%s", number,
                    media);
    xldm__argv_add(e->argv, "-device");
    xldm__argv_addf(e->argv, "ide-cd,id=ide-%i,drive=ide-%i,bus=ide.%u,unit=%u",
                    number, number, index / 2, index % 2);
}

static void emit_disk(struct xldm__emit *e, const libxl_device_disk *disk,
                      enum bus bus, int n)
{
    const char *file = xldm__escape(e->argv->arena, disk->pdev_path),
               *format = qemu_format(disk);

    xldm__argv_add(e->argv, "-drive");
    switch (bus) {
    case BUS_SCSI:
        xldm__argv_addf(e->argv,
                        "file=%s,id=scsi0-hd%d,format=%s,if=none,readonly=%s,"
                        "cache=writeback",
                        file, n, format, disk->readwrite ? "off" : "on");
        xldm__argv_add(e->argv, "-device");
        xldm__argv_addf(e->argv, "scsi-hd,drive=scsi0-hd%d,scsi-id=%d", n, n);
        break;
    case BUS_AHCI:
        xldm__argv_addf(e->argv,
                        "file=%s,if=none,id=ahcidisk-%d,format=%s,"
                        "cache=writeback",
                        file, n, format);
        xldm__argv_add(e->argv, "-device");
        xldm__argv_addf(e->argv,
                        "ide-hd,bus=ahci0.%d,unit=0,drive=ahcidisk-%d", n, n);
        break;
    default:
        xldm__argv_addf(e->argv,
                        "file=%s,if=ide,index=%d,media=disk,format=%s,"
                        "cache=writeback",
                        file, n, format);
    }
}

static void emit_disks(struct xldm__emit *e)
{
    const libxl_domain_config *c = e->cfg;

    for (int i = 0; i < c->num_disks; i++) {
        int index = 0;
        enum bus bus = disk_bus(&c->disks[i], c->b_info.u.hvm.hdtype, &index);

        if (bus == BUS_CDROM)
            emit_cdrom(e, &c->disks[i], index);
        else if (bus != BUS_NONE && c->disks[i].pdev_path)
            emit_disk(e, &c->disks[i], bus, index);
    }
}

static void emit_lsi(struct xldm__emit *e)
{
    for (int i = 0; i < e->cfg->num_disks; i++) {
        const libxl_device_disk *disk = &e->cfg->disks[i];

        if (disk->is_cdrom || !disk->vdev || strncmp(disk->vdev, "sd", 2))
            continue;
        xldm__argv_add(e->argv, "-device");
        xldm__argv_add(e->argv, "lsi53c895a");
        return;
    }
}

static void emit_ahci(struct xldm__emit *e)
{
    if (e->cfg->b_info.u.hvm.hdtype != LIBXL_HDTYPE_AHCI)
        return;
    xldm__argv_add(e->argv, "-device");
    xldm__argv_add(e->argv, "ahci,id=ahci0");
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_SCSI, emit_lsi, XLDM__EVERY },
    { XLDM__AT_AHCI, emit_ahci, XLDM__EVERY },
    { XLDM__AT_DISK, emit_disks, XLDM__EVERY },
    { 0 },
};

static const struct xldm__claim ide_claims[] = {
    { XLDM_PORT, 0x1f0, 0x1f7, "QEMU hw/ide/piix.c, channel 0" },
    { XLDM_PORT, 0x3f6, 0x3f6, "QEMU hw/ide/piix.c, channel 0 control" },
    { XLDM_PORT, 0x170, 0x177, "QEMU hw/ide/piix.c, channel 1" },
    { XLDM_PORT, 0x376, 0x376, "QEMU hw/ide/piix.c, channel 1 control" },
    { XLDM_PCI, 1 << 3 | 1, 1 << 3 | 1, "PIIX3 function 1" },
    { 0, 0, 0, NULL },
};

static const struct xldm__controller controllers[] = {
    { .name = "ide", .builtin = true, .devfn = 1 << 3 | 1,
      .claims = ide_claims },
    { .name = "ahci0", .devfn = -1, .type = "sata" },
    { .name = "lsi0", .devfn = -1, .type = "scsi", .model = "lsilogic" },
    { 0 },
};

static bool named(struct xldm__part *p, const char *prefix, int index,
                  const char *controller)
{
    if (index < 0 || index > 15)
        return false;
    p->owner = XLDM__NAMED;
    p->id = xldm__fmt(p->arena, "%s%c", prefix, 'a' + index);
    p->controller = controller;
    return true;
}

/* The number behind prefix in the value of key, or -1. */
static long number_of(const struct xldm__option *o, const char *key,
                      const char *prefix)
{
    char buf[32], *end;
    size_t n = strlen(prefix);
    long v;

    if (!xldm__option_get(o, key, buf, sizeof(buf)) ||
        strncmp(buf, prefix, n) || !isdigit((unsigned char)buf[n]))
        return -1;
    v = strtol(buf + n, &end, 10);
    return *end ? -1 : v;
}

/* One of IDE, whatever libxl's number says: CD-ROMs named sdX are there too. */
static bool named_ide(struct xldm__part *p, long number)
{
    return named(p, number >> 8 == 8 ? "sd" : "hd",
                 number_index((unsigned long)number), "ide");
}

static bool classify_drive(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;
    char interface[8];
    long n;

    p->loading = ",auto-read-only=off"; /* else it is opened again to write */
    if ((n = number_of(o, "id", "scsi0-hd")) >= 0)
        return named(p, "sd", n, "lsi0");
    if ((n = number_of(o, "id", "ahcidisk-")) >= 0)
        return named(p, "hd", n, "ahci0");
    if ((n = number_of(o, "id", "ide-")) >= 0)
        return named_ide(p, n);
    return xldm__option_get(o, "if", interface, sizeof(interface)) &&
           !strcmp(interface, "ide") &&
           named(p, "hd", number_of(o, "index", ""), "ide");
}

static bool shared(struct xldm__part *p, const char *controller)
{
    p->owner = XLDM__SHARED;
    p->pci = true;
    p->ram = 1 << 20; /* lsi53c895a's option ROM, QEMU rounds it up */
    p->controller = controller;
    return true;
}

static bool disk_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;
    long n;

    if (xldm__option_is(o, "drive", NULL))
        return classify_drive(p);
    if (!xldm__option_is(o, "device", NULL))
        return false;
    if (xldm__option_is(o, "device", "lsi53c895a"))
        return shared(p, "lsi0");
    if (xldm__option_is(o, "device", "ahci"))
        return shared(p, "ahci0");
    if (xldm__option_is(o, "device", "scsi-hd") &&
        (n = number_of(o, "drive", "scsi0-hd")) >= 0)
        return named(p, "sd", n, "lsi0");
    if (xldm__option_is(o, "device", "ide-hd") &&
        (n = number_of(o, "drive", "ahcidisk-")) >= 0)
        return named(p, "hd", n, "ahci0");
    if (xldm__option_is(o, "device", "ide-cd") &&
        (n = number_of(o, "id", "ide-")) >= 0)
        return named_ide(p, n);
    return false;
}

/* xvda, hda, hda1 and d0p0 are all the first disk of the controller. */
static bool disk_canonical(const char *name, char *id, size_t size)
{
    char text[] = "hda";
    int index;

    if (vdev_number(name, &index) < 0 || index > 15 || size < sizeof(text))
        return false;
    *text = strncmp(name, "sd", 2) ? 'h' : 's';
    text[2] += (char)index;
    memcpy(id, text, sizeof(text));
    return true;
}

/* 768 and 51712 are the first disk, 2048 the first on SCSI. */
static bool disk_identity(const char *node, char *id, size_t size)
{
    char *end;
    unsigned long number = strtoul(node, &end, 10);
    int index = number_index(number);

    if (!isdigit((unsigned char)*node) || *end || index > 15)
        return false;
    snprintf(id, size, "%cd%c", number >> 8 == 8 ? 's' : 'h', 'a' + index);
    return true;
}

static const struct xldm__pv_nodes pv_nodes = {
    .backend = "qdisk", .frontend = "vbd", .identity = disk_identity
};

const struct xldm__class xldm__disk = {
    .kind = "disk",
    .group_name = "storage",
    .emitters = emitters,
    .controllers = controllers,
    .options = (const char *const[]){ "drive", "device", NULL },
    .classify = disk_classify,
    .canonical = disk_canonical,
    .element = "disk",
    .size = sizeof(struct xldm__disk_device),
    .fields = xldm__disk_fields,
    .foreign = xldm__disk_foreign,
    .boots_as = xldm__disk_boots_as,
    .keys = xldm__disk_keys,
    .init = xldm__disk_init,
    .dispose = xldm__disk_dispose,
    .finish = xldm__disk_finish,
    .check = xldm__disk_check,
    .to_libxl = xldm__disk_to_libxl,
    .from_libxl = xldm__disk_from_libxl,
    .pv_by_qemu = xldm__disk_pv_by_qemu,
    .pv_nodes = &pv_nodes,
    .probe = xldm__disk_probe,
};
