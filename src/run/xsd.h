/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private xenstore of a QEMU: empty, and glad of every write.  So a
 * secondary neither takes PV backends nor tells libxl that it runs.  Some nodes
 * may be the real ones (nodes.c).
 */
#ifndef XLDM_RUN_XSD_H
#define XLDM_RUN_XSD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct xsd;

/* Is this the real xenstored's?  type: of <xen/io/xs_wire.h>; path: as the
 * client wrote it, or of an event. */
typedef bool xsd_real_fn(void *arg, uint32_t type, const char *path);

struct xsd_view {
    xsd_real_fn *is_real;
    void *arg;
    const char *socket; /* the real xenstored's; copied */
};

/* view: NULL: nothing is real.  NULL: *error is a libuv error. */
struct xsd *xsd_new(uv_loop_t *loop, const char *path,
                    const struct xsd_view *view, int *error);
void xsd_free(struct xsd *xsd);

#endif
