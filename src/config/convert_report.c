/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of each key or element: what is written with it and not without
 * it.  So the report cannot say what is not so. */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/report.h"

struct keys {
    const struct xldm__conversion *c;
    struct xldm__tree tree;    /* of what was read; no root: it is xl.cfg */
    struct xldm__places names; /* holds those of elements */
    struct key {
        char *name, *text;
        struct xldm_loc loc;
        struct xldm__node *node;
    } *v;
    int n;
};

static void add_key(void *arg, const char *name, const char *text,
                    struct xldm_loc loc)
{
    struct keys *keys = arg;
    struct key *key = xldm__grow(&keys->v, &keys->n, sizeof(*key));

    if (!key)
        return;
    key->name = strdup(name);
    key->text = text ? strdup(text) : NULL;
    key->loc = loc;
}

/* Has it anything of its own?  What merely holds others has not. */
static bool says_something(const struct xldm__node *node)
{
    return node->attributes || !node->children;
}

static void add_elements(struct keys *keys, const char *path,
                         const struct xldm__node *parent)
{
    for (struct xldm__node *e = parent->children; e; e = e->next) {
        struct xldm_loc loc = { keys->c->file, e->line };
        const char *name = xldm__place_of(&keys->names, path, e);
        int n = keys->n;

        if (name && says_something(e))
            add_key(keys, name, NULL, loc);
        if (keys->n > n)
            keys->v[n].node = e;
        if (name)
            add_elements(keys, name, e);
    }
}

/* What was warned about from this key's line to the next one's. */
static bool print_said(const struct keys *keys, int k, const char *mark,
                       FILE *out)
{
    const struct xldm__conversion *c = keys->c;
    int first = keys->v[k].loc.line, last = INT32_MAX;
    bool any = false;

    for (int i = 0; i < keys->n; i++)
        if (keys->v[i].loc.line > first && keys->v[i].loc.line <= last)
            last = keys->v[i].loc.line - 1;
    for (int i = 0; i < c->nsaid; i++) {
        if (c->said[i].line < first || c->said[i].line > last)
            continue;
        fprintf(out, "%s %s", any ? ";" : mark, c->said[i].text);
        any = true;
    }
    return any;
}

static struct xldm_domain *read_without_node(struct xldm_ctx *silent,
                                             const struct keys *keys,
                                             struct xldm__node *node)
{
    struct xldm__node **link = &node->parent->children;
    struct xldm_domain *dom;

    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    dom = xldm__domain_read_tree(silent, keys->tree.root, keys->c->file);
    *link = node;
    return dom;
}

/* What is written without it; false: that is no description. */
static bool collect_without(const struct keys *keys, const struct key *key,
                            const char *too, struct xldm__places *p)
{
    const struct xldm__conversion *c = keys->c;
    struct xldm_ctx *silent = xldm__ctx_inner(c->ctx, NULL, NULL);
    struct xldm__cfg_view view = { .without = { key->name, too } };
    struct xldm_domain *dom = NULL;
    bool ok;

    memset(p, 0, sizeof(*p));
    if (silent)
        dom = key->node ? read_without_node(silent, keys, key->node)
                        : xldm__cfg_read_view(silent, c->cfg, c->cfg_size,
                                              c->file, &view);
    ok = dom && xldm__places_of(silent, dom, c->to_cfg, p);
    if (!ok)
        xldm__arena_dispose(&p->arena);
    xldm_domain_free(dom);
    xldm_ctx_free(silent);
    return ok;
}

/* Numbers are found anywhere. */
static bool is_telling(const char *text)
{
    return text && text[strspn(text, "0123456789. \n")];
}

static bool print_value(const struct xldm__places *with,
                        const struct key *key, FILE *out)
{
    const struct xldm__node *node = key->node;
    const struct xldm__attribute *a = node ? node->attributes : NULL;
    bool any = false;

    if (key->text)
        any = xldm__places_value(with, key->text, false, out);
    if (node && is_telling(node->text.v))
        any = xldm__places_value(with, node->text.v, false, out);
    for (; a; a = a->next)
        if (is_telling(a->value))
            any = xldm__places_value(with, a->value, any, out);
    return any;
}

/* Groups name devices: a file may need its devices for nothing but them. */
static bool print_key(const struct keys *keys, const struct key *key,
                      const struct xldm__places *with, FILE *out)
{
    static const struct key groups = { .name = "dm_groups" };
    struct xldm__places without = { .cfg = false }, ungrouped = without;
    bool any = true;

    if (collect_without(keys, key, NULL, &without))
        any = xldm__places_differ(with, &without, false, out);
    else if (!key->node && strcmp(key->name, groups.name) &&
             collect_without(keys, key, groups.name, &without) &&
             collect_without(keys, &groups, NULL, &ungrouped))
        any = xldm__places_differ(&ungrouped, &without, false, out);
    else if (!print_value(with, key, out))
        fprintf(out, " the others need it");
    xldm__arena_dispose(&without.arena);
    xldm__arena_dispose(&ungrouped.arena);
    return any;
}

static void report_key(const struct keys *keys, int k,
                       const struct xldm__places *with, FILE *out)
{
    const struct key *key = &keys->v[k];
    bool any;

    fprintf(out, "%s:%d: %s:", keys->c->file, key->loc.line, key->name);
    any = print_key(keys, key, with, out);
    if (!print_said(keys, k, any ? ":" : "", out) && !any)
        fprintf(out, " no effect: it is as without it");
    fprintf(out, "\n");
}

static void find_keys(struct xldm_ctx *silent, struct keys *keys)
{
    const struct xldm__conversion *c = keys->c;
    struct xldm__cfg_view view = { .setting = add_key, .arg = keys };

    if (!xldm__is_xml(c->cfg, c->cfg_size)) {
        xldm_domain_free(xldm__cfg_read_view(silent, c->cfg, c->cfg_size,
                                             c->file, &view));
        return;
    }
    if (xldm__tree_parse(silent, c->cfg, c->cfg_size, c->file, &keys->tree))
        add_elements(keys, "", keys->tree.root);
}

bool xldm__convert_report(struct xldm_ctx *ctx,
                          const struct xldm__conversion *c, FILE *out)
{
    struct xldm_ctx *silent = xldm__ctx_inner(ctx, NULL, NULL);
    struct keys keys = { .c = c };
    struct xldm__places with = { .cfg = false };
    bool ok = silent && xldm__places_of(silent, c->before, c->to_cfg, &with);

    if (ok) {
        find_keys(silent, &keys);
        for (int i = 0; i < keys.n; i++)
            report_key(&keys, i, &with, out);
    } else {
        xldm__oom(ctx);
    }
    for (int i = 0; i < keys.n; i++) {
        free(keys.v[i].name);
        free(keys.v[i].text);
    }
    free(keys.v);
    xldm__arena_dispose(&with.arena);
    xldm__arena_dispose(&keys.names.arena);
    xldm__tree_dispose(&keys.tree);
    xldm_ctx_free(silent);
    return ok;
}
