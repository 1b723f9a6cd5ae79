/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of each key: what is in the XML with it and not without it.  So
 * the report cannot say what is not so. */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/convert.h"
#include "config/write.h"

struct keys {
    struct key {
        char *name;
        struct xldm_loc loc;
    } *v;
    int n;
};

static void add_key(void *arg, const char *name, struct xldm_loc loc)
{
    struct keys *keys = arg;
    struct key *key = xldm__grow(&keys->v, &keys->n, sizeof(*key));

    if (!key)
        return;
    key->name = strdup(name);
    key->loc = loc;
}

/* ----------------------------------------------------------- paths ---- */

struct paths { /* of elements, and of their values as PATH='VALUE' */
    struct xldm__arena arena;
    struct xldm__argv v;
};

static const char *path_of(struct paths *p, const char *parent,
                           const xmlNode *node)
{
    const char *prefix = node->ns ? (const char *)node->ns->prefix : "";
    unsigned n = 1, all = 0;

    for (const xmlNode *s = node->parent->children; s; s = s->next) {
        if (s->type != XML_ELEMENT_NODE || !xmlStrEqual(s->name, node->name))
            continue;
        all++;
        if (s == node)
            n = all;
    }
    return xldm__fmt(&p->arena, all > 1 ? "%s%s%s%s%s[%u]" : "%s%s%s%s%s",
                     parent, *parent ? "/" : "", prefix, *prefix ? ":" : "",
                     (const char *)node->name, n);
}

/* Each word of @unset is one of its own. */
static void collect_attribute(struct paths *p, const char *path,
                              const xmlAttr *a)
{
    char *value = (char *)xmlNodeListGetString(a->doc, a->children, 1);
    bool words = !strcmp((const char *)a->name, "unset");
    char *save = NULL, *w = value;

    if (words && value)
        w = strtok_r(value, " ", &save);
    do {
        xldm__argv_addf(&p->v, "%s%s@%s='%s'", path, *path ? "/" : "",
                        (const char *)a->name, w ? w : "");
    } while (words && w && (w = strtok_r(NULL, " ", &save)));
    xmlFree(value);
}

static void collect(struct paths *p, const char *path, const xmlNode *node)
{
    for (const xmlAttr *a = node->properties; a; a = a->next)
        collect_attribute(p, path, a);
    for (const xmlNode *c = node->children; c; c = c->next) {
        if (c->type == XML_TEXT_NODE)
            xldm__argv_addf(&p->v, "%s='%s'", path,
                            (const char *)c->content);
        if (c->type != XML_ELEMENT_NODE)
            continue;
        const char *below = path_of(p, path, c);

        xldm__argv_addf(&p->v, "<%s>", below);
        if (below)
            collect(p, below, c);
    }
}

static bool collect_all(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                        struct paths *p)
{
    xmlDoc *doc = xldm__domain_to_xml(ctx, dom);

    memset(p, 0, sizeof(*p));
    p->v.arena = &p->arena;
    if (!doc)
        return false;
    collect(p, "", xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
    return !p->arena.failed;
}

static bool has(const struct paths *p, const char *path)
{
    for (size_t i = 0; i < p->v.n; i++)
        if (!strcmp(p->v.v[i], path))
            return true;
    return false;
}

/* ---------------------------------------------------------- report ---- */

/* "<a/b>" is new: then all that is below it is no news. */
static bool is_below(const char *path, const char *element)
{
    size_t n = strlen(element) - 2;

    path += *path == '<';
    return !strncmp(path, element + 1, n) &&
           (path[n] == '/' || path[n] == '=');
}

static bool print_places(const struct paths *with,
                         const struct paths *without, FILE *out)
{
    const char *element = NULL;
    bool any = false;

    for (size_t i = 0; i < with->v.n; i++) {
        const char *path = with->v.v[i];
        const char *next = i + 1 < with->v.n ? with->v.v[i + 1] : NULL;

        if (has(without, path) || (element && is_below(path, element)))
            continue;
        if (*path == '<' && next && !strncmp(next, path + 1, strlen(path) - 2)
            && next[strlen(path) - 2] == '=')
            continue; /* its text says more */
        if (*path == '<')
            element = path;
        fprintf(out, "%s %s", any ? "," : "", path);
        any = true;
    }
    return any;
}

/* What was warned about from this key's line to the next one's. */
static bool print_said(const struct xldm__conversion *c,
                       const struct keys *keys, int k, FILE *out)
{
    int first = keys->v[k].loc.line, last = INT32_MAX;
    bool any = false;

    for (int i = 0; i < keys->n; i++)
        if (keys->v[i].loc.line > first && keys->v[i].loc.line <= last)
            last = keys->v[i].loc.line - 1;
    for (int i = 0; i < c->nsaid; i++) {
        if (c->said[i].line < first || c->said[i].line > last)
            continue;
        fprintf(out, "%s %s", any ? ";" : ":", c->said[i].text);
        any = true;
    }
    return any;
}

static void report_key(const struct xldm__conversion *c,
                       const struct keys *keys, int k,
                       const struct paths *with, struct xldm_ctx *silent,
                       FILE *out)
{
    struct xldm__cfg_view view = { .without = keys->v[k].name };
    struct xldm_domain *dom = xldm__cfg_read_view(silent, c->cfg, c->cfg_size,
                                                  c->file, &view);
    struct paths without;
    bool any;

    fprintf(out, "%s:%d: %s:", c->file, keys->v[k].loc.line, keys->v[k].name);
    if (!dom || !collect_all(silent, dom, &without)) {
        fprintf(out, " %s\n", strcmp(keys->v[k].name, "name")
                                  ? "@type='xen', os/type='hvm'" : "name");
        xldm_domain_free(dom);
        return;
    }
    any = print_places(with, &without, out);
    if (!any)
        fprintf(out, " no effect");
    if (!print_said(c, keys, k, out) && !any)
        fprintf(out, ": it is as without it");
    fprintf(out, "\n");
    xldm__arena_dispose(&without.arena);
    xldm_domain_free(dom);
}

bool xldm__convert_report(struct xldm_ctx *ctx,
                          const struct xldm__conversion *c, FILE *out)
{
    struct xldm_ctx *silent = xldm_ctx_new(NULL, NULL);
    struct keys keys = { NULL, 0 };
    struct xldm__cfg_view view = { .setting = add_key, .arg = &keys };
    struct paths with;
    bool ok = silent && collect_all(silent, c->before, &with);

    if (ok) {
        xldm_domain_free(xldm__cfg_read_view(silent, c->cfg, c->cfg_size,
                                             c->file, &view));
        for (int i = 0; i < keys.n; i++)
            report_key(c, &keys, i, &with, silent, out);
        xldm__arena_dispose(&with.arena);
    } else {
        xldm__oom(ctx);
    }
    for (int i = 0; i < keys.n; i++)
        free(keys.v[i].name);
    free(keys.v);
    xldm_ctx_free(silent);
    return ok;
}
