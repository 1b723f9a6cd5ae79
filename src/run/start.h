/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between start.c and main.c. */
#ifndef XLDM_RUN_START_H
#define XLDM_RUN_START_H

#include "run/dm.h"

/* Ends what dm_start() began, however far that came. */
void dm_teardown(struct dm *dm);

#endif
