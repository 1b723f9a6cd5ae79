/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of <interface>. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/nic.h"

#define NIC(member) .offset = offsetof(struct xldm__nic_device, member)

static const struct xldm__name type_names[] = {
    { "bridge", XLDM__NIC_BRIDGE },
    { "network", XLDM__NIC_NETWORK }, /* libvirt's, which has a bridge */
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
    const libxl_device_nic *nic =
        &((const struct xldm__nic_device *)object)->libxl;

    return i || !xldm__nic_has_mac(nic)
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
    const libxl_device_nic *nic =
        &((const struct xldm__nic_device *)object)->libxl;

    return i || !nic->rate_interval_usecs
               ? NULL
               : xldm__fmt(a, "%llu", (unsigned long long)
                           (nic->rate_bytes_per_interval * 20 / 1024));
}

/* The script of Open vSwitch takes a tag behind '.' and a trunk of several
 * behind ':' each. */
static bool add_tag(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__nic_device *nic = object;
    char *old = nic->tags, *all;
    int64_t tag;

    if (!xldm__number(value, 0, 4095, &tag))
        return xldm__error(ctx, loc,
                           "<interface> vlan/tag/@id: '%s' is not accepted; "
                           "accepted: 0 to 4095",
                           value);
    if (asprintf(&all, "%s:%d", old ? old : "", (int)tag) < 0)
        return xldm__oom(ctx);
    free(old);
    nic->tags = all;
    return true;
}

bool xldm__nic_name_made(const char *name)
{
    static const char digits[] = "0123456789";
    size_t domid, devid;

    if (!name || strncmp(name, "vif", 3))
        return false;
    name += 3;
    domid = strspn(name, digits);
    if (!domid || name[domid] != '.')
        return false;
    name += domid + 1;
    devid = strspn(name, digits);
    return devid && (!name[devid] || !strcmp(name + devid, "-emu"));
}

/* Each start has another domid, and libvirt takes no such name either. */
static void drop_made_name(struct xldm_ctx *ctx, struct xldm__nic_device *nic)
{
    if (!xldm__nic_name_made(nic->libxl.ifname))
        return;
    xldm__note(ctx, nic->base.loc,
               "<interface> target/@dev '%s' has no effect: libxl names "
               "a card so at each start",
               nic->libxl.ifname);
    free(nic->libxl.ifname);
    nic->libxl.ifname = NULL;
}

bool xldm__nic_finish_port(struct xldm_ctx *ctx, struct xldm__nic_device *nic)
{
    libxl_device_nic *to = &nic->libxl;
    char *bridge;

    drop_made_name(ctx, nic);
    if (nic->tags && !nic->ovs)
        xldm__warning(ctx, nic->base.loc,
                      "<interface> vlan has no effect: with <virtualport "
                      "type='openvswitch'/> it is Open vSwitch's");
    if (!nic->ovs || !to->bridge)
        return true;
    if (nic->tags && !strchr(nic->tags + 1, ':'))
        nic->tags[0] = '.';
    if (asprintf(&bridge, "%s%s", to->bridge, nic->tags ? nic->tags : "") < 0)
        return xldm__oom(ctx);
    free(to->bridge);
    to->bridge = bridge;
    return to->script ||
           xldm__string_set(ctx, &to->script, "vif-openvswitch");
}

static const struct xldm__name port_names[] = {
    { "openvswitch", 1 },
    { NULL, 0 },
};

static const struct xldm__name nictype_names[] = {
    { "vif", LIBXL_NIC_TYPE_VIF },
    { "ioemu", LIBXL_NIC_TYPE_VIF_IOEMU },
    { NULL, 0 },
};

const struct xldm__field xldm__nic_fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, NIC(type), .names = type_names,
      .required = true },
    { .path = "source/@bridge", .kind = XLDM__STRING, NIC(libxl.bridge) },
    { .path = "source/@network", .kind = XLDM__IGNORED,
      .why = "its bridge is what counts" },
    { .path = "source/@portgroup", .kind = XLDM__IGNORED,
      .why = "its bridge is what counts" },
    { .path = "source/@portid", .kind = XLDM__IGNORED,
      .why = "libvirt numbers them in a running domain" },
    { .path = "virtualport/@type", .kind = XLDM__ENUM, NIC(ovs),
      .names = port_names, .completes = true },
    { .path = "virtualport/parameters", .kind = XLDM__IGNORED,
      .why = "libxl has no such option" },
    { .path = "vlan/@trunk", .kind = XLDM__IGNORED,
      .why = "several tags are a trunk" },
    { .path = "vlan/tag/@id", .kind = XLDM__CUSTOM, .set = add_tag,
      .completes = true, .many = true },
    { .path = "vlan/tag/@nativeMode", .kind = XLDM__IGNORED,
      .why = "libxl has no such option" },
    { .path = "mac/@address", .kind = XLDM__CUSTOM, .set = set_mac,
      .get = get_mac, .completes = true },
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
    XLDM__BOOT_ROW,
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
