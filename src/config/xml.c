/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks an element by field tables; what no row knows is an error. */
#include <stdlib.h>
#include <string.h>

#include "config/tables.h"

struct xldm_loc xldm__xml_loc(const struct xldm__reader *r,
                              const xmlNode *node)
{
    struct xldm_loc loc = { r->dom->file, (int)xmlGetLineNo(node) };

    if (loc.line < 0)
        loc.line = 0;
    return loc;
}

static const struct {
    const char *href, *prefix;
} spaces[] = {
    { "https://xldm.org/schemas/domain/1.0", "xldm" },
    { "http://libvirt.org/schemas/domain/xen/1.0", "xen" },
};

const char *xldm__xml_space(const char *prefix)
{
    return spaces[strcmp(prefix, "xldm") ? 1 : 0].href;
}

/* What a table calls an element: "disk", "xldm:pci"; NULL: a namespace that
 * no table knows. */
static const char *table_name(const xmlNode *node, char *buf, size_t size)
{
    const char *href = node->ns ? (const char *)node->ns->href : NULL;

    if (!href)
        return (const char *)node->name;
    for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
        if (!strcmp(spaces[i].href, href)) {
            snprintf(buf, size, "%s:%s", spaces[i].prefix,
                     (const char *)node->name);
            return buf;
        }
    return NULL;
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

static const char *node_name(const xmlNode *node, char *buf, size_t size)
{
    const char *prefix = node->ns ? (const char *)node->ns->prefix : NULL;

    snprintf(buf, size, "%s%s%s", prefix ? prefix : "", prefix ? ":" : "",
             (const char *)node->name);
    return buf;
}

const xmlNode *xldm__xml_child(const xmlNode *node, const char *name)
{
    for (node = node->children; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE &&
            !strcmp((const char *)node->name, name))
            return node;
    return NULL;
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

/* The text right below a node, its ends trimmed; malloc'ed. */
static char *text_of(struct xldm__reader *r, const xmlNode *children)
{
    size_t size = 1, used = 0;
    const xmlNode *n;
    char *text, *start;

    for (n = children; n; n = n->next)
        if (n->content)
            size += strlen((const char *)n->content);
    text = malloc(size);
    if (!text) {
        xldm__oom(r->ctx);
        return NULL;
    }
    for (n = children; n; n = n->next) {
        if (n->type != XML_TEXT_NODE && n->type != XML_CDATA_SECTION_NODE)
            continue;
        if (!n->content)
            continue;
        strcpy(text + used, (const char *)n->content);
        used += strlen(text + used);
    }
    while (used && strchr(" \t\r\n", text[used - 1]))
        used--;
    text[used] = '\0';
    start = text + strspn(text, " \t\r\n");
    memmove(text, start, strlen(start) + 1);
    return text;
}

/* An attribute to the letter; malloc'ed. */
static char *whole_text(struct xldm__reader *r, const xmlAttr *attr)
{
    xmlChar *value = xmlNodeListGetString(attr->doc, attr->children, 1);
    char *copy = strdup(value ? (const char *)value : "");

    xmlFree(value);
    if (!copy)
        xldm__oom(r->ctx);
    return copy;
}

static bool read_exact(struct xldm__reader *r, const xmlAttr *attr,
                       struct xldm_loc loc)
{
    const char *key = (const char *)attr->name;
    char *value = whole_text(r, attr);
    bool ok = value && clean(r, key, value, loc) &&
              xldm__exact_add(r->ctx, r->dom, XLDM__EXACT_VALUE, key, value,
                              loc);

    free(value);
    return ok;
}

static bool read_attribute(struct xldm__reader *r, const xmlNode *node,
                           const xmlAttr *attr, const char *prefix,
                           const struct xldm__scope *in)
{
    struct xldm_loc loc = xldm__xml_loc(r, node);
    char path[PATH_SIZE], element[64], list[512];
    struct xldm__found found = { NULL, NULL };
    char *value;
    bool ok;

    if (join(path, prefix, "@", (const char *)attr->name) && !attr->ns)
        found = xldm__tables_find(r, in, path);
    if (!found.field && !attr->ns && r->device &&
        !strcmp(prefix, "xldm:config/") &&
        xldm__exact_known((const char *)attr->name))
        return read_exact(r, attr, loc);
    if (!found.field)
        return xldm__error(r->ctx, loc,
                           "unknown attribute '%s%s%s' of <%s>; accepted: %s",
                           attr->ns && attr->ns->prefix
                               ? (const char *)attr->ns->prefix : "",
                           attr->ns ? ":" : "", (const char *)attr->name,
                           node_name(node, element, sizeof(element)),
                           xldm__xml_accepted(r, prefix, true, list,
                                              sizeof(list)));
    value = found.field->kind == XLDM__TEXT || found.field->whole
                ? whole_text(r, attr)
                : text_of(r, attr->children);
    ok = value && set_value(r, found, value, loc);
    free(value);
    return ok;
}

static bool has_text(const xmlNode *n)
{
    while (n && n->type == XML_ELEMENT_NODE)
        n = n->next;
    return n != NULL;
}

static bool read_text(struct xldm__reader *r, const xmlNode *node,
                      struct xldm__found found)
{
    struct xldm_loc loc = xldm__xml_loc(r, node);
    bool ok, wanted = found.field && found.field->kind != XLDM__PRESENT;
    char element[64], *text;

    if (!has_text(node->children))
        return !found.field || set_value(r, found, "", loc);
    text = text_of(r, node->children);
    if (!text)
        return false;
    ok = true;
    if (*text && !wanted)
        ok = xldm__error(r->ctx, loc, "text is not accepted in <%s>: '%.40s'",
                         node_name(node, element, sizeof(element)), text);
    if (found.field)
        ok &= set_value(r, found, wanted ? text : "", loc);
    free(text);
    return ok;
}

/* -------------------------------------------------------- elements ---- */

static bool read_element(struct xldm__reader *r, const xmlNode *node,
                         const char *path, const struct xldm__place *place);

static bool unknown_element(struct xldm__reader *r, const xmlNode *node,
                            const char *prefix)
{
    char name[64], parent[64], list[512], more[256] = "";
    size_t used = 0;

    for (size_t i = 0; r->device && xldm__classes[i]; i++)
        if (xldm__classes[i]->element && xldm__classes[i]->when.attribute &&
            !strcmp(prefix, "devices/") && !node->ns &&
            !strcmp(xldm__classes[i]->element, (const char *)node->name))
            return xldm__unknown_kind(r, node, xldm__classes[i]);

    if (r->device && !strcmp(prefix, "devices/")) {
        for (size_t i = 0; xldm__classes[i]; i++)
            if (xldm__classes[i]->element && used < sizeof(more) &&
                strcmp(xldm__classes[i]->element, "controller") &&
                !strstr(more, xldm__classes[i]->element))
                used += (size_t)snprintf(more + used, sizeof(more) - used,
                                         "%s, ", xldm__classes[i]->element);
    }
    return xldm__error(r->ctx, xldm__xml_loc(r, node),
                       "unknown element <%s> in <%s>; accepted: %s%s",
                       node_name(node, name, sizeof(name)),
                       node_name(node->parent, parent, sizeof(parent)), more,
                       xldm__xml_accepted(r, prefix, false, list,
                                          sizeof(list)));
}

static bool same_space(const xmlNode *a, const xmlNode *b)
{
    return xmlStrEqual(a->ns ? a->ns->href : NULL,
                       b->ns ? b->ns->href : NULL);
}

/* An earlier element of this name in the same parent? */
static bool check_once(struct xldm__reader *r, const xmlNode *node)
{
    char parent[64];
    const xmlNode *first = node->parent->children;

    while (first && (first->type != XML_ELEMENT_NODE ||
                     !xmlStrEqual(first->name, node->name) ||
                     !same_space(first, node)))
        first = first->next;
    if (!first || first == node)
        return true;
    xldm__note(r->ctx, xldm__xml_loc(r, first), "the first <%s> is here",
               (const char *)node->name);
    return xldm__error(r->ctx, xldm__xml_loc(r, node),
                       "second <%s> in <%s>, where one is accepted",
                       (const char *)node->name,
                       node_name(node->parent, parent, sizeof(parent)));
}

static bool read_child(struct xldm__reader *r, const xmlNode *node,
                       const char *prefix, const struct xldm__scope *in)
{
    char path[PATH_SIZE], buf[PATH_SIZE];
    const char *name = table_name(node, buf, sizeof(buf));
    struct xldm__place place = { .known = false };
    bool known = false, ok;

    if (r->limit && r->ctx->errors >= r->limit)
        return false;
    if (r->device && !node->ns && !strcmp(prefix, "devices/")) {
        ok = r->device(r, node, &known);
        if (known)
            return ok;
    }
    if (name && join(path, prefix, "", name))
        place = xldm__tables_place(r, in, path);
    if (!place.known)
        return unknown_element(r, node, prefix);
    ok = place.many || check_once(r, node);
    return read_element(r, node, path, &place) && ok;
}

static bool lacks(struct xldm__reader *r, const xmlNode *node,
                  const char *rest)
{
    char element[64];
    const char *attr = strchr(rest, '@');
    int n = (int)strcspn(rest, "/");

    node_name(node, element, sizeof(element));
    if (attr == rest)
        return xldm__error(r->ctx, xldm__xml_loc(r, node),
                           "<%s> lacks the attribute '%s'", element, rest + 1);
    return xldm__error(r->ctx, xldm__xml_loc(r, node),
                       "<%s> lacks <%.*s%s%s%s>", element, n, rest,
                       attr ? " " : "", attr ? attr + 1 : "",
                       attr ? "='...'" : "");
}

/* Rows whose next step from here is not there. */
static bool check_required(struct xldm__reader *r, const xmlNode *node,
                           const char *prefix, const struct xldm__scope *in)
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
        if (*rest == '@' ? !xmlHasProp(node, (const xmlChar *)rest + 1)
                         : !xldm__xml_child(node, name))
            ok = lacks(r, node, rest);
    }
    return ok;
}

static bool read_element(struct xldm__reader *r, const xmlNode *node,
                         const char *path, const struct xldm__place *place)
{
    struct xldm__found found = place->found;
    const struct xldm__scope *in = &place->scope;
    char prefix[PATH_SIZE];
    bool ok = true;

    if (found.field && found.field->kind == XLDM__IGNORED)
        return xldm__field_set(r, found.table, found.field, "",
                               xldm__xml_loc(r, node));
    if (!join(prefix, path, *path ? "/" : "", ""))
        return true; /* too long to be known: never gets here */
    for (const xmlAttr *a = node->properties; a; a = a->next)
        ok &= read_attribute(r, node, a, prefix, in);
    ok &= read_text(r, node, found);
    for (const xmlNode *c = node->children; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE)
            ok &= read_child(r, c, prefix, in);
    return check_required(r, node, prefix, in) && ok;
}

bool xldm__xml_read(struct xldm__reader *r, const xmlNode *node)
{
    struct xldm__place whole = { .scope = xldm__tables_scope(r) };

    r->element = (const char *)node->name;
    whole.found = xldm__tables_find(r, &whole.scope, ".");
    return read_element(r, node, "", &whole);
}
