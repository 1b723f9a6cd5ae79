/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's config for a domain: with several groups or pinned devices, xldm-dm
 * as its device model and the affinity map among that one's arguments. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "config/xml.h"
#include "dm/plan.h"
#include "toolstack/toolstack.h"

/* The xldm-dm that was built or installed with the running program, else the
 * one of this build's prefix; malloc'ed. */
static char *find_dm(struct xldm_ctx *ctx)
{
    static const char installed[] = XLDM_LIBEXECDIR "/xldm-dm";
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
    char *slash, *path = NULL;

    slash = n > 0 ? memrchr(self, '/', n) : NULL;
    if (slash && asprintf(&path, "%.*s/xldm-dm", (int)(slash - self), self) < 0)
        path = NULL;
    if (path && access(path, X_OK) == 0)
        return path;
    if (access(installed, X_OK) == 0) {
        free(path);
        path = strdup(installed);
        if (!path)
            xldm__oom(ctx);
        return path;
    }
    xldm__error(ctx, XLDM__NONE, "xldm-dm is neither at %s nor at %s",
                path ? path : "the program's side", installed);
    free(path);
    return NULL;
}

/* Takes path over; false if it is NULL, which was reported. */
static bool set_device_model(libxl_domain_build_info *b, char *path)
{
    if (!path)
        return false;
    free(b->device_model);
    b->device_model = path;
    if (b->device_model_version == LIBXL_DEVICE_MODEL_VERSION_UNKNOWN)
        b->device_model_version = LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN;
    return true;
}

bool xldm__prepare(struct xldm__libxl *t, const struct xldm_domain *dom,
                   const struct xldm_plan *plan, libxl_domain_config *cfg)
{
    struct xldm_ctx *ctx = t->ctx;
    struct xldm__arena arena = { 0 };
    const char *emulator = plan->groups[0].emulator;
    bool ok = true;

    libxl_domain_config_copy(t->libxl, cfg, &dom->cfg);
    if (libxl_uuid_is_nil(&cfg->c_info.uuid))
        libxl_uuid_generate(&cfg->c_info.uuid);

    if (plan->ngroups > 1 || plan->pinned) {
        libxl_string_list *extra = &cfg->b_info.extra_hvm;
        const char *map = xldm__map_write(&arena, plan);

        ok = (map || xldm__oom(ctx)) &&
             set_device_model(&cfg->b_info, find_dm(ctx)) &&
             xldm__list_add(ctx, extra, XLDM__MAP_OPTION) &&
             xldm__list_add(ctx, extra, map);
    } else if (strcmp(emulator, XLDM_QEMU) != 0) {
        char *path = strdup(emulator);

        ok = path ? set_device_model(&cfg->b_info, path) : xldm__oom(ctx);
    }
    xldm__arena_dispose(&arena);
    return ok;
}
