/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keeper: pid 1 of the namespace that all QEMUs live in. */
#ifndef XLDM_RUN_KEEPER_H
#define XLDM_RUN_KEEPER_H

#include "run/dm.h"

/* Makes dm->rundir and the keeper that removes it. */
bool keeper_start(struct dm *dm);

/* Kills what is left of the QEMUs, removes the folder.  Returns when done. */
void keeper_stop(struct dm *dm);

/* Between these two a new process is born into the keeper's namespace.  The
 * way back matters: there, no thread could be made. */
bool keeper_enter(struct dm *dm);
void keeper_leave(struct dm *dm);

#endif
