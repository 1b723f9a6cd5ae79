/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <boot order='...'/> of devices, as far as libxl can do it: it tries kinds of
 * devices, not devices. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"

bool xldm__set_boot_order(struct xldm_ctx *ctx, void *object, const char *value,
                          struct xldm_loc loc)
{
    struct xldm__device *dev = object;
    int64_t n;

    if (!xldm__number(value, 1, 999999999, &n))
        return xldm__error(ctx, loc,
                           "%s boot/@order: '%s' is not accepted; accepted: "
                           "1, 2, 3...",
                           xldm__device_word(dev).text, value);
    dev->boot = (int)n;
    return true;
}

/* The one behind last in the order; NULL: no more. */
static const struct xldm__device *next_of(const struct xldm_domain *dom,
                                          int last)
{
    const struct xldm__device *best = NULL;

    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (*d->id && d->boot > last && (!best || d->boot < best->boot))
            best = d;
    return best;
}

static bool check_once(struct xldm_ctx *ctx, const struct xldm__device *dev)
{
    for (const struct xldm__device *d = dev->next; d; d = d->next) {
        if (d->boot != dev->boot)
            continue;
        xldm__note(ctx, dev->loc, "%s '%s' is here",
                   xldm__device_word(dev).text, dev->id);
        return xldm__error(ctx, d->loc,
                           "%s '%s' has the same <boot order='%d'> as '%s'",
                           xldm__device_word(d).text, d->id, d->boot, dev->id);
    }
    return true;
}

/* Is another one of its kind before it, as the BIOS goes through them? */
static const struct xldm__device *before(const struct xldm_domain *dom,
                                         const struct xldm__device *dev)
{
    const struct xldm__device *first = dev;

    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (d->class == dev->class && *d->id &&
            d->class->boots_as(d) == dev->class->boots_as(dev) &&
            strcmp(d->id, first->id) < 0)
            first = d;
    return first == dev ? NULL : first;
}

bool xldm__boot_order(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    char letters[4] = "", *given = dom->cfg.b_info.u.hvm.boot;
    const struct xldm__device *dev, *other;
    size_t n = 0;
    bool ok = true;

    for (int last = 0; (dev = next_of(dom, last)); last = dev->boot) {
        char letter = dev->class->boots_as(dev);

        ok &= check_once(ctx, dev);
        if (strchr(letters, letter)) {
            xldm__warning(ctx, dev->loc,
                          "%s '%s': <boot> has no effect: libxl tries all of "
                          "a kind (hd, cdrom, network), where the first is",
                          xldm__device_word(dev).text, dev->id);
            continue;
        }
        letters[n++] = letter;
        if ((other = before(dom, dev)))
            xldm__warning(ctx, dev->loc,
                          "%s '%s': <boot> does not put it before '%s': libxl "
                          "tries all of a kind in their own order",
                          xldm__device_word(dev).text, dev->id, other->id);
        if (given)
            ok = xldm__error(ctx, dev->loc,
                             "%s '%s': <boot> cannot be beside that of <os>",
                             xldm__device_word(dev).text, dev->id);
    }
    return ok &&
           (!n || xldm__string_set(ctx, &dom->cfg.b_info.u.hvm.boot, letters));
}
