/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitter, step 3: what each group answers, and where its RAM blocks are. */
#include <stdlib.h>
#include <string.h>
#include "dm/split.h"

#define MIB (1ull << 20)
#define RANGES_A_SERVER 256 /* xen/include/xen/ioreq.h, MAX_NR_IO_RANGES */

static struct xldm__group *item_group(struct work *w,
                                      const struct work_item *item)
{
    return item->controller == NONE
               ? &w->plan->groups[0]
               : w->controllers[item->controller].in;
}

static bool claim(struct work *w, struct xldm__group *g, struct xldm_range r,
                  const char *what)
{
    for (size_t i = 0; i < w->plan->ngroups; i++) {
        struct xldm__group *other = &w->plan->groups[i];

        if (other != g && xldm__ranges_meet(&other->claims, r))
            return xldm__error(w->ctx, XLDM__NONE,
                               "%s of group '%s' wants %s 0x%llx-0x%llx, "
                               "which group '%s' already answers",
                               what, g->name,
                               r.space == XLDM_PORT     ? "ports"
                               : r.space == XLDM_MEMORY ? "memory"
                                                        : "PCI functions",
                               (unsigned long long)r.first,
                               (unsigned long long)r.last, other->name);
    }
    xldm__ranges_add(&g->claims, r);
    return true;
}

static bool claim_all(struct work *w, struct xldm__group *g,
                      const struct xldm__claim *c, const char *what)
{
    bool ok = true;

    for (; c && c->source; c++)
        ok &= claim(w, g, (struct xldm_range){ c->space, c->first, c->last },
                    what);
    return ok;
}

/* With one QEMU there is nobody else to tell. */
static bool claim_broadcast(struct work *w, const struct xldm__claim *c,
                            const char *what)
{
    struct xldm__ranges *set = &w->plan->broadcast;

    if (w->plan->ngroups == 1)
        return claim_all(w, &w->plan->groups[0], c, what);
    set->arena = &w->plan->arena;
    for (; c && c->source; c++)
        xldm__ranges_add(set,
                         (struct xldm_range){ c->space, c->first, c->last });
    return true;
}

static bool within_limits(struct work *w, const struct xldm__group *g)
{
    size_t n[3] = { 0 };

    for (size_t i = 0; i < g->claims.n; i++)
        n[g->claims.v[i].space]++;
    for (size_t i = 0; i < 3; i++)
        if (n[i] > RANGES_A_SERVER)
            return xldm__error(w->ctx, XLDM__NONE,
                               "group '%s' answers %zu ranges of one kind; "
                               "Xen takes %d of a QEMU",
                               g->name, n[i], RANGES_A_SERVER);
    return true;
}

bool xldm__split_claims(struct work *w)
{
    struct xldm_plan *plan = w->plan;
    bool ok = true;

    for (size_t i = 0; i < w->ncontrollers; i++) {
        const struct work_controller *c = &w->controllers[i];

        ok &= claim_all(w, c->in, c->row ? c->row->claims : NULL, c->name);
    }
    for (size_t i = 0; i < w->nitems; i++) {
        const struct work_item *item = &w->items[i];
        struct xldm__group *g = item_group(w, item);
        uint64_t fn = item->devfn;

        ok &= claim_all(w, g, item->part.claims, item->option.name);
        ok &= claim_broadcast(w, item->part.broadcast, item->option.name);
        if (item->devfn >= 0)
            ok &= claim(w, g, (struct xldm_range){ XLDM_PCI, fn, fn },
                        item->option.value);
        if (item->devfn >= 0 && item->device != NONE)
            plan->devices[item->device].devfn = item->devfn;
        if (item->part.claims && item->device != NONE)
            plan->devices[item->device].claims[1] = item->part.claims;
    }
    for (size_t d = 0; d < plan->ndevices; d++) {
        const struct work_controller *c =
            &w->controllers[w->devices[d].controller];

        if (plan->devices[d].devfn < 0)
            plan->devices[d].devfn = c->devfn;
        plan->devices[d].claims[0] = c->row ? c->row->claims : NULL;
    }
    for (size_t i = 0; i < plan->ngroups; i++)
        ok &= within_limits(w, &plan->groups[i]);
    return ok;
}

/* QEMU's xen_ram_init(): RAM blocks other than guest RAM come after it, and
 * guest RAM that reaches the hole goes on at 4 GiB. */
static uint64_t ram_end(const struct work *w, uint64_t mib)
{
    uint64_t bytes = mib * MIB;

    return bytes > w->below_4g ? 4096 * MIB + bytes - w->below_4g : bytes;
}

/*
 * VRAM and option ROMs become guest pages right behind what a QEMU takes for
 * guest RAM, its -m.  Each further QEMU gets a larger -m, so that no two
 * windows meet (FACTS.md, section 3).  A window that would reach into the
 * MMIO hole moves above 4 GiB.
 */
void xldm__split_windows(struct work *w)
{
    struct xldm_plan *plan = w->plan;
    uint64_t mib = w->memory_mib;

    for (size_t i = 0; i < w->nitems; i++)
        item_group(w, &w->items[i])->ram_size += w->items[i].part.ram;
    for (size_t i = 0; i < plan->ngroups; i++) {
        struct xldm__group *g = &plan->groups[i];

        g->ram_size = (g->ram_size + MIB - 1) / MIB * MIB;
        if (i && g->ram_size && mib * MIB <= w->below_4g &&
            mib * MIB + g->ram_size > w->below_4g)
            mib = w->below_4g / MIB + 1;
        g->ram_first = ram_end(w, g->ram_size ? mib : w->memory_mib);
        g->memory_mib = g->ram_size ? mib : w->memory_mib;
        mib += g->ram_size / MIB;
    }
}
