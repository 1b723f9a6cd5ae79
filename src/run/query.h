/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP commands that xldm-dm answers itself; doc/json.md has what they say. */
#ifndef XLDM_RUN_QUERY_H
#define XLDM_RUN_QUERY_H

#include "run/dm.h"

/* The reply, {"return": ...} or {"error": ...}; a new reference, or NULL when
 * out of memory.  arguments: an object or NULL.  A command of the table of
 * route.c, at ROUTE_OWN. */
json_t *own_command(struct dm *dm, const char *command,
                    const json_t *arguments);

#endif
