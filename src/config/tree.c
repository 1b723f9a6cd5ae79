/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements: made, found and written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/tree.h"

static const struct {
    const char *prefix, *declaration, *href;
} spaces[] = {
    { "xldm", "xmlns:xldm", "https://xldm.org/schemas/domain/1.0" },
    { "xen", "xmlns:xen", "http://libvirt.org/schemas/domain/xen/1.0" },
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

    while (child && strcmp(child->name, name))
        child = child->next;
    return child;
}

const char *xldm__node_attribute(const struct xldm__node *node,
                                 const char *name)
{
    const struct xldm__attribute *a = node->attributes;

    while (a && strcmp(a->name, name))
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

    if (arena->failed)
        return NULL;
    while (*list && strcmp((*list)->name, name))
        list = &(*list)->next;
    if (!*list)
        *list = xldm__alloc(arena, sizeof(*a));
    a = *list;
    if (a && !a->name)
        a->name = xldm__strdup(arena, name);
    if (a)
        a->value = xldm__strndup(arena, value, size);
    return arena->failed ? NULL : a;
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

    while (i < NSPACES && strncmp(spaces[i].prefix, name, n))
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
    node->text = "";
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

const char *xldm__node_say(struct xldm__tree *tree, struct xldm__node *node,
                           const char *text, size_t size)
{
    char *to = (char *)node->text;

    if (node->length + size >= node->room) {
        node->room = 2 * node->length + size + 1;
        to = xldm__alloc(&tree->arena, node->room);
        if (!to)
            return NULL;
        memcpy(to, node->text, node->length);
        node->text = to;
    }
    memcpy(to + node->length, text, size);
    node->length += size;
    return node->text;
}

void xldm__tree_dispose(struct xldm__tree *tree)
{
    xldm__arena_dispose(&tree->arena);
    memset(tree, 0, sizeof(*tree));
}

/* ---------------------------------------------------------- written ---- */

/* Control characters are not in it: no word of XML stands for them. */
static void write_text(const char *text, const char *marks, FILE *out)
{
    while (*text) {
        size_t n = strcspn(text, marks);

        fwrite_unlocked(text, 1, n, out);
        text += n;
        if (*text)
            fputs_unlocked(*text == '&'   ? "&amp;"
                           : *text == '<' ? "&lt;"
                           : *text == '>' ? "&gt;"
                                          : "&quot;",
                           out);
        text += *text != '\0';
    }
}

static void write_attributes(const struct xldm__attribute *a, FILE *out)
{
    for (; a; a = a->next) {
        putc_unlocked(' ', out);
        fputs_unlocked(a->name, out);
        fputs_unlocked("=\"", out);
        write_text(a->value, "&<>\"", out);
        putc_unlocked('"', out);
    }
}

static void indent(unsigned depth, FILE *out)
{
    while (depth--)
        fputs_unlocked("  ", out);
}

static void write_node(const struct xldm__tree *tree,
                       const struct xldm__node *node, unsigned depth, FILE *out)
{
    indent(depth, out);
    putc_unlocked('<', out);
    fputs_unlocked(node->name, out);
    if (node == tree->root)
        write_attributes(tree->spaces, out);
    write_attributes(node->attributes, out);
    if (!*node->text && !node->children) {
        fputs_unlocked("/>\n", out);
        return;
    }
    putc_unlocked('>', out);
    write_text(node->text, "&<>", out);
    if (node->children) {
        putc_unlocked('\n', out);
        for (const struct xldm__node *c = node->children; c; c = c->next)
            write_node(tree, c, depth + 1, out);
        indent(depth, out);
    }
    fputs_unlocked("</", out);
    fputs_unlocked(node->name, out);
    fputs_unlocked(">\n", out);
}

bool xldm__tree_write(struct xldm_ctx *ctx, const struct xldm__tree *tree,
                      FILE *out)
{
    bool ok;

    flockfile(out);
    fputs_unlocked("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
    write_node(tree, tree->root, 0, out);
    ok = !ferror_unlocked(out);
    funlockfile(out);
    return ok ||
           xldm__error(ctx, XLDM__NONE, "cannot write: %s", strerror(errno));
}
