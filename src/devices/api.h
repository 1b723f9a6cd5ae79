/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The public xldm_device_KIND: libxl's struct and the affinity behind it.
 * KIND_api.c ends in one const table; the code that knows no kind is in api.c
 * (structs), config/device.c (descriptions) and toolstack/device.c (domains
 * that run).
 */
#ifndef XLDM_API_H
#define XLDM_API_H

#include "config/cfg.h"

struct xldm__api {
    const char *word; /* "nic", in messages */
    const struct xldm__class *class;
    size_t size;           /* of libxl's struct, which comes first */
    size_t affinity;       /* where that is */
    size_t whole;          /* of both */
    const size_t *strings; /* libxl's malloc'ed ones; where they are */
    size_t nstrings;
    void (*init)(void *dev);
    void (*dispose)(void *dev);
    /* The number that a new one takes, if it has none.  NULL: has none. */
    void (*number)(const libxl_domain_config *cfg, void *dev);
    void (*name)(const void *dev, char *id, size_t size);
    /* In libxl's config; number of elements.  0: not in a list. */
    size_t list, count;
    /* Makes the description's device, or devices, for one that is in libxl's
     * config now, and checks it as xl would. */
    bool (*adopt)(struct xldm__cfg *cfg, void *dev, const char *key,
                  struct xldm_loc loc);
    /* Not in a list: into libxl's config, out of it, and a shallow copy of
     * it; false: there is one already, there is none. */
    bool (*put)(struct xldm__cfg *cfg, const void *dev, struct xldm_loc loc);
    void (*take)(struct xldm_domain *dom);
    bool (*get)(const libxl_domain_config *cfg, void *dev);
};

extern const struct xldm__api xldm__disk_api, xldm__nic_api, xldm__vfb_api,
    xldm__pci_api;
extern const struct xldm__api *const xldm__apis[]; /* all; ends with NULL */

/* ---- api.c ---- */
void xldm__api_init(const struct xldm__api *api, void *dev);
void xldm__api_dispose(const struct xldm__api *api, void *dev);
/* to: not initialised.  On failure, which was reported, it is blank. */
bool xldm__api_copy(struct xldm_ctx *ctx, const struct xldm__api *api, void *to,
                    const void *from);
/* The same of libxl's part alone. */
bool xldm__api_copy_libxl(struct xldm_ctx *ctx, const struct xldm__api *api,
                          void *to, const void *from);
void xldm__api_list_free(const struct xldm__api *api, void *list, int n);
xldm_dm_affinity *xldm__api_affinity(const struct xldm__api *api, void *dev);
/* What the command line calls it. */
void xldm__api_identity(const struct xldm__api *api, const void *dev,
                        char id[64]);

/* Where the kind's are in libxl's config; not of one with put. */
struct xldm__api_list {
    char **v;
    int *n;
};
struct xldm__api_list xldm__api_list(const struct xldm__api *api,
                                     libxl_domain_config *cfg);

/* ---- config/device.c ---- */
bool xldm__domain_device_add(struct xldm_ctx *ctx, struct xldm_domain *dom,
                             const struct xldm__api *api, void *dev);
bool xldm__domain_device_remove(struct xldm_ctx *ctx, struct xldm_domain *dom,
                                const struct xldm__api *api, const void *dev);
void *xldm__domain_device_list(struct xldm_ctx *ctx,
                               const struct xldm_domain *dom,
                               const struct xldm__api *api, int *num);
/* Is it one that can be?  what: "nic 'nic0'". */
bool xldm__affinity_check(struct xldm_ctx *ctx, const xldm_dm_affinity *a,
                          const char *what, struct xldm_loc loc);
bool xldm__affinity_copy(struct xldm_ctx *ctx, xldm_dm_affinity *to,
                         const xldm_dm_affinity *from);

/* The public functions of a kind, and libxl's as the table wants them. */
#define XLDM__API_PUBLIC(kind)                                                 \
    void xldm_device_##kind##_init(xldm_device_##kind *dev)                    \
    {                                                                          \
        xldm__api_init(&xldm__##kind##_api, dev);                              \
    }                                                                          \
    void xldm_device_##kind##_dispose(xldm_device_##kind *dev)                 \
    {                                                                          \
        xldm__api_dispose(&xldm__##kind##_api, dev);                           \
    }                                                                          \
    bool xldm_device_##kind##_copy(struct xldm_ctx *ctx,                       \
                                   xldm_device_##kind *dst,                    \
                                   const xldm_device_##kind *src)              \
    {                                                                          \
        if (dst)                                                               \
            xldm__api_init(&xldm__##kind##_api, dst);                          \
        return xldm__given(ctx, dst, "place for the copy") &&                  \
               xldm__given(ctx, src, #kind) &&                                 \
               xldm__api_copy(ctx, &xldm__##kind##_api, dst, src);             \
    }                                                                          \
    void xldm_device_##kind##_list_free(xldm_device_##kind *list, int num)     \
    {                                                                          \
        xldm__api_list_free(&xldm__##kind##_api, list, num);                   \
    }                                                                          \
    bool xldm_domain_##kind##_add(struct xldm_ctx *ctx,                        \
                                  struct xldm_domain *dom,                     \
                                  xldm_device_##kind *dev)                     \
    {                                                                          \
        return xldm__given(ctx, dom, "domain") &&                              \
               xldm__given(ctx, dev, #kind) &&                                 \
               xldm__domain_device_add(ctx, dom, &xldm__##kind##_api, dev);    \
    }                                                                          \
    bool xldm_domain_##kind##_remove(struct xldm_ctx *ctx,                     \
                                     struct xldm_domain *dom,                  \
                                     const xldm_device_##kind *dev)            \
    {                                                                          \
        return xldm__given(ctx, dom, "domain") &&                              \
               xldm__given(ctx, dev, #kind) &&                                 \
               xldm__domain_device_remove(ctx, dom, &xldm__##kind##_api, dev); \
    }                                                                          \
    xldm_device_##kind *xldm_domain_##kind##_list(                             \
        struct xldm_ctx *ctx, const struct xldm_domain *dom, int *num)         \
    {                                                                          \
        if (num)                                                               \
            *num = -1;                                                         \
        if (!xldm__given(ctx, dom, "domain") ||                                \
            !xldm__given(ctx, num, "number"))                                  \
            return NULL;                                                       \
        return xldm__domain_device_list(ctx, dom, &xldm__##kind##_api, num);   \
    }

#define XLDM__API_LIBXL(kind)                                                  \
    static void libxl_init(void *dev)                                          \
    {                                                                          \
        libxl_device_##kind##_init(dev);                                       \
    }                                                                          \
    static void libxl_dispose(void *dev)                                       \
    {                                                                          \
        libxl_device_##kind##_dispose(dev);                                    \
    }

#define XLDM__API_ROWS(kind)                                                   \
    .word = #kind, .class = &xldm__##kind,                                     \
    .size = sizeof(libxl_device_##kind),                                       \
    .affinity = offsetof(xldm_device_##kind, dm_affinity),                     \
    .whole = sizeof(xldm_device_##kind), .strings = strings,                   \
    .nstrings = sizeof(strings) / sizeof(*strings), .init = libxl_init,        \
    .dispose = libxl_dispose

#endif
