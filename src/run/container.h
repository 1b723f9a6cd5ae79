/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libxl keeps as the one state of a split domain: a header, then the
 * state of each group's QEMU as that QEMU wrote it.  Numbers are little
 * endian.  Pure.  (container.c)
 *
 *   8  "XLDMSAVE"            a group, of which there are 1..XLDM_MAX_GROUPS:
 *   4  version, 1             64  name, NULs behind it
 *   4  number of groups        8  first byte of its RAM window
 *   2  unplugged by the guest  8  size of the window
 *   2  GPE0's enable           8  its -m in MiB
 *   4  zero                    8  bytes of its state
 */
#ifndef XLDM_RUN_CONTAINER_H
#define XLDM_RUN_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dm/plan.h"

#define CONTAINER_NAME 64 /* what a group's name may have */
#define CONTAINER_FIXED 24
#define CONTAINER_GROUP (CONTAINER_NAME + 32)
#define CONTAINER_HEAD (CONTAINER_FIXED + XLDM_MAX_GROUPS * CONTAINER_GROUP)
/* A state without RAM is some 100 KiB; a QEMU or a file may be hostile. */
#define CONTAINER_MAX_BYTES (64u << 20)

/* What the broker was told that concerns QEMUs to come. */
struct said {
    uint16_t unplugged; /* every bit that the guest has written */
    uint8_t enabled[2]; /* GPE0's enable register */
};

struct container {
    struct said said;
    size_t ngroups;
    struct container_group {
        char name[CONTAINER_NAME + 1];
        uint64_t ram_first, ram_size, memory_mib;
        uint64_t bytes;
    } groups[XLDM_MAX_GROUPS];
};

/* The header, of at most CONTAINER_HEAD bytes; its length. */
size_t container_write(const struct container *c, uint8_t *head);

/*
 * The header out of the first n bytes of a file of total bytes; n:
 * CONTAINER_HEAD, or the whole file if that is shorter.  Its length, or 0: why
 * then says what was found instead.
 */
size_t container_read(struct container *c, const uint8_t *bytes, size_t n,
                      uint64_t total, char *why, size_t size);

/* Does a file begin as a container of any version? */
bool container_is(const uint8_t *bytes, size_t n);

/*
 * at[i]: which of c's groups is plan->groups[i].  Each has to be there, none
 * may be left over, and the RAM windows have to be the same.
 */
bool container_fits(const struct container *c, const struct xldm_plan *plan,
                    size_t *at, char *why, size_t size);

#endif
