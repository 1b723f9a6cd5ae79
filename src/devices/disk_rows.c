/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of <disk>. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "devices/disk_xml.h"

#define DISK(member) .offset = offsetof(struct xldm__disk_device, member)

const struct xldm__name xldm__disk_types[] = {
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
    { "aio", LIBXL_DISK_FORMAT_RAW }, /* xm's, which libvirt still takes */
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
    { .path = "@type", .kind = XLDM__ENUM, DISK(type), .names = xldm__disk_types,
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
    XLDM__BOOT_ROW,
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
