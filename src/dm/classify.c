/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitter, step 1: what each option of the command line is about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dm/split.h"

static size_t controller_find(const struct work *w, const char *name)
{
    size_t i = 0;

    while (i < w->ncontrollers && strcmp(w->controllers[i].name, name))
        i++;
    return i;
}

/* NONE: out of memory */
static size_t controller_add(struct work *w, const char *name,
                             const struct xldm__class *class)
{
    struct work_controller *c;
    size_t i = controller_find(w, name);

    if (i < w->ncontrollers)
        return i;
    c = xldm__extend(&w->plan->arena, w->controllers, i, &w->controllers_cap,
                     sizeof(*c));
    if (!c)
        return NONE;
    w->controllers = c;
    c += i;
    *c = (struct work_controller){ .class = class, .devfn = -1,
                                   .with = NONE };
    c->name = name;
    for (const struct xldm__class *const *k = xldm__classes; *k; k++)
        for (const struct xldm__controller *r = (*k)->controllers;
             r && r->name; r++)
            if (!strcmp(r->name, name)) {
                c->row = r;
                c->devfn = r->devfn;
            }
    return w->ncontrollers++;
}

struct work_controller *xldm__split_root(struct work *w, size_t controller)
{
    while (w->controllers[controller].with != NONE)
        controller = w->controllers[controller].with;
    return &w->controllers[controller];
}

/* An item that needs both: the one that was there first speaks for both. */
static void share_group(struct work *w, size_t controller, size_t with)
{
    struct work_controller *a = xldm__split_root(w, controller),
                           *b = xldm__split_root(w, with);

    if (a < b)
        b->with = (size_t)(a - w->controllers);
    else if (b < a)
        a->with = (size_t)(b - w->controllers);
}

static const struct xldm__wish *wish_for(const struct work *w,
                                         const struct xldm__class *class,
                                         const char *id)
{
    for (size_t i = 0; i < w->in->nwishes; i++) {
        const struct xldm__wish *wish = &w->in->wishes[i];

        if ((!wish->class || wish->class == class) && !strcmp(wish->id, id))
            return wish;
    }
    return NULL;
}

static size_t device_find(const struct work *w,
                          const struct xldm__class *class, const char *id)
{
    size_t i = 0;

    while (i < w->plan->ndevices &&
           (w->plan->devices[i].class != class ||
            strcmp(w->plan->devices[i].id, id)))
        i++;
    return i;
}

static void device_add(struct work *w, const struct xldm__class *class,
                       const char *id, size_t controller)
{
    struct xldm_plan *plan = w->plan;
    struct xldm__arena *a = &plan->arena;
    size_t n = plan->ndevices;
    struct xldm__planned *d =
        xldm__extend(a, plan->devices, n, &w->planned_cap, sizeof(*d));
    struct work_device *work =
        xldm__extend(a, w->devices, n, &w->devices_cap, sizeof(*work));

    if (a->failed)
        return;
    plan->devices = d;
    w->devices = work;
    plan->ndevices++;
    d += n;
    work += n;
    work->controller = controller;
    work->wish = wish_for(w, class, id);
    d->class = class;
    d->id = id;
    d->controller = w->controllers[controller].name;
    d->loc = work->wish ? work->wish->loc : XLDM__NONE;
    d->devfn = -1;
    w->controllers[controller].has_device = true;
}

/* The device an item is about.  Returns true if it is new. */
static bool device_of(struct work *w, struct work_item *item)
{
    const char *id = item->part.id;
    char next[96];

    item->device = device_find(w, item->class, id);
    for (unsigned n = 1; item->class->repeats &&
                         item->device < w->plan->ndevices; n++) {
        snprintf(next, sizeof(next), "%s%u", item->part.id, n);
        item->device = device_find(w, item->class, next);
        id = next;
    }
    if (item->device < w->plan->ndevices)
        return false;
    device_add(w, item->class,
               id == next ? xldm__strdup(&w->plan->arena, id) : id,
               item->controller);
    return true;
}

static bool can_own(const struct xldm__class *class, const char *name)
{
    const char *const *o = class->options;

    while (o && *o && (**o != *name || strcmp(*o, name)))
        o++;
    return !class->options || *o;
}

size_t xldm__part_of(const struct xldm__option *option,
                     struct xldm__arena *arena, const unsigned *seen,
                     struct xldm__part *part)
{
    const char *name = option->name + strspn(option->name, "-");
    size_t k = 0;

    for (;; k++) { /* the platform, last, takes everything */
        const struct xldm__class *class = xldm__classes[k];

        if (!class->classify || !can_own(class, name))
            continue;
        *part = (struct xldm__part){ .option = option, .arena = arena,
                                     .seen = seen ? seen[k] : 0,
                                     .devfn = -1 };
        if (class->classify(part))
            return k;
    }
}

static void classify(struct work *w, struct work_item *item, unsigned *seen)
{
    size_t k = xldm__part_of(&item->option, &w->plan->arena, seen,
                             &item->part);

    item->class = xldm__classes[k];
    item->controller = item->device = NONE;
    item->devfn = -1;
    if ((item->part.owner != XLDM__NAMED &&
         item->part.owner != XLDM__SHARED) || w->plan->arena.failed)
        return;
    item->controller = controller_add(w, item->part.controller, item->class);
    if (item->part.with) {
        size_t with = controller_add(w, item->part.with, item->class);

        if (!w->plan->arena.failed)
            share_group(w, item->controller, with);
    }
    if (item->part.owner == XLDM__NAMED && !w->plan->arena.failed)
        seen[k] += device_of(w, item);
}

/* Devices that no argument tells of, by what was wished for them. */
static void add_later(struct work *w)
{
    for (size_t i = 0; i < w->in->nwishes; i++) {
        const struct xldm__wish *wish = &w->in->wishes[i];

        if (!wish->controller ||
            (wish->class->joins &&
             controller_find(w, wish->controller) == w->ncontrollers))
            continue;
        if (device_find(w, wish->class, wish->id) == w->plan->ndevices)
            device_add(w, wish->class, wish->id,
                       controller_add(w, wish->controller, wish->class));
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
    unsigned seen[XLDM__NCLASSES] = { 0 };
    bool ok = true;

    for (const struct xldm__class *const *k = xldm__classes; *k; k++)
        for (const struct xldm__controller *r = (*k)->controllers;
             r && r->name; r++)
            if (r->builtin)
                controller_add(w, r->name, *k);
    for (size_t i = 1; i < w->in->argc && !a->failed;) {
        struct work_item *item = xldm__extend(a, w->items, w->nitems,
                                              &w->items_cap, sizeof(*item));

        if (!item)
            break;
        w->items = item;
        item += w->nitems++;
        item->option = xldm__option_next(w->in->argv, w->in->argc, &i);
        classify(w, item, seen);
        ok &= read_machine(w, &item->option);
    }
    if (!a->failed)
        add_later(w);
    return a->failed ? xldm__oom(w->ctx) : ok;
}
