/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network cards in xl.cfg: "mac=...,bridge=...", as xl's parse_nic_config(). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/nic.h"

struct words { /* of one vif */
    struct xldm__cfg *cfg;
    struct xldm_loc loc;
    libxl_device_nic *nic;
};

/* xl says so, and goes on with the next word. */
static bool go_on(struct words *w, const char *name, const char *value,
                  const char *accepted)
{
    xldm__warning(w->cfg->ctx, w->loc, "vif %s: '%s' is not accepted; "
                  "accepted: %s; xl goes on", name, value, accepted);
    return true;
}

static bool set_type(struct words *w, const char *value)
{
    if (!strcmp(value, "vif"))
        w->nic->nictype = LIBXL_NIC_TYPE_VIF;
    else if (!strcmp(value, "ioemu"))
        w->nic->nictype = LIBXL_NIC_TYPE_VIF_IOEMU;
    else
        return go_on(w, "type", value, "ioemu, vif");
    return true;
}

/* A bad one keeps the bytes before the bad place. */
static bool set_mac(struct words *w, const char *value)
{
    const char *p = value;

    for (int i = 0; i < 6; i++) {
        char *end;
        unsigned n = (unsigned)strtoul(p, &end, 16);

        if (end == p || n > 255)
            return go_on(w, "mac", value, "six bytes as 00:16:3e:00:00:01");
        w->nic->mac[i] = (uint8_t)n;
        if (i < 5 && !*end)
            return go_on(w, "mac", value, "six bytes as 00:16:3e:00:00:01");
        p = end + 1;
    }
    return true;
}

static bool set_rate(struct words *w, const char *value)
{
    errno = 0; /* libxlutil looks at an old one */
    if (!xlu_vif_parse_rate(w->cfg->xlu, value, w->nic))
        return true;
    xldm__cfg_relay(w->cfg, XLDM_ERROR, w->loc, "");
    return false;
}

static bool set_number(struct words *w, const char *name, const char *value,
                       int *where)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);

    if (end == value || n > INT32_MAX)
        return xldm__error(w->cfg->ctx, w->loc, "vif %s: '%s' is not a "
                           "number from 0 to %d", name, value, INT32_MAX);
    if (*end)
        xldm__warning(w->cfg->ctx, w->loc, "vif %s: xl takes '%s' for %lu",
                      name, value, n);
    *where = (int)n;
    return true;
}

static bool set_devid(struct words *w, const char *value)
{
    return set_number(w, "devid", value, &w->nic->devid);
}

static bool set_mtu(struct words *w, const char *value)
{
    return set_number(w, "mtu", value, &w->nic->mtu);
}

static bool set_accel(struct words *w, const char *value)
{
    (void)value;
    xldm__warning(w->cfg->ctx, w->loc, "vif accel has no effect");
    return true;
}

static bool set_netdev(struct words *w, const char *value)
{
    xldm__warning(w->cfg->ctx, w->loc, "vif netdev is deprecated: "
                  "gatewaydev is the word");
    return xldm__string_set(w->cfg->ctx, &w->nic->gatewaydev, value);
}

/* A name for device_models; xl does not know it. */
static bool set_id(struct words *w, const char *value)
{
    if (!xldm__cfg_find(w->cfg, "device_models"))
        xldm__warning(w->cfg->ctx, w->loc, "vif: 'id=%s' is not understood; "
                      "xl goes on without it", value);
    return true;
}

#define NIC(member) .offset = offsetof(libxl_device_nic, member)

static const struct word {
    const char *name;
    size_t offset; /* of a string */
    bool (*set)(struct words *w, const char *value);
    struct xldm__versions in;
} words[] = {
    { "type", .set = set_type },
    { "mac", .set = set_mac },
    { "bridge", NIC(bridge) },
    { "netdev", .set = set_netdev },
    { "gatewaydev", NIC(gatewaydev) },
    { "ip", NIC(ip) },
    { "script", NIC(script) },
    { "backend", NIC(backend_domname) },
    { "vifname", NIC(ifname) },
    { "model", NIC(model) },
#ifdef XLDM__NIC_VLAN
    { "vlan", NIC(vlan), .in = XLDM__FROM(XLDM_LIBXL_4_20) },
#endif
    { "rate", .set = set_rate },
    { "accel", .set = set_accel },
    { "devid", .set = set_devid },
    { "mtu", .set = set_mtu },
    { "id", .set = set_id },
};

static bool read_word(struct words *w, char *text)
{
    size_t n = strcspn(text, "=");

    if (!strcmp(text, "trusted") || !strcmp(text, "untrusted")) {
        libxl_defbool_set(&w->nic->trusted, *text == 't');
        return true;
    }
    if (!strncmp(text, "colo_", 5) || !strncmp(text, "forwarddev=", 11))
        return xldm__error(w->cfg->ctx, w->loc, "vif %.*s: COLO is not "
                           "supported", (int)n, text);
    for (size_t i = 0; text[n] && i < sizeof(words) / sizeof(*words); i++) {
        void *where = (char *)w->nic + words[i].offset;

        if (strlen(words[i].name) != n || strncmp(words[i].name, text, n) ||
            !xldm__version_in(w->cfg->ctx->libxl, words[i].in))
            continue;
        return words[i].set ? words[i].set(w, text + n + 1)
                            : xldm__string_set(w->cfg->ctx, where,
                                               text + n + 1);
    }
    xldm__warning(w->cfg->ctx, w->loc, "vif: '%s' is not understood; xl goes "
                  "on without it", text);
    return true;
}

bool xldm__nic_adopt(struct xldm__cfg *cfg, const libxl_device_nic *nic,
                     const char *key, struct xldm_loc loc)
{
    struct xldm__nic_device *d =
        (void *)xldm__cfg_device(cfg, &xldm__nic, key, loc);

    if (!d)
        return false;
    snprintf(d->base.id, sizeof(d->base.id), "nic%d", nic->devid);
    return xldm__string_set(cfg->ctx, &d->libxl.bridge,
                            nic->bridge ? nic->bridge : "xenbr0") &&
           (!nic->script ||
            xldm__string_set(cfg->ctx, &d->libxl.script, nic->script));
}

static bool read_vif(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    struct words w = { .cfg = cfg, .loc = loc };
    char *copy = strdup(text), *save = NULL;
    bool ok = true;

    (void)s;
    w.nic = copy ? xldm__grow(&c->nics, &c->num_nics, sizeof(*w.nic)) : NULL;
    if (!w.nic) {
        free(copy);
        return xldm__oom(cfg->ctx);
    }
    libxl_device_nic_init(w.nic);
    w.nic->devid = c->num_nics - 1;
    for (char *p = strtok_r(copy, ",", &save); p;
         p = strtok_r(NULL, ",", &save))
        ok &= read_word(&w, p + strspn(p, " "));
    free(copy);
    return xldm__nic_adopt(cfg, w.nic, "vif", loc) && ok;
}

/* ---------------------------------------------------------- write ---- */

/* libxl keeps bytes an interval, xl.cfg has bytes a second, in at most 32
 * bits of a unit: one that comes to the same, if there is any. */
static bool write_rate(struct xldm__cfg_out *o, const libxl_device_nic *nic)
{
    typedef unsigned __int128 wide;
    static const char units[][2] = { "", "K", "M", "G" };
    uint64_t bytes = nic->rate_bytes_per_interval, unit = 1;
    uint64_t usecs = nic->rate_interval_usecs;

    for (size_t i = 0; usecs && i < 4; i++) {
        wide low = ((wide)bytes * 1000000 + usecs - 1) / usecs;
        wide n = (low + unit - 1) / unit;

        n += !n;
        if (n <= UINT32_MAX && n * unit * usecs / 1000000 == bytes) {
            xldm__write_wordf(o, "rate=%u%sB/s@%lluus", (unsigned)n,
                              units[i], (unsigned long long)usecs);
            return true;
        }
        unit *= 1000;
    }
    return !usecs && !bytes;
}

static bool mac_is_set(const libxl_device_nic *nic)
{
    static const libxl_mac none;

    return memcmp(nic->mac, none, sizeof(none)) != 0;
}

static void write_vif(struct xldm__cfg_out *o, const libxl_device_nic *nic,
                      int i)
{
    struct xldm_loc loc = xldm__write_loc(o, i);

    if (nic->nictype)
        xldm__write_wordf(o, "type=%s", nic->nictype == LIBXL_NIC_TYPE_VIF
                                            ? "vif" : "ioemu");
    if (mac_is_set(nic))
        xldm__write_wordf(o, "mac=" LIBXL_MAC_FMT,
                          LIBXL_MAC_BYTES(nic->mac));
    for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
        if (!words[k].set)
            xldm__write_word(o, loc, words[k].name,
                             *(char *const *)((const char *)nic +
                                              words[k].offset), ",");
    if (!write_rate(o, nic))
        o->unsaid = !xldm__error(
            o->ctx, loc, "xl.cfg cannot say a rate of %llu bytes each %u us",
            (unsigned long long)nic->rate_bytes_per_interval,
            nic->rate_interval_usecs);
    if (nic->mtu)
        xldm__write_wordf(o, "mtu=%d", nic->mtu);
    if (nic->devid != i)
        xldm__write_wordf(o, "devid=%d", nic->devid);
    if (!libxl_defbool_is_default(nic->trusted))
        xldm__write_wordf(o, "%s", libxl_defbool_val(nic->trusted)
                                       ? "trusted" : "untrusted");
}

static void write_vifs(struct xldm__cfg_out *o, const struct xldm__key *row)
{
    for (int i = 0; i < o->dom->cfg.num_nics; i++) {
        write_vif(o, &o->dom->cfg.nics[i], i);
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
}

const struct xldm__key xldm__nic_keys[] = {
    { .key = "vif", .kind = XLDM__KEY_ITEMS, .item = read_vif,
      .write = write_vifs },
    { .key = "vif2", .kind = XLDM__KEY_IGNORED,
      .why = "netchannel2 is no more" },
    { 0 },
};
