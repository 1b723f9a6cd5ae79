/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a domain that runs: libxl plugs, xldm-dm is told where. */
#ifndef XLDM_DEVICE_H
#define XLDM_DEVICE_H

#include "devices/api.h"
#include "toolstack/toolstack.h"

/* ---- device.c ---- */
bool xldm__running_add(struct xldm_ctx *ctx, uint32_t domid,
                       const struct xldm__api *api, void *dev,
                       const libxl_asyncop_how *how);
bool xldm__running_remove(struct xldm_ctx *ctx, uint32_t domid,
                          const struct xldm__api *api, const void *dev,
                          const libxl_asyncop_how *how);
void *xldm__running_list(struct xldm_ctx *ctx, uint32_t domid,
                         const struct xldm__api *api, int *num);
/* Its description as it is now, from libxl's record; NULL: reported. */
struct xldm_domain *xldm__running_domain(struct xldm__libxl *t,
                                         uint32_t domid);
/* Does an xldm-dm run it? */
bool xldm__running_split(uint32_t domid);

/* ---- plug.c: what can be plugged, by kind ---- */

struct xldm__plug {
    const struct xldm__api *api;
    /* A QEMU takes it at once, if the domain has one for it. */
    bool emulated;
    /* Said beforehand; false: it was refused, with the reason. */
    bool (*may_add)(struct xldm_ctx *ctx, const void *dev, const char *what,
                    const char *group);
    int (*add)(libxl_ctx *libxl, uint32_t domid, void *dev,
               const libxl_asyncop_how *how);
    /* NULL: cannot be unplugged, with the reason why. */
    int (*remove)(libxl_ctx *libxl, uint32_t domid, void *dev,
                  const libxl_asyncop_how *how);
    const char *why;
};

const struct xldm__plug *xldm__plug_of(const struct xldm__api *api);

/* ---- record.c ---- */

/* Libxl's record of a domain (JSON), with id in the affinity map as a says;
 * malloc'ed.  NULL: it has no map, or no memory. */
char *xldm__record_place(const char *record, const char *id,
                         const xldm_dm_affinity *a);
/* cfg, initialised: what the next start is made of then.  false: it cannot be
 * told. */
bool xldm__record_planned(struct xldm__libxl *t, uint32_t domid,
                          const char *id, const xldm_dm_affinity *a,
                          libxl_domain_config *cfg);
/* The same to the record of this domain: a warning if it cannot be. */
void xldm__record_keep(struct xldm__libxl *t, uint32_t domid, const char *id,
                       const xldm_dm_affinity *a);

/* ---- attach.c ---- */

/* A description with the one device that the XML document is; NULL: it was
 * reported. */
struct xldm_domain *xldm__device_read(struct xldm_ctx *ctx, const char *text,
                                      size_t size, const char *file);
/* Its device: the table and a struct for xldm__api_dispose() and free(). */
const struct xldm__api *xldm__device_of(struct xldm_ctx *ctx,
                                        const struct xldm_domain *dom,
                                        void **dev);
/* The device of this name; as xldm__device_of(). */
const struct xldm__api *xldm__device_named(struct xldm_ctx *ctx,
                                           const struct xldm_domain *dom,
                                           const char *id, void **dev);

#endif
