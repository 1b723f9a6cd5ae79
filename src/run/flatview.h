/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a QEMU's human monitor says of its memory. */
#ifndef XLDM_RUN_FLATVIEW_H
#define XLDM_RUN_FLATVIEW_H

#include "dm/range.h"

/*
 * Adds what `info mtree -f` shows as registered with Xen: every section of
 * the "I/O" space that is not unassigned, every one of "memory" that is not
 * the guest's RAM.  False: the text is something else.
 */
bool flatview_claims(const char *text, struct xldm__ranges *claims);

/*
 * Calls fn for each block of `info ramblock` but the guest's RAM; last is
 * inclusive.  fn returns false to stop.  False: stopped, or the text is
 * something else.
 */
struct ramblock {
    char name[128];
    uint64_t first, last;
};
bool flatview_ramblocks(const char *text,
                        bool (*fn)(void *arg, const struct ramblock *block),
                        void *arg);

#endif
