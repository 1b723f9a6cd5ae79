/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What of the real xenstore a QEMU sees in place of an empty one: a group that
 * is not restricted serves the PV halves of its own devices, whose nodes are
 * then hidden from the primary.
 */
#ifndef XLDM_RUN_NODES_H
#define XLDM_RUN_NODES_H

#include <stdbool.h>
#include <stdint.h>
#include "dm/plan.h"

/* Has the plan a group that serves?  Else the primary needs no view. */
bool nodes_shared(const struct xldm_plan *plan);

/* Is the node at path the real one for this group's QEMU?  type: of
 * <xen/io/xs_wire.h>.  path: without a leading '/' it is dom0's. */
bool nodes_are_real(const struct xldm_plan *plan, uint32_t domid,
                    const struct xldm__group *group, uint32_t type,
                    const char *path);

#endif
