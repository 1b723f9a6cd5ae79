/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other way of exact.c: what the elements do not say. */
#include <stdlib.h>
#include <string.h>

#include "config/exact.h"

static bool same_list(char **a, char **b)
{
    if (!a || !b)
        return !a == !b;
    while (*a && *b && !strcmp(*a, *b))
        a++, b++;
    return !*a && !*b;
}

static bool same_bits(const libxl_bitmap *a, const libxl_bitmap *b)
{
    uint32_t size = a->size > b->size ? a->size : b->size;

    for (uint32_t i = 0; i < size; i++)
        if ((i < a->size ? a->map[i] : 0) != (i < b->size ? b->map[i] : 0))
            return false;
    return true;
}

static bool same(const struct xldm__key *row, const libxl_domain_config *x,
                 const libxl_domain_config *y)
{
    const void *a = (const char *)x + row->offset;
    const void *b = (const char *)y + row->offset;
    char *const *s = a, *const *t = b;

    switch (xldm__exact_kind_of(row)) {
    case XLDM__KEY_STRING:
        return *s && *t ? !strcmp(*s, *t) : !*s == !*t;
    case XLDM__KEY_LIST:
        return same_list(*(char **const *)a, *(char **const *)b);
    case XLDM__KEY_BITMAP:
        return same_bits(a, b);
    default:
        return !memcmp(a, b, row->size);
    }
}

static const char *text_of(struct xldm__arena *a, const struct xldm__key *row,
                           const libxl_domain_config *cfg)
{
    const void *where = (const char *)cfg + row->offset;
    int64_t n = row->size == 4 ? *(const int32_t *)where
                : row->size == 8 ? *(const int64_t *)where : 0;

    switch (xldm__exact_kind_of(row)) {
    case XLDM__KEY_STRING:
        return *(char *const *)where;
    case XLDM__KEY_DEFBOOL:
        return libxl_defbool_val(*(const libxl_defbool *)where) ? "1" : "0";
    case XLDM__KEY_ENUM:
    case XLDM__KEY_MODE:
        return xldm__cfg_name_of(row->names, (int)n);
    case XLDM__KEY_BITMAP:
        return xldm__bits_text(a, where, row->names);
    case XLDM__KEY_MIB:
        n /= 1024;
        /* fall through */
    default:
        return xldm__fmt(a, "%lld", (long long)n);
    }
}

static void add_unset(struct xldm__writer *w, struct xldm__node **config,
                      struct xldm__node *root, const struct xldm__key *row)
{
    const char *old;

    if (!*config)
        *config = xldm__write_element(w, root, "xldm:config", 0);
    if (!*config)
        return;
    old = xldm__node_attribute(*config, "unset");
    xldm__write_attribute(
        w, *config, "unset",
        old ? xldm__fmt(&w->tree->arena, "%s %s", old, row->key) : row->key);
}

static void add_item(struct xldm__writer *w, struct xldm__node *list, size_t i,
                     const char *text)
{
    struct xldm__node *item = xldm__write_element(w, list, "xldm:item", i);

    xldm__write_attribute(w, item, "value", text);
}

static struct xldm__node *add_list(struct xldm__writer *w,
                                   struct xldm__node *config, const char *key)
{
    size_t n = 0;
    struct xldm__node *list;

    for (struct xldm__node *c = config ? config->children : NULL; c;
         c = c->next)
        n++;
    list = config ? xldm__write_element(w, config, "xldm:list", n) : NULL;
    xldm__write_attribute(w, list, "key", key);
    return list;
}

static void write_list(struct xldm__writer *w, struct xldm__node *root,
                       const struct xldm__key *row)
{
    char **v = *(char **const *)(const void *)((const char *)&w->dom->cfg +
                                               row->offset);
    struct xldm__node *list =
        add_list(w, xldm__write_element(w, root, "xldm:config", 0), row->key);

    for (size_t i = 0; list && v[i]; i++)
        add_item(w, list, i, v[i]);
}

/* Do the elements say them already? */
static bool same_items(struct xldm__writer *w, const struct xldm__key *row,
                       const libxl_domain_config *plain)
{
    const char *a, *b;
    size_t i = 0;

    do {
        a = row->get(&w->tree->arena, &w->dom->cfg, i);
        b = row->get(&w->tree->arena, plain, i++);
    } while (a && b && !strcmp(a, b));
    return !a && !b;
}

static void write_items(struct xldm__writer *w, struct xldm__node *root,
                        const struct xldm__key *row)
{
    struct xldm__node *list = NULL;
    const char *text;

    for (size_t i = 0; (text = row->get(&w->tree->arena, &w->dom->cfg, i));
         i++) {
        if (!list)
            list = add_list(w, xldm__write_element(w, root, "xldm:config", 0),
                            row->key);
        if (!list)
            return;
        add_item(w, list, i, text);
    }
}

void xldm__exact_write(struct xldm__writer *w, struct xldm__node *root,
                       const struct xldm_domain *plain)
{
    const libxl_domain_config *cfg = &w->dom->cfg;
    libxl_domain_config blank;
    struct xldm__node *config = NULL;

    xldm__config_init(&blank);
    xldm__for_each_row (row) {
        if (row->get && !same_items(w, row, &plain->cfg))
            write_items(w, root, row);
        if (!(xldm__exact_is_value(row) || xldm__exact_is_list(row)) || same(row, cfg, &plain->cfg))
            continue;
        if (same(row, cfg, &blank))
            add_unset(w, &config, root, row);
        else if (xldm__exact_is_list(row))
            write_list(w, root, row);
        else
            xldm__write_attribute(
                w, xldm__write_element(w, root, "xldm:config", 0), row->key,
                text_of(&w->tree->arena, row, cfg));
    }
    libxl_domain_config_dispose(&blank);
}
