/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks in xl.cfg: libxlutil reads them, libxl's own rules are checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/disk_xml.h"

/* As libxl__device_disk_setdefault(), by the text alone. */
static const char *refused(const struct xldm_ctx *ctx,
                           const libxl_device_disk *disk)
{
    bool empty = disk->format == LIBXL_DISK_FORMAT_EMPTY;

    if (empty && !disk->is_cdrom)
        return "is empty; only a CD-ROM may be";
    if (empty && disk->pdev_path && *disk->pdev_path)
        return "is of format empty but names a target";
    if (disk->specification == LIBXL_DISK_SPECIFICATION_VIRTIO)
        return "is specified as virtio; accepted: xen";
    if (disk->is_cdrom && disk->backend != LIBXL_DISK_BACKEND_UNKNOWN &&
        !xldm__disk_cdrom_on(ctx, disk->backend))
        return xldm__disk_cdrom_on(ctx, LIBXL_DISK_BACKEND_PHY)
                   ? "is a CD-ROM, for which backendtype qdisk and phy alone "
                     "are accepted"
                   : "is a CD-ROM, for which backendtype qdisk alone is "
                     "accepted by libxl 4.17";
    switch (disk->backend) {
    case LIBXL_DISK_BACKEND_PHY:
        return empty || disk->format == LIBXL_DISK_FORMAT_RAW
                   ? NULL : "has backendtype phy, which takes nothing but raw";
    case LIBXL_DISK_BACKEND_UNKNOWN:
        if (!disk->script || (disk->format == LIBXL_DISK_FORMAT_RAW &&
                              !disk->is_cdrom))
            return NULL;
        /* fall through */
    case LIBXL_DISK_BACKEND_QDISK:
        return disk->script ? "has a script, which only a raw disk of "
                              "backendtype phy can have" : NULL;
    default:
        return "has a backendtype that is not supported; accepted: phy, "
               "qdisk";
    }
}

static bool on_ata(const libxl_device_disk *disk, const char *id)
{
    char name[64];

    return !disk->is_cdrom && !disk->script && !disk->backend_domname &&
           xldm__disk.canonical(id, name, sizeof(name)) &&
           !strncmp(name, "hd", 2) && name[2] < 'e';
}

/* libxl counts to 16, QEMU's lsi53c895a to 8 (LSI_MAX_DEVS). */
static bool beyond_scsi(const libxl_device_disk *disk, const char *id)
{
    char name[64];

    return !disk->is_cdrom && !disk->script && !disk->backend_domname &&
           disk->format != LIBXL_DISK_FORMAT_EMPTY &&
           xldm__disk.canonical(id, name, sizeof(name)) &&
           !strncmp(name, "sd", 2) && name[2] > 'h';
}

static bool check(struct xldm__cfg *cfg, const libxl_device_disk *disk,
                  struct xldm_loc loc)
{
    const char *why = refused(cfg->ctx, disk);
    char name[64];
    bool ok = true;

    if (why)
        ok = xldm__error(cfg->ctx, loc, "disk '%s' %s", disk->vdev, why);
    if (beyond_scsi(disk, disk->vdev))
        ok = xldm__error(cfg->ctx, loc, "disk '%s' is one too many for the "
                         "SCSI controller, which takes 8; accepted: sda to "
                         "sdh", disk->vdev);
    if (!disk->readwrite && on_ata(disk, disk->vdev))
        ok = xldm__error(cfg->ctx, loc, "disk '%s' cannot be read-only: "
                         "libxl emulates it as an IDE or AHCI disk; accepted: "
                         "sdX, or xvde and up", disk->vdev);
    if (!libxl_defbool_is_default(disk->colo_enable) || disk->colo_host ||
        disk->colo_port || disk->colo_export || disk->active_disk ||
        disk->hidden_disk)
        ok = xldm__error(cfg->ctx, loc, "disk '%s': COLO is not supported",
                         disk->vdev);
    if (!*disk->vdev)
        ok = xldm__error(cfg->ctx, loc, "disk: the vdev is empty, which libxl "
                         "refuses; accepted: xvdX, hda to hdd, sda to sdh");
    else if (strlen(disk->vdev) >= sizeof(name))
        ok = xldm__error(cfg->ctx, loc, "disk '%.64s...': the vdev is too "
                         "long", disk->vdev);
    else if (!xldm__disk.canonical(disk->vdev, name, sizeof(name)) &&
             strncmp(disk->vdev, "xvd", 3))
        xldm__warning(cfg->ctx, loc, "disk '%s' is not emulated: libxl knows "
                      "xvdX, hda to hdd and sda to sdp", disk->vdev);
    return ok;
}

/* What the description's own questions need of it. */
static bool keep(struct xldm__cfg *cfg, const libxl_device_disk *disk,
                 const char *key, struct xldm_loc loc)
{
    struct xldm__disk_device *d =
        (void *)xldm__cfg_device(cfg, &xldm__disk, key, loc);

    if (!d)
        return false;
    snprintf(d->base.id, sizeof(d->base.id), "%s", disk->vdev);
    d->libxl.backend = disk->backend;
    d->libxl.format = disk->format;
    d->libxl.is_cdrom = disk->is_cdrom;
    d->libxl.readwrite = disk->readwrite;
    if (disk->script) /* its target need not be a file */
        d->libxl.backend = LIBXL_DISK_BACKEND_PHY;
    return xldm__string_set(cfg->ctx, &d->libxl.vdev, disk->vdev) &&
           xldm__string_set(cfg->ctx, &d->libxl.pdev_path,
                            disk->pdev_path && !disk->script &&
                                    !disk->backend_domname
                                ? disk->pdev_path : "");
}

bool xldm__disk_adopt(struct xldm__cfg *cfg, const libxl_device_disk *disk,
                      const char *key, struct xldm_loc loc)
{
    return keep(cfg, disk, key, loc) && check(cfg, disk, loc);
}

static bool read_disk(struct xldm__cfg *cfg, const struct xldm__setting *s,
                      const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_disk *disk = xldm__grow(&c->disks, &c->num_disks,
                                         sizeof(*disk));
    int e;

    (void)s;
    if (!disk)
        return xldm__oom(cfg->ctx);
    libxl_device_disk_init(disk);
    e = xlu_disk_parse(cfg->xlu, 1, &text, disk);
    if (e) {
        xldm__cfg_relay(cfg, XLDM_ERROR, loc, "");
        return false;
    }
    return xldm__disk_adopt(cfg, disk, "disk", loc);
}

/* ---------------------------------------------------------- write ---- */

static void write_flag(struct xldm__cfg_out *o, libxl_defbool flag,
                       const char *yes, const char *no)
{
    if (!libxl_defbool_is_default(flag))
        xldm__write_wordf(o, "%s", libxl_defbool_val(flag) ? yes : no);
}

/* It eats the rest, but for a comma at its end. */
static void write_target(struct xldm__cfg_out *o, const char *target,
                         struct xldm_loc loc)
{
    size_t n = target ? strlen(target) : 0;

    if (n && target[n - 1] == ',')
        o->unsaid = !xldm__error(o->ctx, loc, "xl.cfg cannot say target "
                                 "'%s', for the comma at its end", target);
    else if (target)
        xldm__write_wordf(o, "target=%s", target);
}

static void write_disks(struct xldm__cfg_out *o, const struct xldm__key *row)
{
    const libxl_domain_config *c = &o->dom->cfg;

    for (int i = 0; i < c->num_disks; i++) {
        const libxl_device_disk *d = &c->disks[i];
        struct xldm_loc loc = xldm__write_loc(o, i);

        if (d->format)
            xldm__write_wordf(o, "format=%s",
                              libxl_disk_format_to_string(d->format));
        xldm__write_word(o, loc, "vdev", d->vdev, ",");
        if (d->is_cdrom)
            xldm__write_wordf(o, "devtype=cdrom");
        xldm__write_wordf(o, "access=%s", d->readwrite ? "rw" : "ro");
        if (d->backend)
            xldm__write_wordf(o, "backendtype=%s",
                              libxl_disk_backend_to_string(d->backend));
        if (d->specification)
            xldm__write_wordf(o, "specification=%s",
                              libxl_disk_specification_to_string(
                                  d->specification));
        xldm__write_word(o, loc, "backend", d->backend_domname, ",");
        xldm__write_word(o, loc, "script", d->script, ",");
        if (d->direct_io_safe)
            xldm__write_wordf(o, "direct-io-safe");
        write_flag(o, d->discard_enable, "discard", "no-discard");
        write_flag(o, d->trusted, "trusted", "untrusted");
        write_target(o, d->pdev_path, loc);
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
}

const struct xldm__key xldm__disk_keys[] = {
    { .key = "disk", .kind = XLDM__KEY_ITEMS, .item = read_disk,
      .write = write_disks },
    { .key = "hdtype", .kind = XLDM__KEY_ENUM,
      XLDM__CFG(b_info.u.hvm.hdtype), .names = libxl_hdtype_string_table },
    { 0 },
};
