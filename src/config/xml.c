/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks an element by field tables; what no row knows is an error. */
#include <libxml/chvalid.h>
#include <stdlib.h>
#include <string.h>

#include "config/tables.h"

struct xldm_loc xldm__xml_loc(const struct xldm__reader *r,
                              const struct xldm__node *node)
{
    return (struct xldm_loc){ r->dom->file, node->line };
}

/* A path that does not fit is none that a table knows. */
static bool join(char *path, const char *prefix, const char *mark,
                 const char *name)
{
    size_t n = strlen(prefix), m = strlen(mark), k = strlen(name);

    if (n + m + k >= PATH_SIZE)
        return false;
    memcpy(path, prefix, n);
    memcpy(path + n, mark, m);
    memcpy(path + n + m, name, k + 1);
    return true;
}

/* ---------------------------------------------------------- values ---- */

static bool clean(struct xldm__reader *r, const char *path, const char *value,
                  struct xldm_loc loc)
{
    for (; *value; value++)
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            return xldm__error(r->ctx, loc,
                               "<%s> %s: holds a control character (0x%02x)",
                               r->element, path, (unsigned char)*value);
    return true;
}

static bool set_value(struct xldm__reader *r, struct xldm__found found,
                      const char *value, struct xldm_loc loc)
{
    return clean(r, found.field->path, value, loc) &&
           xldm__field_set(r, found.table, found.field, value, loc);
}

/* Without the blanks at its ends: text itself, or *copy, malloc'ed. */
static const char *trim(struct xldm__reader *r, const char *text, char **copy)
{
    size_t n;

    while (xmlIsBlank_ch(*text))
        text++;
    n = strlen(text);
    if (!n || !xmlIsBlank_ch(text[n - 1]))
        return text;
    while (xmlIsBlank_ch(text[n - 1]))
        n--;
    *copy = strndup(text, n);
    if (!*copy)
        xldm__oom(r->ctx);
    return *copy;
}

static bool read_exact(struct xldm__reader *r, const struct xldm__attribute *a,
                       struct xldm_loc loc)
{
    return clean(r, a->name, a->value, loc) &&
           xldm__exact_add(r->ctx, r->dom, XLDM__EXACT_VALUE, a->name, a->value,
                           loc);
}

static bool read_attribute(struct xldm__reader *r,
                           const struct xldm__node *node,
                           const struct xldm__attribute *a, const char *prefix,
                           const struct xldm__scope *in)
{
    struct xldm_loc loc = xldm__xml_loc(r, node);
    char path[PATH_SIZE], list[512], *copy = NULL;
    struct xldm__found found = { NULL, NULL };
    const char *value = a->value;
    bool ok;

    if (join(path, prefix, "@", a->name))
        found = xldm__tables_find(r, in, path);
    if (!found.field && r->device && !strcmp(prefix, "xldm:config/") &&
        xldm__exact_known(a->name))
        return read_exact(r, a, loc);
    if (!found.field)
        return xldm__error(
            r->ctx, loc, "unknown attribute '%s' of <%s>; accepted: %s%s",
            a->name, node->written,
            xldm__xml_accepted(r, prefix, true, list, sizeof(list)),
            !strcmp(prefix, "xldm:config/")
                ? ", and keys of xl.cfg with one value; a list is a "
                  "<xldm:list key='...'>"
                : "");
    if (found.field->kind != XLDM__TEXT && !found.field->whole)
        value = trim(r, value, &copy);
    ok = value && set_value(r, found, value, loc);
    free(copy);
    return ok;
}

static bool read_text(struct xldm__reader *r, const struct xldm__node *node,
                      struct xldm__found found)
{
    struct xldm_loc loc = xldm__xml_loc(r, node);
    bool ok = true, wanted = found.field && found.field->kind != XLDM__PRESENT;
    char *copy = NULL;
    const char *text = trim(r, node->text.n ? node->text.v : "", &copy);

    if (!text)
        return false;
    if (*text && !wanted)
        ok = xldm__error(r->ctx, loc, "text is not accepted in <%s>: '%.40s'",
                         node->written, text);
    if (found.field)
        ok &= set_value(r, found, wanted ? text : "", loc);
    free(copy);
    return ok;
}

/* -------------------------------------------------------- elements ---- */

static bool read_element(struct xldm__reader *r, const struct xldm__node *node,
                         const char *path, const struct xldm__place *place);

static bool unknown_element(struct xldm__reader *r,
                            const struct xldm__node *node, const char *prefix)
{
    char list[512], more[256] = "";
    size_t used = 0;

    if (!*node->name)
        return xldm__error(r->ctx, xldm__xml_loc(r, node),
                           "<%s> is in an unknown namespace; accepted: none, "
                           XLDM__SPACE_XLDM ", " XLDM__SPACE_XEN,
                           node->written);
    for (size_t i = 0; r->device && xldm__classes[i]; i++)
        if (xldm__classes[i]->element && xldm__classes[i]->when.attribute &&
            !strcmp(prefix, "devices/") &&
            !strcmp(xldm__classes[i]->element, node->name))
            return xldm__unknown_kind(r, node, xldm__classes[i]);

    if (r->device && !strcmp(prefix, "devices/")) {
        for (size_t i = 0; xldm__classes[i]; i++)
            if (xldm__classes[i]->element && used < sizeof(more) &&
                strcmp(xldm__classes[i]->element, "controller") &&
                !strstr(more, xldm__classes[i]->element))
                used += (size_t)snprintf(more + used, sizeof(more) - used,
                                         "%s, ", xldm__classes[i]->element);
    }
    return xldm__error(
        r->ctx, xldm__xml_loc(r, node),
        "unknown element <%s> in <%s>; accepted: %s%s", node->written,
        node->parent->written, more,
        xldm__xml_accepted(r, prefix, false, list, sizeof(list)));
}

/* An earlier element of this name in the same parent? */
static bool check_once(struct xldm__reader *r, const struct xldm__node *node)
{
    const struct xldm__node *first = xldm__node_child(node->parent, node->name);

    if (first == node)
        return true;
    xldm__note(r->ctx, xldm__xml_loc(r, first), "the first <%s> is here",
               first->written);
    return xldm__error(r->ctx, xldm__xml_loc(r, node),
                       "second <%s> in <%s>, where one is accepted",
                       node->written, node->parent->written);
}

static bool read_child(struct xldm__reader *r, const struct xldm__node *node,
                       const char *prefix, const struct xldm__scope *in)
{
    char path[PATH_SIZE];
    struct xldm__place place = { .known = false };
    bool known = false, ok;

    if (r->limit && r->ctx->errors >= r->limit)
        return false;
    if (r->device && !strcmp(prefix, "devices/")) {
        ok = r->device(r, node, &known);
        if (known)
            return ok;
    }
    if (*node->name && join(path, prefix, "", node->name))
        place = xldm__tables_place(r, in, path);
    if (!place.known)
        return unknown_element(r, node, prefix);
    ok = place.many || check_once(r, node);
    return read_element(r, node, path, &place) && ok;
}

static bool lacks(struct xldm__reader *r, const struct xldm__node *node,
                  const char *rest)
{
    const char *attr = strchr(rest, '@');
    char path[PATH_SIZE] = "";
    size_t used = 0;

    if (attr == rest)
        return xldm__error(r->ctx, xldm__xml_loc(r, node),
                           "<%s> lacks the attribute '%s'", node->written,
                           rest + 1);
    for (size_t n; *rest && *rest != '@'; rest += n + (rest[n] == '/')) {
        bool last = !rest[n = strcspn(rest, "/")] || rest[n + 1] == '@';

        if (used < sizeof(path))
            used += (size_t)snprintf(path + used, sizeof(path) - used,
                                     "<%.*s%s%s%s>", (int)n, rest,
                                     attr && last ? " " : "",
                                     attr && last ? attr + 1 : "",
                                     attr && last ? "='...'" : "");
    }
    return xldm__error(r->ctx, xldm__xml_loc(r, node), "<%s> lacks %s",
                       node->written, path);
}

/* Rows whose next step from here is not there. */
static bool check_required(struct xldm__reader *r,
                           const struct xldm__node *node, const char *prefix,
                           const struct xldm__scope *in)
{
    size_t n = strlen(prefix);
    bool ok = true;
    char name[64];

    xldm__for_each_field (in, t, f) {
        const char *rest = f->path + n;

        if (!(f->required || f->completes) || (n && *f->path != *prefix) ||
            strncmp(f->path, prefix, n) || !(f->required || *rest == '@'))
            continue;
        name[0] = '\0';
        strncat(name, rest, strcspn(rest, "/"));
        if (*rest == '@' ? !xldm__node_attribute(node, rest + 1)
                         : !xldm__node_child(node, name))
            ok = lacks(r, node, rest);
    }
    return ok;
}

static bool read_element(struct xldm__reader *r, const struct xldm__node *node,
                         const char *path, const struct xldm__place *place)
{
    struct xldm__found found = place->found;
    const struct xldm__scope *in = &place->scope;
    char prefix[PATH_SIZE];
    bool ok = true;

    if (found.field && xldm__field_idle(found.field))
        return xldm__field_set(r, found.table, found.field, "",
                               xldm__xml_loc(r, node));
    if (!join(prefix, path, *path ? "/" : "", ""))
        return true; /* too long to be known: never gets here */
    for (const struct xldm__attribute *a = node->attributes; a; a = a->next)
        ok &= read_attribute(r, node, a, prefix, in);
    ok &= read_text(r, node, found);
    for (const struct xldm__node *c = node->children; c; c = c->next)
        ok &= read_child(r, c, prefix, in);
    return check_required(r, node, prefix, in) && ok;
}

bool xldm__xml_read(struct xldm__reader *r, const struct xldm__node *node)
{
    struct xldm__place whole = { .scope = xldm__tables_scope(r) };

    r->element = node->written;
    whole.found = xldm__tables_find(r, &whole.scope, ".");
    return read_element(r, node, "", &whole);
}
