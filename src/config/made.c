/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptions that a C program makes, out of nothing or of libxl's config. */
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/api.h"
#include "dm/plan.h"

/* Its name stands where others have their file's. */
static struct xldm_domain *make(struct xldm_ctx *ctx, const char *name)
{
    struct xldm_domain *dom = xldm__domain_new(name);

    if (!dom)
        xldm__oom(ctx);
    return dom;
}

struct xldm_domain *xldm_domain_new(struct xldm_ctx *ctx, const char *name)
{
    struct xldm_domain *dom;

    if (!name || !*name) {
        xldm__error(ctx, XLDM__NONE, "a domain needs a name");
        return NULL;
    }
    dom = make(ctx, name);
    if (dom && !xldm__string_set(ctx, &dom->cfg.c_info.name, name)) {
        xldm_domain_free(dom);
        dom = NULL;
    }
    return dom;
}

libxl_domain_config *xldm_domain_config(struct xldm_domain *dom)
{
    return &dom->cfg;
}

/* ------------------------------------------------- libxl's config ---- */

static const struct xldm__api *api_of(const struct xldm__class *class)
{
    const struct xldm__api *const *api = xldm__apis;

    while (*api && (*api)->class != class)
        api++;
    return *api;
}

static bool adopt_list(struct xldm__cfg *cfg, const struct xldm__api *api)
{
    struct xldm__api_list list = xldm__api_list(api, &cfg->dom->cfg);
    bool ok = true;

    for (int i = 0; i < *list.n; i++) {
        void *dev = *list.v + (size_t)i * api->size;

        if (api->number)
            api->number(&cfg->dom->cfg, dev);
        ok &= api->adopt(cfg, dev, api->word, cfg->dom->loc);
    }
    return ok;
}

static bool adopt_class(struct xldm__cfg *cfg, const struct xldm__class *class)
{
    const struct xldm__api *api = api_of(class);
    struct xldm__device *d;
    bool ok = true;

    if (api && api->list)
        return adopt_list(cfg, api);
    if (class->from_libxl)
        ok = class->from_libxl(cfg->ctx, &cfg->dom->cfg, cfg->dom);
    for (d = cfg->dom->devices; d; d = d->next)
        if (d->class == class) {
            d->key = class->kind;
            d->loc = d->affinity_loc = cfg->dom->loc;
        }
    return ok;
}

static bool adopt_all(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    struct xldm__cfg cfg = { .ctx = ctx, .dom = dom, .old_map = true };
    struct xldm__setting map = { .key = (char *)XLDM__MAP_OPTION,
                                 .loc = dom->loc };
    char **model = &dom->cfg.b_info.device_model;
    bool ok = true;

    for (size_t i = 0; xldm__classes[i]; i++)
        ok &= adopt_class(&cfg, xldm__classes[i]);
    ok = ok && xldm__cfg_arguments(&cfg, &map);
    xldm__emulator_normalise(model);
    return ok && xldm__domain_finish(ctx, dom);
}

struct xldm_domain *xldm_domain_from_config(struct xldm_ctx *ctx,
                                            libxl_domain_config *config)
{
    struct xldm_domain *dom = NULL;

    if (xldm__given(ctx, config, "config"))
        dom = make(ctx, config->c_info.name ? config->c_info.name : "");
    if (!dom)
        return NULL;
    libxl_domain_config_dispose(&dom->cfg);
    dom->cfg = *config;
    libxl_domain_config_init(config);
    if (xldm__domain_check(ctx, dom) && adopt_all(ctx, dom))
        return dom;
    xldm_domain_free(dom);
    return NULL;
}

/* ---------------------------------------------------------- checks ---- */

bool xldm__domain_check(struct xldm_ctx *ctx, const struct xldm_domain *dom)
{
    const libxl_domain_build_info *b = &dom->cfg.b_info;
    const char *name = dom->cfg.c_info.name;
    bool ok = true;

    if (dom->cfg.c_info.type != LIBXL_DOMAIN_TYPE_HVM ||
        b->type != LIBXL_DOMAIN_TYPE_HVM)
        return xldm__error(ctx, dom->loc,
                           "c_info.type and b_info.type: accepted: "
                           "LIBXL_DOMAIN_TYPE_HVM, for other guests have no "
                           "QEMU");
    if (!name || !*name)
        ok = xldm__error(ctx, dom->loc,
                         "c_info.name: '%s' is not a domain's name",
                         name ? name : "");
    if (b->device_model_version != LIBXL_DEVICE_MODEL_VERSION_UNKNOWN &&
        b->device_model_version != LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN)
        ok = xldm__error(ctx, dom->loc,
                         "b_info.device_model_version: %d is not accepted; "
                         "accepted: LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN",
                         (int)b->device_model_version);
    if (!b->max_memkb)
        return xldm__error(ctx, dom->loc,
                           "b_info.max_memkb: 0 is not accepted");
    return xldm__platform_finish(ctx, dom) && ok;
}

const char *xldm__domain_emulator(const struct xldm_domain *dom)
{
    const char *model = dom->cfg.b_info.device_model;

    return dom->emulator ? dom->emulator : model ? model : XLDM_QEMU;
}
