/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a description to its plan: emit the unsplit argv, split it, and join
 * the devices of both. */
#include <stdlib.h>
#include <string.h>
#include "dm/plan.h"

static struct xldm__planned *
find(struct xldm_plan *plan, const struct xldm__device *dev, const char *id)
{
    for (size_t i = 0; i < plan->ndevices; i++)
        if (plan->devices[i].class == dev->class &&
            !strcmp(plan->devices[i].id, id))
            return &plan->devices[i];
    return NULL;
}

/* Every device of the description is in the plan, emulated or not, under the
 * name its owner gave it.  wishes: one a device, in the same order. */
static bool join(struct xldm_ctx *ctx, struct xldm_plan *plan,
                 const struct xldm_domain *dom, const struct xldm__wish *wishes)
{
    struct xldm__planned *all;
    size_t n = 0;

    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        n++;
    all = xldm__alloc(&plan->arena, (plan->ndevices + n + 1) * sizeof(*all));
    if (!all)
        return xldm__oom(ctx);
    if (plan->ndevices)
        memcpy(all, plan->devices, plan->ndevices * sizeof(*all));
    plan->devices = all;
    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        struct xldm__planned *p = find(plan, d, wishes++->id);

        if (!p) {
            p = &plan->devices[plan->ndevices++];
            *p = (struct xldm__planned){ .class = d->class,
                                         .devfn = -1,
                                         .group = &plan->groups[0] };
        }
        p->id = d->id;
        p->loc = d->loc;
        p->element = d->element;
        if (d->pin && d->class->places)
            p->devfn = (int)d->pin;
        if (d->class->pv_by_qemu && d->class->pv_by_qemu(d))
            p->pv = d->class->pv_nodes && xldm__group_serves(p->group)
                        ? p->group->name
                        : plan->groups[0].name;
    }
    return true;
}

static struct xldm__wish *make_wishes(const struct xldm_domain *dom,
                                      struct xldm__arena *a, size_t *n)
{
    struct xldm__wish *wishes;

    *n = 0;
    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        ++*n;
    wishes = xldm__alloc(a, (*n + 2) * sizeof(*wishes));
    *n = 0;
    for (const struct xldm__device *d = dom->devices; wishes && d;
         d = d->next) {
        char id[sizeof(d->id)];
        struct xldm__wish *w = &wishes[(*n)++];

        w->id = xldm__strdup(a, xldm__device_identity(d, id, sizeof(id)));
        w->affinity = &d->affinity;
        w->loc = d->affinity_loc.line ? d->affinity_loc : d->loc;
        w->class = d->class;
        if (*d->controller)
            w->controller = d->controller;
        w->pin = d->pin;
        w->pin_loc = d->pin_loc;
    }
    if (wishes && dom->primary.group)
        wishes[(*n)++] = (struct xldm__wish){ .id = "",
                                              .affinity = &dom->primary,
                                              .loc = dom->primary_loc };
    return wishes;
}

struct xldm_plan *xldm_plan_new(struct xldm_ctx *ctx,
                                const struct xldm_domain *dom, int domid)
{
    struct xldm__arena a = { 0 };
    struct xldm__argv argv = { .arena = &a };
    struct xldm__split in = { 0 };
    struct xldm_plan *plan = NULL;

    if (!xldm__given(ctx, dom, "domain") || !xldm__domain_check(ctx, dom))
        return NULL;
    in.domain = dom->cfg.c_info.name;
    in.isolate = dom->isolate;
    in.emulator = xldm__domain_emulator(dom);
    in.wishes = make_wishes(dom, &a, &in.nwishes);
    xldm__emit_argv(ctx, &dom->cfg, in.emulator, domid, &argv);
    if (a.failed) {
        xldm__oom(ctx);
        goto out;
    }
    in.argv = argv.v;
    in.argc = argv.n;
    plan = xldm__plan_split(ctx, &in);
    if (!plan)
        goto out;
    plan->source = a;
    a = (struct xldm__arena){ 0 };
    if (!join(ctx, plan, dom, in.wishes)) {
        xldm_plan_free(plan);
        plan = NULL;
    }
out:
    xldm__arena_dispose(&a);
    return plan;
}
