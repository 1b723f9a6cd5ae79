/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a domain and of all its processes. */
#include "toolstack/toolstack.h"

bool xldm__destroy(struct xldm__libxl *t, uint32_t domid)
{
    if (libxl_domain_destroy(t->libxl, domid, NULL) != 0 &&
        xldm__domain_exists(t, domid))
        return xldm__error(t->ctx, XLDM__NONE, "libxl cannot destroy domain %u",
                           domid);
    return xldm__end_processes(t, domid, NULL, 0);
}

bool xldm_domain_destroy(struct xldm_ctx *ctx, const char *domain)
{
    struct xldm__libxl t = { 0 };
    uint32_t domid;
    bool ok = xldm__given(ctx, domain, "domain") && xldm__libxl_open(&t, ctx) &&
              xldm__domain_find(&t, domain, &domid);

    if (ok && domid == 0)
        ok = xldm__error(ctx, XLDM__NONE, "domain 0 cannot be destroyed");
    else if (ok)
        ok = xldm__destroy(&t, domid);
    xldm__libxl_close(&t);
    return ok;
}
