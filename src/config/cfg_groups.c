/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dm_groups = [ "group=device,device,!onCrash=pause", ... ], and the same among
 * the device model's arguments. */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/xml.h"
#include "dm/plan.h"

static struct xldm__device *find(const struct xldm_domain *dom,
                                 const char *canonical)
{
    struct xldm__device *d = dom->devices;
    char id[64];

    while (d &&
           strcmp(xldm__device_identity(d, id, sizeof(id)), canonical))
        d = d->next;
    return d;
}

static bool no_such(struct xldm__cfg *cfg, const struct xldm__wish *wish)
{
    char list[512] = "";
    size_t n = 0;

    if (cfg->old_map)
        return true;
    for (const struct xldm__device *d = cfg->dom->devices;
         d && n < sizeof(list); d = d->next)
        if (*d->id)
            n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
                                  n ? ", " : "", d->id);
    return xldm__error(cfg->ctx, wish->loc,
                       "there is no device '%s'; there are: %s",
                       wish->id, list);
}

static bool copy_affinity(struct xldm__cfg *cfg, xldm_dm_affinity *to,
                          const xldm_dm_affinity *from)
{
    to->on_crash = from->on_crash;
    to->restrict_ = from->restrict_;
    return (!from->group ||
            xldm__string_set(cfg->ctx, &to->group, from->group)) &&
           (!from->emulator ||
            xldm__string_set(cfg->ctx, &to->emulator, from->emulator));
}

/* PS/2 mice and controllers: no key of xl.cfg makes them. */
static struct xldm__device *add_implied(struct xldm__cfg *cfg,
                                        const struct xldm__wish *wish)
{
    struct xldm__device *d;

    if (!wish->class || !wish->class->imply)
        return NULL;
    d = xldm__cfg_device(cfg, wish->class, "dm_groups", wish->loc);
    if (!d)
        return NULL;
    snprintf(d->id, sizeof(d->id), "%s", wish->id);
    snprintf(d->controller, sizeof(d->controller), "%s", wish->controller);
    wish->class->imply(d);
    return d;
}

static bool apply_wish(struct xldm__cfg *cfg, const struct xldm__wish *wish)
{
    struct xldm__device *d = find(cfg->dom, wish->id);

    if (!*wish->id) { /* the primary's own attributes */
        cfg->dom->primary_loc = wish->loc;
        return copy_affinity(cfg, &cfg->dom->primary, wish->affinity);
    }
    if (!d)
        d = add_implied(cfg, wish);
    if (!d)
        return no_such(cfg, wish);
    if (xldm__affinity_says(&d->affinity) ||
        (d->pin && !d->class->places && (d->key || wish->pin))) {
        if (d->affinity.group)
            xldm__error(cfg->ctx, wish->loc, "'%s' is in group '%s' already",
                        d->id, d->affinity.group);
        else
            xldm__error(cfg->ctx, wish->loc, "'%s' is named already", d->id);
        xldm__note(cfg->ctx, d->affinity_loc, "it was put there here");
        return false;
    }
    if (wish->pin && d->class->places && !cfg->old_map)
        return xldm__error(cfg->ctx, wish->loc,
                           "dm_groups: '%s' has its PCI slot in pci = "
                           "[ \"DDDD:BB:DD.F@SLOT\" ]", d->id);
    d->affinity_loc = wish->loc;
    if (wish->pin && !d->class->places) {
        d->pin_loc = wish->loc;
        d->pin = wish->pin;
    }
    return copy_affinity(cfg, &d->affinity, wish->affinity);
}

static bool check_emulator(struct xldm__cfg *cfg, const struct xldm__wish *w)
{
    const char *path = w->affinity->emulator;

    return !path || *path == '/' ||
           xldm__error(cfg->ctx, w->loc,
                       "!emulator '%s' is not an absolute path",
                       path);
}

static bool read_entry(struct xldm__cfg *cfg, const struct xldm__setting *s,
                       const char *text, struct xldm_loc loc)
{
    struct xldm__arena arena = { 0 };
    struct xldm__wish *wishes;
    size_t n;
    bool ok = xldm__map_read(cfg->ctx, &arena, text, s->key, loc, &wishes,
                             &n);

    if (ok && !n)
        ok = xldm__error(cfg->ctx, loc, "%s: '%s' names no device", s->key,
                         text);
    for (size_t i = 0; ok && i < n; i++) {
        if (!i || wishes[i].affinity != wishes[i - 1].affinity)
            ok &= check_emulator(cfg, &wishes[i]);
        ok &= apply_wish(cfg, &wishes[i]);
    }
    xldm__arena_dispose(&arena);
    return ok;
}

static bool bad_map(struct xldm__cfg *cfg, const struct xldm__setting *s,
                    const char *word, const char *what)
{
    return xldm__error(cfg->ctx, s->loc,
                       "%s: '%s' %s; accepted: \"" XLDM__MAP_OPTION
                       "\", \"group=device,device;...\": two arguments, once",
                       s->key, word, what);
}

/* Takes the map out of the arguments; *found: there was one already. */
static bool take_map(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     char **list, bool *found)
{
    static const size_t n = sizeof(XLDM__MAP_OPTION) - 1;
    bool ok = true;

    while (list && *list) {
        size_t words = list[1] ? 2 : 1;

        if (strncmp(*list, XLDM__MAP_OPTION, n)) {
            list++;
            continue;
        }
        if ((*list)[n]) {
            ok = bad_map(cfg, s, *list, "is not understood");
            words = 1;
        } else if (words < 2) {
            ok = bad_map(cfg, s, *list, "stands without a map");
        } else if (*found) {
            ok = bad_map(cfg, s, *list, "stands twice");
        } else {
            ok &= read_entry(cfg, s, list[1], s->loc);
        }
        *found = true;
        for (size_t i = 0; i < words; i++)
            free(list[i]);
        for (char **p = list; (*p = p[words]); p++)
            ;
    }
    return ok;
}

bool xldm__cfg_arguments(struct xldm__cfg *cfg, const struct xldm__setting *s)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    bool found = false, ok = take_map(cfg, s, b->extra, &found);

    return take_map(cfg, s, b->extra_hvm, &found) && ok;
}

bool xldm__domain_map(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    struct xldm__cfg cfg = { .ctx = ctx, .dom = dom };
    struct xldm__setting s = { .key = (char *)"<xen:commandline>",
                               .loc = dom->map_loc };

    return xldm__cfg_arguments(&cfg, &s);
}

static bool read_arguments(struct xldm__cfg *cfg)
{
    const struct xldm__setting *s = xldm__cfg_find(cfg, "device_model_args"),
                               *hvm = xldm__cfg_find(cfg,
                                                     "device_model_args_hvm");
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    bool found = false, ok = !s || take_map(cfg, s, b->extra, &found);

    return (!hvm || take_map(cfg, hvm, b->extra_hvm, &found)) && ok;
}

bool xldm__cfg_groups(struct xldm__cfg *cfg)
{
    static const struct xldm__key row = { .item = read_entry };
    const struct xldm__setting *s = xldm__cfg_find(cfg, "dm_groups");
    XLU_ConfigList *list;
    bool ok = true;

    if (s && xlu_cfg_get_list(cfg->xlu, s->key, &list, NULL, 0)) {
        xldm__cfg_relay(cfg, XLDM_ERROR, s->loc, ""); /* it is no key of xl's */
        ok = false;
    } else if (s) {
        ok = xldm__cfg_items(cfg, s, &row);
    }

    return read_arguments(cfg) && ok;
}
