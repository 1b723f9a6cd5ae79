/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitter, step 2: which devices share a QEMU. */
#include <stdlib.h>
#include <string.h>
#include "dm/split.h"

bool xldm__group_name_ok(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                            "wxyz0123456789_.-");

    return n >= 1 && n <= 64 && !name[n];
}

static bool has_group(const struct xldm__wish *wish)
{
    return wish && wish->affinity && wish->affinity->group;
}

static const char *group_named(const struct xldm__wish *wish,
                               const struct work_controller *c)
{
    return strcmp(wish->affinity->group, "own") ? wish->affinity->group
                                                : c->name;
}

/* One device's wish for the controller it sits on. */
static bool apply_wish(struct work *w, const struct xldm__planned *d,
                       const struct xldm__wish *wish,
                       struct work_controller *c)
{
    const char *group = group_named(wish, c);

    if (c->row && c->row->primary && strcmp(group, "primary"))
        return xldm__error(w->ctx, wish->loc,
                           "'%s' cannot be in group '%s': %s", d->id, group,
                           c->row->primary);
    if (!c->group) {
        c->group = group;
        c->loc = wish->loc;
        return true;
    }
    if (!strcmp(c->group, group))
        return true;
    xldm__error(w->ctx, wish->loc,
                "'%s' wants group '%s', but controller '%s' that it sits on "
                "is in group '%s'; devices of one controller share a group",
                d->id, group, c->name, c->group);
    xldm__note(w->ctx, c->loc, "group '%s' was named here", c->group);
    return false;
}

static bool apply_wishes(struct work *w)
{
    struct xldm_plan *plan = w->plan;
    bool ok = true;

    for (size_t i = 0; i < plan->ndevices; i++) {
        const struct xldm__wish *wish = w->devices[i].wish;

        if (has_group(wish))
            ok &= apply_wish(w, &plan->devices[i], wish,
                             xldm__split_root(w, w->devices[i].controller));
    }
    return ok;
}

static const char *isolated(const struct work *w,
                            const struct work_controller *c)
{
    bool stays = !c->has_device || (c->row && c->row->primary);

    switch (stays ? XLDM__ISOLATE_NONE : w->in->isolate) {
    case XLDM__ISOLATE_CLASS:
        return c->class->group_name;
    case XLDM__ISOLATE_CONTROLLER:
        return c->name;
    default:
        return "primary";
    }
}

/* Devices without a wish go where their controller went; say so. */
static void follow(struct work *w)
{
    for (size_t i = 0; i < w->plan->ndevices; i++) {
        const struct xldm__planned *d = &w->plan->devices[i];
        const struct work_controller *c =
            xldm__split_root(w, w->devices[i].controller);

        if (c->group && strcmp(c->group, "primary") && !d->class->joins &&
            !has_group(w->devices[i].wish))
            xldm__note(w->ctx, d->loc,
                       "'%s' follows controller '%s' into group '%s'", d->id,
                       c->name, c->group);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Primary first, then the others by name. */
static bool make_groups(struct work *w)
{
    struct xldm_plan *plan = w->plan;
    const char **names;
    size_t n = 0;

    names = xldm__alloc(&plan->arena, (w->ncontrollers + 1) * sizeof(*names));
    if (!names)
        return xldm__oom(w->ctx);
    for (size_t i = 0; i < w->ncontrollers; i++) {
        struct work_controller *c = &w->controllers[i];
        size_t k = 0;

        while (k < n && strcmp(names[k], c->group))
            k++;
        if (k < n || !strcmp(c->group, "primary"))
            continue;
        names[n++] = c->group;
        if (n >= XLDM_MAX_GROUPS)
            xldm__error(w->ctx, c->loc,
                        "group '%s' is one too many: a domain has at most "
                        "%d groups, the primary included, and this is "
                        "number %zu",
                        c->group, XLDM_MAX_GROUPS, n + 1);
    }
    if (n >= XLDM_MAX_GROUPS)
        return false;
    qsort(names, n, sizeof(*names), by_name);
    plan->ngroups = n + 1;
    for (size_t i = 0; i <= n; i++) {
        struct xldm__group *g = &plan->groups[i];

        g->name = i ? names[i - 1] : "primary";
        g->primary = !i;
        g->argv.arena = g->claims.arena = &plan->arena;
    }
    return true;
}

static struct xldm__group *group_find(struct xldm_plan *plan,
                                      const char *name)
{
    for (size_t i = 0; i < plan->ngroups; i++)
        if (!strcmp(plan->groups[i].name, name))
            return &plan->groups[i];
    return NULL;
}

struct opinion { /* what the wishes of one group say about it */
    const struct xldm__wish *emulator, *on_crash, *restrict_;
};

/* The first to say it; an error if another one said something else. */
static bool say(struct work *w, const struct xldm__wish **said,
                const struct xldm__wish *wish, bool same, const char *what,
                const char *group)
{
    if (!*said) {
        *said = wish;
        return true;
    }
    if (same)
        return true;
    xldm__error(w->ctx, wish->loc,
                "%s differs from that of another device of group '%s'", what,
                group);
    xldm__note(w->ctx, (*said)->loc, "the other one is here");
    return false;
}

static bool take_opinion(struct work *w, struct xldm__group *g,
                         struct opinion *o, const struct xldm__wish *wish)
{
    const xldm_dm_affinity *a = wish->affinity;
    bool ok = true;

    if (a->emulator) {
        ok &= say(w, &o->emulator, wish,
                  o->emulator &&
                      !strcmp(o->emulator->affinity->emulator, a->emulator),
                  "emulator", g->name);
        g->emulator = o->emulator->affinity->emulator;
    }
    if (a->on_crash && g->primary)
        ok = xldm__error(w->ctx, wish->loc,
                         "onCrash is for other groups than the primary, "
                         "whose end follows the domain's on_crash");
    else if (a->on_crash)
        ok &= say(w, &o->on_crash, wish,
                  o->on_crash &&
                      o->on_crash->affinity->on_crash == a->on_crash,
                  "onCrash", g->name);
    if (o->on_crash)
        g->on_crash = o->on_crash->affinity->on_crash;
    if (a->restrict_)
        ok &= say(w, &o->restrict_, wish,
                  o->restrict_ &&
                      o->restrict_->affinity->restrict_ == a->restrict_,
                  "restrict", g->name);
    g->restricted = !o->restrict_ || o->restrict_->affinity->restrict_ !=
                                         XLDM_RESTRICT_NO;
    return ok;
}

/* What hands out the host's devices needs rights, unless told otherwise. */
static void unrestrict(struct work *w, const struct opinion *opinions)
{
    struct xldm_plan *plan = w->plan;

    for (size_t i = 0; i < plan->ndevices; i++) {
        const struct xldm__planned *d = &plan->devices[i];
        struct xldm__group *g = &plan->groups[d->group - plan->groups];

        if (!d->class->host || g->primary || !g->restricted ||
            opinions[g - plan->groups].restrict_)
            continue;
        g->restricted = false;
        xldm__note(w->ctx, d->loc,
                   "group '%s' is not restricted, for '%s' is a device of "
                   "the host",
                   g->name, d->id);
    }
}

static bool take_opinions(struct work *w)
{
    struct xldm_plan *plan = w->plan;
    struct opinion opinions[XLDM_MAX_GROUPS] = { 0 };
    bool ok = true;

    for (size_t i = 0; i < plan->ngroups; i++)
        plan->groups[i].restricted = i > 0;
    for (size_t i = 0; i < plan->ndevices; i++) {
        const struct xldm__wish *wish = w->devices[i].wish;
        struct xldm__group *g =
            w->controllers[w->devices[i].controller].in;

        plan->devices[i].group = g;
        if (wish && wish->affinity)
            ok &= take_opinion(w, g, &opinions[g - plan->groups], wish);
    }
    for (size_t i = 0; i < w->in->nwishes; i++)
        if (!*w->in->wishes[i].id) /* about the primary as a whole */
            ok &= take_opinion(w, &plan->groups[0], &opinions[0],
                               &w->in->wishes[i]);
    unrestrict(w, opinions);
    if (opinions[0].restrict_ && plan->groups[0].restricted)
        xldm__note(w->ctx, opinions[0].restrict_->loc,
                   "restrict has no effect on the primary, which libxl's "
                   "dm_restrict rules");
    plan->groups[0].restricted = false;
    return ok;
}

/* A description's device must be what it says; in a map, which is older than
 * the command line, it may be gone. */
static bool unmatched(struct work *w, const struct xldm__wish *wish)
{
    if (has_group(wish))
        xldm__note(w->ctx, wish->loc,
                   "no QEMU emulates '%s': its group '%s' has no effect",
                   wish->id, wish->affinity->group);
    if (!wish->pin)
        return true;
    if (wish->class && !wish->class->joins)
        return xldm__error(w->ctx, wish->pin_loc,
                           "'%s' takes no PCI address: no QEMU emulates it",
                           wish->id);
    xldm__note(w->ctx, wish->pin_loc,
               "no QEMU emulates '%s': its PCI address has no effect",
               wish->id);
    return true;
}

static bool report_unmatched(struct work *w)
{
    bool ok = true;

    for (size_t i = 0; i < w->in->nwishes; i++) {
        const struct xldm__wish *wish = &w->in->wishes[i];
        size_t d = 0;

        if (!*wish->id || (!has_group(wish) && !wish->pin))
            continue;
        while (d < w->plan->ndevices && w->devices[d].wish != wish)
            d++;
        if (d == w->plan->ndevices)
            ok &= unmatched(w, wish);
    }
    return ok;
}

bool xldm__split_groups(struct work *w)
{
    bool ok = apply_wishes(w);

    ok &= report_unmatched(w);
    follow(w);
    for (size_t i = 0; i < w->ncontrollers; i++)
        xldm__split_root(w, i)->has_device |= w->controllers[i].has_device;
    for (size_t i = 0; i < w->ncontrollers; i++)
        if (w->controllers[i].with == NONE && !w->controllers[i].group)
            w->controllers[i].group = isolated(w, &w->controllers[i]);
    for (size_t i = 0; i < w->ncontrollers; i++)
        w->controllers[i].group = xldm__split_root(w, i)->group;
    if (!make_groups(w))
        return false;
    for (size_t i = 0; i < w->ncontrollers; i++)
        w->controllers[i].in =
            group_find(w->plan, w->controllers[i].group);
    return take_opinions(w) && ok;
}
