/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI devices of the host.  libxl plugs them in over QMP after the start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/cfg.h"
#include "config/xml.h"
#include "devices/class.h"

/* "0000:03:00.0" is its name, and part of its controller's. */
static bool pci_later(const char *id, char *controller, size_t size)
{
    unsigned domain, bus, dev, func;
    char end;

    if (strlen(id) != 12 ||
        sscanf(id, "%4x:%2x:%2x.%1x%c", &domain, &bus, &dev, &func, &end) !=
            4)
        return false;
    snprintf(controller, size, "pci-%s", id);
    return true;
}

/* ------------------------------------------------ description side ---- */

struct pci {
    struct xldm__device base;
    libxl_device_pci libxl;
    libxl_defbool managed, filtered, pm_filtered, msitranslate, power_mgmt;
    int rdm, fixed;
};

#define PCI(member) .offset = offsetof(struct pci, member)

static bool set_part(struct xldm_ctx *ctx, unsigned *where, const char *path,
                     unsigned max, const char *value, struct xldm_loc loc)
{
    if (xldm__hex(value, max, where))
        return true;
    return xldm__error(ctx, loc,
                       "<hostdev> %s: '%s' is not accepted; accepted: 0 to "
                       "0x%x",
                       path, value, max);
}

#define SETTER(name, member, path, max)                                       \
    static bool set_##name(struct xldm_ctx *ctx, void *object,                \
                           const char *value, struct xldm_loc loc)            \
    {                                                                         \
        unsigned n = 0;                                                       \
        bool ok = set_part(ctx, &n, path, max, value, loc);                   \
                                                                              \
        ((struct pci *)object)->member = (uint16_t)n;                         \
        return ok;                                                            \
    }

SETTER(domain, libxl.domain, "source/address/@domain", 0xffff)
SETTER(bus, libxl.bus, "source/address/@bus", 0xff)
SETTER(slot, libxl.dev, "source/address/@slot", 0x1f)
SETTER(function, libxl.func, "source/address/@function", 7)

static const struct xldm__name mode_names[] = { { "subsystem", 0 },
                                                { NULL, 0 } };
static const struct xldm__name type_names[] = { { "pci", 0 }, { NULL, 0 } };
static const struct xldm__name driver_names[] = { { "xen", 0 },
                                                  { NULL, 0 } };
static const struct xldm__name rdm_names[] = {
    { "strict", LIBXL_RDM_RESERVE_POLICY_STRICT },
    { "relaxed", LIBXL_RDM_RESERVE_POLICY_RELAXED },
    { NULL, 0 },
};

#define CUSTOM(member) .kind = XLDM__CUSTOM, .set = set_##member

/* What a <hostdev> and an <interface type='hostdev'> have in common. */
#define COMMON_ROWS                                                           \
    { .path = "@managed", .kind = XLDM__DEFBOOL, PCI(managed) },              \
    { .path = "driver/@name", .kind = XLDM__ENUM, PCI(fixed),                 \
      .names = driver_names, .completes = true },                             \
    { .path = "source/@writeFiltering", .kind = XLDM__DEFBOOL,                \
      PCI(filtered) },                                                        \
    { .path = "source/@powerManagementFiltering", .kind = XLDM__DEFBOOL,      \
      PCI(pm_filtered) },                                                     \
    { .path = "source/address/@type", .kind = XLDM__ENUM, PCI(fixed),         \
      .names = type_names },                                                  \
    { .path = "source/address/@domain", CUSTOM(domain) },                     \
    { .path = "source/address/@bus", CUSTOM(bus), .required = true },         \
    { .path = "source/address/@slot", CUSTOM(slot), .required = true },       \
    { .path = "source/address/@function", CUSTOM(function),                   \
      .required = true }

static const struct xldm__field fields[] = {
    { .path = "@mode", .kind = XLDM__ENUM, PCI(fixed), .names = mode_names },
    { .path = "@type", .kind = XLDM__ENUM, PCI(fixed), .names = type_names,
      .required = true },
    COMMON_ROWS,
    { .path = "xldm:pci/@msitranslate", .kind = XLDM__DEFBOOL,
      PCI(msitranslate) },
    { .path = "xldm:pci/@powerManagement", .kind = XLDM__DEFBOOL,
      PCI(power_mgmt) },
    { .path = "xldm:pci/@rdmPolicy", .kind = XLDM__ENUM, PCI(rdm),
      .names = rdm_names },
    { .path = "xldm:pci/@name", .kind = XLDM__STRING, PCI(libxl.name) },
    { 0 },
};

static const struct xldm__name nic_names[] = { { "hostdev", 0 },
                                               { NULL, 0 } };

static const struct xldm__field nic_fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, PCI(fixed), .names = nic_names,
      .required = true },
    COMMON_ROWS,
    { .path = "mac", .kind = XLDM__IGNORED,
      .why = "libxl leaves the card as it is" },
    { .path = "model", .kind = XLDM__IGNORED,
      .why = "libxl leaves the card as it is" },
    { 0 },
};

static void pci_init(struct xldm__device *base)
{
    struct pci *p = (struct pci *)base;

    libxl_device_pci_init(&p->libxl);
    p->rdm = p->libxl.rdm_policy;
}

static void pci_dispose(struct xldm__device *base)
{
    libxl_device_pci_dispose(&((struct pci *)base)->libxl);
}

/* What was said; what was not stays as it is. */
static void take(bool *to, libxl_defbool said, bool yes)
{
    if (!libxl_defbool_is_default(said))
        *to = libxl_defbool_val(said) == yes;
}

static bool pci_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                       unsigned index)
{
    struct pci *p = (struct pci *)base;
    libxl_device_pci *d = &p->libxl;

    (void)ctx, (void)index;
    snprintf(base->id, sizeof(base->id), "%04x:%02x:%02x.%x",
             (unsigned)d->domain, d->bus, d->dev, d->func);
    pci_later(base->id, base->controller, sizeof(base->controller));
    if (!d->vfunc_mask)
        d->vfunc_mask = 1u << d->func;
    take(&d->seize, p->managed, true);
    take(&d->permissive, p->filtered, false);
    take(&d->power_mgmt, p->pm_filtered, false);
    take(&d->power_mgmt, p->power_mgmt, true);
    take(&d->msitranslate, p->msitranslate, true);
    d->rdm_policy = (libxl_rdm_reserve_policy)p->rdm;
    d->vdevfn = base->pin;
    return true;
}

static bool pci_to_libxl(struct xldm_ctx *ctx,
                         const struct xldm__device *base,
                         libxl_domain_config *cfg)
{
    const libxl_device_pci *from = &((const struct pci *)base)->libxl;
    libxl_device_pci *to = xldm__grow(&cfg->pcidevs, &cfg->num_pcidevs,
                                      sizeof(*to));

    if (!to)
        return xldm__oom(ctx);
    *to = *from;
    to->name = NULL;
    return !from->name || xldm__string_set(ctx, &to->name, from->name);
}

/* ----------------------------------------------------------- xl.cfg ---- */

static bool cfg_flag(struct xldm__cfg *cfg, const char *key)
{
    const struct xldm__setting *s = xldm__cfg_find(cfg, key);
    long n = 0;

    return s && xldm__cfg_long(cfg, s, &n) && n;
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
    if (xlu_pci_parse_spec_string(cfg->xlu, to, text)) {
        xldm__cfg_relay(cfg, XLDM_WARNING, loc, "");
        return xldm__error(cfg->ctx, loc, "pci: '%s' is not accepted; "
                           "accepted: [DDDD:]BB:DD.F[@SLOT], or name=, and "
                           "permissive=, msitranslate=, power_mgmt=, seize=, "
                           "rdm_policy=", text);
    }
    if (to->name) /* xl pci-assignable-add gave it */
        snprintf(d->id, sizeof(d->id), "%.63s", to->name);
    else
        snprintf(d->id, sizeof(d->id), "%04x:%02x:%02x.%x",
                 (unsigned)to->domain & 0xffff, to->bus, to->dev, to->func);
    snprintf(d->controller, sizeof(d->controller), "pci-%.59s", d->id);
    d->pin = to->vdevfn;
    d->pin_loc = loc;
    return true;
}

/* Once the keys that they all share are known. */
static bool pci_from_cfg(struct xldm__cfg *cfg)
{
    static const struct xldm__key row = { .item = read_pci };
    const struct xldm__setting *s = xldm__cfg_find(cfg, "pci");

    return !s || xldm__cfg_items(cfg, s, &row);
}

static const struct xldm__key keys[] = {
    { .key = "pci", .kind = XLDM__KEY_LATER },
    { .key = "pci_msitranslate", .kind = XLDM__KEY_LATER },
    { .key = "pci_power_mgmt", .kind = XLDM__KEY_LATER },
    { .key = "pci_permissive", .kind = XLDM__KEY_LATER },
    { .key = "pci_seize", .kind = XLDM__KEY_LATER },
    { 0 },
};

const struct xldm__class xldm__pci = {
    .kind = "pci",
    .group_name = "pci",
    .host = true,
    .later = pci_later,
    .places = true,
    .element = "hostdev",
    .when = { .attribute = "type", .value = "pci" },
    .size = sizeof(struct pci),
    .fields = fields,
    .keys = keys,
    .from_cfg = pci_from_cfg,
    .init = pci_init,
    .dispose = pci_dispose,
    .finish = pci_finish,
    .to_libxl = pci_to_libxl,
};

/* libvirt's other name for a network card of the host */
const struct xldm__class xldm__pci_nic = {
    .kind = "pci",
    .group_name = "pci",
    .host = true,
    .places = true,
    .element = "interface",
    .when = { .attribute = "type", .value = "hostdev" },
    .size = sizeof(struct pci),
    .fields = nic_fields,
    .init = pci_init,
    .dispose = pci_dispose,
    .finish = pci_finish,
    .to_libxl = pci_to_libxl,
};
