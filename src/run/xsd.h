/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private xenstore of the secondaries: empty, and glad of every write.
 * So they neither take PV backends nor tell libxl that they run.
 */
#ifndef XLDM_RUN_XSD_H
#define XLDM_RUN_XSD_H

#include <uv.h>

struct xsd;

/* NULL: *error is a libuv error. */
struct xsd *xsd_new(uv_loop_t *loop, const char *path, int *error);
void xsd_free(struct xsd *xsd);

#endif
