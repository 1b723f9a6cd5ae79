/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Life of the public device structs. */
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/api.h"

const struct xldm__api *const xldm__apis[] = { &xldm__disk_api, &xldm__nic_api,
                                               &xldm__vfb_api, &xldm__pci_api,
                                               NULL };

xldm_dm_affinity *xldm__api_affinity(const struct xldm__api *api, void *dev)
{
    return (void *)((char *)dev + api->affinity);
}

void xldm__api_identity(const struct xldm__api *api, const void *dev,
                        char id[64])
{
    char plain[64];
    const char *name;

    api->name(dev, plain, sizeof(plain));
    name = xldm__class_identity(api->class, plain, id, 64);
    if (name != id)
        memcpy(id, plain, sizeof(plain));
}

struct xldm__api_list xldm__api_list(const struct xldm__api *api,
                                     libxl_domain_config *cfg)
{
    return (struct xldm__api_list){
        (char **)(void *)((char *)cfg + api->list),
        (int *)(void *)((char *)cfg + api->count),
    };
}

void xldm__api_init(const struct xldm__api *api, void *dev)
{
    memset(dev, 0, api->whole);
    api->init(dev);
}

void xldm__api_dispose(const struct xldm__api *api, void *dev)
{
    if (!dev)
        return;
    api->dispose(dev);
    xldm__affinity_dispose(xldm__api_affinity(api, dev));
}

static char **string_at(const struct xldm__api *api, void *dev, size_t i)
{
    return (char **)(void *)((char *)dev + api->strings[i]);
}

/* libxl's own copies want a libxl_ctx, and so a Xen. */
bool xldm__api_copy_libxl(struct xldm_ctx *ctx, const struct xldm__api *api,
                          void *to, const void *from)
{
    bool ok = true;

    memcpy(to, from, api->size);
    for (size_t i = 0; i < api->nstrings; i++)
        *string_at(api, to, i) = NULL;
    for (size_t i = 0; ok && i < api->nstrings; i++) {
        const char *text = *string_at(api, (void *)from, i);

        ok = !text || xldm__string_set(ctx, string_at(api, to, i), text);
    }
    if (ok)
        return true;
    api->dispose(to);
    api->init(to);
    return false;
}

bool xldm__affinity_copy(struct xldm_ctx *ctx, xldm_dm_affinity *to,
                         const xldm_dm_affinity *from)
{
    to->on_crash = from->on_crash;
    to->restrict_ = from->restrict_;
    return (!from->group || xldm__string_set(ctx, &to->group, from->group)) &&
           (!from->emulator ||
            xldm__string_set(ctx, &to->emulator, from->emulator));
}

bool xldm__api_copy(struct xldm_ctx *ctx, const struct xldm__api *api, void *to,
                    const void *from)
{
    xldm__api_init(api, to);
    if (xldm__api_copy_libxl(ctx, api, to, from) &&
        xldm__affinity_copy(ctx, xldm__api_affinity(api, to),
                            xldm__api_affinity(api, (void *)from)))
        return true;
    xldm__api_dispose(api, to);
    xldm__api_init(api, to);
    return false;
}

void xldm__api_list_free(const struct xldm__api *api, void *list, int n)
{
    for (int i = 0; list && i < n; i++)
        xldm__api_dispose(api, (char *)list + (size_t)i * api->whole);
    free(list);
}
