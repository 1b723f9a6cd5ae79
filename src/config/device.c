/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that a C program puts into a description, or takes out of it. */
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/api.h"
#include "dm/plan.h"

static struct xldm__api_list list_of(const struct xldm_domain *dom,
                                     const struct xldm__api *api)
{
    return xldm__api_list(api, &((struct xldm_domain *)dom)->cfg);
}

static struct xldm__device *last_of(const struct xldm_domain *dom)
{
    struct xldm__device *d = dom->devices;

    while (d && d->next)
        d = d->next;
    return d;
}

/* The one that follows d; d NULL: the first. */
static struct xldm__device *behind(const struct xldm_domain *dom,
                                   struct xldm__device *d)
{
    return d ? d->next : dom->devices;
}

static struct xldm__device *find(const struct xldm_domain *dom,
                                 const struct xldm__api *api, const void *dev)
{
    char id[64], buf[64];
    struct xldm__device *d = dom->devices;

    xldm__api_identity(api, dev, id);
    while (d && (strcmp(d->class->kind, api->class->kind) ||
                 strcmp(xldm__device_identity(d, buf, sizeof(buf)), id)))
        d = d->next;
    return d;
}

/* ------------------------------------------------------- affinity ---- */

bool xldm__affinity_check(struct xldm_ctx *ctx, const xldm_dm_affinity *a,
                          const char *what, struct xldm_loc loc)
{
    if (a->group && !xldm__group_name_ok(a->group))
        return xldm__error(ctx, loc,
                           "%s: '%s' is not a group's name; accepted: 1 to 64 "
                           "of A-Z a-z 0-9 _ . -",
                           what, a->group);
    if (a->emulator && *a->emulator != '/')
        return xldm__error(ctx, loc,
                           "%s: emulator '%s' is not an absolute path", what,
                           a->emulator);
    if ((unsigned)a->on_crash > XLDM_ON_CRASH_DESTROY)
        return xldm__error(ctx, loc,
                           "%s: on_crash %d is none of enum xldm_on_crash",
                           what, (int)a->on_crash);
    if ((unsigned)a->restrict_ > XLDM_RESTRICT_NO)
        return xldm__error(ctx, loc,
                           "%s: restrict_ %d is none of enum xldm_restrict",
                           what, (int)a->restrict_);
    if (a->on_crash && a->group && !strcmp(a->group, "primary"))
        return xldm__error(ctx, loc,
                           "%s: on_crash is not accepted for the primary "
                           "group: when the primary dies, the domain's "
                           "on_crash says what follows",
                           what);
    return true;
}

/* ------------------------------------------------------------ add ---- */

static void drop_behind(struct xldm_domain *dom, struct xldm__device *last)
{
    struct xldm__device *d;

    while ((d = behind(dom, last)))
        xldm__domain_remove(dom, d);
}

static void list_pop(const struct xldm__api *api, struct xldm__api_list list, int i)
{
    char *at = *list.v + (size_t)i * api->size;

    api->dispose(at);
    memmove(at, at + api->size, (size_t)(*list.n - i - 1) * api->size);
    --*list.n;
}

/* Into libxl's config; *there: where it is now. */
static bool put(struct xldm__cfg *cfg, const struct xldm__api *api,
                const void *dev, struct xldm_loc loc, void **there)
{
    struct xldm__api_list list = list_of(cfg->dom, api);

    *there = (void *)dev;
    if (api->put)
        return api->put(cfg, dev, loc);
    *there = xldm__grow(list.v, list.n, api->size);
    if (!*there)
        return xldm__oom(cfg->ctx);
    if (xldm__api_copy_libxl(cfg->ctx, api, *there, dev))
        return true;
    list_pop(api, list, *list.n - 1);
    return false;
}

static void take(struct xldm_domain *dom, const struct xldm__api *api)
{
    struct xldm__api_list list = list_of(dom, api);

    if (api->take)
        api->take(dom);
    else
        list_pop(api, list, *list.n - 1);
}

static bool take_affinities(struct xldm_ctx *ctx, struct xldm__device *d,
                            const xldm_dm_affinity *a)
{
    bool ok = true;

    for (; d; d = d->next)
        ok &= xldm__affinity_copy(ctx, &d->affinity, a);
    return ok;
}

static bool is_new(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                   const struct xldm__api *api, const void *dev)
{
    const struct xldm__device *d = find(dom, api, dev);
    char id[64];

    api->name(dev, id, sizeof(id));
    return !d || !*id || api->put || /* which looks itself */
           xldm__error(ctx, dom->loc, "%s '%s': '%s' is there already",
                       api->word, id, d->id);
}

/* A display that nobody asked for gives way. */
static void make_way(struct xldm_domain *dom, const struct xldm__api *api)
{
    struct xldm__device *d, *next;

    for (d = dom->devices; d && api->put; d = next) {
        next = d->next;
        if (d->class == api->class && strcmp(d->id, "spice"))
            xldm__domain_remove(dom, d);
    }
}

bool xldm__domain_device_add(struct xldm_ctx *ctx, struct xldm_domain *dom,
                             const struct xldm__api *api, void *dev)
{
    const xldm_dm_affinity *a = xldm__api_affinity(api, dev);
    struct xldm__cfg cfg = { .ctx = ctx, .dom = dom };
    struct xldm_loc loc = dom->loc;
    struct xldm__device *last;
    char id[64], what[96];
    void *there;

    if (api->number)
        api->number(&dom->cfg, dev);
    api->name(dev, id, sizeof(id));
    snprintf(what, sizeof(what), "%s '%s'", api->word, id);
    if (!xldm__affinity_check(ctx, a, what, loc) ||
        !is_new(ctx, dom, api, dev) || !put(&cfg, api, dev, loc, &there))
        return false;
    make_way(dom, api);
    last = last_of(dom);
    if (api->adopt(&cfg, there, api->word, loc) &&
        take_affinities(ctx, behind(dom, last), a))
        return true;
    drop_behind(dom, last);
    take(dom, api);
    return false;
}

/* --------------------------------------------------------- remove ---- */

static bool same(const struct xldm__api *api, const void *a, const void *b)
{
    char x[64], y[64];

    xldm__api_identity(api, a, x);
    xldm__api_identity(api, b, y);
    return !strcmp(x, y);
}

static void remove_devices(struct xldm_domain *dom, const struct xldm__api *api,
                           const void *dev)
{
    struct xldm__device *d = find(dom, api, dev);

    if (api->put)
        make_way(dom, api); /* VNC and SDL go together */
    else if (d)
        xldm__domain_remove(dom, d);
}

bool xldm__domain_device_remove(struct xldm_ctx *ctx, struct xldm_domain *dom,
                                const struct xldm__api *api, const void *dev)
{
    struct xldm__api_list list = list_of(dom, api);
    char id[64];
    int i = 0;

    if (api->take && find(dom, api, dev)) {
        remove_devices(dom, api, dev);
        api->take(dom);
        return true;
    }
    while (!api->take && i < *list.n &&
           !same(api, *list.v + (size_t)i * api->size, dev))
        i++;
    api->name(dev, id, sizeof(id));
    if (api->take || i == *list.n)
        return xldm__error(ctx, dom->loc, "%s '%s': there is none", api->word,
                           id);
    remove_devices(dom, api, dev);
    list_pop(api, list, i);
    return true;
}

/* ----------------------------------------------------------- list ---- */

static bool list_one(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                     const struct xldm__api *api, const void *from, void *to)
{
    const struct xldm__device *d = find(dom, api, from);

    xldm__api_init(api, to);
    return xldm__api_copy_libxl(ctx, api, to, from) &&
           (!d || xldm__affinity_copy(ctx, xldm__api_affinity(api, to),
                                      &d->affinity));
}

void *xldm__domain_device_list(struct xldm_ctx *ctx,
                               const struct xldm_domain *dom,
                               const struct xldm__api *api, int *num)
{
    union { /* a shallow one, never disposed of */
        max_align_t align;
        char bytes[sizeof(xldm_device_vfb)];
    } one;
    struct xldm__api_list list = { NULL, NULL };
    char *from = one.bytes, *all;
    int n = 0;

    if (api->get) {
        api->init(&one);
        n = api->get(&dom->cfg, &one);
    } else {
        list = list_of(dom, api);
        from = *list.v;
        n = *list.n;
    }
    *num = 0;
    all = n ? calloc((size_t)n, api->whole) : NULL;
    if (n && !all)
        xldm__oom(ctx);
    for (int i = 0; all && i < n; i++, ++*num) {
        if (list_one(ctx, dom, api, from + (size_t)i * api->size,
                     all + (size_t)i * api->whole))
            continue;
        xldm__api_list_free(api, all, i + 1);
        all = NULL;
    }
    if (n && !all)
        *num = -1;
    return all;
}
