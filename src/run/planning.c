/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan of the domain at hand, and how one takes the place of another. */
#include <stdlib.h>
#include <string.h>

#include "run/dm.h"

struct planning {
    struct xldm__arena arena; /* of the wishes */
    struct xldm_plan *plan;
};

struct planning *planning_new(struct xldm_ctx *ctx, const struct origin *origin,
                              const char *map)
{
    struct planning *p = calloc(1, sizeof(*p));
    struct xldm__split split = { .domain = origin->domain,
                                 .argv = origin->argv,
                                 .argc = origin->argc,
                                 .emulator = XLDM_QEMU };
    struct xldm__wish *wishes = NULL;

    if (!p) {
        xldm__oom(ctx);
        return NULL;
    }
    if (!map || xldm__map_read(ctx, &p->arena, map, XLDM__MAP_OPTION,
                               XLDM__NONE, &wishes, &split.nwishes)) {
        split.wishes = wishes;
        p->plan = xldm__plan_split(ctx, &split);
    }
    if (p->plan)
        return p;
    planning_free(p);
    return NULL;
}

void planning_free(struct planning *p)
{
    if (!p)
        return;
    xldm_plan_free(p->plan);
    xldm__arena_dispose(&p->arena);
    free(p);
}

const struct xldm_plan *planning_plan(const struct planning *p)
{
    return p->plan;
}

/* ----------------------------------------------------- one for another ---- */

static size_t index_of(const struct xldm_plan *plan, const char *name)
{
    size_t i = 0;

    while (i < plan->ngroups && strcmp(plan->groups[i].name, name))
        i++;
    return i;
}

static bool same_argv(const struct xldm__argv *a, const struct xldm__argv *b)
{
    size_t i = 0;

    while (i < a->n && i < b->n && !strcmp(a->v[i], b->v[i]))
        i++;
    return i == a->n && i == b->n;
}

/* A QEMU that runs cannot be given other arguments. */
static bool keeps(struct dm *dm, const struct xldm_plan *to)
{
    bool ok = true;
    size_t i, k;

    for (i = 0; i < dm->nqemus; i++) {
        const struct xldm__group *g = dm->qemus[i].group;

        k = index_of(to, g->name);
        if (k < to->ngroups && !dm->qemus[i].ended &&
            !same_argv(&g->argv, &to->groups[k].argv))
            ok = xldm__error(dm->ctx, XLDM__NONE,
                             "group '%s' runs and would have to be another",
                             g->name);
    }
    return ok;
}

/* Where each group of to comes to stand: where it is, or in an empty place.
 * One whose QEMU runs is not empty, though to has it no more. */
static bool find_places(const struct dm *dm, const struct xldm_plan *to,
                        size_t *at, unsigned *fresh)
{
    unsigned taken = 0;
    size_t i, k;

    *fresh = 0;
    for (k = 0; k < to->ngroups; k++)
        at[k] = XLDM_MAX_GROUPS;
    for (i = 0; i < dm->nqemus; i++) {
        k = index_of(to, dm->qemus[i].group->name);
        if (k < to->ngroups)
            at[k] = i;
        if (k < to->ngroups || !dm->qemus[i].ended)
            taken |= 1u << i;
        if (k < to->ngroups && dm->qemus[i].ended)
            *fresh |= 1u << i;
    }
    for (k = 0; k < to->ngroups; k++) {
        if (at[k] < XLDM_MAX_GROUPS)
            continue;
        for (i = 0; taken & 1u << i; i++)
            ;
        if (i == XLDM_MAX_GROUPS)
            return xldm__error(dm->ctx, XLDM__NONE,
                               "no place is left for group '%s'",
                               to->groups[k].name);
        at[k] = i;
        taken |= 1u << i;
        *fresh |= 1u << i;
    }
    return true;
}

static void leave_empty(struct xldm_plan *to, struct xldm__group *g,
                        const char *name)
{
    *g = (struct xldm__group){ .name = xldm__strdup(&to->arena, name),
                               .emulator = "" };
    g->argv.arena = g->claims.arena = &to->arena;
}

static void rearrange(struct dm *dm, struct xldm_plan *to, const size_t *at)
{
    struct xldm__group groups[XLDM_MAX_GROUPS];
    size_t n = dm->nqemus, i, k, d;

    for (k = 0; k < to->ngroups; k++)
        if (at[k] >= n)
            n = at[k] + 1;
    for (i = 0; i < dm->nqemus; i++)
        leave_empty(to, &groups[i], dm->qemus[i].group->name);
    for (k = 0; k < to->ngroups; k++)
        groups[at[k]] = to->groups[k];
    for (d = 0; d < to->ndevices; d++) {
        k = (size_t)(to->devices[d].group - to->groups);
        to->devices[d].group = &to->groups[at[k]];
    }
    memcpy(to->groups, groups, n * sizeof(*groups));
    to->ngroups = n;
}

bool planning_use(struct planning *p, struct dm *dm, unsigned *fresh)
{
    size_t at[XLDM_MAX_GROUPS], i;

    if (!keeps(dm, p->plan) || !find_places(dm, p->plan, at, fresh))
        return false;
    rearrange(dm, p->plan, at);
    if (p->plan->arena.failed)
        return xldm__oom(dm->ctx);
    for (i = 0; i < p->plan->ngroups; i++) {
        struct qemu *q = &dm->qemus[i];

        if (*fresh & 1u << i)
            *q = (struct qemu){ .dm = dm, .server = -1 };
        q->group = &p->plan->groups[i];
    }
    dm->nqemus = p->plan->ngroups;
    dm->plan = p->plan;
    planning_free(dm->planning);
    dm->planning = p;
    return true;
}
