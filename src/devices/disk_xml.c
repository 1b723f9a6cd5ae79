/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks and CD-ROMs in a description. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "devices/disk_xml.h"


#define DISK(member) .offset = offsetof(struct xldm__disk_device, member)

static const struct xldm__name type_names[] = {
    { "file", XLDM__DISK_FILE },
    { "block", XLDM__DISK_BLOCK },
    { "network", XLDM__DISK_NETWORK }, /* Ceph's, as libvirt has it for Xen */
    { NULL, 0 },
};
static const struct xldm__name device_names[] = {
    { "disk", 0 },
    { "cdrom", 1 },
    { NULL, 0 },
};
static const struct xldm__name driver_names[] = {
    { "phy", LIBXL_DISK_BACKEND_PHY },
    { "qemu", LIBXL_DISK_BACKEND_QDISK },
    { "file", LIBXL_DISK_BACKEND_QDISK },
    { "tap", LIBXL_DISK_BACKEND_QDISK }, /* as libxl serves it today */
    { "tap2", LIBXL_DISK_BACKEND_QDISK },
    { NULL, 0 },
};
static const struct xldm__name format_names[] = {
    { "raw", LIBXL_DISK_FORMAT_RAW },   { "qcow", LIBXL_DISK_FORMAT_QCOW },
    { "qcow2", LIBXL_DISK_FORMAT_QCOW2 }, { "qed", LIBXL_DISK_FORMAT_QED },
    { "vhd", LIBXL_DISK_FORMAT_VHD },   { "vpc", LIBXL_DISK_FORMAT_VHD },
    { NULL, 0 },
};
static const struct xldm__name protocol_names[] = { { "rbd", 0 },
                                                    { NULL, 0 } };
static const struct xldm__name bus_names[] = {
    { "ide", XLDM__BUS_IDE }, { "scsi", XLDM__BUS_SCSI }, { "sata", XLDM__BUS_SATA },
    { "xen", XLDM__BUS_XEN }, { NULL, 0 },
};

static const struct xldm__name specification_names[] = {
    { "xen", LIBXL_DISK_SPECIFICATION_XEN },
    { NULL, 0 },
};

/* ----------------------------------------------------------- rows ---- */

static bool set_discard(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__disk_device *d = object;

    if (strcmp(value, "unmap") && strcmp(value, "ignore"))
        return xldm__error(ctx, loc,
                           "<disk> driver/@discard: '%s' is not accepted; "
                           "accepted: unmap, ignore",
                           value);
    libxl_defbool_set(&d->libxl.discard_enable, *value == 'u');
    return true;
}

static const char *get_discard(struct xldm__arena *a, const void *object,
                               size_t i)
{
    const libxl_defbool b =
        ((const struct xldm__disk_device *)object)->libxl.discard_enable;

    (void)a;
    return i || libxl_defbool_is_default(b) ? NULL
           : libxl_defbool_val(b)           ? "unmap"
                                            : "ignore";
}

static bool set_cache(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    static const char *const modes[] = { "writeback", "default", "none",
                                         "writethrough", "directsync",
                                         "unsafe" };

    (void)object;
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (strcmp(modes[i], value))
            continue;
        if (i > 1)
            xldm__note(ctx, loc,
                       "<disk> driver/@cache '%s' has no effect: libxl has "
                       "writeback only",
                       value);
        return true;
    }
    return xldm__error(ctx, loc,
                       "<disk> driver/@cache: '%s' is not accepted; accepted: "
                       "default, none, writethrough, writeback, directsync, "
                       "unsafe",
                       value);
}

static bool set_source(struct xldm_ctx *ctx, char **where, const char *path,
                       struct xldm_loc loc)
{
    /* libvirt writes an empty path for an empty drive */
    if (*path && *path != '/')
        return xldm__error(ctx, loc,
                           "<disk> source: '%s' is not an absolute path",
                           path);
    return xldm__string_set(ctx, where, path);
}

static bool set_file(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__disk_device *d = object;

    return set_source(ctx, &d->file, value, loc);
}

static bool set_dev(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__disk_device *d = object;

    return set_source(ctx, &d->dev, value, loc);
}

#define STRING_OF(name, member)                                               \
    static const char *get_##name(struct xldm__arena *a, const void *object,  \
                                  size_t i)                                   \
    {                                                                         \
        (void)a;                                                              \
        return i ? NULL                                                       \
                 : ((const struct xldm__disk_device *)object)->member;        \
    }

STRING_OF(file, file)
STRING_OF(dev, dev)
STRING_OF(target, libxl.vdev)

static bool set_target(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__disk_device *d = object;

    d->target_loc = loc;
    return xldm__string_set(ctx, &d->libxl.vdev, value);
}

const struct xldm__field xldm__disk_fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, DISK(type), .names = type_names,
      .required = true },
    { .path = "@device", .kind = XLDM__ENUM, DISK(libxl.is_cdrom),
      .names = device_names },
    { .path = "driver/@name", .kind = XLDM__ENUM, DISK(libxl.backend),
      .names = driver_names },
    { .path = "driver/@type", .kind = XLDM__ENUM, DISK(libxl.format),
      .names = format_names },
    { .path = "driver/@cache", .kind = XLDM__CUSTOM, .set = set_cache },
    { .path = "driver/@discard", .kind = XLDM__CUSTOM, .set = set_discard,
      .get = get_discard },
    { .path = "source/@file", .kind = XLDM__CUSTOM, .set = set_file,
      .get = get_file },
    { .path = "source/@dev", .kind = XLDM__CUSTOM, .set = set_dev,
      .get = get_dev },
    { .path = "source/@protocol", .kind = XLDM__ENUM, DISK(fixed),
      .names = protocol_names },
    { .path = "source/@name", .kind = XLDM__CUSTOM, .set = xldm__disk_rbd },
    { .path = "source/host/@name", .kind = XLDM__CUSTOM,
      .set = xldm__disk_rbd_host, .completes = true, .many = true },
    { .path = "source/host/@port", .kind = XLDM__CUSTOM,
      .set = xldm__disk_rbd_port },
    { .path = "source/@index", .kind = XLDM__IGNORED,
      .why = "libvirt numbers sources of a running domain" },
    { .path = "target/@dev", .kind = XLDM__CUSTOM, .set = set_target,
      .get = get_target, .required = true },
    { .path = "target/@bus", .kind = XLDM__ENUM, DISK(bus),
      .names = bus_names },
    { .path = "script/@path", .kind = XLDM__STRING, DISK(libxl.script),
      .completes = true },
    { .path = "backenddomain/@name", .kind = XLDM__STRING,
      DISK(libxl.backend_domname), .completes = true },
    { .path = "readonly", .kind = XLDM__PRESENT, DISK(readonly) },
    /* to the letter, in place of what the elements say */
    { .path = "xldm:disk/@vdev", .kind = XLDM__TEXT, DISK(raw.vdev) },
    { .path = "xldm:disk/@target", .kind = XLDM__TEXT, DISK(raw.pdev_path) },
    { .path = "xldm:disk/@script", .kind = XLDM__TEXT, DISK(raw.script) },
    { .path = "xldm:disk/@backend", .kind = XLDM__TEXT,
      DISK(raw.backend_domname) },
    { .path = "xldm:disk/@specification", .kind = XLDM__ENUM,
      DISK(raw.specification), .names = specification_names },
    { .path = "xldm:disk/@directIoSafe", .kind = XLDM__DEFBOOL,
      DISK(direct_io_safe) },
    { .path = "xldm:disk/@trusted", .kind = XLDM__DEFBOOL,
      DISK(raw.trusted) },
    { 0 },
};

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
           (!cdrom || bus == XLDM__BUS_IDE ||
            (bus == XLDM__BUS_XEN && vdev[3] <= 'd'));
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
    if (d->bus == XLDM__BUS_SATA)
        vdev[0] = 'h';
    if (d->libxl.is_cdrom && d->bus != XLDM__BUS_IDE &&
        !(d->bus == XLDM__BUS_XEN && vdev[3] <= 'd')) /* on IDE, to libxl */
        return xldm__error(ctx, d->target_loc,
                           "<disk> target: a CD-ROM is not accepted on bus "
                           "'%s'; accepted: ide (libxl has no other)",
                           bus->name);
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
                           type_names[d->type].name,
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
    if (d->libxl.format == LIBXL_DISK_FORMAT_EMPTY &&
        d->libxl.backend == LIBXL_DISK_BACKEND_PHY)
        d->libxl.backend = LIBXL_DISK_BACKEND_UNKNOWN; /* nothing to serve */
    if (d->libxl.backend == LIBXL_DISK_BACKEND_PHY &&
        d->libxl.format != LIBXL_DISK_FORMAT_RAW)
        ok = xldm__error(ctx, base->loc,
                         "<disk> driver: 'phy' is not accepted for anything "
                         "but a raw image; accepted: qemu");
    if (readonly && !d->libxl.is_cdrom && on_ata(d))
        ok = xldm__error(ctx, base->loc,
                         "<disk> '%s' cannot be <readonly>: libxl emulates "
                         "it as an IDE or AHCI disk; accepted: scsi, or "
                         "xvde and up",
                         d->written);
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
        return true;
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

/* As libxl__device_disk_set_backend(): a raw image, file or not, is the
 * kernel's. */
bool xldm__disk_pv_by_qemu(const struct xldm__device *base)
{
    const struct xldm__disk_device *d = (const void *)base;

    if (d->libxl.is_cdrom || d->libxl.backend == LIBXL_DISK_BACKEND_UNKNOWN)
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
