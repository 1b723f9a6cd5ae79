/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain from its description. */
#include <libxl_utils.h>
#include "dm/plan.h"
#include "toolstack/toolstack.h"

bool xldm_domain_create(struct xldm_ctx *ctx, struct xldm_domain *dom,
                        bool paused, uint32_t *domid_out)
{
    struct xldm__libxl t;
    struct xldm_plan *plan = NULL;
    libxl_domain_config cfg;
    uint32_t domid = XLDM__NO_DOMAIN;
    bool ok = false;

    if (!xldm__given(ctx, dom, "domain") ||
        !xldm__given(ctx, domid_out, "place for the domain's number"))
        return false;
    libxl_domain_config_init(&cfg);
    if (!xldm__libxl_open(&t, ctx))
        goto out;
    plan = xldm_plan_new(ctx, dom, -1);
    if (!plan || !xldm__check(&t, dom, plan) ||
        !xldm__prepare(&t, dom, plan, &cfg) ||
        !xldm__start(&t, dom, &cfg, &domid))
        goto out;
    if (!paused && !xldm__unpause(&t, domid)) {
        xldm__destroy(&t, domid);
        goto out;
    }
    *domid_out = domid;
    ok = true;
out:
    xldm_plan_free(plan);
    libxl_domain_config_dispose(&cfg);
    xldm__libxl_close(&t);
    return ok;
}
