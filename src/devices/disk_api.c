/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm_device_disk: disks of C programs. */
#include <stdio.h>
#include "devices/api.h"
#include "devices/disk_xml.h"

#define AT(member) offsetof(libxl_device_disk, member)

static const size_t strings[] = {
    AT(backend_domname), AT(pdev_path),   AT(vdev),        AT(script),
    AT(colo_host),       AT(colo_export), AT(active_disk), AT(hidden_disk),
};

static void name(const void *dev, char *id, size_t size)
{
    const libxl_device_disk *disk = dev;

    snprintf(id, size, "%s", disk->vdev ? disk->vdev : "");
}

static bool adopt(struct xldm__cfg *cfg, void *dev, const char *key,
                  struct xldm_loc loc)
{
    const libxl_device_disk *disk = dev;

    if (!disk->vdev)
        return xldm__error(cfg->ctx, loc,
                           "%s: has no vdev; accepted: xvdX, "
                           "hda to hdd, sda to sdh",
                           key);
    return xldm__disk_adopt(cfg, disk, key, loc);
}

XLDM__API_LIBXL(disk)
XLDM__API_PUBLIC(disk)

const struct xldm__api xldm__disk_api = {
    XLDM__API_ROWS(disk),
    .name = name,
    .list = offsetof(libxl_domain_config, disks),
    .count = offsetof(libxl_domain_config, num_disks),
    .adopt = adopt,
};
