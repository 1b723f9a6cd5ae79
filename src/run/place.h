/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A place that x-xldm-place has made for a device.  (place.c, for grow.c) */
#ifndef XLDM_RUN_PLACE_H
#define XLDM_RUN_PLACE_H

#include "run/dm.h"

struct place {
    struct place *next;
    char *device, *words; /* "group=device,!word=value", of the map */
    uint64_t since;       /* it waits for the device, in uv_now()'s ms */
    bool plugged;
    bool lost; /* with its QEMU: it may come again */
    bool gone; /* it was plugged out, or never in */
};

/* Points to NULL: there is none. */
struct place **place_find(struct dm *dm, const char *device);
bool place_add(struct dm *dm, const json_t *arguments);
void place_drop(struct place **at);

/* libxl's map with the places; malloc'ed, or NULL. */
char *place_map(const struct dm *dm);
/* Of the plan; NULL: it has no such device. */
const struct xldm__planned *place_planned(const struct dm *dm,
                                          const char *device);
/* What the group is now it stays, though the device leaves that made it so:
 * its QEMU cannot be another while it runs. */
void place_settle(struct dm *dm, struct place *place);

#endif
