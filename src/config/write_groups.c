/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Affinities as dm_groups: an entry for all devices of the same one. */
#include <stdlib.h>
#include <string.h>

#include "config/write_cfg.h"
#include "dm/plan.h"

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool same(const xldm_dm_affinity *a, const xldm_dm_affinity *b)
{
    return same_text(a->group, b->group) &&
           same_text(a->emulator, b->emulator) &&
           a->on_crash == b->on_crash && a->restrict_ == b->restrict_;
}

/* A device of the host has its slot in pci = [...]. */
static bool pinned(const struct xldm__device *dev)
{
    return dev->pin && !dev->class->places;
}

static bool says(const struct xldm__device *dev)
{
    return xldm__affinity_says(&dev->affinity) || pinned(dev);
}

/* Was it written with one before it? */
static bool done(const struct xldm_domain *dom, const struct xldm__device *dev)
{
    const struct xldm__device *d = dom->devices;

    while (d != dev && (!says(d) || !same(&d->affinity, &dev->affinity)))
        d = d->next;
    return d != dev;
}

static bool known_by(const struct xldm_domain *dom,
                     const struct xldm__device *dev, const char *name)
{
    char buf[64];

    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (!strcmp(xldm__device_identity(d, buf, sizeof(buf)), name))
            return d == dev;
    return false;
}

static void add_names(struct xldm__cfg_out *o, struct xldm__arena *a,
                      const struct xldm__device *first, const char **words)
{
    char buf[64];

    for (const struct xldm__device *d = first; d; d = d->next) {
        const char *id = xldm__device_identity(d, buf, sizeof(buf));

        if (!says(d) || !same(&d->affinity, &first->affinity))
            continue;
        if (known_by(o->dom, d, id))
            *words = xldm__fmt(a, "%s,%s%s", *words, xldm__map_word(a, id),
                               pinned(d) ? xldm__map_pin(a, d->pin) : "");
        else
            o->unsaid = !xldm__error(
                o->ctx, d->affinity_loc, "xl.cfg cannot say where %s '%s' "
                "is: another device has that name",
                xldm__device_word(d).text, d->id);
    }
}

static void write_entry(struct xldm__cfg_out *o, const char *key,
                        const xldm_dm_affinity *affinity,
                        const struct xldm__device *first)
{
    struct xldm__arena a = { 0 };
    const char *words = "";

    if (first)
        add_names(o, &a, first, &words);
    words = xldm__fmt(&a, "%s%s", words, xldm__map_attributes(&a, affinity));
    if (words && *words) {
        xldm__write_wordf(o, "%s=%s",
                          affinity->group ? affinity->group : "", words + 1);
        xldm__write_item(o, key);
    }
    o->failed |= a.failed;
    xldm__arena_dispose(&a);
}

XLDM__WRITE(groups)
{
    const struct xldm_domain *dom = o->dom;

    if (xldm__affinity_says(&dom->primary))
        write_entry(o, row->key, &dom->primary, NULL);
    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (says(d) && !done(dom, d))
            write_entry(o, row->key, &d->affinity, d);
    xldm__write_close(o);
}
