/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which xenstore a QEMU has.  The primary has the real one; if another group
 * serves PV halves, without their nodes.  A restricted one has an empty one of
 * its own, any other in it its own devices' nodes.
 */
#ifndef XLDM_RUN_XENSTORE_H
#define XLDM_RUN_XENSTORE_H

#include "run/dm.h"

/* It stays for a QEMU that takes this one's place.  Reports. */
bool qemu_xenstore(struct qemu *q);

/* What its QEMU finds it by; NULL: no memory. */
char **qemu_environ(const struct qemu *q, struct xldm__arena *arena);

#endif
