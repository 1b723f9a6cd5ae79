/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is the domain still there?  (end.c, for watch.c) */
#ifndef XLDM_RUN_WATCH_H
#define XLDM_RUN_WATCH_H

#include "run/dm.h"

struct domain_watch;

/* Calls dm_stop() when the domain or its device-model node goes.  NULL:
 * reported. */
struct domain_watch *domain_watch_new(struct dm *dm);
void domain_watch_free(struct domain_watch *watch);

#endif
