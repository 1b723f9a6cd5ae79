/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan as C programs see it. */
#include "dm/plan.h"

static const struct xldm__group *in(const struct xldm_group *group)
{
    return (const struct xldm__group *)(const void *)group;
}

static const struct xldm__planned *of(const struct xldm_planned *dev)
{
    return (const struct xldm__planned *)(const void *)dev;
}

size_t xldm_plan_groups(const struct xldm_plan *plan)
{
    return plan->ngroups;
}

const struct xldm_group *xldm_plan_group(const struct xldm_plan *plan,
                                         size_t i)
{
    return i < plan->ngroups ? (const void *)&plan->groups[i] : NULL;
}

const char *xldm_group_name(const struct xldm_group *group)
{
    return in(group)->name;
}

bool xldm_group_is_primary(const struct xldm_group *group)
{
    return in(group)->primary;
}

bool xldm_group_is_restricted(const struct xldm_group *group)
{
    return in(group)->restricted;
}

enum xldm_on_crash xldm_group_on_crash(const struct xldm_group *group)
{
    return in(group)->on_crash;
}

const char *xldm_group_emulator(const struct xldm_group *group)
{
    return in(group)->emulator;
}

const char *const *xldm_group_argv(const struct xldm_group *group)
{
    return in(group)->argv.v;
}

const struct xldm_range *xldm_group_ranges(const struct xldm_group *group,
                                           size_t *num)
{
    *num = in(group)->claims.n;
    return in(group)->claims.v;
}

size_t xldm_plan_devices(const struct xldm_plan *plan)
{
    return plan->ndevices;
}

const struct xldm_planned *xldm_plan_device(const struct xldm_plan *plan,
                                            size_t i)
{
    return i < plan->ndevices ? (const void *)&plan->devices[i] : NULL;
}

const char *xldm_planned_kind(const struct xldm_planned *dev)
{
    return of(dev)->class->kind;
}

const char *xldm_planned_id(const struct xldm_planned *dev)
{
    return of(dev)->id;
}

const struct xldm_group *xldm_planned_group(const struct xldm_planned *dev)
{
    return (const void *)of(dev)->group;
}

int xldm_planned_pci(const struct xldm_planned *dev)
{
    return of(dev)->devfn;
}

struct xldm_loc xldm_planned_loc(const struct xldm_planned *dev)
{
    return of(dev)->loc;
}
