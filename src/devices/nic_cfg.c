/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network cards in xl.cfg: "mac=...,bridge=...", as xl's parse_nic_config(). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
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

#define NIC(member) .offset = offsetof(libxl_device_nic, member)

static const struct word {
    const char *name;
    size_t offset; /* of a string */
    bool (*set)(struct words *w, const char *value);
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
    { "rate", .set = set_rate },
    { "accel", .set = set_accel },
    { "devid", .set = set_devid },
    { "mtu", .set = set_mtu },
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

        if (strlen(words[i].name) != n || strncmp(words[i].name, text, n))
            continue;
        return words[i].set ? words[i].set(w, text + n + 1)
                            : xldm__string_set(w->cfg->ctx, where,
                                               text + n + 1);
    }
    xldm__warning(w->cfg->ctx, w->loc, "vif: '%s' is not understood; xl goes "
                  "on without it", text);
    return true;
}

static bool keep(struct words *w)
{
    struct xldm__nic_device *d =
        (void *)xldm__cfg_device(w->cfg, &xldm__nic, "vif", w->loc);

    if (!d)
        return false;
    snprintf(d->base.id, sizeof(d->base.id), "nic%d", w->nic->devid);
    return xldm__string_set(w->cfg->ctx, &d->libxl.bridge,
                            w->nic->bridge ? w->nic->bridge : "xenbr0") &&
           (!w->nic->script ||
            xldm__string_set(w->cfg->ctx, &d->libxl.script, w->nic->script));
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
    return keep(&w) && ok;
}

const struct xldm__key xldm__nic_keys[] = {
    { .key = "vif", .kind = XLDM__KEY_ITEMS, .item = read_vif },
    { .key = "vif2", .kind = XLDM__KEY_IGNORED,
      .why = "netchannel2 is no more" },
    { 0 },
};
