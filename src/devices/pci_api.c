/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm_device_pci: PCI devices of the host, for C programs. */
#include "devices/api.h"
#include "devices/pci.h"

static const size_t strings[] = { offsetof(libxl_device_pci, name) };

static void name(const void *dev, char *id, size_t size)
{
    struct xldm__device d = { .pin = 0 };

    xldm__pci_name(&d, dev);
    snprintf(id, size, "%s", d.id);
}

static bool adopt(struct xldm__cfg *cfg, void *dev, const char *key,
                  struct xldm_loc loc)
{
    libxl_device_pci *pci = dev;
    struct xldm__device *d = xldm__cfg_device(cfg, &xldm__pci, key, loc);

    if (!d)
        return false;
    if (!pci->vfunc_mask && !pci->name) /* as xl: the guest's function 0 */
        pci->vfunc_mask = 1u << 0;
    xldm__pci_name(d, pci);
    d->pin_loc = loc;
    if (pci->vdevfn >> 3 > 0x1f)
        return xldm__error(cfg->ctx, loc,
                           "%s '%s': vdevfn 0x%x is not a slot of the guest's; "
                           "accepted: 8 to 0xff, or 0 for any",
                           key, d->id, pci->vdevfn);
    if (pci->vdevfn >> 3)
        d->pin = pci->vdevfn;
    return true;
}

XLDM__API_LIBXL(pci)
XLDM__API_PUBLIC(pci)

const struct xldm__api xldm__pci_api = {
    XLDM__API_ROWS(pci),
    .name = name,
    .list = offsetof(libxl_domain_config, pcidevs),
    .count = offsetof(libxl_domain_config, num_pcidevs),
    .adopt = adopt,
};
