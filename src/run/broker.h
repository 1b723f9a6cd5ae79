/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The broker: an ioreq server of xldm-dm's own, with the ports where a guest
 * tells its machine to unplug the emulated disks and network cards.  Every
 * QEMU has to hear that.  (broker.c; access.c decides)
 */
#ifndef XLDM_RUN_BROKER_H
#define XLDM_RUN_BROKER_H

#include "run/dm.h"

/* Once all QEMUs are trimmed.  Does nothing if the plan has no such ports. */
bool broker_start(struct dm *dm);
/* What vCPUs wait for reads all-ones. */
void broker_stop(struct dm *dm);

/* A bit for its ioreq server, as dm_servers(). */
unsigned broker_servers(const struct dm *dm);

/* For code that keeps the loop waiting: Xen's broadcasts get their answer. */
void broker_look(struct dm *dm);

/*
 * What the guest has unplugged, once more: for a QEMU that was started later,
 * while the domain is paused and before its vCPUs may reach that QEMU, or the
 * guest would see a disk twice.  Only outside callbacks.  Reports.
 */
bool broker_replay(struct qemu *q);

/*
 * For a domain that is restored, once its QEMUs have loaded.  No state tells
 * what was unplugged: such a device is not in it, and the new QEMU has it anew
 * until the guest unplugs again, which some do only after they have looked.
 * GPE0 is in each state, and is only remembered: a write would set the SCI.
 * Does nothing at a start.  Only outside callbacks.  Reports.
 */
bool broker_restore(struct dm *dm);

/*
 * The primary's answer to query-pci: where the BAR is through which drivers
 * of before 2009 unplug.  Only the guest says where, and to the primary, so it
 * is asked again and again.
 */
void broker_see_pci(struct dm *dm, json_t *reply);

/* Has the guest unplugged anything? */
bool broker_unplugged(const struct dm *dm);

#endif
