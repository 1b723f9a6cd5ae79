/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network cards, each its own controller. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include "config/xml.h"
#include "devices/foreign.h"
#include "devices/nic.h"

/* ------------------------------------------------------- argv side ---- */

bool xldm__nic_has_mac(const libxl_device_nic *nic)
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

    if (xldm__nic_has_mac(nic))
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

/* As libxl__device_nic_set_devids(): those without a devid are numbered from
 * 0, whatever the others have (its search for the highest compares a size_t
 * of -1). */
static void emit_nics(struct xldm__emit *e)
{
    int last = -1, emulated = 0;

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
    { XLDM__AT_NIC, emit_nics, XLDM__EVERY },
    { 0 },
};

static bool nic_classify(struct xldm__part *p)
{
    bool device = xldm__option_is(p->option, "device", NULL);
    const char *prefix = device ? "nic" : "net";
    char id[32];
    size_t digits;

    if (!device && !xldm__option_is(p->option, "netdev", NULL))
        return false;
    if (!xldm__option_get(p->option, "id", id, sizeof(id)) ||
        strncmp(id, prefix, 3))
        return false;
    digits = strspn(id + 3, "0123456789");
    if (!digits || digits > 5 || id[3 + digits])
        return false;
    p->owner = XLDM__NAMED;
    p->id = p->controller = xldm__fmt(p->arena, "nic%d", atoi(id + 3));
    if (device) {
        p->pci = true;
        p->ram = 1 << 20; /* iPXE's ROM: at most 512 KiB, as a power of 2 */
    }
    return true;
}

/* ------------------------------------------------ description side ---- */

static void nic_init(struct xldm__device *base)
{
    libxl_device_nic_init(&((struct xldm__nic_device *)base)->libxl);
    libxl_device_nic_init(&((struct xldm__nic_device *)base)->raw);
}

static void nic_dispose(struct xldm__device *base)
{
    libxl_device_nic_dispose(&((struct xldm__nic_device *)base)->libxl);
    libxl_device_nic_dispose(&((struct xldm__nic_device *)base)->raw);
    free(((struct xldm__nic_device *)base)->tags);
}

static bool check_text(struct xldm_ctx *ctx, const struct xldm__nic_device *nic,
                       const char *what, const char *value, size_t max)
{
    size_t n = value ? strcspn(value, " /,%") : 0;

    if (!value || (n == strlen(value) && n <= max))
        return true;
    return xldm__error(ctx, nic->base.loc,
                       "<interface> %s: '%s' is not accepted; accepted: 1 to "
                       "%zu characters without ' ', '/', ',' and '%%'",
                       what, value, max);
}

static bool nic_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                       unsigned index)
{
    struct xldm__nic_device *nic = (struct xldm__nic_device *)base;
    const uint8_t *mac = nic->libxl.mac;
    bool ok = check_text(ctx, nic, "source/@bridge", nic->libxl.bridge, 31);

    ok &= check_text(ctx, nic, "model/@type", nic->libxl.model, 63);
    ok &= check_text(ctx, nic, "target/@dev", nic->libxl.ifname, 15);
    if (mac[0] & 1)
        ok = xldm__error(ctx, base->loc,
                         "<interface> mac/@address: " LIBXL_MAC_FMT
                         " is a multicast address, not a card's",
                         LIBXL_MAC_BYTES(mac));
    if (nic->libxl.mtu < 0 || nic->libxl.mtu > 65535)
        ok = xldm__error(ctx, base->loc,
                         "<interface> mtu/@size: %d is not accepted; "
                         "accepted: 1 to 65535",
                         nic->libxl.mtu);
    if (nic->type == XLDM__NIC_BRIDGE && !nic->libxl.bridge)
        ok = xldm__error(ctx, base->loc,
                         "<interface> of type 'bridge' lacks <source "
                         "bridge='...'>");
    if (nic->type == XLDM__NIC_NETWORK && !nic->libxl.bridge)
        ok = xldm__error(ctx, base->loc,
                         "<interface> of type 'network': xldm knows no "
                         "networks of libvirt's; accepted: type='bridge' with "
                         "the bridge that 'virsh net-info' shows, or "
                         "<source bridge='...'> beside the network");
    if (nic->type == XLDM__NIC_ETHERNET && nic->libxl.bridge)
        ok = xldm__error(ctx, base->loc,
                         "<interface> of type 'ethernet' takes no bridge");
    if (nic->libxl.model && !strcmp(nic->libxl.model, "netfront")) {
        nic->libxl.nictype = LIBXL_NIC_TYPE_VIF; /* no emulated half */
        free(nic->libxl.model);
        nic->libxl.model = NULL;
    }
    ok &= xldm__nic_finish_port(ctx, nic);
    nic->libxl.devid = (libxl_devid)index;
    if (!xldm__nic_raw(ctx, nic))
        return false;
    snprintf(base->id, sizeof(base->id), "nic%d", nic->libxl.devid);
    return ok;
}

static bool take(struct xldm_ctx *ctx, char **to, const char *from)
{
    return !from || xldm__string_set(ctx, to, from);
}

bool xldm__nic_take_vlan(struct xldm_ctx *ctx, libxl_device_nic *to,
                         const libxl_device_nic *from)
{
#ifdef XLDM__NIC_VLAN
    return take(ctx, &to->vlan, from->vlan);
#else
    (void)ctx;
    (void)to;
    (void)from;
    return true;
#endif
}

static bool nic_to_libxl(struct xldm_ctx *ctx, const struct xldm__device *base,
                         libxl_domain_config *cfg)
{
    const libxl_device_nic *from = &((const struct xldm__nic_device *)base)->libxl;
    libxl_device_nic *to = xldm__grow(&cfg->nics, &cfg->num_nics, sizeof(*to));

    if (!to)
        return xldm__oom(ctx);
    libxl_device_nic_init(to);
    to->devid = from->devid;
    to->nictype = from->nictype;
    to->mtu = from->mtu;
    to->rate_interval_usecs = from->rate_interval_usecs;
    to->rate_bytes_per_interval = from->rate_bytes_per_interval;
    memcpy(to->mac, from->mac, sizeof(to->mac));
    to->trusted = from->trusted;
    return take(ctx, &to->bridge, from->bridge) &&
           take(ctx, &to->model, from->model) &&
           take(ctx, &to->backend_domname, from->backend_domname) &&
           take(ctx, &to->script, from->script) &&
           take(ctx, &to->ifname, from->ifname) &&
           take(ctx, &to->gatewaydev, from->gatewaydev) &&
           take(ctx, &to->ip, from->ip) &&
           xldm__nic_take_vlan(ctx, to, from);
}

static char nic_boots_as(const struct xldm__device *base)
{
    (void)base;
    return 'n';
}

static bool nic_probe(struct xldm_ctx *ctx, const struct xldm__device *base)
{
    const libxl_device_nic *nic = &((const struct xldm__nic_device *)base)->libxl;

    /* a script of one's own need not use a bridge of Linux's; what follows
     * '.' or ':' is for Open vSwitch */
    if (nic->script || !nic->bridge || strpbrk(nic->bridge, ".:") ||
        if_nametoindex(nic->bridge))
        return true;
    return xldm__error(ctx, base->loc,
                       "%s '%s': there is no bridge '%s'",
                       xldm__device_word(base).text, base->id, nic->bridge);
}

const struct xldm__class xldm__nic = {
    .kind = "nic",
    .group_name = "net",
    .emitters = emitters,
    .options = (const char *const[]){ "device", "netdev", NULL },
    .classify = nic_classify,
    .element = "interface",
    .size = sizeof(struct xldm__nic_device),
    .fields = xldm__nic_fields,
    .foreign = xldm__nic_foreign,
    .boots_as = nic_boots_as,
    .keys = xldm__nic_keys,
    .init = nic_init,
    .dispose = nic_dispose,
    .finish = nic_finish,
    .to_libxl = nic_to_libxl,
    .from_libxl = xldm__nic_from_libxl,
    .probe = nic_probe,
};
