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
        char *name, *text;
        struct xldm_loc loc;
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

/* ----------------------------------------------------------- paths ---- */

struct paths { /* of elements, and of their values as PATH='VALUE' */
    struct xldm__arena arena;
    struct xldm__argv v;
};

/* "devices/disk[2]", "xldm:config/xldm:list[ioports]" */
static const char *path_of(struct paths *p, const char *parent,
                           const xmlNode *node)
{
    const char *prefix = node->ns ? (const char *)node->ns->prefix : "";
    char *key = (char *)xmlGetNoNsProp(node, (const xmlChar *)"key");
    unsigned n = 1, all = 0;
    const char *path;

    for (const xmlNode *s = node->parent->children; s; s = s->next) {
        if (s->type != XML_ELEMENT_NODE || s->ns != node->ns ||
            !xmlStrEqual(s->name, node->name))
            continue;
        all++;
        if (s == node)
            n = all;
    }
    path = xldm__fmt(&p->arena, "%s%s%s%s%s", parent, *parent ? "/" : "",
                     prefix, *prefix ? ":" : "", (const char *)node->name);
    if (path && key)
        path = xldm__fmt(&p->arena, "%s[%s]", path, key);
    else if (path && all > 1)
        path = xldm__fmt(&p->arena, "%s[%u]", path, n);
    xmlFree(key);
    return path;
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

static bool is_unset(const char *path)
{
    return strstr(path, "/@unset='") != NULL;
}

/* What is in one and not in the other; gone: it is said of what is not there,
 * of which elements are enough. */
static bool print_places(const struct paths *in, const struct paths *not_in,
                         bool gone, bool any, FILE *out)
{
    const char *element = NULL;

    for (size_t i = 0; i < in->v.n; i++) {
        const char *path = in->v.v[i];
        const char *next = i + 1 < in->v.n ? in->v.v[i + 1] : NULL;
        size_t n = strlen(path) - 2;

        if (has(not_in, path) || (element && is_below(path, element)) ||
            (gone && *path != '<' && (any || !is_unset(path))))
            continue;
        if (*path == '<')
            element = path;
        if (*path == '<' && !gone && next && !strncmp(next, path + 1, n) &&
            next[n] == '=') /* its text says more */
            path = in->v.v[++i];
        fprintf(out, "%s %s%s", any ? "," : "", gone ? "no " : "", path);
        any = true;
    }
    return any;
}

/* Where the value itself is. */
static bool print_value(const struct paths *p, const char *text, FILE *out)
{
    char *end = NULL;
    bool any = false;

    if (!text || asprintf(&end, "='%s'", text) < 0)
        return false;
    for (size_t i = 0; i < p->v.n; i++) {
        size_t n = strlen(p->v.v[i]), m = strlen(end);

        if (n < m || strcmp(p->v.v[i] + n - m, end))
            continue;
        fprintf(out, "%s %s", any ? "," : "", p->v.v[i]);
        any = true;
    }
    free(end);
    return any;
}

/* What was warned about from this key's line to the next one's. */
static bool print_said(const struct xldm__conversion *c,
                       const struct keys *keys, int k, const char *mark,
                       FILE *out)
{
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

/* As XML without these keys; false: that is no description. */
static bool collect_without(const struct xldm__conversion *c,
                            const char *key, const char *too,
                            struct paths *p)
{
    struct xldm_ctx *silent = xldm__ctx_inner(c->ctx, NULL, NULL);
    struct xldm__cfg_view view = { .without = { key, too } };
    struct xldm_domain *dom = NULL;
    bool ok;

    memset(p, 0, sizeof(*p));
    if (silent)
        dom = xldm__cfg_read_view(silent, c->cfg, c->cfg_size, c->file,
                                  &view);
    ok = dom && collect_all(silent, dom, p);
    xldm_domain_free(dom);
    xldm_ctx_free(silent);
    return ok;
}

/* Groups name devices: a file may need its devices for nothing but them. */
static bool print_key(const struct xldm__conversion *c, const struct key *key,
                      const struct paths *with, FILE *out)
{
    static const char groups[] = "dm_groups";
    struct paths without, ungrouped = { 0 };
    bool any;

    if (collect_without(c, key->name, NULL, &without)) {
        any = print_places(with, &without, false, false, out);
        any = print_places(&without, with, true, any, out);
    } else if (strcmp(key->name, groups) &&
               collect_without(c, key->name, groups, &without) &&
               collect_without(c, groups, NULL, &ungrouped)) {
        any = print_places(&ungrouped, &without, false, false, out);
        any = print_places(&without, &ungrouped, true, any, out);
    } else {
        any = print_value(with, key->text, out);
        if (!any)
            fprintf(out, " the others need it");
        any = true;
    }
    xldm__arena_dispose(&without.arena);
    xldm__arena_dispose(&ungrouped.arena);
    return any;
}

static void report_key(const struct xldm__conversion *c,
                       const struct keys *keys, int k,
                       const struct paths *with, FILE *out)
{
    const struct key *key = &keys->v[k];
    bool any;

    fprintf(out, "%s:%d: %s:", c->file, key->loc.line, key->name);
    any = print_key(c, key, with, out);
    if (!print_said(c, keys, k, any ? ":" : "", out) && !any)
        fprintf(out, " no effect: it is as without it");
    fprintf(out, "\n");
}

bool xldm__convert_report(struct xldm_ctx *ctx,
                          const struct xldm__conversion *c, FILE *out)
{
    struct xldm_ctx *silent = xldm__ctx_inner(ctx, NULL, NULL);
    struct keys keys = { NULL, 0 };
    struct xldm__cfg_view view = { .setting = add_key, .arg = &keys };
    struct paths with;
    bool ok = silent && collect_all(silent, c->before, &with);

    if (ok) {
        xldm_domain_free(xldm__cfg_read_view(silent, c->cfg, c->cfg_size,
                                             c->file, &view));
        for (int i = 0; i < keys.n; i++)
            report_key(c, &keys, i, &with, out);
        xldm__arena_dispose(&with.arena);
    } else {
        xldm__oom(ctx);
    }
    for (int i = 0; i < keys.n; i++) {
        free(keys.v[i].name);
        free(keys.v[i].text);
    }
    free(keys.v);
    xldm_ctx_free(silent);
    return ok;
}
