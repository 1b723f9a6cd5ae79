/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room for a new domain, as xl makes it: from dom0, if dom0 was given all. */
#include <string.h>
#include <libxl_utils.h>
#include "toolstack/toolstack.h"

/* Xen was told how much dom0 is to have: then it stays so. */
static bool dom0_is_fixed(struct xldm__libxl *t)
{
    const libxl_version_info *info = libxl_get_version_info(t->libxl);

    return !info || !info->commandline ||
           strstr(info->commandline, "dom0_mem=");
}

bool xldm__make_room(struct xldm__libxl *t, const struct xldm_domain *dom,
                     libxl_domain_config *cfg)
{
    uint64_t needed = 0, available = 0;

    if (libxl_domain_need_memory(t->libxl, cfg, XLDM__NO_DOMAIN, &needed) != 0)
        return xldm__error(t->ctx, dom->loc,
                           "libxl cannot tell how much memory the domain "
                           "needs");
    for (int tries = 0; tries < 4; tries++) {
        if (libxl_get_free_memory(t->libxl, &available) != 0)
            return xldm__error(t->ctx, XLDM__NONE,
                               "libxl cannot tell how much memory is free");
        if (available >= needed)
            return true;
        if (dom0_is_fixed(t) ||
            libxl_set_memory_target(t->libxl, 0,
                                    (int64_t)available - (int64_t)needed, 1,
                                    0) != 0 ||
            libxl_wait_for_memory_target(t->libxl, 0, 10) != 0)
            break;
    }
    return xldm__error(t->ctx, dom->loc,
                       "the domain needs %llu MiB of memory, %llu MiB are free",
                       (unsigned long long)(needed + 1023) / 1024,
                       (unsigned long long)available / 1024);
}
