/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Life of a description, and the checks that concern several devices. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"

void xldm__config_init(libxl_domain_config *cfg)
{
    libxl_domain_config_init(cfg);
    cfg->c_info.type = LIBXL_DOMAIN_TYPE_HVM;
    libxl_domain_build_info_init_type(&cfg->b_info, LIBXL_DOMAIN_TYPE_HVM);
    cfg->b_info.device_model_version = LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN;
    /* what xl sets of its own accord */
    libxl_defbool_set(&cfg->c_info.run_hotplug_scripts, true);
    libxl_defbool_set(&cfg->b_info.claim_mode, true);
    cfg->on_poweroff = LIBXL_ACTION_ON_SHUTDOWN_DESTROY;
    cfg->on_reboot = LIBXL_ACTION_ON_SHUTDOWN_RESTART;
    cfg->on_watchdog = LIBXL_ACTION_ON_SHUTDOWN_DESTROY;
    cfg->on_crash = LIBXL_ACTION_ON_SHUTDOWN_DESTROY;
    cfg->on_soft_reset = LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET;
}

struct xldm_domain *xldm__domain_new(const char *file)
{
    struct xldm_domain *dom = calloc(1, sizeof(*dom));

    if (!dom)
        return NULL;
    dom->file = strdup(file);
    if (!dom->file) {
        free(dom);
        return NULL;
    }
    dom->loc.file = dom->file;
    dom->emulator_loc.file = dom->file;
    xldm__config_init(&dom->cfg);
    return dom;
}

bool xldm__affinity_says(const xldm_dm_affinity *a)
{
    return a->group || a->emulator || a->on_crash || a->restrict_;
}

void xldm__affinity_dispose(xldm_dm_affinity *a)
{
    free(a->group);
    free(a->emulator);
    memset(a, 0, sizeof(*a));
}

static void device_free(struct xldm__device *dev)
{
    if (dev->class->dispose)
        dev->class->dispose(dev);
    xldm__affinity_dispose(&dev->affinity);
    free(dev);
}

void xldm__domain_remove(struct xldm_domain *dom, struct xldm__device *dev)
{
    struct xldm__device **p = &dom->devices;

    while (*p && *p != dev)
        p = &(*p)->next;
    if (*p) {
        *p = dev->next;
        device_free(dev);
    }
}

void xldm_domain_free(struct xldm_domain *dom)
{
    if (!dom)
        return;
    while (dom->devices) {
        struct xldm__device *dev = dom->devices;

        dom->devices = dev->next;
        device_free(dev);
    }
    for (int i = 0; i < dom->nexact; i++) {
        free(dom->exact[i].key);
        free(dom->exact[i].text);
    }
    free(dom->exact);
    libxl_domain_config_dispose(&dom->cfg);
    xldm__affinity_dispose(&dom->primary);
    free(dom->emulator);
    free(dom->file);
    free(dom);
}

const char *xldm_domain_name(const struct xldm_domain *dom)
{
    return dom->cfg.c_info.name;
}

struct xldm__device *xldm__domain_add(struct xldm_domain *dom,
                                      const struct xldm__class *class)
{
    struct xldm__device *dev = calloc(1, class->size), **end;

    if (!dev)
        return NULL;
    dev->class = class;
    dev->loc.file = dev->affinity_loc.file = dom->file;
    if (class->init)
        class->init(dev);
    for (end = &dom->devices; *end; end = &(*end)->next)
        ;
    *end = dev;
    return dev;
}

void xldm__emulator_normalise(char **path)
{
    const char *slash = *path ? strrchr(*path, '/') : NULL;

    if (!*path || strcmp(slash ? slash + 1 : *path, "xldm-dm"))
        return;
    free(*path);
    *path = NULL;
}

/* --------------------------------------------------------- checks ---- */

struct xldm__word xldm__device_word(const struct xldm__device *dev)
{
    struct xldm__word w;

    snprintf(w.text, sizeof(w.text), "%s%s%s", dev->key ? "" : "<",
             dev->key ? dev->key : dev->class->element, dev->key ? "" : ">");
    return w;
}

const char *xldm__device_identity(const struct xldm__device *dev, char *buf,
                                  size_t size)
{
    return xldm__class_identity(dev->class, dev->id, buf, size);
}

static bool check_unique(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                         const struct xldm__device *dev)
{
    const struct xldm__device *other;
    char buf[64], buf2[64];
    const char *id = xldm__device_identity(dev, buf, sizeof(buf)), *id2;

    for (other = dom->devices; other != dev; other = other->next) {
        if (other->class != dev->class)
            continue;
        id2 = xldm__device_identity(other, buf2, sizeof(buf2));
        if (strcmp(id, id2))
            continue;
        xldm__note(ctx, other->loc, "%s '%s' is here",
                   xldm__device_word(other).text, other->id);
        if (strcmp(dev->id, other->id))
            return xldm__error(ctx, dev->loc,
                               "%s '%s' is the same emulated %s as '%s'",
                               xldm__device_word(dev).text, dev->id,
                               dev->class->kind, other->id);
        return xldm__error(ctx, dev->loc, "%s '%s' is there twice",
                           xldm__device_word(dev).text, dev->id);
    }
    return true;
}

/* Which group the others are in only the resolver knows. */
static bool check_affinity(struct xldm_ctx *ctx,
                           const struct xldm__device *dev)
{
    const xldm_dm_affinity *a = &dev->affinity;

    if (!a->on_crash || !a->group || strcmp(a->group, "primary"))
        return true;
    return xldm__error(ctx, dev->affinity_loc,
                       "%s onCrash is not accepted for the primary group: "
                       "when the primary dies, the domain's on_crash says "
                       "what follows",
                       dev->key ? "dm_groups:" : "<devicemodel>");
}

/* "tablet", "tablet1"... as the splitter names them */
void xldm__device_number(const struct xldm_domain *dom,
                         struct xldm__device *dev)
{
    const struct xldm__device *d = dom->devices;
    char id[sizeof(dev->id)];
    unsigned n = 0;

    memcpy(id, dev->id, sizeof(id));
    while (d != dev) {
        if (d->class == dev->class && !strcmp(d->id, dev->id)) {
            snprintf(dev->id, sizeof(dev->id), "%.50s%u", id, ++n);
            d = dom->devices;
        } else {
            d = d->next;
        }
    }
}

static bool finish_classes(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    bool ok = true;

    for (size_t i = 0; xldm__classes[i]; i++) {
        const struct xldm__class *class = xldm__classes[i];
        unsigned index = 0;

        for (struct xldm__device *d = dom->devices, *next; d; d = next) {
            next = d->next;
            if (d->class != class || d->key)
                continue;
            if (class->finish && !class->finish(ctx, d, index++))
                ok = false;
            else if (!*d->id)
                xldm__domain_remove(dom, d);
            else if (class->repeats)
                xldm__device_number(dom, d);
        }
    }
    return ok;
}

bool xldm__domain_finish(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    struct xldm__device *d;
    bool ok = finish_classes(ctx, dom);

    ok = ok && xldm__domain_map(ctx, dom);
    for (d = dom->devices; d; d = d->next) {
        ok &= check_affinity(ctx, d);
        if (*d->id)
            ok &= check_unique(ctx, dom, d);
    }
    for (size_t i = 0; xldm__classes[i]; i++)
        if (xldm__classes[i]->check)
            ok &= xldm__classes[i]->check(ctx, dom);
    for (d = dom->devices; ok && d; d = d->next)
        if (d->class->to_libxl && !d->key)
            ok &= d->class->to_libxl(ctx, d, &dom->cfg);
    ok = ok && xldm__boot_order(ctx, dom) && xldm__exact_apply(ctx, dom);
    return ok && xldm__platform_finish(ctx, dom);
}
