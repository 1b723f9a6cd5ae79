// SPDX-License-Identifier: LGPL-2.1-or-later
// The header in C++, and names that link.
#include <xldm.h>

int main()
{
    xldm_device_nic nic, copy;
    xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    xldm_domain *dom = xldm_domain_new(ctx, "web");
    xldm_plan *plan;
    int num = 0;

    xldm_device_nic_init(&nic);
    bool ok = xldm_domain_nic_add(ctx, dom, &nic) &&
              xldm_device_nic_copy(ctx, &copy, &nic);
    xldm_device_nic *list = xldm_domain_nic_list(ctx, dom, &num);
    plan = xldm_plan_new(ctx, dom, 1);
    ok = ok && num == 1 && plan && xldm_plan_groups(plan) == 1;
    xldm_plan_free(plan);
    xldm_device_nic_list_free(list, num);
    xldm_device_nic_dispose(&copy);
    xldm_device_nic_dispose(&nic);
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
    return ok ? 0 : 1;
}
