/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys of xl.cfg that hand host resources to the guest. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/xml.h"

static bool bad(struct xldm__cfg *cfg, const struct xldm__setting *s,
                const char *text, struct xldm_loc loc, const char *accepted)
{
    return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; accepted: %s",
                       s->key, text, accepted);
}

XLDM__ITEM(ioports)
{
    static const char accepted[] = "hex ports below ffffffff, as 3f8-3ff";
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    libxl_ioport_range *range;
    char *end;
    unsigned long first = strtoul(text, &end, 16), last = first;

    if (end == text || first >= UINT32_MAX)
        return bad(cfg, s, text, loc, accepted);
    if (*end == '-') {
        const char *p = end + 1;

        last = strtoul(p, &end, 16);
        if (end == p || *end || last >= UINT32_MAX || last < first)
            return bad(cfg, s, text, loc, accepted);
    } else if (*end) {
        xldm__warning(cfg->ctx, loc, "%s: xl takes '%s' for %lx", s->key,
                      text, first);
    }
    range = xldm__grow(&b->ioports, &b->num_ioports, sizeof(*range));
    if (!range)
        return xldm__oom(cfg->ctx);
    range->first = (uint32_t)first;
    range->number = (uint32_t)(last - first + 1);
    return true;
}

XLDM__GET(ioports)
{
    const libxl_ioport_range *range;

    if (i >= (size_t)cfg->b_info.num_ioports)
        return NULL;
    range = &cfg->b_info.ioports[i];
    return xldm__fmt(a, "%x-%x", range->first,
                     range->first + range->number - 1);
}

XLDM__ITEM(irqs)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    uint32_t *irq;

    if (end == text || *end || n >= UINT32_MAX)
        return bad(cfg, s, text, loc, "a number below 4294967295");
    irq = xldm__grow(&b->irqs, &b->num_irqs, sizeof(*irq));
    if (!irq)
        return xldm__oom(cfg->ctx);
    *irq = (uint32_t)n;
    return true;
}

XLDM__GET(irqs)
{
    return i < (size_t)cfg->b_info.num_irqs
               ? xldm__fmt(a, "%u", cfg->b_info.irqs[i]) : NULL;
}

XLDM__ITEM(iomem)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    libxl_iomem_range *range = xldm__grow(&b->iomem, &b->num_iomem,
                                          sizeof(*range));
    int used = 0, n;

    if (!range)
        return xldm__oom(cfg->ctx);
    libxl_iomem_range_init(range);
    n = sscanf(text, "%" SCNx64 ",%" SCNx64 "%n@%" SCNx64 "%n", &range->start,
               &range->number, &used, &range->gfn, &used);
    if (n < 2 || text[used])
        return bad(cfg, s, text, loc, "hex page,pages or page,pages@page");
    return true;
}

XLDM__GET(iomem)
{
    const libxl_iomem_range *range;
    libxl_iomem_range blank;

    if (i >= (size_t)cfg->b_info.num_iomem)
        return NULL;
    range = &cfg->b_info.iomem[i];
    libxl_iomem_range_init(&blank);
    if (range->gfn == blank.gfn)
        return xldm__fmt(a, "%" PRIx64 ",%" PRIx64, range->start,
                         range->number);
    return xldm__fmt(a, "%" PRIx64 ",%" PRIx64 "@%" PRIx64, range->start,
                     range->number, range->gfn);
}

XLDM__GET(dtdev)
{
    (void)a;
    return i < (size_t)cfg->num_dtdevs ? cfg->dtdevs[i].path : NULL;
}

XLDM__ITEM(dtdev)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_dtdev *dev = xldm__grow(&c->dtdevs, &c->num_dtdevs,
                                         sizeof(*dev));

    (void)s, (void)loc;
    if (!dev)
        return xldm__oom(cfg->ctx);
    libxl_device_dtdev_init(dev);
    return xldm__string_set(cfg->ctx, &dev->path, text);
}

/* xl goes on past a bad one without a word of its own; and its reader takes
 * a known policy for an error. */
XLDM__SET(rdm)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    libxl_rdm_reserve rdm;
    const char *text;

    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    libxl_rdm_reserve_init(&rdm);
    if (!xlu_rdm_parse(cfg->xlu, &rdm, text)) {
        b->u.hvm.rdm.strategy = rdm.strategy;
        b->u.hvm.rdm.policy = rdm.policy;
        return true;
    }
    xldm__cfg_relay(cfg, XLDM_WARNING, s->loc, "");
    xldm__warning(cfg->ctx, s->loc, "rdm: '%s' is not understood; xl goes on "
                  "without it", text);
    return true;
}
