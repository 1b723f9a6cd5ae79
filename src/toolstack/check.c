/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What would make libxl or a QEMU fail half way, said beforehand and with the
 * line of the device. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libxl_utils.h>
#include "dm/plan.h"
#include "toolstack/toolstack.h"

/* Where the description names the QEMU of this group. */
static struct xldm_loc emulator_loc(const struct xldm_domain *dom,
                                    const struct xldm__group *group)
{
    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (d->affinity.emulator &&
            strcmp(d->affinity.emulator, group->emulator) == 0)
            return d->affinity_loc;
    return dom->emulator ? dom->emulator_loc : dom->loc;
}

static bool check_emulator(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                           const struct xldm__group *group)
{
    struct stat st;
    int error = 0;

    if (stat(group->emulator, &st) < 0)
        error = errno;
    else if (!S_ISREG(st.st_mode))
        error = EISDIR;
    else if (access(group->emulator, X_OK) < 0)
        error = errno;
    if (error == 0)
        return true;
    return xldm__error(ctx, emulator_loc(dom, group),
                       "emulator '%s' of group '%s' cannot be run: %s",
                       group->emulator, group->name,
                       error == EISDIR ? "not a regular file"
                                       : strerror(error));
}

static bool check_name(struct xldm__libxl *t, const struct xldm_domain *dom)
{
    const char *name = dom->cfg.c_info.name;
    uint32_t domid;

    if (libxl_name_to_domid(t->libxl, name, &domid) != 0)
        return true;
    return xldm__error(t->ctx, dom->loc,
                       "a domain of the name '%s' is there already, as "
                       "domain %u", name, domid);
}

bool xldm__check(struct xldm__libxl *t, const struct xldm_domain *dom,
                 const struct xldm_plan *plan)
{
    bool ok = check_name(t, dom);

    for (size_t i = 0; i < plan->ngroups; i++)
        ok &= check_emulator(t->ctx, dom, &plan->groups[i]);
    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (d->class->probe)
            ok &= d->class->probe(t->ctx, d);
    return ok;
}
