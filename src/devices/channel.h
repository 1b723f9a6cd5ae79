/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description side of channels, for channel.c and channel_write.c. */
#ifndef XLDM_CHANNEL_H
#define XLDM_CHANNEL_H

#include "devices/class.h"

#define XLDM__AGENT "com.redhat.spice.0"

enum { XLDM__CHANNEL_PTY, XLDM__CHANNEL_UNIX, XLDM__CHANNEL_SPICEVMC };
enum { XLDM__TO_XEN, XLDM__TO_VIRTIO };

struct xldm__channel_device {
    struct xldm__device base;
    int type, target, mode;
    char *name, *path;
    char *backend, *raw_name; /* of <xldm:channel>, to the letter */
    char *raw_path;
};

bool xldm__channel_from_libxl(struct xldm_ctx *ctx,
                              const libxl_domain_config *cfg,
                              struct xldm_domain *to);

#endif
