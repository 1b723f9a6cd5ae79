/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <xldm:config>: what libvirt has no element for, by the keys of xl.cfg.  The
 * key tables say where each stands; what the elements mean comes first, and
 * only what they have otherwise is written here.
 */
#include <stdlib.h>
#include <string.h>

#include "config/exact.h"

#define RDM(n) libxl_rdm_reserve_##n##_string_table
#define VIRIDIAN libxl_viridian_enlightenment_string_table

/* What several keys of xl.cfg, or one of two kinds, make together. */
static const struct xldm__key own_keys[] = {
    { .key = "numa_placement", .kind = XLDM__KEY_DEFBOOL,
      XLDM__CFG(b_info.numa_placement) },
    { .key = "gfx_passthru_kind", .kind = XLDM__KEY_ENUM,
      .names = libxl_gfx_passthru_kind_string_table,
      XLDM__CFG(b_info.u.hvm.gfx_passthru_kind) },
    { .key = "rdm_strategy", .kind = XLDM__KEY_ENUM, .names = RDM(strategy),
      XLDM__CFG(b_info.u.hvm.rdm.strategy) },
    { .key = "rdm_policy", .kind = XLDM__KEY_ENUM, .names = RDM(policy),
      XLDM__CFG(b_info.u.hvm.rdm.policy) },
    { .key = "viridian_enable", .kind = XLDM__KEY_BITMAP, .names = VIRIDIAN,
      XLDM__CFG(b_info.u.hvm.viridian_enable) },
    { .key = "viridian_disable", .kind = XLDM__KEY_BITMAP, .names = VIRIDIAN,
      XLDM__CFG(b_info.u.hvm.viridian_disable) },
    { .key = "serial", .kind = XLDM__KEY_LIST,
      XLDM__CFG(b_info.u.hvm.serial_list) },
    { .key = "usbdevice", .kind = XLDM__KEY_LIST,
      XLDM__CFG(b_info.u.hvm.usbdevice_list) },
    { 0 },
};

static const struct xldm__key no_keys[] = { { 0 } };

/* The devices' first: vkb counts on from vfb. */
const struct xldm__key *xldm__exact_table(size_t i)
{
    size_t n = 0;

    for (; xldm__classes[n]; n++)
        if (n == i)
            return xldm__classes[n]->keys ? xldm__classes[n]->keys : no_keys;
    return i == n ? own_keys : i == n + 1 ? xldm__machine_keys : NULL;
}

enum xldm__key_kind xldm__exact_kind_of(const struct xldm__key *row)
{
    return row->as ? row->as : row->kind;
}

/* One value, and not a list? */
bool xldm__exact_is_value(const struct xldm__key *row)
{
    switch (xldm__exact_kind_of(row)) {
    case XLDM__KEY_STRING:
    case XLDM__KEY_LONG:
    case XLDM__KEY_MIB:
    case XLDM__KEY_KIB:
    case XLDM__KEY_DEFBOOL:
    case XLDM__KEY_ENUM:
    case XLDM__KEY_MODE:
    case XLDM__KEY_BITMAP:
        return true;
    default:
        return false;
    }
}

bool xldm__exact_is_list(const struct xldm__key *row)
{
    return xldm__exact_kind_of(row) == XLDM__KEY_LIST;
}

bool xldm__exact_known(const char *key)
{
    xldm__for_each_row(row) if (xldm__is(row->key, key) &&
                                xldm__exact_is_value(row)) return true;
    return false;
}

static bool is_it(const struct xldm__key *row, const struct xldm__exact *e)
{
    if (!xldm__is(row->key, e->key))
        return false;
    switch (e->kind) {
    case XLDM__EXACT_UNSET:
        return xldm__exact_is_value(row) || xldm__exact_is_list(row);
    case XLDM__EXACT_VALUE:
        return xldm__exact_is_value(row);
    case XLDM__EXACT_LIST:
    case XLDM__EXACT_ITEM:
        return xldm__exact_is_list(row) || row->get;
    }
    return false;
}

/* --------------------------------------------------------- reading ---- */

bool xldm__exact_add(struct xldm_ctx *ctx, struct xldm_domain *dom,
                     enum xldm__exact_kind kind, const char *key,
                     const char *text, struct xldm_loc loc)
{
    struct xldm__exact *e = xldm__grow(&dom->exact, &dom->nexact, sizeof(*e));

    if (!e)
        return xldm__oom(ctx);
    e->kind = kind;
    e->loc = loc;
    e->key = strdup(key);
    e->text = strdup(text);
    return (e->key && e->text) || xldm__oom(ctx);
}

static void unset(const struct xldm__key *row, char *where)
{
    libxl_domain_config blank;

    xldm__config_init(&blank);
    if (xldm__exact_is_list(row))
        libxl_string_list_dispose((libxl_string_list *)(void *)where);
    else if (xldm__exact_kind_of(row) == XLDM__KEY_BITMAP)
        libxl_bitmap_dispose((libxl_bitmap *)(void *)where);
    else if (xldm__exact_kind_of(row) == XLDM__KEY_STRING)
        free(*(char **)(void *)where);
    memcpy(where, (char *)&blank + row->offset, row->size);
    if (xldm__exact_kind_of(row) == XLDM__KEY_STRING)
        *(char **)(void *)where = NULL;
    libxl_domain_config_dispose(&blank);
}

static bool bad(struct xldm_ctx *ctx, const struct xldm__exact *e,
                const char *accepted)
{
    return xldm__error(ctx, e->loc, "<xldm:config> %s: '%s' is not accepted; "
                       "accepted: %s", e->key, e->text, accepted);
}

static bool set_number(struct xldm_ctx *ctx, const struct xldm__key *row,
                       const struct xldm__exact *e, void *where)
{
    bool mib = xldm__exact_kind_of(row) == XLDM__KEY_MIB;
    int64_t n, min = INT64_MIN, max = INT64_MAX;

    if (row->size == 4) {
        min = INT32_MIN;
        max = UINT32_MAX;
    }
    if (mib || xldm__exact_kind_of(row) == XLDM__KEY_KIB)
        min = 0;
    if (mib)
        max /= 1024;
    if (!xldm__number(e->text, min, max, &n))
        return bad(ctx, e, "a number");
    if (mib)
        n *= 1024;
    if (row->size == 4)
        *(uint32_t *)where = (uint32_t)n;
    else
        *(uint64_t *)where = (uint64_t)n;
    return true;
}

static bool set_value(struct xldm_ctx *ctx, const struct xldm__key *row,
                      const struct xldm__exact *e, void *where)
{
    int v;

    switch (xldm__exact_kind_of(row)) {
    case XLDM__KEY_STRING:
        return xldm__string_set(ctx, where, e->text);
    case XLDM__KEY_DEFBOOL:
        if (strcmp(e->text, "0") && strcmp(e->text, "1"))
            return bad(ctx, e, "0, 1");
        libxl_defbool_set(where, *e->text == '1');
        return true;
    case XLDM__KEY_ENUM:
    case XLDM__KEY_MODE:
        v = xldm__cfg_name(row->names, e->text);
        if (v < 0)
            return bad(ctx, e, "as in xl.cfg(5)");
        *(int *)where = v;
        return true;
    case XLDM__KEY_BITMAP:
        return xldm__bits_set(where, row->names, e->text) ||
               bad(ctx, e, "numbers as 0-3,7, and names");
    default:
        return set_number(ctx, row, e, where);
    }
}

static bool apply(struct xldm_ctx *ctx, struct xldm_domain *dom,
                  const struct xldm__key *row, const struct xldm__exact *e)
{
    char *where = (char *)&dom->cfg + row->offset;
    struct xldm__cfg cfg = { .ctx = ctx, .dom = dom };
    struct xldm__setting s = { .key = e->key, .loc = e->loc };
    libxl_string_list *list = (libxl_string_list *)(void *)where;

    switch (e->kind) {
    case XLDM__EXACT_UNSET:
        unset(row, where);
        return true;
    case XLDM__EXACT_VALUE:
        return set_value(ctx, row, e, where);
    case XLDM__EXACT_LIST:
        if (!xldm__exact_is_list(row))
            return true;
        libxl_string_list_dispose(list);
        *list = calloc(1, sizeof(**list));
        return *list || xldm__oom(ctx);
    case XLDM__EXACT_ITEM:
        return xldm__exact_is_list(row) ? xldm__list_add(ctx, list, e->text)
                            : row->item(&cfg, &s, e->text, e->loc);
    }
    return true;
}

static bool apply_one(struct xldm_ctx *ctx, struct xldm_domain *dom,
                      const struct xldm__exact *e)
{
    bool known = false, ok = true;

    xldm__for_each_row (row) {
        if (!is_it(row, e))
            continue;
        known = true;
        ok &= apply(ctx, dom, row, e);
    }
    return known ? ok
                 : xldm__error(ctx, e->loc, "<xldm:config>: '%s' is no key of "
                               "xl.cfg that can stand here", e->key);
}

bool xldm__exact_apply(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    bool ok = true;

    for (int i = 0; i < dom->nexact; i++)
        if (dom->exact[i].kind == XLDM__EXACT_UNSET)
            ok &= apply_one(ctx, dom, &dom->exact[i]);
    for (int i = 0; i < dom->nexact; i++)
        if (dom->exact[i].kind != XLDM__EXACT_UNSET)
            ok &= apply_one(ctx, dom, &dom->exact[i]);
    if (dom->cfg.b_info.device_model && !dom->emulator)
        ok &= xldm__string_set(ctx, &dom->emulator,
                               dom->cfg.b_info.device_model);
    return ok;
}
