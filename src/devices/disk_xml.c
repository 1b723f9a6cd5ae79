/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks and CD-ROMs in a description. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "devices/disk_xml.h"


void xldm__disk_init(struct xldm__device *base)
{
    struct xldm__disk_device *d = (struct xldm__disk_device *)base;

    libxl_device_disk_init(&d->libxl);
    libxl_device_disk_init(&d->raw);
    d->libxl.format = LIBXL_DISK_FORMAT_RAW;
}

void xldm__disk_dispose(struct xldm__device *base)
{
    struct xldm__disk_device *d = (struct xldm__disk_device *)base;

    libxl_device_disk_dispose(&d->libxl);
    libxl_device_disk_dispose(&d->raw);
    free(d->file);
    free(d->dev);
    free(d->rbd);
}

/* ---------------------------------------------------------- names ---- */

static const struct bus {
    const char *name, *prefix, *accepted;
    char last;
} buses[] = {
    [XLDM__BUS_IDE] = { "ide", "hd", "hda to hdd", 'd' },
    /* QEMU's lsi53c895a: LSI_MAX_DEVS is 7 */
    [XLDM__BUS_SCSI] = { "scsi", "sd", "sda to sdh", 'h' },
    /* libvirt writes sdX; libxl's name for a disk on AHCI is hdX */
    [XLDM__BUS_SATA] = { "sata", "sd", "sda to sdf", 'f' },
    [XLDM__BUS_XEN] = { "xen", "xvd", "xvda to xvdz", 'z' },
};

static bool name_is(const char *vdev, const char *prefix, char last)
{
    size_t n = strlen(prefix);

    return !strncmp(vdev, prefix, n) && vdev[n] >= 'a' && vdev[n] <= last &&
           !vdev[n + 1];
}

bool xldm__disk_name_ok(int bus, bool cdrom, const char *vdev)
{
    const struct bus *b = &buses[bus];

    return (name_is(vdev, b->prefix, b->last) ||
            (bus == XLDM__BUS_SATA && name_is(vdev, "hd", b->last))) &&
           (!cdrom || vdev[strlen(vdev) - 1] <= 'd');
}

static bool finish_target(struct xldm_ctx *ctx, struct xldm__disk_device *d)
{
    char *vdev = d->libxl.vdev;
    const struct bus *bus;

    if (d->raw.vdev)
        return strlen(d->raw.vdev) < sizeof(d->base.id)
                   ? xldm__string_set(ctx, &d->libxl.vdev, d->raw.vdev)
                   : xldm__error(ctx, d->base.loc,
                                 "<disk> xldm:disk/@vdev: is too long");
    if (!d->bus)
        d->bus = !strncmp(vdev, "sd", 2)    ? XLDM__BUS_SCSI
                 : !strncmp(vdev, "xvd", 3) ? XLDM__BUS_XEN
                                            : XLDM__BUS_IDE;
    bus = &buses[d->bus];
    if (!name_is(vdev, bus->prefix, bus->last) &&
        !(d->bus == XLDM__BUS_SATA && name_is(vdev, "hd", bus->last)))
        return xldm__error(ctx, d->target_loc,
                           "<disk> target/@dev: '%s' is not accepted on bus "
                           "'%s'; accepted: %s",
                           vdev, bus->name, bus->accepted);
    snprintf(d->written, sizeof(d->written), "%.7s", vdev);
    if (d->bus == XLDM__BUS_SATA && !d->libxl.is_cdrom)
        vdev[0] = 'h';
    if (!d->libxl.is_cdrom || d->bus == XLDM__BUS_IDE)
        return true;
    if (vdev[strlen(vdev) - 1] > 'd')
        return xldm__error(ctx, d->target_loc,
                           "<disk> target/@dev: '%s' is not accepted for a "
                           "CD-ROM; accepted: the first four, libxl has them "
                           "on IDE",
                           vdev);
    if (d->bus != XLDM__BUS_XEN)
        xldm__note(ctx, d->target_loc,
                   "<disk> '%s' is on IDE: libxl has CD-ROMs nowhere else",
                   vdev);
    return true;
}

static bool finish_source(struct xldm_ctx *ctx, struct xldm__disk_device *d)
{
    char **source = d->type == XLDM__DISK_FILE ? &d->file : &d->dev;
    const char *wanted = d->type == XLDM__DISK_FILE ? "file" : "dev";

    if (d->raw.pdev_path) {
        if (d->libxl.is_cdrom && !*d->raw.pdev_path)
            d->libxl.format = LIBXL_DISK_FORMAT_EMPTY;
        return xldm__string_set(ctx, &d->libxl.pdev_path, d->raw.pdev_path);
    }
    if (d->type == XLDM__DISK_NETWORK) {
        if (!d->file && !d->dev && d->rbd)
            return xldm__string_set(ctx, &d->libxl.pdev_path, d->rbd);
        return xldm__error(ctx, d->base.loc,
                           "<disk> of type 'network' takes <source "
                           "protocol='rbd' name='...'>");
    }
    if (d->rbd)
        return xldm__error(ctx, d->base.loc,
                           "<disk> source/@name is for type 'network'");

    if (d->type == XLDM__DISK_FILE ? d->dev != NULL : d->file != NULL)
        return xldm__error(ctx, d->base.loc,
                           "<disk> of type '%s' names its source as '%s'; "
                           "accepted: source/@%s",
                           xldm__disk_types[d->type].name,
                           d->type == XLDM__DISK_FILE ? "dev" : "file", wanted);
    if (*source && **source) {
        d->libxl.pdev_path = *source;
        *source = NULL;
        return true;
    }
    if (!d->libxl.is_cdrom)
        return xldm__error(ctx, d->base.loc,
                           "<disk> lacks <source %s='...'>; only a CD-ROM "
                           "may be empty",
                           wanted);
    d->libxl.format = LIBXL_DISK_FORMAT_EMPTY;
    return true;
}

/* libxl gives QEMU these as IDE or AHCI disks, which cannot be read-only. */
static bool on_ata(const struct xldm__disk_device *d)
{
    return !d->libxl.script && !d->libxl.backend_domname && !d->raw.vdev &&
           (d->bus == XLDM__BUS_IDE || d->bus == XLDM__BUS_SATA ||
            name_is(d->libxl.vdev, "xvd", 'd'));
}

static bool take_raw(struct xldm_ctx *ctx, struct xldm__disk_device *d)
{
    const libxl_device_disk *raw = &d->raw;
    libxl_device_disk *to = &d->libxl;

    to->specification = raw->specification;
    to->trusted = raw->trusted;
    to->direct_io_safe = !libxl_defbool_is_default(d->direct_io_safe) &&
                         libxl_defbool_val(d->direct_io_safe);
    return (!raw->script ||
            xldm__string_set(ctx, &to->script, raw->script)) &&
           (!raw->backend_domname ||
            xldm__string_set(ctx, &to->backend_domname,
                             raw->backend_domname));
}

bool xldm__disk_cdrom_on(const struct xldm_ctx *ctx,
                         libxl_disk_backend backend)
{
    static const struct {
        libxl_disk_backend backend;
        struct xldm__versions libxl;
    } rows[] = { /* libxl__device_disk_setdefault() */
        { LIBXL_DISK_BACKEND_QDISK, XLDM__EVERY },
        { LIBXL_DISK_BACKEND_PHY, XLDM__FROM(XLDM_LIBXL_4_20) },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].backend == backend)
            return xldm__version_in(ctx->libxl, rows[i].libxl);
    return false;
}

static bool finish_phy(struct xldm_ctx *ctx, struct xldm__disk_device *d)
{
    bool empty = d->libxl.format == LIBXL_DISK_FORMAT_EMPTY;
    bool cdrom = xldm__disk_cdrom_on(ctx, LIBXL_DISK_BACKEND_PHY);

    if (d->libxl.backend != LIBXL_DISK_BACKEND_PHY)
        return true;
    if (empty && !cdrom)
        d->libxl.backend = LIBXL_DISK_BACKEND_UNKNOWN; /* nothing to serve */
    if (!empty && d->libxl.format != LIBXL_DISK_FORMAT_RAW)
        return xldm__error(ctx, d->base.loc,
                           "<disk> driver: 'phy' is not accepted for "
                           "anything but a raw image; accepted: qemu");
    return empty || !d->libxl.is_cdrom || cdrom ||
           xldm__error(ctx, d->base.loc,
                       "<disk> driver: 'phy' is not accepted for a CD-ROM by "
                       "libxl 4.17; accepted: qemu");
}

bool xldm__disk_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                       unsigned index)
{
    struct xldm__disk_device *d = (struct xldm__disk_device *)base;
    bool ok = finish_source(ctx, d) && take_raw(ctx, d);
    bool readonly = !libxl_defbool_is_default(d->readonly);

    (void)index;
    d->libxl.readwrite = !readonly && !d->libxl.is_cdrom;
    d->libxl.removable = d->libxl.is_cdrom;
    if (!finish_target(ctx, d))
        return false;
    snprintf(base->id, sizeof(base->id), "%s", d->libxl.vdev);
    ok &= finish_phy(ctx, d);
    if (readonly && !d->libxl.is_cdrom && on_ata(d))
        ok = xldm__error(ctx, base->loc,
                         "<disk> '%s' cannot be <readonly>: libxl emulates "
                         "it as an IDE or AHCI disk; accepted: scsi, or "
                         "xvde and up",
                         d->written);
    return ok;
}

/* Is its place on IDE that of letter? */
static bool is_at(const struct xldm__device *base, bool ahci, char letter)
{
    static const char *const prefixes[] = { "hd", "xvd", "sd" };
    const struct xldm__disk_device *d = (const void *)base;

    if (base->class != &xldm__disk || d->libxl.script ||
        d->libxl.backend_domname || (!d->libxl.is_cdrom && ahci))
        return false;
    for (size_t i = 0; i < (d->libxl.is_cdrom ? 3 : 2); i++) {
        const char *rest = base->id + strlen(prefixes[i]);

        if (!strncmp(base->id, prefixes[i], strlen(prefixes[i])) &&
            rest[0] == letter && !rest[1])
            return true;
    }
    return false;
}

/* That hdX and xvdX are one is known by name; a CD-ROM sdX is there too. */
static bool check_places(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                         bool ahci)
{
    bool ok = true;

    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        if (strncmp(d->id, "sd", 2) || !is_at(d, ahci, d->id[2]))
            continue;
        for (const struct xldm__device *o = dom->devices; o; o = o->next) {
            if (!strncmp(o->id, "sd", 2) || !is_at(o, ahci, d->id[2]))
                continue;
            xldm__note(ctx, o->loc, "%s '%s' is here",
                       xldm__device_word(o).text, o->id);
            ok = xldm__error(ctx, d->loc,
                             "%s '%s', a CD-ROM, has the same place on IDE as "
                             "'%s'",
                             xldm__device_word(d).text, d->id, o->id);
        }
    }
    return ok;
}

/* libxl has one hdtype a domain. */
bool xldm__disk_check(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    const struct xldm__disk_device *ide = NULL, *sata = NULL;

    for (const struct xldm__device *b = dom->devices; b; b = b->next) {
        const struct xldm__disk_device *d = (const void *)b;

        if (b->class != &xldm__disk || !*b->id || d->libxl.is_cdrom)
            continue;
        if (d->bus == XLDM__BUS_IDE && !ide)
            ide = d;
        if (d->bus == XLDM__BUS_SATA && !sata)
            sata = d;
    }
    if (!ide || !sata)
        return check_places(ctx, dom, sata || dom->cfg.b_info.u.hvm.hdtype ==
                                                  LIBXL_HDTYPE_AHCI);
    xldm__note(ctx, ide->base.loc, "<disk> '%s' on bus 'ide' is here",
               ide->base.id);
    return xldm__error(ctx, sata->base.loc,
                       "<disk> '%s' on bus 'sata' cannot be beside one on "
                       "'ide': libxl has all of a domain's hard disks on one "
                       "of the two",
                       sata->written);
}

/* -------------------------------------------------------- outside ---- */

bool xldm__disk_to_libxl(struct xldm_ctx *ctx,
                         const struct xldm__device *base,
                         libxl_domain_config *cfg)
{
    const struct xldm__disk_device *d = (const void *)base;
    libxl_device_disk *disk = xldm__grow(&cfg->disks, &cfg->num_disks,
                                         sizeof(*disk));

    if (!disk)
        return xldm__oom(ctx);
    libxl_device_disk_init(disk);
    disk->backend = d->libxl.backend;
    disk->format = d->libxl.format;
    disk->removable = d->libxl.removable;
    disk->readwrite = d->libxl.readwrite;
    disk->is_cdrom = d->libxl.is_cdrom;
    disk->discard_enable = d->libxl.discard_enable;
    disk->specification = d->libxl.specification;
    disk->trusted = d->libxl.trusted;
    disk->direct_io_safe = d->libxl.direct_io_safe;
    if (d->bus == XLDM__BUS_SATA)
        cfg->b_info.u.hvm.hdtype = LIBXL_HDTYPE_AHCI;
    return (!d->libxl.script ||
            xldm__string_set(ctx, &disk->script, d->libxl.script)) &&
           (!d->libxl.backend_domname ||
            xldm__string_set(ctx, &disk->backend_domname,
                             d->libxl.backend_domname)) &&
           (!d->libxl.pdev_path ||
            xldm__string_set(ctx, &disk->pdev_path, d->libxl.pdev_path)) &&
           xldm__string_set(ctx, &disk->vdev, d->libxl.vdev);
}

char xldm__disk_boots_as(const struct xldm__device *base)
{
    return ((const struct xldm__disk_device *)base)->libxl.is_cdrom ? 'd' : 'c';
}

/* As libxl__device_disk_set_backend(): a raw image, file or not, is the
 * kernel's. */
bool xldm__disk_pv_by_qemu(const struct xldm__device *base)
{
    const struct xldm__disk_device *d = (const void *)base;

    if (d->libxl.backend == LIBXL_DISK_BACKEND_UNKNOWN)
        return d->libxl.is_cdrom || d->libxl.format != LIBXL_DISK_FORMAT_RAW;
    return d->libxl.backend == LIBXL_DISK_BACKEND_QDISK;
}

bool xldm__disk_probe(struct xldm_ctx *ctx, const struct xldm__device *base)
{
    const struct xldm__disk_device *d = (const void *)base;
    const char *path = d->libxl.pdev_path;

    return !path || !*path || d->type == XLDM__DISK_NETWORK || d->libxl.script ||
           d->libxl.backend_domname ||
           xldm__image_probe(ctx, base, path, d->libxl.readwrite);
}
