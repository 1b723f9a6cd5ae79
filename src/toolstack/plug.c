/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be plugged into a running guest, a row each kind. */
#include <string.h>
#include <libxl_utils.h>
#include "toolstack/device.h"

static bool has_affinity(const xldm_dm_affinity *a)
{
    return a->group && strcmp(a->group, "primary");
}

/* libxl's call as the table wants it. */
#define LIBXL(kind, verb)                                                      \
    static int verb##_##kind(libxl_ctx *libxl, uint32_t domid, void *dev,      \
                             const libxl_asyncop_how *how)                     \
    {                                                                          \
        return libxl_device_##kind##_##verb(libxl, domid, dev, how);           \
    }

/* ----------------------------------------------------------- disk ---- */

/* The PIIX3 has four disks; what is beyond is PV, as xvde. */
static bool is_emulated(const char *vdev, char *id, size_t size)
{
    return vdev && xldm__disk.canonical(vdev, id, size) &&
           (id[0] == 's' || id[2] <= 'd');
}

/* An emulated one waits for the next start: so does xl block-attach. */
static bool may_add_disk(struct xldm_ctx *ctx, const void *dev,
                         const char *what, const char *group)
{
    const xldm_device_disk *disk = dev;
    char id[64];

    if (!disk->libxl.vdev) /* libxl looks at it unasked */
        return xldm__error(ctx, XLDM__NONE, "%s: has no vdev", what);
    if (disk->libxl.is_cdrom)
        return xldm__error(ctx, XLDM__NONE,
                           "%s: a CD-ROM drive cannot be plugged into a guest "
                           "that runs; accepted: a medium into one that is "
                           "there (xl cd-insert)",
                           what);
    if (is_emulated(disk->libxl.vdev, id, sizeof(id)))
        xldm__note(ctx, XLDM__NONE,
                   "%s: is paravirtual for now; when the domain is started "
                   "anew, the QEMU of group '%s' emulates it as '%s'",
                   what, group ? group : "primary", id);
    return true;
}

LIBXL(disk, add)

/* By its vdev: what else a caller says of it need not be all that libxl
 * found at the start. */
static int remove_disk(libxl_ctx *libxl, uint32_t domid, void *dev,
                       const libxl_asyncop_how *how)
{
    const libxl_device_disk *named = dev;
    libxl_device_disk disk;
    int rc;

    if (!named->vdev)
        return ERROR_INVAL;
    libxl_device_disk_init(&disk);
    rc = libxl_vdev_to_device_disk(libxl, domid, named->vdev, &disk);
    if (!rc)
        rc = libxl_device_disk_remove(libxl, domid, &disk, how);
    libxl_device_disk_dispose(&disk);
    return rc;
}

/* ------------------------------------------------------------ nic ---- */

static bool may_add_nic(struct xldm_ctx *ctx, const void *dev, const char *what,
                        const char *group)
{
    const xldm_device_nic *nic = dev;
    const char *model = nic->libxl.model;

    (void)group;
    if (nic->libxl.nictype != LIBXL_NIC_TYPE_VIF_IOEMU &&
        !has_affinity(&nic->dm_affinity) &&
        (!model || !strcmp(model, "netfront") ||
         nic->libxl.nictype == LIBXL_NIC_TYPE_VIF))
        return true;
    return xldm__error(ctx, XLDM__NONE,
                       "%s: an emulated card cannot be plugged into a guest "
                       "that runs: libxl makes its tap at the start alone; "
                       "accepted: a paravirtual one (nictype "
                       "LIBXL_NIC_TYPE_VIF, <model type='netfront'/>) without "
                       "a group",
                       what);
}

LIBXL(nic, add)

/* libxl is content with one that is not there. */
static int remove_nic(libxl_ctx *libxl, uint32_t domid, void *dev,
                      const libxl_asyncop_how *how)
{
    const libxl_device_nic *named = dev;
    libxl_device_nic nic;
    int rc;

    libxl_device_nic_init(&nic);
    rc = libxl_devid_to_device_nic(libxl, domid, named->devid, &nic);
    if (!rc)
        rc = libxl_device_nic_remove(libxl, domid, &nic, how);
    libxl_device_nic_dispose(&nic);
    return rc;
}

/* ------------------------------------------------------------ pci ---- */

LIBXL(pci, add)
LIBXL(pci, remove)

/* ------------------------------------------------------------ vfb ---- */

#define NO_DISPLAY                                                             \
    "a display cannot come or go while the guest runs: its VGA card has "      \
    "ports "                                                                   \
    "and memory of the old PC, which QEMU cannot plug"

static bool may_add_vfb(struct xldm_ctx *ctx, const void *dev, const char *what,
                        const char *group)
{
    (void)dev, (void)group;
    return xldm__error(ctx, XLDM__NONE, "%s: %s", what, NO_DISPLAY);
}

static const struct xldm__plug plugs[] = {
    { &xldm__disk_api, false, may_add_disk, add_disk, remove_disk, NULL },
    { &xldm__nic_api, false, may_add_nic, add_nic, remove_nic, NULL },
    { &xldm__pci_api, true, NULL, add_pci, remove_pci, NULL },
    { &xldm__vfb_api, false, may_add_vfb, NULL, NULL, NO_DISPLAY },
};

const struct xldm__plug *xldm__plug_of(const struct xldm__api *api)
{
    const struct xldm__plug *plug = plugs;

    while (plug->api != api)
        plug++;
    return plug;
}
