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
    ROUTE_PLUG,   /* the QEMU that is to have it; plug.c */
    ROUTE_FDSET,  /* kept until a command names it; fdset.c */
    ROUTE_LINE,   /* as the line in it says; hmp.c */
    ROUTE_MERGE,  /* every QEMU, the lists put together */
    ROUTE_QUIT,   /* xldm-dm itself */
    ROUTE_OWN,    /* the same, by the table of query.c */
    ROUTE_REFUSE, /* would do harm to a split domain */
};

/* Adds the list that a group's QEMU answered to the common one. */
typedef void route_add_fn(const struct xldm_plan *plan, size_t group,
                          json_t *into, json_t *list);

struct route_rule {
    const char *command;
    enum route route;
    route_add_fn *add; /* ROUTE_MERGE */
    enum route_form {
        ROUTE_AS_IT_IS,
        ROUTE_TEXT, /* the common list has pieces of one text */
        ROUTE_SORTED_TEXT,
    } form;
    /* What counts for a QEMU to come, too. */
    enum route_lasting {
        ROUTE_PASSES,
        ROUTE_RUNS,
        ROUTE_STANDS,
        ROUTE_SWITCHES, /* on, or off: the argument "enable" says it */
        /* ... of the same group: kept.c */
        ROUTE_ADDS,
        ROUTE_REMOVES,
        ROUTE_CHANGES, /* a drive's medium; the last one counts */
    } lasting;
};

#define ROUTE_TO_ALL(name, lasts)                                              \
    {                                                                          \
        .command = name, .route = ROUTE_ALL, .lasting = lasts                  \
    }
#define ROUTE_TO_ONE(name, lasts)                                              \
    {                                                                          \
        .command = name, .route = ROUTE_DEVICE, .lasting = lasts               \
    }
#define ROUTE_MERGED(name, fn, how)                                            \
    {                                                                          \
        .command = name, .route = ROUTE_MERGE, .add = fn, .form = how          \
    }

/* The QMP socket between xldm-dm and each QEMU, nobody else's business. */
#define OWN_CHARDEV "xldm"

/* A device that was plugged in, or out, while the domain ran. */
struct plugged {
    struct plugged *next;
    size_t group;
    bool out; /* one of the start, which has left */
    int devfn;       /* on PCI bus 0; -1: not there */
    char device[64]; /* its name in the plan, or "" */
    char id[];
};

/* Where names are looked up. */
struct route_names {
    const struct xldm_plan *plan;
    const struct plugged *plugged;
};

/* NULL: not in the table, as good as ROUTE_PRIMARY */
const struct route_rule *route_find(const char *command);

/* Of a line to the human monitor.  ROUTE_DEVICE: device, of size bytes, is the
 * word that might name one. */
const struct route_rule *route_line(const char *line, char *device,
                                    size_t size);

/* Bit i: plan->groups[i] is to be asked. */
unsigned route_groups(const struct route_names *names, enum route route,
                      const json_t *arguments);

/* The group whose QEMU has a device, drive or backend of this name; false:
 * none has. */
bool route_device(const struct route_names *names, const char *name,
                  size_t *group);

/* Has a QEMU of this group something of that name since its start? */
bool route_started(const struct xldm__group *group, const char *name);

/*
 * The group whose QEMU is to have the device that device_add describes; the
 * primary's if nothing says another.  slot: it sits on the PCI bus, and its
 * place there is still to be chosen.  device: its name in the plan, or NULL.
 */
struct route_plug {
    size_t group;
    bool slot;
    int devfn; /* the place it sits on; -1: none on PCI bus 0, or not yet */
    const char *device;
};
struct route_plug route_plug(const struct xldm_plan *plan,
                             const json_t *arguments);

/* Is a PCI function that the group's QEMU shows the guest's?  Every QEMU has
 * the platform's; the one that answers there knows it best. */
bool route_function(const struct xldm_plan *plan, size_t group,
                    unsigned devfn);

/* The lowest slot of PCI bus 0 that is free, as QEMU takes it; -1: none.
 * buses: what query-pci returned of all QEMUs together. */
int route_slot(json_t *buses);

/* Does the event of a QEMU concern libxl?  Those of the whole machine count
 * once, when the primary has them. */
bool route_event(const char *event, bool primary);

#endif
