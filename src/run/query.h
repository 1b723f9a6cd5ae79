/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP commands that xldm-dm answers itself; doc/json.md has what our own
 * ones say. */
#ifndef XLDM_RUN_QUERY_H
#define XLDM_RUN_QUERY_H

#include "run/dm.h"

/* The reply, {"return": ...} or {"error": ...}; a new reference, or NULL when
 * out of memory.  arguments: an object or NULL. */
typedef json_t *own_fn(struct dm *dm, const json_t *arguments);

struct own_command {
    const char *command;
    own_fn *answer;
    bool waits; /* for a QEMU: only outside callbacks */
};

/* A command of the table of route.c, at ROUTE_OWN. */
const struct own_command *own_command(const char *command);

#endif
