/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where values stand in XML or xl.cfg, and the difference of two of these. */
#include <stdlib.h>
#include <string.h>

#include "config/report.h"

/* ------------------------------------------------------------- XML ---- */

/* "devices/disk[2]", "xldm:config/xldm:list[ioports]" */
const char *xldm__place_of(struct xldm__places *p, const char *parent,
                           const struct xldm__node *node)
{
    const char *key = xldm__node_attribute(node, "key"), *path;
    unsigned n = 1, all = 0;

    for (const struct xldm__node *s = node->parent->children; s; s = s->next) {
        if (strcmp(s->written, node->written))
            continue;
        all++;
        if (s == node)
            n = all;
    }
    path = xldm__fmt(&p->arena, "%s%s%s", parent, *parent ? "/" : "",
                     node->written);
    if (path && key)
        path = xldm__fmt(&p->arena, "%s[%s]", path, key);
    else if (path && all > 1)
        path = xldm__fmt(&p->arena, "%s[%u]", path, n);
    return path;
}

/* Each word of @unset is one of its own. */
static void collect_attribute(struct xldm__places *p, const char *path,
                              const struct xldm__attribute *a)
{
    bool words = !strcmp(a->name, "unset");
    const char *w = a->value;
    int n;

    do {
        n = (int)strcspn(w, words ? " " : "");
        xldm__argv_addf(&p->v, "%s%s@%s='%.*s'", path, *path ? "/" : "",
                        a->name, n, w);
        w += n;
        w += strspn(w, " ");
    } while (*w);
}

static void collect(struct xldm__places *p, const char *path,
                    const struct xldm__node *node)
{
    for (const struct xldm__attribute *a = node->attributes; a; a = a->next)
        collect_attribute(p, path, a);
    if (node->text.n)
        xldm__argv_addf(&p->v, "%s='%s'", path, node->text.v);
    for (const struct xldm__node *c = node->children; c; c = c->next) {
        const char *below = xldm__place_of(p, path, c);

        xldm__argv_addf(&p->v, "<%s>", below);
        if (below)
            collect(p, below, c);
    }
}

static bool collect_xml(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                        struct xldm__places *p)
{
    struct xldm__tree tree = { 0 };
    bool ok = xldm__domain_to_tree(ctx, dom, &tree);

    if (ok)
        collect(p, "", tree.root);
    xldm__tree_dispose(&tree);
    return ok;
}

/* ---------------------------------------------------------- xl.cfg ---- */

/* Without quotes and what is around them. */
static char *bare(char *text)
{
    size_t n;

    text += strspn(text, " ");
    n = strlen(text);
    if (n && text[n - 1] == ',')
        text[--n] = '\0';
    if (n < 2 || *text != '"' || text[n - 1] != '"')
        return text;
    text[n - 1] = '\0';
    return text + 1;
}

/* As write_cfg.c writes it: a setting or an item a line. */
static void collect_lines(struct xldm__places *p, char *text)
{
    char *save = NULL, *equals;
    const char *key = "";

    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (*line == ' ')
            xldm__argv_addf(&p->v, "%s='%s'", key, bare(line));
        equals = strstr(line, " = ");
        if (*line == ' ' || *line == ']' || !equals)
            continue;
        *equals = '\0';
        key = line;
        if (!strcmp(equals + 3, "["))
            continue;
        xldm__argv_addf(&p->v, "<%s>", key);
        xldm__argv_addf(&p->v, "%s='%s'", key, bare(equals + 3));
    }
}

static bool collect_cfg(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                        struct xldm__places *p)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool ok = out && xldm_domain_write_cfg(ctx, dom, out);

    if (out && !fclose(out) && ok)
        collect_lines(p, text);
    free(text);
    return ok;
}

bool xldm__places_of(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                     bool cfg, struct xldm__places *p)
{
    memset(p, 0, sizeof(*p));
    p->v.arena = &p->arena;
    p->cfg = cfg;
    return (cfg ? collect_cfg : collect_xml)(ctx, dom, p) && !p->arena.failed;
}

/* ------------------------------------------------------ difference ---- */

static bool has(const struct xldm__places *p, const char *path)
{
    for (size_t i = 0; i < p->v.n; i++)
        if (!strcmp(p->v.v[i], path))
            return true;
    return false;
}

/* "<a/b>" is new: then all that is below it is no news. */
static bool is_below(const char *path, const char *element)
{
    size_t n = strlen(element) - 2;

    path += *path == '<';
    return !strncmp(path, element + 1, n) && (path[n] == '/' || path[n] == '=');
}

static bool is_unset(const char *path)
{
    return strstr(path, "/@unset='") != NULL;
}

/* Is the word one of an item?  "hda" of storage='hda,hdc' is. */
static bool has_word(const char *item, const char *word, size_t n)
{
    while ((item = strpbrk(item, "',")))
        if (!strncmp(++item, word, n) && (item[n] == ',' || item[n] == '\''))
            return true;
    return false;
}

static bool is_item(const struct xldm__places *p, const char *path, size_t key)
{
    char setting[64];

    snprintf(setting, sizeof(setting), "<%.*s>", (int)key, path);
    return p->cfg && !has(p, setting);
}

/* An item that another takes the place of: its words that this one lacks. */
static bool print_words(const struct xldm__places *with,
                        const struct xldm__places *without, const char *path,
                        bool any, FILE *out)
{
    size_t key = strcspn(path, "="), n;
    const char *others[2] = { NULL, NULL };
    bool first = true;

    for (size_t i = 0; i < without->v.n; i++)
        if (!strncmp(without->v.v[i], path, key + 1) &&
            !has(with, without->v.v[i]))
            others[others[0] != NULL] = without->v.v[i];
    if (!others[0] || others[1] || !is_item(with, path, key))
        return false;
    for (const char *w = path + key + 2; *w; w += n + 1) {
        n = strcspn(w, ",'");
        if (has_word(others[0] + key, w, n))
            continue;
        if (first)
            fprintf(out, "%s %.*s='", any ? "," : "", (int)key, path);
        fprintf(out, "%s%.*s", first ? "" : ",", (int)n, w);
        first = false;
    }
    fputs(first ? "" : "'", out);
    return any || !first;
}

/* What is in one and not in the other; gone: it is said of what is not there,
 * of which elements are enough. */
static bool print_places(const struct xldm__places *in,
                         const struct xldm__places *not_in, bool gone, bool any,
                         FILE *out)
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
        if (gone || !print_words(in, not_in, path, any, out))
            fprintf(out, "%s %s%s", any ? "," : "", gone ? "no " : "", path);
        any = true;
    }
    return any;
}

bool xldm__places_differ(const struct xldm__places *with,
                         const struct xldm__places *without, bool any,
                         FILE *out)
{
    any = print_places(with, without, false, any, out);
    return print_places(without, with, true, any, out);
}

/* PATH='VALUE', or of an item a word: VALUE or NAME=VALUE. */
static const char *find_value(const struct xldm__places *p, const char *path,
                              const char *text, size_t *size)
{
    size_t m = strlen(text), key = strcspn(path, "=");
    bool item = is_item(p, path, key);

    for (const char *w = path + key, *at; item && *w; w += *size) {
        w += strspn(w, "=',");
        *size = strcspn(w, ",'");
        at = *size >= m ? w + *size - m : w;
        if (*size >= m && !strncmp(at, text, m) && (at == w || at[-1] == '='))
            return w;
    }
    path = strstr(path, "='");
    if (item || !path || strncmp(path + 2, text, m) ||
        strcmp(path + 2 + m, "'"))
        return NULL;
    *size = m;
    return path + 2;
}

bool xldm__places_value(const struct xldm__places *p, const char *text,
                        bool any, FILE *out)
{
    const char *last = "";

    for (size_t i = 0; i < p->v.n; i++) {
        const char *path = p->v.v[i];
        size_t n, key = strcspn(path, "=") + 1;
        const char *value = *path == '<' ? NULL : find_value(p, path, text, &n);

        if (!value || (p->cfg && !strncmp(last, path, key)))
            continue; /* twenty cards on a bridge are one place */
        last = path;
        fprintf(out, "%s %.*s'%.*s'", any ? "," : "", (int)key, path, (int)n,
                value);
        any = true;
    }
    return any;
}
