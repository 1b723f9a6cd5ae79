/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description side of displays, for the table in vfb.c. */
#ifndef XLDM_VFB_XML_H
#define XLDM_VFB_XML_H

#include "config/cfg.h"
#include "devices/class.h"

enum { XLDM__VNC, XLDM__SDL, XLDM__SPICE }; /* type */

struct xldm__vfb_device {
    struct xldm__device base;
    int type;
    libxl_device_vfb libxl; /* VNC and SDL */
    libxl_spice_info spice;
    libxl_defbool autoport;
    int port, tls_port; /* 0: absent, -1: any */
    char *passwd;
    char *address; /* of <listen>, or of @listen */
    struct xldm_loc listen_loc;
    char *listen;
    int compression, streaming, mouse; /* 0: absent */
    int fixed;
};

/* vfb_write.c */
bool xldm__vfb_from_libxl(struct xldm_ctx *ctx,
                          const libxl_domain_config *cfg,
                          struct xldm_domain *to);
/* 0: not one of libvirt's names */
int xldm__vfb_compression(const char *text);
int xldm__vfb_streaming(const char *text);

/* vfb_cfg.c */
extern const struct xldm__key xldm__vfb_keys[];
bool xldm__vfb_from_cfg(struct xldm__cfg *cfg);

extern const struct xldm__field xldm__vfb_fields[];
void xldm__vfb_init(struct xldm__device *base);
void xldm__vfb_dispose(struct xldm__device *base);
bool xldm__vfb_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                      unsigned index);
bool xldm__vfb_to_libxl(struct xldm_ctx *ctx, const struct xldm__device *base,
                        libxl_domain_config *cfg);

#endif
