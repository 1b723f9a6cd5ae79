/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description side of serial ports, for serial.c and serial_write.c. */
#ifndef XLDM_SERIAL_H
#define XLDM_SERIAL_H

#include "devices/class.h"

#define XLDM__SERIAL_PORTS 4

enum { XLDM__SERIAL_PTY, XLDM__SERIAL_NUL, XLDM__SERIAL_STDIO, XLDM__SERIAL_FILE_, XLDM__SERIAL_DEV, XLDM__SERIAL_PIPE, XLDM__SERIAL_TCP, XLDM__SERIAL_UDP, XLDM__SERIAL_UNIX };

struct xldm__serial_end {
    char *host, *service, *path;
    int bind;
};

struct xldm__serial_device {
    struct xldm__device base;
    int type, port, telnet, fixed;
    struct xldm__serial_end now; /* the <source> being read */
    struct xldm__serial_end connect, bind;
    struct xldm_loc second; /* <source> of a mode that was there before */
    char *text; /* as libxl and QEMU take it */
};

extern const struct xldm__name xldm__serial_names[]; /* of types */
void xldm__serial_end_dispose(struct xldm__serial_end *e);

/* serial_write.c */
bool xldm__serial_from_libxl(struct xldm_ctx *ctx,
                             const libxl_domain_config *cfg,
                             struct xldm_domain *to);

#endif
