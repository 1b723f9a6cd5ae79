/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's network cards as <interface>, and as <xldm:nic> what that cannot
 * say or libvirt would not take. */
#include <stdio.h>
#include <string.h>

#include "config/xml.h"
#include "devices/nic.h"

/* A name of at most max characters, as nic.c checks it? */
static bool is_name(const char *s, size_t max)
{
    size_t n = s ? strcspn(s, " /,%") : 0;

    return n && !s[n] && n <= max;
}

static bool is_ip(const char *s)
{
    static const char digits[] = "0123456789abcdefABCDEF.:";

    for (; s; s = strchr(s, ' ')) {
        s += *s == ' ';
        if (!strspn(s, digits) || strspn(s, digits) != strcspn(s, " "))
            return false;
    }
    return true;
}

/* To the element if it can say it, else to the letter. */
static bool give(struct xldm_ctx *ctx, bool plain, char **element, char **raw,
                 const char *value)
{
    return !value || xldm__string_set(ctx, plain ? element : raw, value);
}

static bool is_path(const char *s)
{
    return s && *s && s[strlen(s) - 1] != ' ' && *s != ' ';
}

static bool give_strings(struct xldm_ctx *ctx, struct xldm__nic_device *d,
                         const libxl_device_nic *nic)
{
    libxl_device_nic *e = &d->libxl, *raw = &d->raw;
    bool vif = nic->nictype == LIBXL_NIC_TYPE_VIF;
    const char *model = nic->model;
    bool plain = !vif && is_name(model, 63) && strcmp(model, "netfront");

    if (vif && !xldm__string_set(ctx, &e->model, "netfront"))
        return false;
    return give(ctx, plain, &e->model, &raw->model, model) &&
           give(ctx, is_name(nic->bridge, 31), &e->bridge, &raw->bridge,
                nic->bridge) &&
           give(ctx,
                is_name(nic->ifname, 15) && !xldm__nic_name_made(nic->ifname),
                &e->ifname, &raw->ifname, nic->ifname) &&
           give(ctx, is_path(nic->script), &e->script, &raw->script,
                nic->script) &&
           give(ctx, is_path(nic->backend_domname), &e->backend_domname,
                &raw->backend_domname, nic->backend_domname) &&
           xldm__nic_take_vlan(ctx, raw, nic) &&
           give(ctx, is_ip(nic->ip), &e->ip, &raw->ip, nic->ip) &&
           give(ctx, false, NULL, &raw->gatewaydev, nic->gatewaydev);
}

/* <outbound average> is in KiB a second, each 50 ms. */
static void give_rate(struct xldm__nic_device *d, const libxl_device_nic *nic)
{
    uint64_t bytes = nic->rate_bytes_per_interval;
    uint64_t kib = bytes * 20 / 1024;
    bool plain = nic->rate_interval_usecs == 50000 && kib &&
                 bytes < 1ull << 40 && kib * 1024 / 20 == bytes;
    libxl_device_nic *to = plain ? &d->libxl : &d->raw;

    to->rate_bytes_per_interval = bytes;
    to->rate_interval_usecs = nic->rate_interval_usecs;
}

static bool make(struct xldm_ctx *ctx, const libxl_device_nic *nic, int index,
                 struct xldm_domain *to)
{
    struct xldm__nic_device *d = (void *)xldm__domain_add(to, &xldm__nic);

    if (!d)
        return xldm__oom(ctx);
    snprintf(d->base.id, sizeof(d->base.id), "nic%d", nic->devid);
    d->type = is_name(nic->bridge, 31) ? XLDM__NIC_BRIDGE
                                       : XLDM__NIC_ETHERNET;
    if (nic->nictype == LIBXL_NIC_TYPE_VIF_IOEMU)
        d->raw.nictype = nic->nictype;
    if (nic->devid != index)
        d->raw.devid = nic->devid;
    if (nic->mtu >= 0 && nic->mtu <= 65535)
        d->libxl.mtu = nic->mtu;
    else
        d->raw.mtu = nic->mtu;
    d->raw.trusted = nic->trusted;
    d->raw_mac = nic->mac[0] & 1;
    memcpy(d->raw_mac ? d->raw.mac : d->libxl.mac, nic->mac,
           sizeof(nic->mac));
    give_rate(d, nic);
    return give_strings(ctx, d, nic);
}

bool xldm__nic_from_libxl(struct xldm_ctx *ctx,
                          const libxl_domain_config *cfg,
                          struct xldm_domain *to)
{
    bool ok = true;

    for (int i = 0; i < cfg->num_nics; i++)
        ok &= make(ctx, &cfg->nics[i], i, to);
    return ok;
}

/* ------------------------------------------------- the other way ---- */

static bool take(struct xldm_ctx *ctx, char **to, const char *from)
{
    return !from || xldm__string_set(ctx, to, from);
}

/* What <xldm:nic> says is so. */
bool xldm__nic_raw(struct xldm_ctx *ctx, struct xldm__nic_device *nic)
{
    const libxl_device_nic *raw = &nic->raw;
    libxl_device_nic *to = &nic->libxl;

    if (raw->nictype)
        to->nictype = raw->nictype;
    if (raw->mtu)
        to->mtu = raw->mtu;
    if (raw->devid >= 0)
        to->devid = raw->devid;
    if (raw->rate_interval_usecs) {
        to->rate_interval_usecs = raw->rate_interval_usecs;
        to->rate_bytes_per_interval = raw->rate_bytes_per_interval;
    }
    to->trusted = raw->trusted;
    if (nic->raw_mac)
        memcpy(to->mac, raw->mac, sizeof(to->mac));
    return take(ctx, &to->model, raw->model) &&
           take(ctx, &to->bridge, raw->bridge) &&
           take(ctx, &to->ifname, raw->ifname) &&
           take(ctx, &to->script, raw->script) &&
           take(ctx, &to->backend_domname, raw->backend_domname) &&
           take(ctx, &to->ip, raw->ip) &&
           xldm__nic_take_vlan(ctx, to, raw) &&
           take(ctx, &to->gatewaydev, raw->gatewaydev);
}
