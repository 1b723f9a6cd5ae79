/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements: made, found and written. */
#include <string.h>

#include "config/tree.h"

static const struct {
    const char *prefix, *declaration, *href;
} spaces[] = {
    { "xldm", "xmlns:xldm", XLDM__SPACE_XLDM },
    { "xen", "xmlns:xen", XLDM__SPACE_XEN },
};

#define NSPACES (sizeof(spaces) / sizeof(*spaces))

const char *xldm__space_prefix(const char *href)
{
    for (size_t i = 0; i < NSPACES; i++)
        if (!strcmp(spaces[i].href, href))
            return spaces[i].prefix;
    return NULL;
}

/* ------------------------------------------------------------ found ---- */

struct xldm__node *xldm__node_child(const struct xldm__node *node,
                                    const char *name)
{
    struct xldm__node *child = node->children;

    while (child && !xldm__is(child->name, name))
        child = child->next;
    return child;
}

const char *xldm__node_attribute(const struct xldm__node *node,
                                 const char *name)
{
    const struct xldm__attribute *a = node->attributes;

    while (a && !xldm__is(a->name, name))
        a = a->next;
    return a ? a->value : NULL;
}

bool xldm__node_attribute_is(const struct xldm__node *node, const char *name,
                             const char *value)
{
    const char *have = xldm__node_attribute(node, name);

    return have && !strcmp(have, value);
}

/* ------------------------------------------------------------- made ---- */

static struct xldm__attribute *set(struct xldm__arena *arena,
                                   struct xldm__attribute **list,
                                   const char *name, const char *value,
                                   size_t size)
{
    struct xldm__attribute *a;
    const char *copy;

    if (arena->failed)
        return NULL;
    copy = xldm__strndup(arena, value, size);
    while (*list && !xldm__is((*list)->name, name))
        list = &(*list)->next;
    a = *list;
    if (!a) {
        a = xldm__alloc(arena, sizeof(*a));
        if (a)
            a->name = xldm__strdup(arena, name);
        if (arena->failed)
            return NULL;
        *list = a;
    }
    if (copy)
        a->value = copy;
    return a;
}

struct xldm__attribute *xldm__node_set(struct xldm__tree *tree,
                                       struct xldm__node *node,
                                       const char *name, const char *value,
                                       size_t size)
{
    return set(&tree->arena, &node->attributes, name, value, size);
}

static void declare(struct xldm__tree *tree, const char *name)
{
    size_t i = 0, n = strcspn(name, ":");

    while (i < NSPACES &&
           (strncmp(spaces[i].prefix, name, n) || spaces[i].prefix[n]))
        i++;
    if (name[n] && i < NSPACES)
        set(&tree->arena, &tree->spaces, spaces[i].declaration, spaces[i].href,
            strlen(spaces[i].href));
}

struct xldm__node *xldm__node_add(struct xldm__tree *tree,
                                  struct xldm__node *parent, const char *name,
                                  size_t size)
{
    struct xldm__node *node = xldm__alloc(&tree->arena, sizeof(*node));

    if (!node)
        return NULL;
    node->name = node->written = xldm__strndup(&tree->arena, name, size);
    if (!node->name)
        return NULL;
    declare(tree, node->name);
    node->parent = parent;
    if (!parent)
        tree->root = node;
    else if (parent->last)
        parent->last->next = node;
    else
        parent->children = node;
    if (parent)
        parent->last = node;
    return node;
}

void xldm__tree_dispose(struct xldm__tree *tree)
{
    xldm__arena_dispose(&tree->arena);
    memset(tree, 0, sizeof(*tree));
}

/* ---------------------------------------------------------- written ---- */

struct output {
    struct xldm__arena *arena;
    struct xldm__text text;
};

static inline void put(struct output *out, const char *text)
{
    xldm__text_add(out->arena, &out->text, text, strlen(text));
}

/* Control characters are not in it: no word of XML stands for them. */
static void put_escaped(struct output *out, const char *text, const char *marks)
{
    while (*text) {
        size_t n = strcspn(text, marks);

        xldm__text_add(out->arena, &out->text, text, n);
        text += n;
        if (*text)
            put(out, *text == '&'   ? "&amp;"
                     : *text == '<' ? "&lt;"
                     : *text == '>' ? "&gt;"
                                    : "&quot;");
        text += *text != '\0';
    }
}

static void put_attributes(struct output *out, const struct xldm__attribute *a)
{
    for (; a; a = a->next) {
        put(out, " ");
        put(out, a->name);
        put(out, "=\"");
        put_escaped(out, a->value, "&<>\"");
        put(out, "\"");
    }
}

static void indent(struct output *out, unsigned depth)
{
    while (depth--)
        put(out, "  ");
}

static void put_node(struct output *out, const struct xldm__tree *tree,
                     const struct xldm__node *node, unsigned depth)
{
    indent(out, depth);
    put(out, "<");
    put(out, node->name);
    if (node == tree->root)
        put_attributes(out, tree->spaces);
    put_attributes(out, node->attributes);
    if (!node->text.n && !node->children) {
        put(out, "/>\n");
        return;
    }
    put(out, ">");
    if (node->text.n)
        put_escaped(out, node->text.v, "&<>");
    if (node->children) {
        put(out, "\n");
        for (const struct xldm__node *c = node->children; c; c = c->next)
            put_node(out, tree, c, depth + 1);
        indent(out, depth);
    }
    put(out, "</");
    put(out, node->name);
    put(out, ">\n");
}

struct xldm__text xldm__tree_text(struct xldm__tree *tree)
{
    struct output out = { .arena = &tree->arena };

    put(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    put_node(&out, tree, tree->root, 0);
    return tree->arena.failed ? (struct xldm__text){ NULL, 0, 0 } : out.text;
}
