/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the steps of the splitter share while they work. */
#ifndef XLDM_SPLIT_H
#define XLDM_SPLIT_H

#include "dm/plan.h"

struct work_controller {
    const char *name;
    const struct xldm__class *class;
    const struct xldm__controller *row; /* its claims; NULL: has none fixed */
    const char *group;                  /* name; NULL: not yet known */
    struct xldm_loc loc;                /* who named the group */
    bool has_device;
    int devfn;
    size_t with; /* a controller whose group this one shares; NONE */
    struct xldm__group *in;
};

struct work_item { /* one option of the unsplit command line */
    struct xldm__option option;
    struct xldm__part part;
    const struct xldm__class *class;
    size_t controller;    /* index; NONE: none */
    size_t device;        /* likewise, of the plan's devices */
    bool pinned;          /* its addr= is in the command line already */
    int devfn;            /* -1: no PCI device */
};

struct work {
    struct xldm_ctx *ctx;
    const struct xldm__split *in;
    struct xldm_plan *plan;
    struct work_item *items;
    size_t nitems, items_cap;
    struct work_controller *controllers;
    size_t ncontrollers, controllers_cap;
    struct work_device {
        size_t controller;
        const struct xldm__wish *wish;
    } *devices; /* beside plan->devices */
    size_t devices_cap, planned_cap;
    uint64_t memory_mib;       /* -m */
    bool loads;                /* a saved state: -incoming */
    uint64_t below_4g;         /* guest RAM ends here, or goes on at 4 GiB */
};

#define NONE ((size_t)-1)

/* The one of those that share a group which speaks for all. */
struct work_controller *xldm__split_root(struct work *w, size_t controller);

bool xldm__split_classify(struct work *w); /* options, devices, controllers */
bool xldm__split_slots(struct work *w);    /* PCI functions, slots.c */
bool xldm__split_groups(struct work *w);   /* who is with whom */
bool xldm__split_claims(struct work *w);   /* who answers what */
void xldm__split_windows(struct work *w);  /* RAM blocks side by side */
void xldm__split_argv(struct work *w);     /* a command line each */

#endif
