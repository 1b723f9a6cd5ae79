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

#define NIC(member) .offset = offsetof(struct xldm__nic_device, member)

static const struct xldm__name type_names[] = {
    { "bridge", XLDM__NIC_BRIDGE },
    { "ethernet", XLDM__NIC_ETHERNET }, /* a script of one's own says where */
    { NULL, 0 },
};

static bool set_mac(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__nic_device *nic = object;
    libxl_mac mac;

    if (!xldm__bytes(value, ':', true, mac, sizeof(mac)))
        return xldm__error(ctx, loc,
                           "<interface> mac/@address: '%s' is not a MAC "
                           "address; accepted: six bytes as "
                           "00:16:3e:00:00:01",
                           value);
    memcpy(nic->libxl.mac, mac, sizeof(mac));
    return true;
}

static const char *get_mac(struct xldm__arena *a, const void *object,
                           size_t i)
{
    const libxl_device_nic *nic = &((const struct xldm__nic_device *)object)->libxl;

    return i || !mac_is_set(nic)
               ? NULL : xldm__fmt(a, LIBXL_MAC_FMT, LIBXL_MAC_BYTES(nic->mac));
}

static bool set_raw_mac(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__nic_device *nic = object;
    struct xldm__nic_device other = { .type = 0 };
    bool ok = set_mac(ctx, &other, value, loc);

    memcpy(nic->raw.mac, other.libxl.mac, sizeof(nic->raw.mac));
    nic->raw_mac = 1;
    return ok;
}

static const char *get_raw_mac(struct xldm__arena *a, const void *object,
                               size_t i)
{
    const struct xldm__nic_device *nic = object;

    return i || !nic->raw_mac
               ? NULL : xldm__fmt(a, LIBXL_MAC_FMT,
                                  LIBXL_MAC_BYTES(nic->raw.mac));
}

/* All of them in one string: libxl hands it to the script. */
static bool add_ip(struct xldm_ctx *ctx, void *object, const char *value,
                   struct xldm_loc loc)
{
    struct xldm__nic_device *nic = object;
    char *old = nic->libxl.ip, *all;

    if (!*value || strchr(value, ' '))
        return xldm__error(ctx, loc,
                           "<interface> ip/@address: '%s' is not an address",
                           value);
    if (asprintf(&all, "%s%s%s", old ? old : "", old ? " " : "", value) < 0)
        return xldm__oom(ctx);
    free(old);
    nic->libxl.ip = all;
    return true;
}

/* The i-th word of it. */
static const char *get_ip(struct xldm__arena *a, const void *object, size_t i)
{
    const char *ip = ((const struct xldm__nic_device *)object)->libxl.ip;

    while (ip && i--) {
        ip = strchr(ip, ' ');
        if (ip)
            ip++;
    }
    return ip ? xldm__fmt(a, "%.*s", (int)strcspn(ip, " "), ip) : NULL;
}

/* KiB a second; libxl wants bytes each 50 ms. */
static bool set_average(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__nic_device *nic = object;
    int64_t kib;

    if (!xldm__number(value, 1, 1ll << 32, &kib))
        return xldm__error(ctx, loc,
                           "<interface> bandwidth/outbound/@average: '%s' is "
                           "not accepted; accepted: KiB a second",
                           value);
    nic->libxl.rate_interval_usecs = 50000;
    nic->libxl.rate_bytes_per_interval = (uint64_t)kib * 1024 / 20;
    return true;
}

static const char *get_average(struct xldm__arena *a, const void *object,
                               size_t i)
{
    const libxl_device_nic *nic = &((const struct xldm__nic_device *)object)->libxl;

    return i || !nic->rate_interval_usecs
               ? NULL
               : xldm__fmt(a, "%llu", (unsigned long long)
                           (nic->rate_bytes_per_interval * 20 / 1024));
}

static const struct xldm__name nictype_names[] = {
    { "vif", LIBXL_NIC_TYPE_VIF },
    { "ioemu", LIBXL_NIC_TYPE_VIF_IOEMU },
    { NULL, 0 },
};

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, NIC(type), .names = type_names,
      .required = true },
    { .path = "source/@bridge", .kind = XLDM__STRING, NIC(libxl.bridge),
      .completes = true },
    { .path = "mac/@address", .kind = XLDM__CUSTOM, .set = set_mac, .get = get_mac,
      .completes = true },
    { .path = "model/@type", .kind = XLDM__STRING, NIC(libxl.model),
      .completes = true },
    { .path = "script/@path", .kind = XLDM__STRING, NIC(libxl.script),
      .completes = true },
    { .path = "target/@dev", .kind = XLDM__STRING, NIC(libxl.ifname),
      .completes = true },
    { .path = "mtu/@size", .kind = XLDM__INT, NIC(libxl.mtu),
      .completes = true },
    { .path = "ip/@address", .kind = XLDM__CUSTOM, .set = add_ip, .get = get_ip,
      .completes = true, .many = true },
    { .path = "ip/@family", .kind = XLDM__IGNORED,
      .why = "the address says it" },
    { .path = "ip/@prefix", .kind = XLDM__IGNORED,
      .why = "libxl has no such option" },
    { .path = "backenddomain/@name", .kind = XLDM__STRING,
      NIC(libxl.backend_domname), .completes = true },
    { .path = "bandwidth/outbound/@average", .kind = XLDM__CUSTOM,
      .set = set_average, .get = get_average },
    { .path = "bandwidth/outbound/@peak", .kind = XLDM__IGNORED,
      .why = "libxl has an average only" },
    { .path = "bandwidth/outbound/@burst", .kind = XLDM__IGNORED,
      .why = "libxl has an average only" },
    { .path = "bandwidth/inbound", .kind = XLDM__IGNORED,
      .why = "libxl limits what a guest sends" },
    /* to the letter, in place of what the elements say */
    { .path = "xldm:nic/@type", .kind = XLDM__ENUM, NIC(raw.nictype),
      .names = nictype_names },
    { .path = "xldm:nic/@model", .kind = XLDM__TEXT, NIC(raw.model) },
    { .path = "xldm:nic/@bridge", .kind = XLDM__TEXT, NIC(raw.bridge) },
    { .path = "xldm:nic/@vifname", .kind = XLDM__TEXT, NIC(raw.ifname) },
    { .path = "xldm:nic/@script", .kind = XLDM__TEXT, NIC(raw.script) },
    { .path = "xldm:nic/@backend", .kind = XLDM__TEXT,
      NIC(raw.backend_domname) },
    { .path = "xldm:nic/@ip", .kind = XLDM__TEXT, NIC(raw.ip) },
    { .path = "xldm:nic/@mac", .kind = XLDM__CUSTOM, .set = set_raw_mac,
      .get = get_raw_mac },
    { .path = "xldm:nic/@mtu", .kind = XLDM__INT, NIC(raw.mtu) },
    { .path = "xldm:nic/@devid", .kind = XLDM__INT, NIC(raw.devid) },
    { .path = "xldm:nic/@rateBytes", .kind = XLDM__U64,
      NIC(raw.rate_bytes_per_interval) },
    { .path = "xldm:nic/@rateInterval", .kind = XLDM__INT,
      NIC(raw.rate_interval_usecs) },
    { .path = "xldm:nic/@gatewaydev", .kind = XLDM__TEXT,
      NIC(raw.gatewaydev) },
#ifdef XLDM__NIC_VLAN
    { .path = "xldm:nic/@vlan", .kind = XLDM__TEXT, NIC(raw.vlan) },
#else
    { .path = "xldm:nic/@vlan", .kind = XLDM__IGNORED,
      .why = "libxl has VLANs since 4.20" },
#endif
    { .path = "xldm:nic/@trusted", .kind = XLDM__DEFBOOL, NIC(raw.trusted) },
    { 0 },
};

static void nic_init(struct xldm__device *base)
{
    libxl_device_nic_init(&((struct xldm__nic_device *)base)->libxl);
    libxl_device_nic_init(&((struct xldm__nic_device *)base)->raw);
}

static void nic_dispose(struct xldm__device *base)
{
    libxl_device_nic_dispose(&((struct xldm__nic_device *)base)->libxl);
    libxl_device_nic_dispose(&((struct xldm__nic_device *)base)->raw);
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
    if (nic->type == XLDM__NIC_ETHERNET && nic->libxl.bridge)
        ok = xldm__error(ctx, base->loc,
                         "<interface> of type 'ethernet' takes no bridge");
    if (nic->libxl.model && !strcmp(nic->libxl.model, "netfront")) {
        nic->libxl.nictype = LIBXL_NIC_TYPE_VIF; /* no emulated half */
        free(nic->libxl.model);
        nic->libxl.model = NULL;
    }
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
    .fields = fields,
    .foreign = xldm__nic_foreign,
    .keys = xldm__nic_keys,
    .init = nic_init,
    .dispose = nic_dispose,
    .finish = nic_finish,
    .to_libxl = nic_to_libxl,
    .from_libxl = xldm__nic_from_libxl,
    .probe = nic_probe,
};
