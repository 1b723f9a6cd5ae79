/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network cards, each its own controller. */
#include <stdio.h>
#include <string.h>
#include "devices/class.h"

/* ------------------------------------------------------- argv side ---- */

static bool mac_is_set(const libxl_device_nic *nic)
{
    for (int i = 0; i < 6; i++)
        if (nic->mac[i])
            return true;
    return false;
}

static void emit_nic(struct xldm__emit *e, const libxl_device_nic *nic,
                     int devid)
{
    struct xldm__arena *a = e->argv->arena;
    const char *mac = xldm__fmt(a, "@MAC%d@", devid);

    if (mac_is_set(nic))
        mac = xldm__fmt(a, LIBXL_MAC_FMT, LIBXL_MAC_BYTES(nic->mac));
    xldm__argv_add(e->argv, "-device");
    xldm__argv_addf(e->argv, "%s,id=nic%d,netdev=net%d,mac=%s",
                    xldm__escape(a, nic->model ? nic->model : "rtl8139"),
                    devid, devid, mac);
    xldm__argv_add(e->argv, "-netdev");
    xldm__argv_addf(e->argv,
                    "type=tap,id=net%d,ifname=vif%s.%d-emu,br=%s,"
                    "script=no,downscript=no",
                    devid, e->domid, devid,
                    xldm__escape(a, nic->bridge ? nic->bridge : "xenbr0"));
}

/* As libxl__device_nic_set_devids(): those without a devid follow the
 * highest one given. */
static void emit_nics(struct xldm__emit *e)
{
    int last = -1, emulated = 0;

    for (int i = 0; i < e->cfg->num_nics; i++)
        if (e->cfg->nics[i].devid > last)
            last = e->cfg->nics[i].devid;
    for (int i = 0; i < e->cfg->num_nics; i++) {
        const libxl_device_nic *nic = &e->cfg->nics[i];
        int devid = nic->devid < 0 ? ++last : nic->devid;

        if (nic->nictype == LIBXL_NIC_TYPE_VIF)
            continue;
        emit_nic(e, nic, devid);
        emulated++;
    }
    if (!emulated) {
        xldm__argv_add(e->argv, "-net");
        xldm__argv_add(e->argv, "none");
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_NIC, emit_nics },
    { 0, NULL },
};

static bool nic_classify(struct xldm__part *p)
{
    bool device = xldm__option_is(p->option, "device", NULL);
    const char *prefix = device ? "nic" : "net";
    char id[32];
    unsigned n;
    int end = 0;

    if (!device && !xldm__option_is(p->option, "netdev", NULL))
        return false;
    if (!xldm__option_get(p->option, "id", id, sizeof(id)) ||
        strncmp(id, prefix, 3) || sscanf(id + 3, "%5u%n", &n, &end) != 1 ||
        id[3 + end])
        return false;
    p->owner = XLDM__NAMED;
    snprintf(p->id, sizeof(p->id), "nic%u", n);
    snprintf(p->controller, sizeof(p->controller), "nic%u", n);
    if (device) {
        p->pci = true;
        p->ram = 1 << 20; /* iPXE's ROM: at most 512 KiB, as a power of 2 */
    }
    return true;
}

const struct xldm__class xldm__nic = {
    .kind = "nic",
    .group_name = "net",
    .emitters = emitters,
    .classify = nic_classify,
    .element = "interface",
};
