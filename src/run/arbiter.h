/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between arbiter.c and learn.c, which talk to Xen, and claims.c, which asks
 * QEMU. */
#ifndef XLDM_RUN_ARBITER_H
#define XLDM_RUN_ARBITER_H

#include "run/dm.h"
#include "run/flatview.h"

/* What a QEMU says that it answers, whatever Xen sends it. */
struct held {
    struct xldm__ranges all;
    struct xldm__ranges bars; /* of its group's functions, where programmed */
    struct ramblock *blocks;
    size_t nblocks, cap;
    struct xldm__arena *arena;
    struct qmp_wait *view, *pci, *ramblock; /* asked, not yet taken */
};

/* "ports 0x1f0-0x1f7" */
const char *range_text(struct xldm_range r, char *buf, size_t size);

/* What of a and b overlaps is added to both. */
void ranges_overlap(const struct xldm__ranges *a, const struct xldm__ranges *b,
                    struct xldm__ranges *both);
/* a without b is added to rest. */
void ranges_without(const struct xldm__ranges *a, const struct xldm__ranges *b,
                    struct xldm__ranges *rest);

/* Every QEMU is asked before the first answer is waited for; what was asked
 * must be read. */
void held_ask(struct qemu *q, struct held *held);
bool held_read(struct qemu *q, struct held *held, struct xldm__arena *arena);

/*
 * held: one for each of dm->qemus; those of dead ones are empty.  Only fresh
 * ones are held against the plan: of the others the guest may have unplugged
 * devices.
 */
bool held_check(struct dm *dm, const struct held *held, const bool *fresh);

/* learn.c: takes a range off a server; of PCI functions the first.  false:
 * errno tells, and ENOENT that the server does not hold it. */
bool server_unmap(struct dm *dm, ioservid_t id, struct xldm_range r);

/* The server of each fresh one, while the vCPUs stand. */
bool servers_learn(struct dm *dm, const struct held *held, const bool *fresh);

#endif
