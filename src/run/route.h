/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which QEMUs a QMP command is for, and one reply out of several.  Pure. */
#ifndef XLDM_RUN_ROUTE_H
#define XLDM_RUN_ROUTE_H

#include <jansson.h>
#include "dm/plan.h"

enum route {
    ROUTE_PRIMARY,
    ROUTE_ALL,    /* every secondary, and when all did it the primary */
    ROUTE_UI,     /* the QEMU with the display */
    ROUTE_DEVICE, /* the QEMU with the device that an argument names */
    ROUTE_MERGE,  /* every QEMU, the lists put together */
    ROUTE_QUIT,   /* xldm-dm itself */
    ROUTE_REFUSE, /* would do harm to a split domain */
};

/* Adds the list that a group's QEMU answered to the common one. */
typedef void route_add_fn(const struct xldm_plan *plan, size_t group,
                          json_t *into, json_t *list);

struct route_rule {
    const char *command;
    enum route route;
    route_add_fn *add; /* ROUTE_MERGE */
};

/* NULL: not in the table, as good as ROUTE_PRIMARY */
const struct route_rule *route_find(const char *command);

/* Bit i: plan->groups[i] is to be asked. */
unsigned route_groups(const struct xldm_plan *plan, enum route route,
                      const json_t *arguments);

/* Index of the group whose QEMU has a device, drive or backend of this
 * name; 0 if none has. */
size_t route_device(const struct xldm_plan *plan, const char *name);

/* Does the event of a QEMU concern libxl?  Those of the whole machine count
 * once, when the primary has them. */
bool route_event(const char *event, bool primary);

#endif
