/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's disks as <disk>, and as <xldm:disk> what that cannot say or libvirt
 * would not take. */
#include <stdio.h>
#include <string.h>

#include "config/xml.h"
#include "devices/disk_xml.h"

/* The bus on which this name stands for itself; 0: none. */
static int bus_of(const libxl_device_disk *disk, bool ahci)
{
    static const int buses[] = { XLDM__BUS_IDE, XLDM__BUS_SCSI,
                                 XLDM__BUS_XEN };

    for (size_t i = 0; i < sizeof(buses) / sizeof(*buses); i++) {
        bool sata = ahci && !disk->is_cdrom && buses[i] == XLDM__BUS_IDE;

        if (xldm__disk_name_ok(buses[i], disk->is_cdrom, disk->vdev))
            return sata ? XLDM__BUS_SATA : buses[i];
    }
    return 0;
}

static bool give_target(struct xldm_ctx *ctx, struct xldm__disk_device *d,
                        const libxl_device_disk *disk, bool ahci)
{
    d->bus = bus_of(disk, ahci);
    if (!d->bus) { /* a name of libvirt's, and libxl's own beside it */
        d->bus = XLDM__BUS_XEN;
        return xldm__string_set(ctx, &d->libxl.vdev, "xvdz") &&
               xldm__string_set(ctx, &d->raw.vdev, disk->vdev);
    }
    if (!xldm__string_set(ctx, &d->libxl.vdev, disk->vdev))
        return false;
    if (d->bus == XLDM__BUS_SATA)
        d->libxl.vdev[0] = 's'; /* libvirt's name of it */
    return true;
}

static bool give_source(struct xldm_ctx *ctx, struct xldm__disk_device *d,
                        const char *path)
{
    size_t n = path ? strlen(path) : 0;

    d->type = n && !strncmp(path, "/dev/", 5) ? XLDM__DISK_BLOCK
                                              : XLDM__DISK_FILE;
    if (!path)
        return true;
    if (*path != '/' || path[n - 1] == ' ')
        return xldm__string_set(ctx, &d->raw.pdev_path, path);
    return xldm__string_set(ctx, d->type == XLDM__DISK_BLOCK ? &d->dev
                                                             : &d->file,
                            path);
}

static bool is_word(const char *s)
{
    return *s && *s != ' ' && s[strlen(s) - 1] != ' ';
}

static bool give_strings(struct xldm_ctx *ctx, struct xldm__disk_device *d,
                         const libxl_device_disk *disk)
{
    const char *script = disk->script, *backend = disk->backend_domname;

    return (!script || /* libvirt has none for a disk */
            xldm__string_set(ctx, &d->raw.script, script)) &&
           (!backend ||
            xldm__string_set(ctx,
                             is_word(backend) ? &d->libxl.backend_domname
                                              : &d->raw.backend_domname,
                             backend));
}

static bool make(struct xldm_ctx *ctx, const libxl_device_disk *disk,
                 bool ahci, struct xldm_domain *to)
{
    struct xldm__disk_device *d = (void *)xldm__domain_add(to, &xldm__disk);

    if (!d)
        return xldm__oom(ctx);
    snprintf(d->base.id, sizeof(d->base.id), "%s", disk->vdev);
    d->libxl.is_cdrom = disk->is_cdrom;
    d->libxl.backend = disk->backend;
    if (disk->format != LIBXL_DISK_FORMAT_EMPTY) /* by its lack of a source */
        d->libxl.format = disk->format;
    d->libxl.discard_enable = disk->discard_enable;
    d->raw.specification = disk->specification;
    d->raw.trusted = disk->trusted;
    if (disk->direct_io_safe)
        libxl_defbool_set(&d->direct_io_safe, true);
    if (!disk->readwrite && !disk->is_cdrom)
        libxl_defbool_set(&d->readonly, true);
    return give_target(ctx, d, disk, ahci) &&
           give_source(ctx, d, disk->pdev_path) &&
           give_strings(ctx, d, disk);
}

bool xldm__disk_from_libxl(struct xldm_ctx *ctx,
                           const libxl_domain_config *cfg,
                           struct xldm_domain *to)
{
    bool ahci = cfg->b_info.u.hvm.hdtype == LIBXL_HDTYPE_AHCI, ok = true;

    for (int i = 0; i < cfg->num_disks; i++)
        ok &= make(ctx, &cfg->disks[i], ahci, to);
    return ok;
}
