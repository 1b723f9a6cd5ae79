/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a domain that runs. */
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>
#include "config/xml.h"
#include "dm/plan.h"
#include "toolstack/device.h"
#include "toolstack/show.h"

#define PLACE_MS 60000 /* a QEMU may have to be started for it */

bool xldm__running_split(uint32_t domid)
{
    struct xs_handle *xs = xs_open(0);
    char path[64];
    void *pid;

    snprintf(path, sizeof(path), "/libxl/%u/xldm/pid", domid);
    pid = xs ? xs_read(xs, XBT_NULL, path, NULL) : NULL;
    free(pid);
    if (xs)
        xs_close(xs);
    return pid != NULL;
}

struct xldm_domain *xldm__running_domain(struct xldm__libxl *t, uint32_t domid)
{
    struct xldm_ctx *inner = xldm__ctx_inner(t->ctx, NULL, NULL);
    struct xldm_domain *dom = NULL;
    libxl_domain_config cfg;

    libxl_domain_config_init(&cfg);
    if (!inner)
        xldm__oom(t->ctx);
    else if (libxl_retrieve_domain_configuration(t->libxl, domid, &cfg, NULL))
        xldm__error(t->ctx, XLDM__NONE,
                    "libxl's record of domain %u cannot be read", domid);
    else
        dom = xldm_domain_from_config(inner, &cfg);
    if (inner && !dom && inner->errors)
        xldm__error(t->ctx, XLDM__NONE,
                    "libxl's record of domain %u is not one of a domain with "
                    "QEMUs",
                    domid);
    libxl_domain_config_dispose(&cfg);
    xldm_ctx_free(inner);
    return dom;
}

/* Ours or the program's; closed by xldm__libxl_close(). */
static bool open_domain(struct xldm__libxl *t, struct xldm_ctx *ctx,
                        uint32_t domid, const libxl_asyncop_how *how)
{
    if (how && !ctx->libxl_ctx) {
        t->libxl = NULL;
        return xldm__error(ctx, XLDM__NONE,
                           "ao_how needs the program's own libxl_ctx, see "
                           "xldm_ctx_use_libxl()");
    }
    return xldm__libxl_share(t, ctx) && xldm__domain_there(t, domid);
}

/* ------------------------------------------------------------ add ---- */

struct adding {
    struct xldm__libxl t;
    uint32_t domid;
    const struct xldm__api *api;
    const struct xldm__plug *plug;
    xldm_dm_affinity affinity; /* a copy, for the device may be gone sooner;
                                * the group: the one that "own" means */
    char id[64];               /* as the affinity map has it */
    char what[96];
    bool split, placed;
    libxl_asyncop_how how; /* the caller's, if it has a callback */
};

static void set_name(json_t *o, const char *key, const struct xldm__name *names,
                     int value)
{
    const char *name = xldm__name_of(names, value);

    if (name)
        json_object_set_new(o, key, json_string(name));
}

static bool place(struct adding *a)
{
    const xldm_dm_affinity *wish = &a->affinity;
    json_t *o = json_pack("{ss ss}", "device", a->id, "group", wish->group);
    json_t *reply;

    if (!o)
        return xldm__oom(a->t.ctx);
    if (wish->emulator &&
        json_object_set_new(o, "emulator", json_string(wish->emulator)) < 0) {
        json_decref(o);
        return xldm__error(a->t.ctx, XLDM__NONE,
                           "%s: emulator '%s' is not UTF-8", a->what,
                           wish->emulator);
    }
    set_name(o, "on-crash", xldm__on_crash_names, (int)wish->on_crash);
    set_name(o, "restrict", xldm__restrict_names, (int)wish->restrict_);
    reply = xldm__dm_ask(a->t.ctx, a->domid, "x-xldm-place", o, PLACE_MS);
    a->placed = reply != NULL;
    json_decref(reply);
    return a->placed ||
           xldm__error(a->t.ctx, XLDM__NONE,
                       "%s cannot be put into group '%s' of domain %u", a->what,
                       wish->group, a->domid);
}

/* What was made ready for it ends again. */
static void unplace(struct adding *a)
{
    if (a->placed)
        json_decref(xldm__dm_ask(a->t.ctx, a->domid, "x-xldm-unplace",
                                 json_pack("{ss}", "device", a->id), PLACE_MS));
}

static bool prepare(struct adding *a, const void *dev)
{
    struct xldm_ctx *ctx = a->t.ctx;
    char plain[64], own[80];
    const char *group;

    a->api->name(dev, plain, sizeof(plain));
    xldm__api_identity(a->api, dev, a->id);
    if (a->api->number && strstr(plain, "-1")) /* libxl will number it */
        snprintf(a->what, sizeof(a->what), "%s", a->api->word);
    else
        snprintf(a->what, sizeof(a->what), "%s '%s'", a->api->word, plain);
    if (!xldm__affinity_check(ctx, &a->affinity, a->what, XLDM__NONE))
        return false;
    group = a->affinity.group;
    if (group && !strcmp(group, "own") && a->api->class->later &&
        a->api->class->later(a->id, own, sizeof(own)) &&
        !xldm__string_set(ctx, &a->affinity.group, own))
        return false;
    return !a->plug->may_add ||
           a->plug->may_add(ctx, dev, a->what, a->affinity.group);
}

static void pass_error(void *arg, const struct xldm_diag *diag)
{
    if (diag->severity == XLDM_ERROR)
        xldm__error(arg, XLDM__NONE, "%s", diag->text);
}

static bool is_listed(const struct adding *a, struct xldm__api_list list)
{
    char id[64];

    for (int i = 0; i < *list.n; i++) {
        xldm__api_identity(a->api, *list.v + (size_t)i * a->api->size, id);
        if (!strcmp(id, a->id))
            return true;
    }
    return false;
}

/* cfg: what the next start is made of; with dev there is a plan, too. */
static bool can_start(struct adding *a, struct xldm_ctx *ctx,
                      libxl_domain_config *cfg, const void *dev)
{
    struct xldm__api_list list = xldm__api_list(a->api, cfg);
    struct xldm_domain *dom = NULL;
    struct xldm_plan *plan;
    void *to;
    bool ok;

    if (is_listed(a, list)) /* libxl refuses it, and says why */
        return true;
    to = xldm__grow(list.v, list.n, a->api->size);
    if (to && xldm__api_copy_libxl(ctx, a->api, to, dev))
        dom = xldm_domain_from_config(ctx, cfg);
    plan = dom ? xldm_plan_new(ctx, dom, (int)a->domid) : NULL;
    ok = plan != NULL;
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    return ok;
}

/* One that waits for the next start must not prevent that. */
static bool may_wait(struct adding *a, const void *dev)
{
    struct xldm_ctx *ctx = a->t.ctx;
    struct xldm_ctx *inner = xldm__ctx_inner(ctx, pass_error, ctx);
    libxl_domain_config cfg;
    bool ok;

    libxl_domain_config_init(&cfg);
    ok = inner &&
         xldm__record_planned(&a->t, a->domid, a->id, &a->affinity, &cfg) &&
         can_start(a, inner, &cfg, dev);
    if (!ok)
        xldm__error(ctx, XLDM__NONE,
                    "%s cannot be put into group '%s' when domain %u is "
                    "started anew",
                    a->what, a->affinity.group, a->domid);
    libxl_domain_config_dispose(&cfg);
    xldm_ctx_free(inner);
    return ok;
}

static bool find_place(struct adding *a, const void *dev)
{
    const xldm_dm_affinity *wish = &a->affinity;
    const char *group = wish->group;

    if (!group && (wish->emulator || wish->on_crash || wish->restrict_))
        return xldm__error(a->t.ctx, XLDM__NONE,
                           "%s: emulator, on_crash and restrict are a group's, "
                           "and no group is named",
                           a->what);
    if (!group)
        return true;
    a->split = xldm__running_split(a->domid);
    if (a->split)
        return a->plug->emulated ? place(a)
                                 : !strcmp(group, "primary") ||
                                       may_wait(a, dev);
    return !strcmp(group, "primary") ||
           xldm__error(a->t.ctx, XLDM__NONE,
                       "%s: domain %u runs in one QEMU without xldm-dm, and "
                       "can have no group '%s'; accepted: a domain that was "
                       "started with two groups or more",
                       a->what, a->domid, group);
}

/* What libxl made of it, or of its beginning; true: all is well. */
static bool settle(struct adding *a, int rc)
{
    if (!rc && a->split)
        xldm__record_keep(&a->t, a->domid, a->id, &a->affinity);
    if (!rc)
        return true;
    unplace(a);
    return xldm__error(a->t.ctx, XLDM__NONE, "%s cannot be added to domain %u",
                       a->what, a->domid);
}

static void adding_free(struct adding *a)
{
    xldm__affinity_dispose(&a->affinity);
    xldm__libxl_close(&a->t);
    free(a);
}

/* Ours stands before the caller's own callback. */
static void on_added(libxl_ctx *libxl, int rc, void *arg)
{
    struct adding *a = arg;
    libxl_asyncop_how how = a->how;

    settle(a, rc);
    adding_free(a);
    how.callback(libxl, rc, how.u.for_callback);
}

/* true: on_added() has it now, or had it. */
static bool add_later(struct adding *a, void *dev)
{
    libxl_asyncop_how ours = { .callback = on_added, .u.for_callback = a };
    int rc = a->plug->add(a->t.libxl, a->domid, dev, &ours);

    return !rc || settle(a, rc);
}

bool xldm__running_add(struct xldm_ctx *ctx, uint32_t domid,
                       const struct xldm__api *api, void *dev,
                       const libxl_asyncop_how *how)
{
    struct adding *a;
    bool ok;

    if (!xldm__given(ctx, dev, api->word))
        return false;
    a = calloc(1, sizeof(*a));
    if (!a)
        return xldm__oom(ctx);
    *a = (struct adding){ .domid = domid,
                          .api = api,
                          .plug = xldm__plug_of(api) };
    a->t.ctx = ctx;
    ok = xldm__affinity_copy(ctx, &a->affinity, xldm__api_affinity(api, dev)) &&
         prepare(a, dev) && open_domain(&a->t, ctx, domid, how) &&
         find_place(a, dev);
    if (ok && how && how->callback) {
        a->how = *how;
        if (add_later(a, dev))
            return true;
        ok = false;
    } else if (ok) {
        ok = settle(a, a->plug->add(a->t.libxl, domid, dev, how));
    }
    adding_free(a);
    return ok;
}

/* ------------------------------------------------- remove, list ---- */

bool xldm__running_remove(struct xldm_ctx *ctx, uint32_t domid,
                          const struct xldm__api *api, const void *dev,
                          const libxl_asyncop_how *how)
{
    const struct xldm__plug *plug = xldm__plug_of(api);
    struct xldm__libxl t = { .ctx = ctx };
    char id[64];
    bool ok;

    if (!xldm__given(ctx, dev, api->word))
        return false;
    api->name(dev, id, sizeof(id));
    if (!plug->remove)
        return xldm__error(ctx, XLDM__NONE, "%s '%s': %s", api->word, id,
                           plug->why);
    ok = open_domain(&t, ctx, domid, how);
    if (ok && plug->remove(t.libxl, domid, (void *)dev, how) != 0)
        ok = xldm__error(ctx, XLDM__NONE,
                         "%s '%s' cannot be removed from domain %u", api->word,
                         id, domid);
    xldm__libxl_close(&t);
    return ok;
}

void *xldm__running_list(struct xldm_ctx *ctx, uint32_t domid,
                         const struct xldm__api *api, int *num)
{
    struct xldm__libxl t = { .ctx = ctx };
    struct xldm_domain *dom = NULL;
    void *list = NULL;

    if (num)
        *num = -1;
    if (!xldm__given(ctx, num, "number"))
        return NULL;
    if (open_domain(&t, ctx, domid, NULL))
        dom = xldm__running_domain(&t, domid);
    if (dom)
        list = xldm__domain_device_list(ctx, dom, api, num);
    xldm_domain_free(dom);
    xldm__libxl_close(&t);
    return list;
}

/* --------------------------------------------------------- public ---- */

#define PUBLIC(kind)                                                           \
    bool xldm_device_##kind##_add(struct xldm_ctx *ctx, uint32_t domid,        \
                                  xldm_device_##kind *dev,                     \
                                  const libxl_asyncop_how *ao_how)             \
    {                                                                          \
        return xldm__running_add(ctx, domid, &xldm__##kind##_api, dev,         \
                                 ao_how);                                      \
    }                                                                          \
    bool xldm_device_##kind##_remove(struct xldm_ctx *ctx, uint32_t domid,     \
                                     const xldm_device_##kind *dev,            \
                                     const libxl_asyncop_how *ao_how)          \
    {                                                                          \
        return xldm__running_remove(ctx, domid, &xldm__##kind##_api, dev,      \
                                    ao_how);                                   \
    }                                                                          \
    xldm_device_##kind *xldm_device_##kind##_list(struct xldm_ctx *ctx,        \
                                                  uint32_t domid, int *num)    \
    {                                                                          \
        return xldm__running_list(ctx, domid, &xldm__##kind##_api, num);       \
    }

PUBLIC(disk)
PUBLIC(nic)
PUBLIC(vfb)
PUBLIC(pci)
