/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitter, step 1: what each option of the command line is about; and the
 * PCI slots QEMU would give. */
#include <stdlib.h>
#include <string.h>
#include "dm/split.h"

static size_t controller_add(struct work *w, const char *name,
                             const struct xldm__class *class)
{
    struct work_controller *c;

    for (size_t i = 0; i < w->ncontrollers; i++)
        if (!strcmp(w->controllers[i].name, name))
            return i;
    c = &w->controllers[w->ncontrollers];
    *c = (struct work_controller){ .class = class, .devfn = -1 };
    c->name = xldm__strdup(&w->plan->arena, name);
    for (const struct xldm__class *const *k = xldm__classes; *k; k++)
        for (const struct xldm__controller *r = (*k)->controllers;
             r && r->name; r++)
            if (!strcmp(r->name, name)) {
                c->row = r;
                c->devfn = r->devfn;
            }
    return w->ncontrollers++;
}

static const struct xldm__wish *wish_for(const struct work *w,
                                         const char *id)
{
    for (size_t i = 0; i < w->in->nwishes; i++)
        if (!strcmp(w->in->wishes[i].id, id))
            return &w->in->wishes[i];
    return NULL;
}

/* Returns true if the device is new. */
static bool device_add(struct work *w, struct work_item *item)
{
    struct xldm_plan *plan = w->plan;
    struct xldm__planned *d;
    size_t i;

    for (i = 0; i < plan->ndevices; i++)
        if (plan->devices[i].class == item->class &&
            !strcmp(plan->devices[i].id, item->part.id))
            break;
    item->device = i;
    if (i < plan->ndevices)
        return false;
    w->devices[i].controller = item->controller;
    w->devices[i].wish = wish_for(w, item->part.id);
    d = &plan->devices[plan->ndevices++];
    d->class = item->class;
    d->id = xldm__strdup(&plan->arena, item->part.id);
    d->controller = w->controllers[item->controller].name;
    d->loc = w->devices[i].wish ? w->devices[i].wish->loc : XLDM__NONE;
    d->devfn = -1;
    return true;
}

static void classify(struct work *w, struct work_item *item, unsigned *seen)
{
    size_t k = 0;

    for (;; k++) { /* the platform, last, takes everything */
        item->part = (struct xldm__part){ .option = &item->option,
                                          .seen = seen[k] };
        item->class = xldm__classes[k];
        if (item->class->classify(&item->part))
            break;
    }
    item->controller = item->device = NONE;
    item->devfn = -1;
    if (item->part.owner != XLDM__NAMED && item->part.owner != XLDM__SHARED)
        return;
    item->controller = controller_add(w, item->part.controller, item->class);
    if (item->part.owner == XLDM__NAMED) {
        w->controllers[item->controller].has_device = true;
        seen[k] += device_add(w, item);
    }
}

static bool read_machine(struct work *w, const struct xldm__option *o)
{
    char value[32], *end;

    if (xldm__option_is(o, "m", NULL) && o->value) {
        w->memory_mib = strtoull(o->value, &end, 10);
        if (end == o->value || *end || w->memory_mib > 1 << 24)
            return xldm__error(w->ctx, XLDM__NONE,
                               "-m is '%s'; a number of MiB is accepted",
                               o->value);
    }
    if (xldm__option_is(o, "machine", NULL) &&
        xldm__option_get(o, "max-ram-below-4g", value, sizeof(value)))
        w->below_4g = strtoull(value, NULL, 0);
    return true;
}

bool xldm__split_classify(struct work *w)
{
    struct xldm__arena *a = &w->plan->arena;
    size_t argc = w->in->argc, nclasses = 0, builtin = 0;
    unsigned *seen;
    bool ok = true;

    for (const struct xldm__class *const *k = xldm__classes; *k; k++) {
        nclasses++;
        for (const struct xldm__controller *r = (*k)->controllers;
             r && r->name; r++)
            builtin++;
    }
    w->items = xldm__alloc(a, (argc + 1) * sizeof(*w->items));
    w->controllers =
        xldm__alloc(a, (argc + builtin + 1) * sizeof(*w->controllers));
    w->plan->devices = xldm__alloc(a, (argc + 1) * sizeof(*w->plan->devices));
    w->devices = xldm__alloc(a, (argc + 1) * sizeof(*w->devices));
    seen = xldm__alloc(a, nclasses * sizeof(*seen));
    if (a->failed)
        return xldm__oom(w->ctx);
    for (const struct xldm__class *const *k = xldm__classes; *k; k++)
        for (const struct xldm__controller *r = (*k)->controllers;
             r && r->name; r++)
            if (r->builtin)
                controller_add(w, r->name, *k);
    for (size_t i = 1; i < argc;) {
        struct work_item *item = &w->items[w->nitems++];

        item->option = xldm__option_next(w->in->argv, argc, &i);
        classify(w, item, seen);
        ok &= read_machine(w, &item->option);
    }
    return a->failed ? xldm__oom(w->ctx) : ok;
}

/* "1d.7", "0x1d.0x7" or "5", all hexadecimal as QEMU reads them; or -1 */
static int devfn_parse(const char *s)
{
    char *end;
    unsigned long slot = strtoul(s, &end, 16), fn = 0;

    if (end == s || slot > 31)
        return -1;
    if (*end == '.') {
        s = end + 1;
        fn = strtoul(s, &end, 16);
        if (end == s)
            return -1;
    }
    return *end || fn > 7 ? -1 : (int)(slot << 3 | fn);
}

static bool pin(struct work *w, struct work_item *item, uint32_t *taken)
{
    char addr[16];

    if (!item->part.pci ||
        !xldm__option_get(&item->option, "addr", addr, sizeof(addr)))
        return true;
    item->pinned = true;
    item->devfn = devfn_parse(addr);
    if (item->devfn < 0)
        return xldm__error(w->ctx, XLDM__NONE,
                           "-device %s: addr=%s is no PCI address; SLOT or "
                           "SLOT.FUNCTION in hexadecimal is accepted",
                           item->option.value, addr);
    *taken |= 1u << (item->devfn >> 3);
    return true;
}

/* QEMU gives the first free slot, in the order of the options. */
bool xldm__split_slots(struct work *w)
{
    uint32_t taken = 0;
    bool ok = true;

    for (size_t i = 0; i < w->nitems; i++) {
        taken |= w->items[i].part.slots;
        ok &= pin(w, &w->items[i], &taken);
    }
    for (size_t i = 0; i < w->nitems; i++) {
        struct work_item *item = &w->items[i];
        unsigned slot = 0;

        if (!item->part.pci)
            continue;
        while (!item->pinned && slot < 32 && taken & 1u << slot)
            slot++;
        if (slot > 31) {
            ok = xldm__error(w->ctx, XLDM__NONE,
                             "-device %s: all 32 PCI slots are taken",
                             item->option.value);
            continue;
        }
        if (!item->pinned) {
            taken |= 1u << slot;
            item->devfn = slot << 3;
        }
        if (item->part.owner == XLDM__SHARED &&
            w->controllers[item->controller].devfn < 0)
            w->controllers[item->controller].devfn = item->devfn;
    }
    return ok;
}
