/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One state of several QEMUs, and back.  (save.c, restore.c; container.c has
 * its form) */
#ifndef XLDM_RUN_SAVE_H
#define XLDM_RUN_SAVE_H

#include "run/dm.h"

/* The answer to xen-save-devices-state: libxl's file has the states of all
 * QEMUs, or nothing.  Only outside callbacks. */
json_t *save_devices(struct dm *dm, const json_t *arguments);

/*
 * dm->incoming, libxl's "fd:N", taken apart: each QEMU's part in its state,
 * to be spawned with, and what the guest has said to all in dm->said.  Does
 * nothing for a domain that starts.  Reports.
 */
bool restore_read(struct dm *dm);

/* Is that the state of several QEMUs?  For a domain that has one. */
bool restore_is_split(const char *incoming);

/* n bytes of from, from first on, to where to stands.  false: errno tells. */
bool save_copy(int to, int from, uint64_t first, uint64_t n);

#endif
