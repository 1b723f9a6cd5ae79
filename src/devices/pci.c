/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI devices of the host.  libxl plugs them in over QMP after the start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/foreign.h"
#include "devices/pci.h"

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

/* As libxl plugs it in. */
static bool pci_classify(struct xldm__part *p)
{
    char id[16], controller[32];

    if (!xldm__option_is(p->option, "device", "xen-pci-passthrough") ||
        !xldm__option_get(p->option, "hostaddr", id, sizeof(id)) ||
        !pci_later(id, controller, sizeof(controller)))
        return false;
    p->owner = XLDM__NAMED;
    p->pci = true;
    p->id = xldm__strdup(p->arena, id);
    p->controller = xldm__strdup(p->arena, controller);
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

#define GETTER(name, value, format)                                           \
    static const char *get_##name(struct xldm__arena *a, const void *object,  \
                                  size_t i)                                   \
    {                                                                         \
        const struct pci *p = object;                                         \
                                                                              \
        return i ? NULL : xldm__fmt(a, format, (unsigned)(value));            \
    }
GETTER(domain, p->libxl.domain & 0xffff, "0x%04x")
GETTER(bus, p->libxl.bus, "0x%02x")
GETTER(slot, p->libxl.dev, "0x%02x")
GETTER(function, p->libxl.func, "0x%x")
static const struct xldm__name functions_names[] = {
    { "all", (int)LIBXL_PCI_FUNC_ALL },
    { NULL, 0 },
};

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

#define CUSTOM(member)                                                        \
    .kind = XLDM__CUSTOM, .set = set_##member, .get = get_##member

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
    { .path = "xldm:pci/@functions", .kind = XLDM__ENUM,
      PCI(libxl.vfunc_mask), .names = functions_names },
    { .path = "xldm:pci/@place", .kind = XLDM__INT, PCI(libxl.vdevfn) },
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

void xldm__pci_name(struct xldm__device *base, const libxl_device_pci *d)
{
    bool placed = d->domain || d->bus || d->dev || d->func;

    if (d->name && !placed)
        snprintf(base->id, sizeof(base->id), "%.63s", d->name);
    else
        snprintf(base->id, sizeof(base->id), "%04x:%02x:%02x.%x",
                 (unsigned)d->domain & 0xffff, d->bus, d->dev, d->func);
    snprintf(base->controller, sizeof(base->controller), "pci-%.59s",
             base->id);
}

static bool pci_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                       unsigned index)
{
    struct pci *p = (struct pci *)base;
    libxl_device_pci *d = &p->libxl;

    (void)ctx, (void)index;
    xldm__pci_name(base, d);
    if (!d->vfunc_mask && !d->name) /* as xl: it is the guest's function 0 */
        d->vfunc_mask = 1u << 0;
    take(&d->seize, p->managed, true);
    take(&d->permissive, p->filtered, false);
    take(&d->power_mgmt, p->pm_filtered, false);
    take(&d->power_mgmt, p->power_mgmt, true);
    take(&d->msitranslate, p->msitranslate, true);
    d->rdm_policy = (libxl_rdm_reserve_policy)p->rdm;
    if (base->pin)
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

static bool give(struct xldm_ctx *ctx, const libxl_device_pci *from,
                 struct pci *p)
{
    libxl_device_pci *to = &p->libxl;
    unsigned slot = from->vdevfn >> 3;

    to->domain = from->domain;
    to->bus = from->bus;
    to->dev = from->dev;
    to->func = from->func;
    if (from->vfunc_mask == LIBXL_PCI_FUNC_ALL)
        to->vfunc_mask = from->vfunc_mask;
    if (slot && slot <= 0x1f)
        p->base.pin = from->vdevfn;
    else
        to->vdevfn = from->vdevfn;
    if (from->seize)
        libxl_defbool_set(&p->managed, true);
    if (from->permissive)
        libxl_defbool_set(&p->filtered, false);
    if (from->msitranslate)
        libxl_defbool_set(&p->msitranslate, true);
    if (from->power_mgmt)
        libxl_defbool_set(&p->power_mgmt, true);
    p->rdm = from->rdm_policy;
    return !from->name || xldm__string_set(ctx, &to->name, from->name);
}

static bool pci_from_libxl(struct xldm_ctx *ctx,
                           const libxl_domain_config *cfg,
                           struct xldm_domain *to)
{
    bool ok = true;

    for (int i = 0; i < cfg->num_pcidevs; i++) {
        struct pci *p = (struct pci *)xldm__domain_add(to, &xldm__pci);

        if (!p)
            return xldm__oom(ctx);
        ok &= give(ctx, &cfg->pcidevs[i], p);
        xldm__pci_name(&p->base, &p->libxl);
    }
    return ok;
}

const struct xldm__class xldm__pci = {
    .kind = "pci",
    .group_name = "pci",
    .host = true,
    .options = (const char *const[]){ "device", NULL },
    .classify = pci_classify,
    .later = pci_later,
    .places = true,
    .element = "hostdev",
    .when = { .attribute = "type", .value = "pci" },
    .size = sizeof(struct pci),
    .fields = fields,
    .foreign = xldm__host_foreign,
    .keys = xldm__pci_keys,
    .from_cfg = xldm__pci_from_cfg,
    .init = pci_init,
    .dispose = pci_dispose,
    .finish = pci_finish,
    .to_libxl = pci_to_libxl,
    .from_libxl = pci_from_libxl,
};

/* Written as the <hostdev> that it is. */
static bool pci_is_libxls(const struct xldm__device *base)
{
    (void)base;
    return true;
}

/* libvirt's other name for a network card of the host */
const struct xldm__class xldm__pci_nic = {
    .kind = "pci",
    .group_name = "pci",
    .host = true,
    .places = true,
    .element = "interface",
    .is_libxls = pci_is_libxls,
    .when = { .attribute = "type", .value = "hostdev" },
    .size = sizeof(struct pci),
    .fields = nic_fields,
    .init = pci_init,
    .dispose = pci_dispose,
    .finish = pci_finish,
    .to_libxl = pci_to_libxl,
};
