/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ceph volumes: the string that QEMU and libxl take, as libvirt makes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "devices/disk_xml.h"

static bool append(struct xldm_ctx *ctx, struct xldm__disk_device *d,
                   const char *before, const char *text)
{
    char *all;

    if (asprintf(&all, "%s%s%s", d->rbd ? d->rbd : "", before, text) < 0)
        return xldm__oom(ctx);
    free(d->rbd);
    d->rbd = all;
    return true;
}

bool xldm__disk_rbd(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    if (!*value || strpbrk(value, ":\\ "))
        return xldm__error(ctx, loc,
                           "<disk> source/@name: '%s' is no volume; accepted: "
                           "POOL/IMAGE without ':', '\\' and ' '",
                           value);
    return append(ctx, object, "rbd:", value) &&
           append(ctx, object, ":auth_supported=none", "");
}

bool xldm__disk_rbd_host(struct xldm_ctx *ctx, void *object,
                         const char *value, struct xldm_loc loc)
{
    struct xldm__disk_device *d = object;

    if (!*value || strpbrk(value, ":\\; ,"))
        return xldm__error(ctx, loc,
                           "<disk> source/host/@name: '%s' is no host's name",
                           value);
    return append(ctx, d, d->hosts++ ? "\\;" : ":mon_host=", value);
}

bool xldm__disk_rbd_port(struct xldm_ctx *ctx, void *object,
                         const char *value, struct xldm_loc loc)
{
    if (strspn(value, "0123456789") != strlen(value) || !*value ||
        strlen(value) > 5)
        return xldm__error(ctx, loc,
                           "<disk> source/host/@port: '%s' is no port",
                           value);
    return append(ctx, object, "\\:", value);
}
