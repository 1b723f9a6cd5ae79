/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The splitter: runs its steps, and writes one command line a group. */
#include <stdlib.h>
#include <string.h>
#include "dm/split.h"

static void add_option(struct xldm__argv *argv, const struct xldm__option *o)
{
    xldm__argv_add(argv, o->name);
    if (o->value)
        xldm__argv_add(argv, o->value);
}

/* A -device on PCI says its slot: alone in its QEMU, or beside a pinned one,
 * it would get another. */
static void add_placed(struct xldm__argv *argv, const struct work_item *item)
{
    if (item->devfn < 0 || item->pinned) {
        add_option(argv, &item->option);
        return;
    }
    xldm__argv_add(argv, item->option.name);
    xldm__argv_addf(argv, "%s,addr=0x%x", item->option.value,
                    (unsigned)item->devfn >> 3);
}

static void add_loading(struct xldm__argv *argv, const struct work_item *item)
{
    xldm__argv_add(argv, item->option.name);
    xldm__argv_addf(argv, "%s%s", item->option.value, item->part.loading);
}

static void add_common(struct work *w, const struct work_item *item)
{
    const struct xldm__option *o = &item->option;

    for (size_t i = 0; i < w->plan->ngroups; i++) {
        struct xldm__group *g = &w->plan->groups[i];

        if (xldm__option_is(o, "S", NULL))
            continue; /* every one gets it below */
        if (i && xldm__option_is(o, "name", NULL)) {
            xldm__argv_add(&g->argv, o->name);
            xldm__argv_addf(&g->argv, "%s-%s", o->value, g->name);
        } else if (i && xldm__option_is(o, "m", NULL)) {
            xldm__argv_add(&g->argv, o->name);
            xldm__argv_addf(&g->argv, "%llu",
                            (unsigned long long)g->memory_mib);
        } else {
            add_option(&g->argv, o);
        }
    }
}

/* libxl's sockets are ours to serve: each QEMU gets one to us instead. */
static void keep_link(struct xldm_plan *plan, const struct xldm__option *o)
{
    if (xldm__option_is(o, "chardev", NULL) &&
        plan->nlinks < sizeof(plan->links) / sizeof(*plan->links))
        plan->links[plan->nlinks++] = o->value;
}

static void add_words(struct xldm__argv *argv, const char *const *words,
                      size_t n)
{
    while (n--)
        xldm__argv_add(argv, *words++);
}

/* QEMU 9 has no -chroot any more. */
static const struct sandbox {
    struct xldm__versions libxl;
    const char *words[5];
} sandboxes[] = {
    { XLDM__BELOW(XLDM_LIBXL_4_20),
      { "-xen-domid-restrict", "-chroot", "@ROOT@", "-runas", "@RUNAS@" } },
    { XLDM__FROM(XLDM_LIBXL_4_20),
      { "-xen-domid-restrict", "-run-with", "chroot=@ROOT@", "-run-with",
        "user=@RUNAS@" } },
};

static void add_sandbox(struct xldm__argv *argv, enum xldm_libxl libxl)
{
    for (size_t i = 0; i < sizeof(sandboxes) / sizeof(*sandboxes); i++)
        if (xldm__version_in(libxl, sandboxes[i].libxl))
            add_words(argv, sandboxes[i].words, 5);
}

static void add_endings(struct xldm__group *g, bool has_vnc,
                        enum xldm_libxl libxl)
{
    static const char *const ours[] = {
        "-S", "-chardev", "socket,id=xldm,fd=@FD@",
        "-mon", "chardev=xldm,mode=control",
    }, *const no_display[] = { "-vnc", "none" };

    add_words(&g->argv, ours, sizeof(ours) / sizeof(*ours));
    if (!has_vnc)
        add_words(&g->argv, no_display, 2);
    if (g->restricted)
        add_sandbox(&g->argv, libxl);
}

void xldm__split_argv(struct work *w)
{
    struct xldm_plan *plan = w->plan;
    bool has_vnc[XLDM_MAX_GROUPS] = { false };

    for (size_t i = 0; i < plan->ngroups; i++) {
        if (!plan->groups[i].emulator)
            plan->groups[i].emulator = w->in->emulator;
        xldm__argv_add(&plan->groups[i].argv, plan->groups[i].emulator);
    }
    for (size_t i = 0; i < w->nitems; i++)
        w->loads |= xldm__option_is(&w->items[i].option, "incoming", NULL);
    for (size_t i = 0; i < w->nitems; i++) {
        const struct work_item *item = &w->items[i];
        struct xldm__group *g = item->controller == NONE
                                    ? &plan->groups[0]
                                    : w->controllers[item->controller].in;

        if (plan->ngroups == 1)
            plan->pinned ? add_placed(&g->argv, item)
                         : add_option(&g->argv, &item->option);
        else if (item->part.owner == XLDM__LINK)
            keep_link(plan, &item->option);
        else if (item->part.owner == XLDM__COMMON)
            add_common(w, item);
        else if (w->loads && g->restricted && item->part.loading)
            add_loading(&g->argv, item);
        else
            add_placed(&g->argv, item);
        has_vnc[g - plan->groups] |=
            xldm__option_is(&item->option, "vnc", NULL);
    }
    for (size_t i = 0; plan->ngroups > 1 && i < plan->ngroups; i++)
        add_endings(&plan->groups[i], has_vnc[i], w->ctx->libxl);
}

struct xldm_plan *xldm__plan_split(struct xldm_ctx *ctx,
                                   const struct xldm__split *in)
{
    struct xldm_plan *plan = calloc(1, sizeof(*plan));
    struct work w = { .ctx = ctx, .in = in, .plan = plan,
                      .below_4g = 0xf0000000 };
    bool ok;

    if (!plan) {
        xldm__oom(ctx);
        return NULL;
    }
    plan->domain = xldm__strdup(&plan->arena, in->domain ? in->domain : "");
    ok = xldm__split_classify(&w);
    if (ok) { /* neither needs the other: the errors of both */
        ok = xldm__split_slots(&w);
        ok &= xldm__split_groups(&w);
    }
    ok = ok && xldm__split_claims(&w);
    if (ok) {
        xldm__split_windows(&w);
        xldm__split_argv(&w);
    }
    if (plan->arena.failed)
        ok = xldm__oom(ctx);
    if (ok)
        return plan;
    xldm_plan_free(plan);
    return NULL;
}

void xldm_plan_free(struct xldm_plan *plan)
{
    if (!plan)
        return;
    xldm__arena_dispose(&plan->arena);
    xldm__arena_dispose(&plan->source);
    free(plan);
}
