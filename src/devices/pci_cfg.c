/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI devices of the host in xl.cfg. */
#include <stdio.h>
#include <string.h>
#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/pci.h"

static bool cfg_flag(struct xldm__cfg *cfg, const char *key)
{
    const struct xldm__setting *s = xldm__cfg_find(cfg, key);
    long n = 0;

    return s && xldm__cfg_long(cfg, s, &n) && n;
}

/* Without a '.' behind the device libxlutil goes on at a place that it has
 * not set. */
static bool lacks_point(const char *bdf)
{
    size_t n = strspn(bdf, "0123456789abcdefABCDEF:"), i;
    unsigned v[3], colons = 0;
    int end = -1;

    for (i = 0; i < n; i++)
        colons += bdf[i] == ':'; /* as it counts: up to a blank */
    if (colons == 2)
        return sscanf(bdf, "%x:%x:%x.%n", &v[0], &v[1], &v[2], &end) == 3 &&
               end < 0;
    return colons == 1 && sscanf(bdf, "%x:%x.%n", &v[0], &v[1], &end) == 2 &&
           end < 0;
}

static bool is_safe(const char *text)
{
    static const char key[] = "bdf=";
    bool safe = !lacks_point(text);

    while (safe && (text = strstr(text, key)))
        safe = !lacks_point(text += sizeof(key) - 1);
    return safe;
}

static bool read_pci(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_pci *to = xldm__grow(&c->pcidevs, &c->num_pcidevs,
                                      sizeof(*to));
    struct xldm__device *d = xldm__cfg_device(cfg, &xldm__pci, s->key, loc);

    if (!to || !d)
        return d ? xldm__oom(cfg->ctx) : false;
    libxl_device_pci_init(to);
    to->msitranslate = cfg_flag(cfg, "pci_msitranslate");
    to->power_mgmt = cfg_flag(cfg, "pci_power_mgmt");
    to->permissive = cfg_flag(cfg, "pci_permissive");
    to->seize = cfg_flag(cfg, "pci_seize");
    to->rdm_policy = c->b_info.u.hvm.rdm.policy;
    if (!is_safe(text) || xlu_pci_parse_spec_string(cfg->xlu, to, text)) {
        xldm__cfg_relay(cfg, XLDM_WARNING, loc, "");
        return xldm__error(cfg->ctx, loc, "pci: '%s' is not accepted; "
                           "accepted: [DDDD:]BB:DD.F[@SLOT], or name=, and "
                           "permissive=, msitranslate=, power_mgmt=, seize=, "
                           "rdm_policy=", text);
    }
    xldm__pci_name(d, to);
    d->pin = to->vdevfn;
    d->pin_loc = loc;
    return true;
}

/* Once the keys that they all share are known. */
bool xldm__pci_from_cfg(struct xldm__cfg *cfg)
{
    static const struct xldm__key row = { .item = read_pci };
    const struct xldm__setting *s = xldm__cfg_find(cfg, "pci");

    return !s || xldm__cfg_items(cfg, s, &row);
}

static void write_place(struct xldm__cfg_out *o, const libxl_device_pci *d,
                        struct xldm_loc loc)
{
    bool placed = d->domain || d->bus || d->dev || d->func;

    o->near |= (d->name && placed) || (d->vdevfn & 7);
    if (d->name && placed)
        xldm__warning(o->ctx, loc, "xl.cfg cannot say name '%s' beside an "
                      "address: it is left out", d->name);
    if (d->name && !placed)
        xldm__write_word(o, loc, "name", d->name, ",");
    else if (d->vfunc_mask == LIBXL_PCI_FUNC_ALL)
        xldm__write_wordf(o, "bdf=%04x:%02x:%02x.*",
                          (unsigned)d->domain & 0xffff, d->bus, d->dev);
    else
        xldm__write_wordf(o, "bdf=%04x:%02x:%02x.%x",
                          (unsigned)d->domain & 0xffff, d->bus, d->dev,
                          d->func);
    if (d->vdevfn & 7)
        xldm__warning(o->ctx, loc, "xl.cfg cannot say function %u of the "
                      "guest's slot: it is left out", (unsigned)d->vdevfn & 7);
    if (d->vdevfn >> 3)
        xldm__write_wordf(o, "vslot=%x", (unsigned)d->vdevfn >> 3);
}

static void write_pcis(struct xldm__cfg_out *o, const struct xldm__key *row)
{
    const libxl_domain_config *c = &o->dom->cfg;

    for (int i = 0; i < c->num_pcidevs; i++) {
        const libxl_device_pci *d = &c->pcidevs[i];
        const char *policy = xldm__cfg_name_of(
            libxl_rdm_reserve_policy_string_table, (int)d->rdm_policy);

        write_place(o, d, xldm__write_loc(o, i));
        if (d->msitranslate)
            xldm__write_wordf(o, "msitranslate=1");
        if (d->power_mgmt)
            xldm__write_wordf(o, "power_mgmt=1");
        if (d->permissive)
            xldm__write_wordf(o, "permissive=1");
        if (d->seize)
            xldm__write_wordf(o, "seize=1");
        if (policy && d->rdm_policy != c->b_info.u.hvm.rdm.policy)
            xldm__write_wordf(o, "rdm_policy=%s", policy);
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
}

const struct xldm__key xldm__pci_keys[] = {
    { .key = "pci", .kind = XLDM__KEY_LATER, .write = write_pcis },
    { .key = "pci_msitranslate", .kind = XLDM__KEY_LATER },
    { .key = "pci_power_mgmt", .kind = XLDM__KEY_LATER },
    { .key = "pci_permissive", .kind = XLDM__KEY_LATER },
    { .key = "pci_seize", .kind = XLDM__KEY_LATER },
    { 0 },
};
